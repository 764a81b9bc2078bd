import LexicalIndex
import SearchCore
import Testing

/// Pruning must not be seen: hits, order, bits and ties are those of exhaustive scoring.
@Suite("Pruned scoring")
struct PrunedScorerTests {
    /// Texts of one field; some documents without, some all alike, lengths over several orders of magnitude.
    private static func corpus(_ count: Int, _ vocabulary: Int, _ random: inout TestRandom) -> [TestDocument] {
        (0..<count).map { _ in
            let kind = Int.random(in: 0..<40, using: &random)
            if kind == 0 { return [nil] }
            if kind < 4 { return [TestText("same same text")] }
            let length = kind == 4 ? Int.random(in: 500...5000, using: &random) : Int.random(in: 1...12, using: &random)
            let keys = (0..<min(length, 60)).map { _ in key("w\(random.zipf(vocabulary))") }
            return [TestText(length: length, keys: keys)]
        }
    }

    @Test("equal to exhaustive scoring to the last bit, over windows, segments, deletions, filters, parameters", arguments: [1, 2, 3, 7])
    func equal(segments: Int) throws {
        var random = TestRandom()
        let count = 40_000
        let documents = Self.corpus(count, 300, &random)
        var views: [LexicalSegmentView] = []
        let bounds = [0] + (1..<segments).map { _ in Int.random(in: 1..<count, using: &random) }.sorted() + [count]
        for (low, high) in zip(bounds, bounds.dropFirst()) where low < high {
            views.append(LexicalSegmentView(segment: try build(Array(documents[low..<high]), fields: 1, first: UInt32(low))))
            try views.last!.segment.validate()
        }
        func other(_ length: Int) throws -> LexicalSegmentView {
            let documents: [TestDocument] = (0..<20_000).map { _ in [TestText(length: length, keys: [key("w1"), key("other")])] }
            return LexicalSegmentView(segment: try build(documents, fields: 1, first: UInt32(count)))
        }
        let (long, short) = (try other(400), try other(1))
        for round in 0..<60 {
            let words = (0..<Int.random(in: 1...9, using: &random)).map { _ in random.zipf(300) }
            let groups = words.map { word in
                var forms = [LexicalForm(key: key("w\(word)"), weight: [1, 1, 3, 0.2].randomElement(using: &random)!)]
                if round % 3 == 0 { forms.append(LexicalForm(key: key("w\(random.zipf(300))"), weight: 0.6)) }
                return LexicalGroup(text: "w\(word)", boost: [1, 1, 2, 0.5].randomElement(using: &random)!, forms: forms)
            }
            let query = LexicalQuery(
                groups: round % 20 == 7 ? [LexicalGroup(text: "same", forms: [LexicalForm(key: key("same"))])] : groups,
                fieldWeights: [[1, 2.5, 0.3].randomElement(using: &random)!],
                k1: [0, 0.4, 1.2, 3, 50].randomElement(using: &random)!, b: [0, 0.4, 0.75, 1].randomElement(using: &random)!)
            var accept = DocBitSet(capacity: count, full: true)
            switch round % 4 {
            case 1: for d in 0..<count where Int.random(in: 0..<10, using: &random) < 3 { _ = accept.remove(DocID(UInt32(d))) }
            case 2: for d in 0..<count where Int.random(in: 0..<10, using: &random) < 9 { _ = accept.remove(DocID(UInt32(d))) }
            case 3: for d in 9000..<31_000 { _ = accept.remove(DocID(UInt32(d))) }
            default: break
            }
            // Statistics of a collection whose other texts are long, or short: its average length is not this segment's any more.
            let others = round % 5 == 4 ? [long] : round % 5 == 3 ? [short] : []
            let statistics = try LexicalStatistics(query: query, views: views + others)
            let searcher = try LexicalSearcher(views: views, query: query, statistics: statistics)
            for k in [1, 10, 137] {
                let all = try searcher.topK(k, accept: accept, control: .unlimited)
                let pruned = try searcher.topK(k, accept: accept, strategy: .alwaysPruned, control: .unlimited)
                #expect(pruned.hits == all.hits, "round \(round), k \(k)")
                #expect(pruned.hits.map(\.score.bitPattern) == all.hits.map(\.score.bitPattern), "round \(round), k \(k)")
                #expect(pruned.boundaryTies == all.boundaryTies, "round \(round), k \(k)")
                #expect(pruned.matched <= all.matched && all.isCounted)
                if let least = all.hits.last?.score, k == 10 {
                    // With a least score from the beginning, the first windows are pruned, too.
                    let some = try searcher.topK(k, accept: accept, strategy: .alwaysPruned, minScore: least, control: .unlimited)
                    #expect(some.hits == all.hits, "round \(round), minScore")
                }
            }
        }
    }

    @Test("most postings of a long list are not read, and its matches are not counted")
    func skips() throws {
        var random = TestRandom()
        let documents = Self.corpus(60_000, 300, &random)
        let segment = try build(documents, fields: 1)
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query("w0 w250"))
        let accept = DocBitSet(capacity: 60_000, full: true)
        let all = try searcher.topK(10, accept: accept, control: .unlimited)
        let pruned = try searcher.topK(10, accept: accept, strategy: .pruned, control: .unlimited)
        #expect(pruned.hits == all.hits && !pruned.isCounted)
        #expect(pruned.postingsRead * 2 < all.postingsRead, "\(pruned.postingsRead) of \(all.postingsRead)")
    }
}
