import Foundation
import TandemCommands

// `CommandLine.arguments` repairs what is not UTF-8, so that another name than the given one would be asked for.
for index in 1..<max(1, Int(CommandLine.argc)) {
    guard let argument = CommandLine.unsafeArgv[index], String(validatingCString: argument) == nil else { continue }
    FileHandle.standardError.write(Data("tandem: argument \(index) is not UTF-8\n".utf8))
    exit(2)
}
exit(await TandemCommandLine.execute(Array(CommandLine.arguments.dropFirst())))
