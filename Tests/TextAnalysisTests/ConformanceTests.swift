// Goal: the parts of Unicode that are done here, or whose settings are chosen here, conform: words by UAX #29, ASCII fast path included, and normalisation.
// Data: Unicode's own test files, of Debian's package unicode-data (tools/bootstrap installs it).
import Foundation
import SearchCore
import Testing
import TextAnalysis

@Suite("Unicode's conformance files")
struct ConformanceTests {
    private static let folder = "/usr/share/unicode/"

    private func lines(_ name: String) throws -> [Substring] {
        let path = Self.folder + name
        let text: String
        if name.hasSuffix(".bz2") {
            let process = Process()
            let pipe = Pipe()
            (process.executableURL, process.arguments, process.standardOutput) = (URL(fileURLWithPath: "/usr/bin/env"), ["bzip2", "-dc", path], pipe)
            try process.run()
            text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
        } else {
            text = try String(contentsOfFile: path, encoding: .utf8)
        }
        try #require(!text.isEmpty, "\(path) is missing or empty: run tools/bootstrap")
        return text.split(separator: "\n").compactMap { line in
            let data = line.prefix { $0 != "#" }
            return data.contains { $0.isHexDigit } && !data.hasPrefix("@") ? data : nil
        }
    }

    private func scalars(_ field: some StringProtocol) -> String.UnicodeScalarView {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: field.split(separator: " ").compactMap { UInt32($0, radix: 16).flatMap(UnicodeScalar.init) })
        return view
    }

    private func isWordScalar(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }

    @Test("words are those of WordBreakTest, on the fast path and by ICU alone")
    func words() throws {
        let bare = AnalyzerConfiguration(stemmer: nil, indexParts: false, indexWholes: false, indexFolded: false, indexBigrams: false)
        let analyzers = [try Analyzer(bare), try Analyzer(bare, usesFastPath: false)]
        var checked = 0
        for line in try lines("auxiliary/WordBreakTest.txt") {
            // ÷ 0061 × 0308 ÷
            var expected: [String] = []
            for piece in line.split(separator: "÷") {
                let text = scalars(piece.replacingOccurrences(of: "×", with: " "))
                if text.contains(where: isWordScalar) { expected.append(String(text)) }
            }
            let text = String(scalars(line.replacingOccurrences(of: "÷", with: " ").replacingOccurrences(of: "×", with: " ")))
            // The one departure: a colon ends a word here (docs/analysis.md).
            if expected.contains(where: { $0.unicodeScalars.contains(":") }) { continue }
            for analyzer in analyzers {
                var analyzed = AnalyzedText()
                analyzer.analyze(text, into: &analyzed)
                let bytes = Array(text.utf8)
                // Marks and joiners behind a word belong to it for the annex; of a word between symbols they may not be part here.
                let found = analyzed.tokens.map { String(decoding: bytes[Int($0.start)..<Int($0.end)], as: UTF8.self) }
                let words = found.filter { $0.unicodeScalars.contains(where: isWordScalar) }
                #expect(words.map(Self.letters) == expected.map(Self.letters), "\(line): \(words)")
            }
            checked += 1
        }
        #expect(checked > 1700)
    }

    /// Without what folding may drop or leave at the end of a word.
    private static func letters(_ word: String) -> [UnicodeScalar] {
        word.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint && $0 != "\u{200D}" }
    }

    @Test("normalisers give what NormalizationTest says")
    func normalization() throws {
        let chain = { normalizer in
            try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(normalizer: normalizer, tokenizer: .keyword, filters: []))
        }
        let (nfc, nfkc) = (try chain(.nfc), try chain(.nfkc))
        func normalized(_ text: String, _ analyzer: Analyzer) throws -> [UnicodeScalar] {
            let stage = try analyzer.report(text).stages.first { $0.name.hasPrefix("normalizer") }
            return Array(try #require(stage?.text).unicodeScalars)
        }
        var checked = 0
        for line in try lines("NormalizationTest.txt.bz2") {
            let columns = line.split(separator: ";").prefix(5).map { String(scalars($0)) }
            guard columns.count == 5 else { continue }
            // Joined again on purpose: see characters.h.
            func joined(_ text: String) -> [UnicodeScalar] {
                var result: [UnicodeScalar] = []
                for scalar in text.unicodeScalars {
                    if scalar == "\u{E32}", result.last == "\u{E4D}" {
                        result[result.count - 1] = "\u{E33}"
                    } else if scalar == "\u{EB2}", result.last == "\u{ECD}" {
                        result[result.count - 1] = "\u{EB3}"
                    } else {
                        result.append(scalar)
                    }
                }
                return result
            }
            for column in 0..<3 { #expect(try normalized(columns[column], nfc) == joined(columns[1]), "NFC of \(line)") }
            for column in 0..<5 { #expect(try normalized(columns[column], nfkc) == joined(columns[3]), "NFKC of \(line)") }
            checked += 1
        }
        #expect(checked > 15_000)
    }
}
