import Foundation
import TandemCommands

exit(await TandemCommandLine.execute(Array(CommandLine.arguments.dropFirst())))
