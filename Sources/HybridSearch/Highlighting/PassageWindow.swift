import SearchCore

/// Finds the stretches of a text that say most of a query: the core of its passages.
///
/// The worth of a stretch is the sum, over the groups in it, of boost · idf · (1.2 − 0.2 / occurrences): distinct words count most, repeats a
/// little. A window of at most `characters` slides over the spans; where several are worth the same, the first is taken.
struct PassageWindow {
    let matches: TextMatches
    let groups: [HighlightTerms.Group]
    /// Longest stretch; one span that is longer stands alone.
    let characters: Int

    /// Numbers of the spans of the best stretch among `free`, those at its ends left out that only repeat what is in it; nil where there is none.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`.
    /// - Complexity: O(places) with memory for the groups.
    func best(in free: Range<Int>, control: QueryControl) throws -> (spans: Range<Int>, worth: Int64)? {
        var tally = Tally(groups)
        var best: (spans: Range<Int>, worth: Int64)?
        var left = free.lowerBound
        for right in free {
            if right & 0xFFFF == 0xFFFF { try control.checkpoint() }
            tally.add(matches.places(ofSpan: right))
            while left < right, Int(matches.spans[right].endCharacter - matches.spans[left].firstCharacter) > characters {
                tally.remove(matches.places(ofSpan: left))
                left += 1
            }
            if tally.worth > best?.worth ?? -1 { best = (left..<right + 1, tally.worth) }
        }
        return best.map { (tightened($0.spans), $0.worth) }
    }

    /// Room for whole sentences: a `the` far before the words that matter would otherwise begin the passage.
    private func tightened(_ spans: Range<Int>) -> Range<Int> {
        var tally = Tally(groups)
        for span in spans { tally.add(matches.places(ofSpan: span)) }
        var (first, last) = (spans.lowerBound, spans.upperBound - 1)
        while first < last, tally.isRepeated(matches.places(ofSpan: first)) {
            tally.remove(matches.places(ofSpan: first))
            first += 1
        }
        while first < last, tally.isRepeated(matches.places(ofSpan: last)) {
            tally.remove(matches.places(ofSpan: last))
            last -= 1
        }
        return first..<last + 1
    }

    /// The worth of some spans as callers see it.
    func score(of spans: Range<Int>) -> Double {
        var counts: [UInt32: Int] = [:]
        for span in spans { for place in matches.places(ofSpan: span) { counts[place.group, default: 0] += 1 } }
        // In the order of the groups, so that equal passages have equal sums.
        return counts.sorted { $0.key < $1.key }.reduce(0) { $0 + groups[Int($1.key)].worth * (1.2 - 0.2 / Double($1.value)) }
    }
}

/// How often each group occurs in a window, and what that is worth.
private struct Tally {
    let groups: [HighlightTerms.Group]
    private var counts: [Int64]
    private(set) var worth: Int64 = 0

    init(_ groups: [HighlightTerms.Group]) {
        self.groups = groups
        counts = [Int64](repeating: 0, count: groups.count)
    }

    /// 1.2 − 0.2 / n in 1/1000; 0 for none. Times a share of at most 2²⁰ and 1,024 groups: far within 64 bits.
    private static func gain(_ count: Int64) -> Int64 { count == 0 ? 0 : 1200 - 200 / count }

    mutating func add(_ places: ArraySlice<TextMatches.Place>) { for place in places { change(Int(place.group), by: 1) } }
    mutating func remove(_ places: ArraySlice<TextMatches.Place>) { for place in places { change(Int(place.group), by: -1) } }

    private mutating func change(_ group: Int, by step: Int64) {
        let count = counts[group]
        worth += groups[group].share * (Self.gain(count + step) - Self.gain(count))
        counts[group] = count + step
    }

    /// Every group of the places occurs elsewhere in the window, too.
    func isRepeated(_ places: ArraySlice<TextMatches.Place>) -> Bool {
        places.allSatisfy { place in counts[Int(place.group)] > places.count(where: { $0.group == place.group }) }
    }
}
