import SearchCore

/// Leaves of a window's documents those that have the groups that a query demands, and none of those that it excludes.
///
/// The rarest demanded group goes first, and each keeps what the ones before left: by seeking where few are left, else by reading its postings in
/// the window. Cursors of its own; windows rise from call to call. Not thread-safe; the searcher must outlive it.
/// Source: conjunctions by the shortest list, Culpepper & Moffat, "Efficient set intersection for inverted indexing", 2010.
final class WindowRestriction {
    /// What seeking a document in a list costs in terms of a posting read in a run.
    static let seekCost = 16

    private struct Entry {
        var isExcluded: Bool
        /// It also scores, so that who scores a document exactly sees by itself whether it is there.
        var isScored: Bool
        var postings: Int
    }

    private let lists: ScoringLists
    private let scored: Set<Int>
    private let entries: [Entry]
    private let segment: LexicalSegment
    /// A demanded group has no posting in the segment.
    let isHopeless: Bool
    private(set) var postingsRead = 0
    private let present: UnsafeMutablePointer<UInt64>
    private let presentWords: Int

    /// - Parameters:
    ///   - demanded, excluded: numbers of groups of the query, as prepared; nil: one that was left out, which nothing matches.
    ///   - scored: those of `demanded` that score.
    ///   - words: of the largest window.
    init(
        _ plan: LexicalSearcher.SegmentPlan, _ searcher: LexicalSearcher, demanded: [Int?], excluded: [Int?], scored: Set<Int> = [], words: Int
    ) throws {
        func planned(_ number: Int?) -> LexicalSearcher.PlannedGroup? { number.flatMap { number in plan.groups.first { $0.group == number } } }
        func postings(_ group: LexicalSearcher.PlannedGroup) -> Int { group.lists.reduce(0) { $0 + $1.list.count } }
        let needed = demanded.map(planned)
        let wanted = needed.compactMap { $0 }.sorted { postings($0) < postings($1) }
        let unwanted = excluded.compactMap(planned)
        lists = try ScoringLists(LexicalSearcher.SegmentPlan(segment: plan.segment, groups: wanted + unwanted), searcher)
        entries =
            wanted.map { Entry(isExcluded: false, isScored: scored.contains($0.group), postings: postings($0)) }
            + unwanted.map { Entry(isExcluded: true, isScored: false, postings: postings($0)) }
        isHopeless = needed.contains { $0 == nil }
        self.scored = Set(wanted.map(\.group)).intersection(scored)
        segment = plan.segment
        present = .allocate(capacity: words)
        presentWords = words
    }

    deinit { present.deallocate() }

    /// A group of the query is demanded that scores, too.
    func demandsScored(_ group: Int) -> Bool { scored.contains(group) }

    /// There are groups that do not score.
    var hasUnscored: Bool { entries.contains { !$0.isScored } }

    /// Postings of the rarest demanded group; nil where none is demanded.
    var rarest: Int? { entries.first.flatMap { $0.isExcluded ? nil : $0.postings } }

    /// No document before it, of the segment, is left; `.max`: none at all. 0 where nothing is demanded.
    var nearest: UInt32 {
        if isHopeless { return .max }
        guard let first = entries.first, !first.isExcluded else { return 0 }
        return lists.groups[0].lists.reduce(UInt32.max) { min($0, lists.lists[$1].cursor.lowerBound) }
    }

    /// - Parameters:
    ///   - bits: the window's documents, one bit each, the first at `base`; what does not belong is cleared.
    ///   - low, high: the window's documents inside the segment.
    ///   - left: how many bits are set.
    ///   - unscoredOnly: by those groups only that do not score.
    /// - Returns: how many are left.
    func restrict(
        _ bits: UnsafeMutablePointer<UInt64>, words: Int, low: UInt32, high: UInt32, base: UInt32, left: Int, unscoredOnly: Bool = false
    ) throws -> Int {
        precondition(words <= presentWords, "a window of \(words) words")
        if isHopeless { return 0 }
        var left = left
        let windows = max(segment.documentCount / (words * 64), 1)
        for (place, entry) in entries.enumerated() where left > 0 && !(unscoredOnly && entry.isScored) {
            let group = lists.groups[place]
            if left * group.lists.count * Self.seekCost < entry.postings / windows {
                left = seek(group, entry.isExcluded, bits, words, base)
            } else {
                left = read(group, entry.isExcluded, bits, words, low, high, base)
            }
            for i in group.lists where lists.lists[i].cursor.isDamaged {
                throw TandemError.damaged(segment.name, "a posting list does not decode")
            }
        }
        return left
    }

    private func seek(_ group: ScoringLists.Group, _ isExcluded: Bool, _ bits: UnsafeMutablePointer<UInt64>, _ words: Int, _ base: UInt32) -> Int {
        var left = 0
        for word in 0..<words {
            var rest = bits[word]
            while rest != 0 {
                let bit = rest & (0 &- rest)
                rest ^= bit
                let document = base &+ UInt32(word * 64 + bit.trailingZeroBitCount)
                var has = false
                for i in group.lists where !has { has = (lists.lists.baseAddress! + i).pointee.cursor.frequency(in: document) > 0 }
                if has != isExcluded { left += 1 } else { bits[word] ^= bit }
            }
        }
        return left
    }

    private func read(
        _ group: ScoringLists.Group, _ isExcluded: Bool, _ bits: UnsafeMutablePointer<UInt64>, _ words: Int, _ low: UInt32, _ high: UInt32, _ base: UInt32
    ) -> Int {
        present.update(repeating: 0, count: words)
        for i in group.lists {
            let list = lists.lists.baseAddress! + i
            while true {
                let run = list.pointee.cursor.nextRun(from: low, to: high)
                if run.isEmpty { break }
                Self.mark(list.pointee.cursor.documents + run.lowerBound, run.count, base, present)
                postingsRead += run.count
            }
        }
        var left = 0
        for word in 0..<words {
            bits[word] &= isExcluded ? ~present[word] : present[word]
            left += bits[word].nonzeroBitCount
        }
        return left
    }

    @inline(never)
    private static func mark(_ documents: UnsafePointer<UInt32>, _ count: Int, _ base: UInt32, _ present: UnsafeMutablePointer<UInt64>) {
        for i in 0..<count {
            let slot = documents[i] &- base
            present[Int(slot >> 6)] |= 1 << UInt64(slot & 63)
        }
    }
}
