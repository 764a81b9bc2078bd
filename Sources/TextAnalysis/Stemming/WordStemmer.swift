import CICU
import CStemmer
import SearchCore

/// One language's stemming algorithm. Not thread-safe, as Snowball is not. Owns its memory until `free()`.
struct WordStemmer {
    /// Letters that are left of a longer word where there is no better rule. Truncation to four or five letters comes near to true stemmers in inflected
    /// languages: McNamee, Nicholas, Mayfield, "Addressing morphological variation in alphabetic languages", SIGIR 2009.
    static let truncatedLetters = 5

    private enum Algorithm {
        case snowball(OpaquePointer)
        case particles
        case truncation
    }

    private let algorithm: Algorithm
    /// Stems are given without their accents and script variants.
    private let folds: Bool
    /// Room for a stem that is no longer Snowball's own.
    private let buffer: UnsafeMutablePointer<UInt8>
    private static let bufferBytes = 2 * Limits.termBytesMax

    /// Nil where the language has no stems, or Snowball does not open.
    init?(_ language: Language, folds: Bool) {
        switch language.stemming {
        case .none: return nil
        case .particles: algorithm = .particles
        case .truncation: algorithm = .truncation
        case .snowball(let name):
            guard let stemmer = sb_stemmer_new(name, "UTF_8") else { return nil }
            algorithm = .snowball(stemmer)
        }
        self.folds = folds
        buffer = .allocate(capacity: Self.bufferBytes)
    }

    func free() {
        if case .snowball(let stemmer) = algorithm { sb_stemmer_delete(stemmer) }
        buffer.deallocate()
    }

    /// The stem of a folded word; valid until the next call. An empty stem counts as the word itself.
    func stem(_ word: UnsafePointer<UInt8>, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        var (stem, length) = (word, count)
        switch algorithm {
        case .snowball(let stemmer):
            // Snowball copies the word; NULL means out of memory.
            guard let found = sb_stemmer_stem(stemmer, word, Int32(count)) else { break }
            let found_length = Int(sb_stemmer_length(stemmer))
            if found_length > 0 { (stem, length) = (found, found_length) }
        case .particles: length = KoreanParticles.stemLength(word, count)
        case .truncation: length = Self.truncatedLength(word, count)
        }
        guard folds, length <= Self.bufferBytes else { return UnsafeBufferPointer(start: stem, count: length) }
        let folded = tandem_fold_variants(stem, length, buffer, 0)
        return UnsafeBufferPointer(start: folded > 0 ? UnsafePointer(buffer) : stem, count: folded > 0 ? folded : length)
    }

    private static func truncatedLength(_ word: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var letters = 0
        for index in 0..<count where word[index] & 0xC0 != 0x80 {
            letters += 1
            if letters > truncatedLetters { return index }
        }
        return count
    }
}
