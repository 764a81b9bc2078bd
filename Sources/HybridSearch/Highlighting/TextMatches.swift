/// Where a query's words stand in one text: places in order, and the spans of text that they cover.
///
/// Invariants: (1) places ascend by start, then end, then group, and no two are equal; (2) spans ascend and do not overlap; (3) each place lies in
/// one span, and the places of a span are neighbours. 12 bytes a place and 20 a span.
struct TextMatches: Sendable {
    /// One occurrence of one group, in bytes of the text.
    struct Place: Sendable, Hashable, Comparable {
        var start: UInt32
        var end: UInt32
        var group: UInt32

        static func < (a: Place, b: Place) -> Bool {
            (a.start, a.end, a.group) < (b.start, b.end, b.group)
        }
    }

    /// Places that overlap, as `c++` and the `c` in it.
    struct Span: Sendable {
        var start: UInt32
        var end: UInt32
        /// The same in code points.
        var firstCharacter: UInt32 = 0
        var endCharacter: UInt32 = 0
        var firstPlace: UInt32
    }

    let places: [Place]
    let spans: [Span]

    /// - Parameter found: in any order; one occurrence in several forms may be there several times.
    /// - Complexity: O(text + found · log found), linear where they are nearly in order.
    init(_ found: [Place], in text: UnsafeBufferPointer<UInt8>) {
        var sorted = found
        // Joined forms come late, behind their words, and words of phrases last: runs in order, which sorting merges.
        if !zip(found, found.dropFirst()).allSatisfy({ $0 <= $1 }) { sorted.sort() }
        var places: [Place] = []
        places.reserveCapacity(sorted.count)
        var spans: [Span] = []
        for place in sorted where places.last != place {
            if let last = spans.indices.last, place.start < spans[last].end {
                spans[last].end = max(spans[last].end, place.end)
            } else {
                spans.append(Span(start: place.start, end: place.end, firstPlace: UInt32(places.count)))
            }
            places.append(place)
        }
        var (byte, character) = (0, 0)
        for index in spans.indices {
            character += UTF8Text.characters(text, byte..<Int(spans[index].start))
            byte = Int(spans[index].start)
            spans[index].firstCharacter = UInt32(character)
            character += UTF8Text.characters(text, byte..<Int(spans[index].end))
            byte = Int(spans[index].end)
            spans[index].endCharacter = UInt32(character)
        }
        self.places = places
        self.spans = spans
    }

    func places(ofSpan index: Int) -> ArraySlice<Place> {
        let end = index + 1 < spans.count ? Int(spans[index + 1].firstPlace) : places.count
        return places[Int(spans[index].firstPlace)..<end]
    }

    /// Numbers of the spans that have a byte in `range`. - Complexity: O(log spans).
    func spans(touching range: Range<Int>) -> Range<Int> {
        let first = firstSpan { Int($0.end) > range.lowerBound }
        return first..<max(first, firstSpan { Int($0.start) >= range.upperBound })
    }

    /// A cut at this byte would go through a match. - Complexity: O(log spans).
    func isInside(_ byte: Int) -> Bool {
        let index = firstSpan { Int($0.end) > byte }
        return index < spans.count && Int(spans[index].start) < byte
    }

    /// The first span for which `holds`, which it does for all behind it.
    private func firstSpan(_ holds: (Span) -> Bool) -> Int {
        var (low, high) = (0, spans.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(spans[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
