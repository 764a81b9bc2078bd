/// Splits particles off Korean words: `학교에서는` → `학교`.
///
/// A noun and the particles after it are written as one word, so that a noun is found under dozens of spellings. Without a dictionary an ending may be part
/// of the noun (`사과`, apple, ends like 과, and); that is why what remains must have two syllables, and why the whole word and its bigrams are indexed too.
enum KoreanParticles {
    /// Longest first; of one length in any order. Those that follow others (`에서` + `는`) come off in a second round.
    private static let particles: [[UInt8]] = [
        "으로부터", "에게서", "한테서", "이라는", "이라고", "으로서", "으로써", "에서", "에게", "한테", "까지", "부터", "처럼", "보다", "마다", "조차", "마저", "밖에", "으로", "라는", "라고", "로서", "로써",
        "이나", "이며", "이고", "하고", "들이", "들은", "들을", "들의", "은", "는", "이", "가", "을", "를", "의", "에", "로", "와", "과", "도", "만", "들", "나", "랑",
    ].map { Array($0.utf8) }

    private static let rounds = 2

    /// - Parameter word: folded UTF-8 whose last syllables are Hangul.
    /// - Returns: the bytes of the word without its particles; `count` where it has none.
    /// - Complexity: O(particles).
    static func stemLength(_ word: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var length = count
        for _ in 0..<rounds {
            // Two syllables of three bytes have to stay.
            guard let particle = particles.first(where: { length - $0.count >= 6 && ends(word, length, with: $0) }) else { break }
            length -= particle.count
        }
        return length
    }

    @inline(__always)
    private static func ends(_ word: UnsafePointer<UInt8>, _ count: Int, with particle: [UInt8]) -> Bool {
        let start = count - particle.count
        for index in particle.indices where word[start + index] != particle[index] { return false }
        return true
    }
}
