import Foundation
import TandemClient

/// Synonyms as Solr and Elasticsearch have them in files: a rule a line, `tv, television` for words that mean the same, `i-pod, i pod => ipod` for one way;
/// `#` begins a comment, a backslash takes the meaning from the character behind it.
///
/// One difference: words on the left of an arrow go on to be searched as they are.
package struct SynonymFile: Equatable, Sendable {
    package var rules: [SynonymRule] = []

    /// - Parameter path: `-` is standard input.
    /// - Throws: which line is wrong, and why.
    package init(_ path: String) throws {
        let data = path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
        guard let data else { throw CommandFailure("the file '\(path)' cannot be read") }
        guard let text = String(data: data, encoding: .utf8) else { throw CommandFailure("the file '\(path)' is no UTF-8 text") }
        try self.init(text: text)
    }

    package init(text: String) throws {
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            do { if let rule = try Self.rule(line) { rules.append(rule) } } catch let problem as Problem {
                throw CommandFailure("line \(number + 1) of the synonyms: \(problem.text)")
            }
        }
    }

    private struct Problem: Error { var text: String }

    /// - Returns: nil for a blank line, and for a comment.
    private static func rule(_ line: Substring) throws -> SynonymRule? {
        var sides: [[String]] = [[]]
        var phrase = ""
        func end() throws {
            let trimmed = phrase.trimmingCharacters(in: .whitespaces)
            phrase = ""
            guard !trimmed.isEmpty else { throw Problem(text: "a comma or an arrow with nothing beside it") }
            sides[sides.count - 1].append(trimmed)
        }
        var rest = line.trimmingCharacters(in: .whitespacesAndNewlines)[...]
        if rest.isEmpty || rest.hasPrefix("#") { return nil }
        while let character = rest.first {
            if character == "\\" {
                rest = rest.dropFirst()
                guard let escaped = rest.first else { throw Problem(text: "a backslash at the end") }
                phrase.append(escaped)
                rest = rest.dropFirst()
            } else if character == "," {
                try end()
                rest = rest.dropFirst()
            } else if rest.hasPrefix("=>") {
                try end()
                guard sides.count == 1 else { throw Problem(text: "two arrows") }
                sides.append([])
                rest = rest.dropFirst(2)
            } else {
                phrase.append(character)
                rest = rest.dropFirst()
            }
        }
        try end()
        if sides.count == 2 { return SynonymRule(from: sides[0], to: sides[1]) }
        guard sides[0].count > 1 else { throw Problem(text: "'\(sides[0][0])' alone; words that mean the same are at least two, with commas between") }
        return SynonymRule(to: sides[0])
    }

    /// As such a file has it.
    package static func text(_ rule: SynonymRule) -> String {
        func side(_ phrases: [String]) -> String { phrases.map(escaped).joined(separator: ", ") }
        return rule.from.isEmpty ? side(rule.to) : "\(side(rule.from)) => \(side(rule.to))"
    }

    private static func escaped(_ phrase: String) -> String {
        var text = ""
        for character in phrase {
            if character == "," || character == "\\" || character == "=" || text.isEmpty && character == "#" { text.append("\\") }
            text.append(character)
        }
        return text
    }
}
