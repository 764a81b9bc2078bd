import SearchCore

/// The long words of a field's dictionary in the order of their last bytes, so that those which end with a word are found by bisection: `Speicherverwaltung` by
/// `verwaltung`.
///
/// Derived from the dictionary, kept in memory: some 20 bytes a word. Thread-safe: immutable.
final class SuffixTable: Sendable {
    /// Shorter words are no compounds, longer ones are data.
    private static let wordBytes = 8...64

    /// Each word backwards, one after another, and where each begins; one number more than words.
    private let bytes: [UInt8]
    private let starts: [UInt32]
    private let documents: [UInt32]

    /// - Parameter form: the first byte of the keys that are words.
    /// - Complexity: O(terms · log terms), some .2 µs a term.
    init(_ dictionary: TermDictionary, form: UInt8) throws(Damaged) {
        var text: [UInt8] = []
        var words: [(start: UInt32, count: UInt32, documents: UInt32)] = []
        let cursor = TermDictionaryCursor(dictionary)
        while try cursor.advance() {
            let key = cursor.key
            if key[0] < form { continue }
            // Beyond 4 GiB of words a number would not fit; no dictionary has that.
            if key[0] > form || text.count > Int(UInt32.max) - 256 { break }
            let word = key.dropFirst()
            guard Self.wordBytes.contains(word.count), word.allSatisfy(Self.isLetter) else { continue }
            words.append((UInt32(text.count), UInt32(word.count), cursor.entry.documentFrequency))
            text.append(contentsOf: word.reversed())
        }
        text.withUnsafeBytes { text in
            func word(_ word: (start: UInt32, count: UInt32, documents: UInt32)) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: text[Int(word.start)..<Int(word.start + word.count)])
            }
            words.sort { compareBytes(word($0), word($1)) < 0 }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var starts: [UInt32] = [0]
        starts.reserveCapacity(words.count + 1)
        for word in words {
            bytes.append(contentsOf: text[Int(word.start)..<Int(word.start + word.count)])
            starts.append(UInt32(bytes.count))
        }
        self.bytes = bytes
        self.starts = starts
        documents = words.map(\.documents)
    }

    /// ASCII letters, and what is beyond ASCII.
    private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x80 || byte &- UInt8(ascii: "a") < 26 }

    var byteCount: Int { bytes.count + 4 * (starts.count + documents.count) }

    /// Calls `body` with the longer words that end with one, forwards, and the documents of the segment that have each; until it says false.
    /// - Complexity: O(log words + words that end so).
    func forEach(endingWith suffix: [UInt8], _ body: (_ word: [UInt8], _ documents: Int) throws -> Bool) rethrows {
        let reversed = Array(suffix.reversed())
        var (low, high) = (0, documents.count)
        while low < high {
            let middle = (low + high) / 2
            if compare(middle, reversed) < 0 { low = middle + 1 } else { high = middle }
        }
        while low < documents.count, hasPrefix(low, reversed) {
            let word = bytes[Int(starts[low])..<Int(starts[low + 1])]
            if word.count > suffix.count, try !body(word.reversed(), Int(documents[low])) { return }
            low += 1
        }
    }

    private func compare(_ index: Int, _ other: [UInt8]) -> Int {
        bytes.withUnsafeBytes { bytes in
            other.withUnsafeBytes { compareBytes(UnsafeRawBufferPointer(rebasing: bytes[Int(starts[index])..<Int(starts[index + 1])]), $0) }
        }
    }

    private func hasPrefix(_ index: Int, _ prefix: [UInt8]) -> Bool {
        bytes[Int(starts[index])..<Int(starts[index + 1])].starts(with: prefix)
    }
}
