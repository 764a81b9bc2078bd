/// Runs a query's tree over a batch of at most 4,096 documents: the slots of a window, or some documents picked out of one.
///
/// Each set on the stack is a frame of one bit and one score a slot. Scores add up in the order of the clauses, so a document gets the same
/// bits in whatever batch it stands, and a tree of `should` alone gives those of a bag of groups.
/// Invariant: a frame's score is 0 where its bit is not set. Not thread-safe; one per call of top-k.
struct ClauseEvaluator: ~Copyable {
    static let slots = WindowScorer.windowDocuments
    static let words = slots / 64

    /// Score of a match of which no scoring clause matches: below every other, and above 0 as every match is.
    static let unscored = 1e-30

    struct Frame {
        let bits: UnsafeMutablePointer<UInt64>
        let scores: UnsafeMutablePointer<Double>

        @inline(__always) func add(_ slot: Int, _ score: Double) {
            bits[slot >> 6] |= 1 << UInt64(slot & 63)
            scores[slot] = score
        }

        /// Every slot that is set, rising, with its score.
        @inline(__always) func forEach(_ body: (_ slot: Int, _ score: Double) -> Void) {
            for word in 0..<ClauseEvaluator.words {
                var rest = bits[word]
                while rest != 0 {
                    let slot = word * 64 + rest.trailingZeroBitCount
                    rest &= rest &- 1
                    body(slot, scores[slot])
                }
            }
        }
    }

    private let tree: ClauseTree
    private let frames: UnsafeMutablePointer<Frame>
    private let bits: UnsafeMutablePointer<UInt64>
    private let scores: UnsafeMutablePointer<Double>
    private let result: UnsafeMutablePointer<UInt64>

    init(_ tree: ClauseTree) {
        self.tree = tree
        bits = .allocate(capacity: tree.depth * Self.words)
        bits.initialize(repeating: 0, count: tree.depth * Self.words)
        scores = .allocate(capacity: tree.depth * Self.slots)
        scores.initialize(repeating: 0, count: tree.depth * Self.slots)
        frames = .allocate(capacity: tree.depth)
        for i in 0..<tree.depth { frames.advanced(by: i).initialize(to: Frame(bits: bits + i * Self.words, scores: scores + i * Self.slots)) }
        result = .allocate(capacity: Self.words)
    }

    deinit {
        frames.deallocate()
        bits.deallocate()
        scores.deallocate()
        result.deallocate()
    }

    /// Runs the tree.
    ///
    /// - Parameters:
    ///   - universe: [64] the slots that there are; no other one comes out.
    ///   - leaf: fills an empty frame for `.group` and `.exists`; slots outside the universe are taken out again.
    /// - Returns: what is left; valid until ``clear()``, which comes before the next run.
    mutating func run(_ universe: UnsafePointer<UInt64>, leaf: (LexicalClause, Frame) throws -> Void) rethrows -> Frame {
        var top = 0
        for clause in tree.clauses {
            switch clause {
            case .group, .phrase, .exists:
                try leaf(clause, frames[top])
                confine(frames[top], universe)
                top += 1
            case .all:
                frames[top].bits.update(from: universe, count: Self.words)
                fill(frames[top], 1)
                top += 1
            case .constant(let value): fill(frames[top - 1], value)
            case .boost(let factor): multiply(frames[top - 1], factor)
            case .boolean(let boolean):
                top -= boolean.count
                combine(top, boolean, universe)
                top += 1
            case .disjunctionMax(let count, let tieBreaker):
                top -= count
                combine(top, count, tieBreaker)
                top += 1
            }
        }
        return frames[0]
    }

    /// Empties the frame that ``run(_:leaf:)`` returned.
    func clear() { clear(frames[0]) }

    private func clear(_ frame: Frame) {
        for word in 0..<Self.words where frame.bits[word] != 0 {
            frame.bits[word] = 0
            (frame.scores + word * 64).update(repeating: 0, count: 64)
        }
    }

    private func confine(_ frame: Frame, _ universe: UnsafePointer<UInt64>) {
        for word in 0..<Self.words {
            var outside = frame.bits[word] & ~universe[word]
            frame.bits[word] &= universe[word]
            while outside != 0 {
                frame.scores[word * 64 + outside.trailingZeroBitCount] = 0
                outside &= outside &- 1
            }
        }
    }

    /// Within what one factor may be, so that no product of many ends in 0 or infinity.
    private func multiply(_ frame: Frame, _ factor: Double) {
        frame.forEach { slot, score in frame.scores[slot] = min(max(score * factor, Self.unscored), 1 / Self.unscored) }
    }

    private func fill(_ frame: Frame, _ value: Double) { frame.forEach { slot, _ in frame.scores[slot] = value } }

    /// Frames from `base` on, as many as the boolean says, into the first of them.
    private func combine(_ base: Int, _ boolean: LexicalClause.Boolean, _ universe: UnsafePointer<UInt64>) {
        let scoring = boolean.must + boolean.should
        let (filters, nots) = (scoring..<scoring + boolean.filter, scoring + boolean.filter..<boolean.count)
        let least = boolean.leastShould
        for word in 0..<Self.words {
            var bits = universe[word]
            for i in 0..<boolean.must { bits &= frames[base + i].bits[word] }
            for i in filters { bits &= frames[base + i].bits[word] }
            for i in nots { bits &= ~frames[base + i].bits[word] }
            if least > boolean.should {
                bits = 0
            } else if least == 1 {
                var any: UInt64 = 0
                for i in boolean.must..<scoring { any |= frames[base + i].bits[word] }
                bits &= any
            } else if least > 1 {
                var left = bits
                while left != 0 {
                    let bit = left & (0 &- left)
                    left ^= bit
                    var count = 0
                    for i in boolean.must..<scoring where frames[base + i].bits[word] & bit != 0 { count += 1 }
                    if count < least { bits ^= bit }
                }
            }
            result[word] = bits
        }
        let target = frames[base]
        for word in 0..<Self.words {
            let bits = result[word]
            let scores = target.scores + word * 64
            if bits == 0 {
                if target.bits[word] != 0 { scores.update(repeating: 0, count: 64) }
            } else {
                for i in 1..<max(scoring, 1) {
                    let frame = frames[base + i]
                    guard frame.bits[word] & bits != 0 else { continue }
                    let others = frame.scores + word * 64
                    for slot in 0..<64 { scores[slot] += others[slot] }
                }
                // Scores of other slots go; without a clause that scores, each match counts 1.
                for slot in 0..<64 {
                    let isIn = bits & (1 << UInt64(slot)) != 0
                    scores[slot] = isIn ? (scoring > 0 ? max(scores[slot], Self.unscored) : 1) : 0
                }
            }
        }
        target.bits.update(from: result, count: Self.words)
        for i in 1..<boolean.count { clear(frames[base + i]) }
    }

    /// Frames from `base` on into the first of them: the greatest score, and a share of the others.
    private func combine(_ base: Int, _ count: Int, _ tieBreaker: Double) {
        let target = frames[base]
        for word in 0..<Self.words {
            var bits: UInt64 = 0
            for i in 0..<count { bits |= frames[base + i].bits[word] }
            guard bits != 0 else { continue }
            var left = bits
            while left != 0 {
                let slot = word * 64 + left.trailingZeroBitCount
                left &= left &- 1
                var (greatest, sum) = (0.0, 0.0)
                for i in 0..<count {
                    greatest = max(greatest, frames[base + i].scores[slot])
                    sum += frames[base + i].scores[slot]
                }
                target.scores[slot] = greatest + tieBreaker * (sum - greatest)
            }
            target.bits[word] = bits
        }
        for i in 1..<count { clear(frames[base + i]) }
    }
}
