import LexicalIndex
import SearchCore
import Testing

/// Words by their ends, against a loop over all words.
@Suite("Suffixes")
struct SuffixTests {
    @Test("the longer words with an ending are those of a loop over the dictionary")
    func againstLoop() throws {
        var random = TestRandom("suffixes")
        let syllables = ["ver", "wal", "tung", "spei", "cher", "haus", "boot", "ä", "ß", "1", "-", "zzz"]
        let documents = (0..<600).map { _ in
            (0..<6).map { _ in (0..<Int.random(in: 1...7, using: &random)).map { _ in syllables.randomElement(using: &random)! }.joined() }
        }
        let segment = try build(documents.map { [TestText($0.joined(separator: " "))] }, fields: 1)
        var counts: [String: Int] = [:]
        for document in documents { for word in Set(document) { counts[word, default: 0] += 1 } }
        for ending in syllables + ["waltung", "erver", "nothing", "walwalwal", "tungtung"] {
            let expected = counts.filter { word, _ in
                word.hasSuffix(ending) && word.utf8.count > ending.utf8.count && (8...64).contains(word.utf8.count)
                    && word.utf8.allSatisfy { $0 >= 0x80 || ($0 >= 0x61 && $0 <= 0x7A) }
            }
            var found: [String: Int] = [:]
            try segment.forEachWord(endingWith: Array(ending.utf8), form: TermForm.surface.rawValue, field: 0) { word, documents in
                #expect(found.updateValue(documents, forKey: String(decoding: word, as: UTF8.self)) == nil)
                return true
            }
            #expect(found == expected, "\(ending)")
            var calls = 0
            try segment.forEachWord(endingWith: Array(ending.utf8), form: TermForm.surface.rawValue, field: 0) { _, _ in
                calls += 1
                return calls < 3
            }
            #expect(calls == min(3, expected.count))
        }
        for (ending, field) in [("", 0), ("tung", 7)] {
            try segment.forEachWord(endingWith: Array(ending.utf8), form: TermForm.surface.rawValue, field: field) { _, _ in
                Issue.record("a word")
                return false
            }
        }
    }
}
