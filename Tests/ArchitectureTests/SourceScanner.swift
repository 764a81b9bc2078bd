import Foundation

/// An `import` or `#include` as it stands in a file.
struct Reference: Equatable, CustomStringConvertible {
    var module: String
    /// Relative to the repository.
    var file: String
    /// From 1.
    var line: Int
    var description: String { "\(file):\(line): \(module)" }
}

/// Reads the repository's sources as text. Good enough, because `import` and `#include` begin a line in all of them.
enum SourceScanner {
    /// Where Package.swift lies; symbolic links are followed, so that another package may borrow the sources.
    static let root: URL = {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
        return here.deletingLastPathComponent().deletingLastPathComponent()
    }()

    static func targets() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// All files below Sources/`target` with one of these endings, as (path relative to the repository, lines).
    static func files(of target: String, endings: Set<String>) throws -> [(path: String, lines: [String])] {
        let folder = root.appending(path: "Sources/\(target)")
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return try names.filter { endings.contains(($0 as NSString).pathExtension) }.sorted().map { name in
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            return ("Sources/\(target)/\(name)", text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(Substring($0)) })
        }
    }

    static func imports(of target: String) throws -> [Reference] {
        try files(of: target, endings: ["swift"]).flatMap { path, lines in
            lines.enumerated().flatMap { index, line in modules(importedBy: line).map { Reference(module: $0, file: path, line: index + 1) } }
        }
    }

    static func includes(of target: String) throws -> [Reference] {
        try files(of: target, endings: ["c", "h", "cc", "cpp", "hpp", "modulemap"]).flatMap { path, lines in
            lines.enumerated().compactMap { index, line in header(includedBy: line).map { Reference(module: $0, file: path, line: index + 1) } }
        }
    }

    /// Modules that a line imports: attributes, access levels, `import struct M.T` and several statements included.
    static func modules(importedBy line: String) -> [String] {
        // Regular expressions over every line of the sources would take a minute.
        guard strstr(line, "import") != nil else { return [] }
        let code = line.components(separatedBy: "//")[0]
        return code.split(separator: ";").compactMap { statement in
            let pattern =
                #/^\s*(?:@\w+(?:\([^)]*\))?\s*)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|actor|func|var|let|typealias)\s+)?`?(\w+)`?/#
            return statement.prefixMatch(of: pattern).map { String($0.1) }
        }
    }

    /// Header that a C line includes or a module map names.
    static func header(includedBy line: String) -> String? {
        guard strstr(line, "include") != nil || strstr(line, "import") != nil || strstr(line, "header") != nil else { return nil }
        return line.prefixMatch(of: #/\s*#\s*(?:include|import|include_next)\s*[<"]([^>"]+)[>"]/#).map { String($0.1) }
            ?? line.prefixMatch(of: #/\s*(?:umbrella\s+)?header\s+"([^"]+)"/#).map { String($0.1) }
    }

    /// Per target of Package.swift the names in its `dependencies`, read as text: first strings of `.product`, plain strings.
    static func packageDependencies() throws -> [String: Set<String>] {
        let text = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        guard let start = text.range(of: "\n    targets: [") else { return [:] }
        let declaration = #/\.(?:target|executableTarget|systemLibrary|testTarget)\(\s*name:\s*"(\w+)"/#
        let body = text[start.upperBound...]
        let matches = body.matches(of: declaration)
        var result: [String: Set<String>] = [:]
        for (index, match) in matches.enumerated() where !match.0.hasPrefix(".testTarget") {
            let end = index + 1 < matches.count ? matches[index + 1].range.lowerBound : body.endIndex
            let rest = body[match.range.upperBound..<end]
            var names: Set<String> = []
            if let opening = rest.range(of: "dependencies: [") {
                // `.product(name: "NIOCore", package: "swift-nio")` → "NIOCore": its inner label goes before the list is read.
                let tail = rest[opening.upperBound...].replacing(#/,\s*package:\s*"[^"]*"/#, with: "")
                let list = tail.prefix { $0 != "]" }
                names = Set(list.matches(of: #/"([^"]+)"/#).map { String($0.1) })
            }
            result[String(match.1)] = names
        }
        return result
    }
}
