import ColumnIndex
import SearchCore
import Testing

@Suite struct FilterEvaluatorTests {
    private func expected(_ filter: Filter, _ documents: [PlainDocument], _ live: DocBitSet) -> DocBitSet {
        var result = DocBitSet(capacity: live.capacity)
        for document in documents where live.contains(document.id) && matches(filter, document) { result.insert(document.id) }
        return result
    }

    // Random documents in random segments, random deletes, random nested filters; several filters share one cache, small
    // enough at times to evict. The oracle reads plain values.
    @Test("equals evaluating on plain documents, whatever the segments, before and after a merge")
    func oracle() throws {
        var random = SeededGenerator()
        for round in 0..<60 {
            let documents = randomDocuments(Int.random(in: 1...400, using: &random), firstDoc: UInt32.random(in: 0...130, using: &random), &random)
            let segments = try randomSegments(documents, &random)
            let capacity = Int(documents.last!.id.rawValue) + 1
            let live = randomLive(capacity, &random)
            let merged = try ColumnSegment(MappedFile(copying: ColumnMerge.merge(segments, live: live, control: .unlimited)), fields: schema)
            let cache = FilterCache(bytesMax: [0, 2000, 1 << 20].randomElement(using: &random)!)
            for _ in 0..<20 {
                let filter = randomFilter(&random)
                let wanted = expected(filter, documents, live)
                for snapshot in [segments, [merged]] {
                    let found = try FilterEvaluator.evaluate(filter, segments: snapshot, live: live, cache: cache, control: .unlimited)
                    #expect(found == wanted, "round \(round): \(filter.expression ?? "?")")
                }
            }
            #expect(cache.statistics.bytes <= cache.bytesMax)
        }
    }

    @Test("no filter is every live document, and a filter over no segments is none")
    func noFilter() throws {
        var random = SeededGenerator()
        let live = randomLive(100, &random)
        let cache = FilterCache(bytesMax: 1000)
        #expect(try FilterEvaluator.evaluate(nil, segments: [], live: live, cache: cache, control: .unlimited) == live)
        let none = try FilterEvaluator.evaluate(Filter(nodes: [.all]), segments: [], live: live, cache: cache, control: .unlimited)
        #expect(none == DocBitSet(capacity: 100))
    }

    @Test("a live set smaller or larger than the segments is legal", arguments: [0, 1, 63, 64, 65, 100, 190, 500])
    func otherCapacity(_ capacity: Int) throws {
        var random = SeededGenerator()
        let documents = randomDocuments(140, firstDoc: 50, &random)
        let segments = try randomSegments(documents, &random)
        let live = DocBitSet(capacity: capacity, full: true)
        for filter in [Filter(nodes: [.all]), Filter(nodes: [.exists("size")]), Filter(nodes: [.exists("size"), .not])] {
            let found = try FilterEvaluator.evaluate(filter, segments: segments, live: live, cache: FilterCache(bytesMax: 0), control: .unlimited)
            #expect(found == expected(filter, documents, live))
        }
    }

    // Past 65,536 documents a bitmap has several containers; the dense and the sparse way of making one both come up.
    @Test("many documents: several bitmap containers, dense and sparse leaves")
    func manyDocuments() throws {
        let documents = (0..<200_000).map { (d: Int) -> PlainDocument in
            let size = Int64(d * 7919 % 200_003)
            return PlainDocument(
                id: DocID(UInt32(d)), sequence: SequenceNumber(UInt64(d) + 1), attributes: [("size", [.int64(size)]), ("free", [.bool(d % 3 == 0)])])
        }
        let segments = [try segment(documents[..<150_000]), try segment(documents[150_000...])]
        let live = DocBitSet(capacity: documents.count, full: true)
        for text in ["size < 40", "size < 9000", "9000 <= size < 190000", "free = true", "free = true and not size >= 100000", "not size = 5"] {
            let filter = try FilterExpression.parse(text, fields: schema)
            let found = try FilterEvaluator.evaluate(filter, segments: segments, live: live, cache: FilterCache(bytesMax: 1 << 24), control: .unlimited)
            #expect(found == expected(filter, documents, live), "\(text)")
        }
    }

    @Test("a filter on a field with several values matches if any of them does; a range wants one value between both bounds")
    func severalValues() throws {
        let document = PlainDocument(id: DocID(0), sequence: SequenceNumber(1), attributes: [("size", [.int64(1), .int64(9)])])
        let segments = [try segment([document])]
        for (text, isMatch) in [
            ("size = 1", true), ("size != 1", false), ("size < 5 and size > 5", true), ("3 <= size < 8", false), ("1 <= size < 8", true),
            ("size in (2, 9)", true), ("size in ()", false), ("size > 9", false), ("not exists(free)", true), ("free = false", false), ("free != false", true),
        ] {
            let found = try FilterEvaluator.evaluate(
                FilterExpression.parse(text, fields: schema), segments: segments, live: DocBitSet(capacity: 1, full: true), cache: FilterCache(bytesMax: 0),
                control: .unlimited)
            #expect((found.count == 1) == isMatch, "\(text)")
        }
    }

    @Test("two spellings of one Unicode text are two keywords, in the cache too")
    func unicodeSpellings() throws {
        let documents = ["\u{E9}", "e\u{301}"].enumerated().map {
            PlainDocument(id: DocID(UInt32($0)), sequence: SequenceNumber(UInt64($0) + 1), attributes: [("section", [.keyword($1)])])
        }
        let cache = FilterCache(bytesMax: 1 << 20)
        let segments = [try segment(documents)]
        for (index, spelling) in ["\u{E9}", "e\u{301}"].enumerated() {
            let found = try FilterEvaluator.evaluate(
                Filter(nodes: [.equal("section", .keyword(spelling))]), segments: segments, live: DocBitSet(capacity: 2, full: true), cache: cache,
                control: .unlimited)
            #expect(found.count == 1 && found.contains(DocID(UInt32(index))))
        }
    }

    @Test("a cancelled call stops, an invalid filter is refused")
    func stops() throws {
        var random = SeededGenerator()
        let segments = [try segment(randomDocuments(10, firstDoc: 0, &random))]
        let control = QueryControl()
        control.cancel()
        func evaluate(_ filter: Filter, _ control: QueryControl) throws {
            _ = try FilterEvaluator.evaluate(
                filter, segments: segments, live: DocBitSet(capacity: 10), cache: FilterCache(bytesMax: 0), control: control)
        }
        #expect(throws: TandemError(.cancelled, "")) { try evaluate(Filter(nodes: [.all]), control) }
        #expect(throws: TandemError(.invalidArgument, "")) { try evaluate(Filter(nodes: [.not]), .unlimited) }
        #expect(throws: TandemError(.invalidArgument, "")) { try evaluate(Filter(nodes: [.exists("nope")]), .unlimited) }
    }
}

@Suite struct FilterCacheTests {
    private func evaluate(_ text: String, _ segments: [ColumnSegment], _ cache: FilterCache) throws {
        _ = try FilterEvaluator.evaluate(
            FilterExpression.parse(text, fields: schema), segments: segments, live: DocBitSet(capacity: 100, full: true), cache: cache, control: .unlimited)
    }

    private func segments(_ count: Int) throws -> [ColumnSegment] {
        var random = SeededGenerator()
        let documents = randomDocuments(count * 10, firstDoc: 0, &random)
        return try (0..<count).map { try segment(documents[($0 * 10)..<($0 * 10 + 10)]) }
    }

    @Test("a leaf is computed once per segment, and shared between filters and by equal values of other literals")
    func hits() throws {
        let cache = FilterCache(bytesMax: 1 << 20)
        let segments = try segments(2)
        try evaluate("size = 1 and free = true", segments, cache)
        #expect(cache.statistics.misses == 4 && cache.statistics.hits == 0 && cache.statistics.entries == 4)
        try evaluate("free = true or size = 1.0", segments, cache)
        #expect(cache.statistics.misses == 4 && cache.statistics.hits == 4 && cache.statistics.entries == 4)
        try evaluate("rating = 0.0 or rating = -0.0", segments, cache)
        #expect(cache.statistics.misses == 6)
    }

    @Test("the least recently used entry goes first")
    func evicts() throws {
        let segments = try segments(1)
        let probe = FilterCache(bytesMax: 1 << 20)
        try evaluate("exists(unused)", segments, probe)
        // Room for three empty sets with a short key, not for four.
        let cache = FilterCache(bytesMax: probe.statistics.bytes * 3 + probe.statistics.bytes / 2)
        for name in ["x1", "x2", "x3"] { try evaluate("section = '\(name)'", segments, cache) }
        #expect(cache.statistics.entries == 3)
        try evaluate("section = 'x1'", segments, cache)
        #expect(cache.statistics.hits == 1)
        try evaluate("section = 'x4'", segments, cache)
        #expect(cache.statistics.entries == 3 && cache.statistics.evictions == 1)
        try evaluate("section = 'x1'", segments, cache)
        #expect(cache.statistics.hits == 2)
        try evaluate("section = 'x2'", segments, cache)
        #expect(cache.statistics.hits == 2 && cache.statistics.bytes <= cache.bytesMax)
    }

    @Test("a closed segment's entries go, the others stay")
    func keepOnly() throws {
        let cache = FilterCache(bytesMax: 1 << 20)
        let segments = try segments(3)
        try evaluate("size = 1 and free = true", segments, cache)
        cache.keepOnly([segments[1]])
        #expect(cache.statistics.entries == 2)
        try evaluate("size = 1", [segments[1]], cache)
        #expect(cache.statistics.hits == 1)
        cache.keepOnly([])
        #expect(cache.statistics.entries == 0 && cache.statistics.bytes == 0)
    }

    @Test("segments opened twice do not share entries")
    func instances() throws {
        let bytes = try segments(1)[0].withBytes { Array($0) }
        let copies = try (0..<2).map { _ in try ColumnSegment(MappedFile(copying: bytes), fields: schema) }
        #expect(copies[0].instance != copies[1].instance)
    }

    @Test("threads may share it")
    func threads() async throws {
        let cache = FilterCache(bytesMax: 4000)
        let segments = try segments(4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for i in 0..<200 { try evaluate("size = \((i + thread) % 7) or free = \(i % 2 == 0)", segments, cache) }
                }
            }
            try await group.waitForAll()
        }
        #expect(cache.statistics.hits + cache.statistics.misses == 8 * 200 * 2 * 4 && cache.statistics.bytes <= 4000)
    }
}
