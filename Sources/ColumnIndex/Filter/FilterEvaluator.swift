import SearchCore

/// Runs a filter over a snapshot's column segments.
public enum FilterEvaluator {
    /// Documents that are live and match.
    /// - Parameters:
    ///   - filter: nil: every live document. Need not be validated before; it is, again.
    ///   - segments: of one generation, disjoint. A document outside them matches no filter.
    ///   - live: also gives the result's capacity.
    /// - Throws: `INVALID_ARGUMENT` as ``Filter/validated(against:)``; what `control` says; `DATA_LOSS`.
    /// - Complexity: a leaf that is not cached costs O(matching documents + log values) per segment; the rest O(documents / 64) per node.
    public static func evaluate(
        _ filter: Filter?, segments: [ColumnSegment], live: DocBitSet, cache: FilterCache, control: QueryControl
    ) throws -> DocBitSet {
        guard let filter else { return live }
        guard let fields = segments.first?.fields else { return DocBitSet(capacity: live.capacity) }
        let nodes = try filter.validated(against: fields).nodes
        let steps = nodes.map { (node: $0, key: $0.cacheKey) }
        var words = [UInt64](repeating: 0, count: live.words.count)
        for segment in segments {
            try control.checkpoint()
            guard segment.fields == fields else {
                throw TandemError(.failedPrecondition, "segments \(segments[0].name) and \(segment.name) have different fields")
            }
            let matching = try run(steps, on: segment, cache, control)
            let range = segment.firstDoc.rawValue..<segment.endDoc.rawValue
            // The fewer bits one by one: those of the set, or those that it lacks.
            if matching.count * 2 <= segment.documentCount {
                matching.write(true, to: &words)
            } else {
                fill(range, &words)
                matching.complement(within: range).write(false, to: &words)
            }
        }
        var result = DocBitSet(words: words, capacity: live.capacity)
        result.formIntersection(live)
        return result
    }

    private static func run(
        _ steps: [(node: FilterNode, key: [UInt8])], on segment: ColumnSegment, _ cache: FilterCache, _ control: QueryControl
    ) throws -> RoaringBitmap {
        let range = segment.firstDoc.rawValue..<segment.endDoc.rawValue
        var stack: [RoaringBitmap] = []
        // Validation has proven that the operands are there.
        func join(_ count: Int, _ operation: (RoaringBitmap, RoaringBitmap) -> RoaringBitmap) {
            let operands = stack.suffix(count)
            let joined = operands.dropFirst().reduce(operands.first!, operation)
            stack.removeLast(count)
            stack.append(joined)
        }
        for (node, key) in steps {
            try control.checkpoint()
            switch node {
            case .and(let count): join(count) { $0.intersection($1) }
            case .or(let count): join(count) { $0.union($1) }
            case .not: stack.append(stack.removeLast().complement(within: range))
            case .all: stack.append(RoaringBitmap(range))
            case .equal, .in, .range, .exists:
                let key = FilterCache.Key(segment: segment.instance, leaf: key)
                if let cached = cache.bitmap(key) {
                    stack.append(cached)
                } else {
                    let computed = try withExtendedLifetime(segment) { try leaf(node, on: segment, control) }
                    cache.insert(computed, for: key)
                    stack.append(computed)
                }
            }
        }
        return stack[0]
    }

    /// A leaf is one or more ranges of value ordinals, and a range of ordinals is one slice of documents.
    private static func leaf(_ node: FilterNode, on segment: ColumnSegment, _ control: QueryControl) throws -> RoaringBitmap {
        let column = try segment.column(node.field!)
        func ordinals(_ value: FieldValue) throws -> Range<Int> {
            let from = try column.lowerBound(value)
            return from..<max(from, try column.lowerBound(value, after: true))
        }
        let ranges: [Range<Int>]
        switch node {
        case .equal(_, let value): ranges = [try ordinals(value)]
        case .in(_, let values): ranges = try values.map(ordinals)
        case .range(_, let lower, let lowerInclusive, let upper, let upperInclusive):
            let from = try lower.map { try column.lowerBound($0, after: !lowerInclusive) } ?? 0
            let to = try upper.map { try column.lowerBound($0, after: upperInclusive) } ?? column.valueCount
            ranges = [from..<max(from, to)]
        case .exists: ranges = [0..<column.valueCount]
        case .all, .and, .or, .not: preconditionFailure("\(node) is no leaf of a field")
        }
        let documents = segment.firstDoc.rawValue..<segment.endDoc.rawValue
        guard let bitmap = try RoaringBitmap.union(ranges.map(column.docs(of:)), within: documents, control: control) else {
            throw TandemError.damaged(segment.name, "field '\(column.field.name)': a document outside the segment")
        }
        return bitmap
    }

    /// Sets the bits of `range` that `words` has room for.
    private static func fill(_ range: Range<UInt32>, _ words: inout [UInt64]) {
        var d = Int(range.lowerBound)
        let end = min(Int(range.upperBound), words.count * 64)
        while d < end {
            let next = min(end, (d | 63) + 1)
            words[d >> 6] |= (.max << UInt64(d & 63)) & (.max >> UInt64((64 - next & 63) & 63))
            d = next
        }
    }
}

extension FilterNode {
    /// Bytes that two validated leaves share exactly if they match the same documents of any segment by construction; empty for operators.
    fileprivate var cacheKey: [UInt8] {
        var key = ByteWriter()
        func append(_ value: FieldValue) {
            key.append(value.type.rawValue)
            if case .keyword(let text) = value { key.appendCounted(text) } else { key.append(ValueCode.encode(value)!) }
        }
        func append(bound: FieldValue?, _ inclusive: Bool) {
            key.append(UInt8(bound == nil ? 0 : inclusive ? 2 : 1))
            if let bound { append(bound) }
        }
        switch self {
        case .equal(let field, let value):
            key.append(UInt8(1))
            key.appendCounted(field)
            append(value)
        case .in(let field, let values):
            key.append(UInt8(2))
            key.appendCounted(field)
            for value in values { append(value) }
        case .range(let field, let lower, let lowerInclusive, let upper, let upperInclusive):
            key.append(UInt8(3))
            key.appendCounted(field)
            append(bound: lower, lowerInclusive)
            append(bound: upper, upperInclusive)
        case .exists(let field):
            key.append(UInt8(4))
            key.appendCounted(field)
        case .all, .and, .or, .not: break
        }
        return key.bytes
    }
}
