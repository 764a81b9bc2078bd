/// Accepts the strings within edit distance n of a word, code point by code point, and says when no extension can match.
///
/// An edit inserts, deletes or substitutes one Unicode code point or, with `transpositions`, swaps two neighbours. The
/// distance with swaps is the restricted Damerau distance (optimal string alignment): no code point is edited twice, so
/// `ca` and `abc` are three edits apart, not two. No normalisation: `é` of one code point and of two are two edits apart.
///
/// The automaton is the usual NFA, simulated with bit masks (Wu & Manber, "Fast text searching allowing errors", 1992).
/// After i code points only the word's positions i − n … i + n can be active, so that a state is this band alone, relative
/// to the diagonal:
///
/// ```
/// a state's bits, three lanes of 8 twice; lane e holds what is reached with at most e edits
///  0 ..< 24   bit k: what has been read stands for the word's first i − n + k code points
/// 32 ..< 56   bit k: it would, without the last one, for the first i − n + k − 1; the last one is the word's next but one,
///             so that the word's next would complete a swap
/// ```
///
/// Invariants: (1) lane e is contained in lane e + 1, and with the second half's also goes a substitution in the first, so
/// that the first half's lane n alone says whether the state is dead; (2) no position lies past the word's end.
///
/// Why not the tables of Schulz & Mihov, "Fast string correction with Levenshtein automata", 2002: their states are these
/// bands as well, numbered; with swaps and n = 2 the tables take hundreds of states × 32 vectors and a generator, to save
/// about ten register operations. A step here costs less than the cache line that a walk of a dictionary takes it to.
///
/// Thread-safe: immutable.
public struct LevenshteinAutomaton: Sendable {
    /// Beyond two edits an ordinary word has more neighbours than meanings (Lucene has the same limit).
    public static let distanceMax = 2

    /// What has been read of a string.
    public struct State: Sendable, Hashable {
        /// 0: dead.
        var bits: UInt64
        /// Code points read.
        var depth: Int
    }

    /// Code points of the word.
    public let length: Int
    /// Edits allowed, n.
    public let distance: Int
    public let transpositions: Bool
    /// The word's code points, with n of `padding` before them and 2 n + 1 behind, so that the band of every depth up to
    /// length + n, the last one alive, is read without asking for the ends: it begins at `window[depth]`.
    private let window: [UInt32]
    // No code point.
    private static let padding = UInt32.max

    /// - Parameters:
    ///   - word: its code points; any number of them, none included.
    ///   - distance: edits allowed, 0 to ``distanceMax``; more is a programming error.
    ///   - transpositions: a swap of two neighbours is one edit; else it is two.
    /// - Complexity: O(word).
    public init(word: some Sequence<Unicode.Scalar>, distance: Int, transpositions: Bool = true) {
        precondition((0...Self.distanceMax).contains(distance), "distance \(distance), expected 0 to \(Self.distanceMax)")
        var window = [UInt32](repeating: Self.padding, count: distance)
        window.append(contentsOf: word.lazy.map(\.value))
        length = window.count - distance
        window.append(contentsOf: repeatElement(Self.padding, count: 2 * distance + 1))
        self.window = window
        self.distance = distance
        self.transpositions = transpositions
    }

    /// Nothing read.
    public var start: State {
        // Position 0 without an edit; position e after deleting the word's first e code points.
        var bits: UInt64 = 0
        for edits in 0...distance {
            let reached = (UInt64(1) << UInt64(edits + 1) &- 1) << UInt64(distance)
            bits |= (reached & positions(atDepth: 0)) << UInt64(8 * edits)
        }
        return State(bits: bits, depth: 0)
    }

    /// No string that begins with what has been read is within the distance.
    public func isDead(_ state: State) -> Bool { !isAlive(state, within: distance) }

    /// Some string that begins with what has been read is within `edits`, 0 to ``distance``.
    @inline(__always) func isAlive(_ state: State, within edits: Int) -> Bool { state.bits >> UInt64(8 * edits) & 0xFF != 0 }

    /// Edits between the word and exactly what has been read; nil: more than ``distance``.
    public func distance(of state: State) -> Int? {
        let k = length - state.depth + distance
        guard k >= 0, k <= 2 * distance else { return nil }
        return (0...distance).first { state.bits >> UInt64(8 * $0 + k) & 1 != 0 }
    }

    /// Edits between the word and a string; nil: more than ``distance``.
    /// - Complexity: O(word), however long the string is.
    public func distance(to string: some Sequence<Unicode.Scalar>) -> Int? {
        var state = start
        for scalar in string {
            state = step(state, scalar)
            if isDead(state) { return nil }
        }
        return distance(of: state)
    }

    /// Reads one code point. A dead state stays dead.
    public func step(_ state: State, _ scalar: Unicode.Scalar) -> State {
        guard state.bits != 0 else { return state }
        return step(state, matches: matches(scalar.value, atDepth: state.depth))
    }

    /// Reads a code point that the word does not have. If this is alive, so is every other step.
    func stepPastWord(_ state: State) -> State { state.bits == 0 ? state : step(state, matches: 0) }

    /// The lowest code point above another that a state can read and stay alive within `edits`; nil: there is none.
    func lowestStep(_ state: State, above scalar: Unicode.Scalar, within edits: Int) -> Unicode.Scalar? {
        guard isAlive(state, within: edits) else { return nil }
        if isAlive(stepPastWord(state), within: edits) {
            // Between them lie the surrogates, which are no code points of a text.
            return scalar.value == 0xD7FF ? "\u{E000}" : Unicode.Scalar(scalar.value + 1)
        }
        var lowest: Unicode.Scalar?
        for value in window[state.depth...(state.depth + 2 * distance)] where value > scalar.value && value < lowest?.value ?? Self.padding {
            guard let candidate = Unicode.Scalar(value), isAlive(step(state, candidate), within: edits) else { continue }
            lowest = candidate
        }
        return lowest
    }

    /// Bit k: the word's code point i − n + k is this one.
    @inline(__always) private func matches(_ value: UInt32, atDepth depth: Int) -> UInt64 {
        var bits: UInt64 = 0
        for k in 0...(2 * distance) where window[depth + k] == value { bits |= 1 << UInt64(k) }
        return bits
    }

    /// The bits of positions 0 to the word's length; those below 0 are never reached.
    @inline(__always) private func positions(atDepth depth: Int) -> UInt64 {
        UInt64(1) << UInt64(max(0, min(2 * distance, length - depth + distance) + 1)) &- 1
    }

    @inline(__always) private func step(_ state: State, matches: UInt64) -> State {
        let lanes: UInt64 = 0x010101
        let reached = state.bits & 0xFF_FFFF
        let swaps = state.bits >> 32
        let valid = positions(atDepth: state.depth + 1) &* lanes
        // The diagonal moves along with the string: a position that moves on keeps its bit, one that stays falls by one.
        // 1. Match: the position moves on.
        var next = reached & (matches &* lanes)
        // 2. Second half of a swap, matched with the code point before: bit k awaits the word's position i − n + k − 1.
        next |= swaps & ((matches << 1) &* lanes)
        // 3. Substitution moves on, insertion stays; both take a lane's bits to the next lane.
        next |= (reached | (reached >> 1 & 0x7F7F7F)) << 8
        next &= valid
        // 4. Deletion moves on without reading, so a lane feeds the next one from what it has just become.
        next |= (next & 0xFF) << 9 & valid
        next |= (next & 0xFF00) << 9 & valid
        // 5. First half of a swap: this code point is the one behind the position.
        let halves = transpositions ? (reached & ((matches >> 1) &* lanes)) << 8 : 0
        let used = UInt64(1) << UInt64(8 * (distance + 1)) &- 1
        return State(bits: next & used | (halves & used) << 32, depth: state.depth + 1)
    }
}
