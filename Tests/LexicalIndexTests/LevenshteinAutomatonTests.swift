import LexicalIndex
import Testing

/// Edit distances by the textbook's table.
struct EditDistance {
    var transpositions: Bool

    /// Row i, column j: edits between the string's first i and the word's first j code points.
    func table(_ string: [Unicode.Scalar], _ word: [Unicode.Scalar]) -> [[Int]] {
        var d = [[Int]](repeating: [Int](repeating: 0, count: word.count + 1), count: string.count + 1)
        for i in 0...string.count { d[i][0] = i }
        for j in 0...word.count { d[0][j] = j }
        guard !string.isEmpty, !word.isEmpty else { return d }
        for i in 1...string.count {
            for j in 1...word.count {
                d[i][j] = min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (string[i - 1] == word[j - 1] ? 0 : 1))
                if transpositions, i > 1, j > 1, string[i - 1] == word[j - 2], string[i - 2] == word[j - 1] {
                    d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1)
                }
            }
        }
        return d
    }

    func callAsFunction(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int { table(a, b)[a.count][b.count] }
}

/// Letters to make words of: few, so that words are near one another.
enum TestAlphabet: String, CaseIterable {
    case two = "ab"
    case ascii = "abcde z"
    case multiByte = "aäß\u{7FF}日本\u{FFFF}"
    case combining = "eé\u{301}\u{308}\u{323}"
    case emoji = "a😀👍\u{1F3FD}\u{200D}\u{10FFFF}"
    case edges = "\0\u{1}\u{7F}\u{80}\u{D7FF}\u{E000}"

    var scalars: [Unicode.Scalar] { Array(rawValue.unicodeScalars) }

    func word(_ length: Int, _ random: inout TestRandom) -> [Unicode.Scalar] { (0..<length).map { _ in scalars.randomElement(using: &random)! } }

    /// So many random edits, some of which undo others.
    func edited(_ word: [Unicode.Scalar], _ edits: Int, _ random: inout TestRandom) -> [Unicode.Scalar] {
        var word = word
        for _ in 0..<edits {
            let at = Int.random(in: 0...word.count, using: &random)
            let letter = scalars.randomElement(using: &random)!
            switch Int.random(in: 0..<4, using: &random) {
            case 0: word.insert(letter, at: at)
            case 1 where at < word.count: word.remove(at: at)
            case 2 where at < word.count: word[at] = letter
            case 3 where at + 1 < word.count: word.swapAt(at, at + 1)
            default: break
            }
        }
        return word
    }
}

@Suite("LevenshteinAutomaton")
struct LevenshteinAutomatonTests {
    /// Distance, and dead exactly where no extension is within it, at every prefix: a row of the table whose least entry is
    /// above n stays there, and from any other the word's own rest leads to acceptance.
    private func check(_ word: [Unicode.Scalar], _ string: [Unicode.Scalar], sourceLocation: SourceLocation = #_sourceLocation) {
        for transpositions in [false, true] {
            let table = EditDistance(transpositions: transpositions).table(string, word)
            for n in 0...2 {
                let automaton = LevenshteinAutomaton(word: word, distance: n, transpositions: transpositions)
                var state = automaton.start
                for i in 0...string.count {
                    let exact = table[i][word.count]
                    let isRight =
                        automaton.isDead(state) == (table[i].min()! > n) && automaton.distance(of: state) == (exact <= n ? exact : nil)
                    if !isRight {
                        Issue.record("\(word), \(string), n \(n), swaps \(transpositions), prefix \(i)", sourceLocation: sourceLocation)
                        return
                    }
                    if i < string.count { state = automaton.step(state, string[i]) }
                }
                let exact = table[string.count][word.count]
                #expect(automaton.distance(to: string) == (exact <= n ? exact : nil), sourceLocation: sourceLocation)
            }
        }
    }

    @Test("agrees with the table on every pair of strings up to four letters of three")
    func exhaustive() {
        var strings: [[Unicode.Scalar]] = [[]]
        var begin = 0
        for _ in 0..<4 {
            let end = strings.count
            for i in begin..<end { for letter: Unicode.Scalar in ["a", "b", "c"] { strings.append(strings[i] + [letter]) } }
            begin = end
        }
        #expect(strings.count == 121)
        for word in strings { for string in strings { check(word, string) } }
    }

    @Test("agrees with the table on random words near one another", arguments: TestAlphabet.allCases, [0, 1, 2, 3, 8, 63, 64, 65, 255])
    func random(_ alphabet: TestAlphabet, length: Int) {
        var random = TestRandom()
        for round in 0..<(length > 60 ? 12 : 150) {
            let word = alphabet.word(length, &random)
            check(word, alphabet.edited(word, round % 5, &random))
            check(word, alphabet.word(Int.random(in: 0...(length + 4), using: &random), &random))
        }
    }

    @Test(
        "known distances, without and with swaps",
        arguments: [
            ("", "", 0, 0), ("", "ab", 2, 2), ("ab", "", 2, 2), ("ab", "ba", 2, 1), ("abcd", "badc", nil, 2), ("ca", "abc", nil, nil),
            ("kitten", "sitten", 1, 1), ("kitten", "sitting", nil, nil), ("tandem", "tadnem", 2, 1), ("tandem", "tnadme", nil, 2),
            ("résumé", "resume", 2, 2), ("e\u{301}", "\u{E9}", 2, 2), ("👍", "👍\u{1F3FD}", 1, 1), ("hello", "helo", 1, 1),
        ] as [(String, String, Int?, Int?)])
    func known(_ a: String, _ b: String, _ plain: Int?, _ swaps: Int?) {
        for (transpositions, expected) in [(false, plain), (true, swaps)] {
            for (a, b) in [(a, b), (b, a)] {
                let automaton = LevenshteinAutomaton(word: a.unicodeScalars, distance: 2, transpositions: transpositions)
                #expect(automaton.distance(to: b.unicodeScalars) == expected, "\(a), \(b)")
            }
        }
    }

    @Test("a dead state stays dead, however much is read")
    func deadStaysDead() {
        let automaton = LevenshteinAutomaton(word: "ab".unicodeScalars, distance: 1)
        var state = automaton.start
        for _ in 0..<1000 {
            state = automaton.step(state, "x")
            #expect(automaton.distance(of: state) == nil)
        }
        #expect(automaton.isDead(state))
        #expect(automaton.length == 2 && automaton.distance == 1 && automaton.transpositions)
    }
}
