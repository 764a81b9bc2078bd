import LexicalIndex
import SearchCore
import Testing

@Suite("LexicalSearcher")
struct LexicalSearcherTests {
    @Test("scores equal the formula on random corpora, for every path and any k")
    func oracle() throws {
        var corpus = TestCorpus(random: TestRandom(), vocabulary: 60, fields: 2)
        for round in 0..<30 {
            let documents = (0..<Int.random(in: 0...150, using: &corpus.random)).map { _ in corpus.document() }
            let first = UInt32.random(in: 0...5000, using: &corpus.random)
            let segment = try build(documents, fields: 2, first: first)
            try segment.validate()
            let capacity = Int(first) + documents.count
            for _ in 0..<8 {
                let query = corpus.query()
                let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query)
                var accept = DocBitSet(capacity: capacity, full: round % 2 == 0)
                if round % 2 == 1 {
                    for d in 0..<capacity where Int.random(in: 0..<3, using: &corpus.random) == 0 { accept.insert(DocID(UInt32(d))) }
                }
                try check(
                    searcher, capacity: capacity, accept: accept, expected: Oracle(documents).scores(query), first: Int(first),
                    k: [0, 1, 3, 10, 1000].randomElement(using: &corpus.random)!)
            }
        }
    }

    @Test("many windows, dense and sparse, any accepted set, any segmentation: the same bits", arguments: [1, 2, 7, 20])
    func segmentations(count: Int) throws {
        var corpus = TestCorpus(random: TestRandom(), vocabulary: 400, fields: 2)
        // Every third round accepts so few documents that they are sought rather than scanned for.
        let documents = (0..<13_000).map { _ in corpus.document() }
        let first = Int.random(in: 0...9000, using: &corpus.random)
        let capacity = first + documents.count
        let whole = LexicalSegmentView(segment: try build(documents, fields: 2, first: UInt32(first)))
        let cuts = [0] + (1..<count).map { _ in Int.random(in: 0...documents.count, using: &corpus.random) }.sorted() + [documents.count]
        let views = try zip(cuts, cuts.dropFirst()).map { from, to in
            LexicalSegmentView(segment: try build(Array(documents[from..<to]), fields: 2, first: UInt32(first + from)))
        }
        for round in 0..<8 {
            let query = corpus.query()
            let expected = try LexicalSearcher(views: [whole], query: query).score(docs: (first..<capacity).map { DocID(UInt32($0)) })
            var accept = DocBitSet(capacity: capacity, full: round % 4 == 0)
            if round % 4 != 0 {
                let share = [2, 100, 5000][round % 4 - 1]
                for d in 0..<capacity where Int.random(in: 0..<share, using: &corpus.random) == 0 { accept.insert(DocID(UInt32(d))) }
            }
            let searcher = try LexicalSearcher(views: views.shuffled(using: &corpus.random), query: query)
            #expect(try searcher.score(docs: (first..<capacity).map { DocID(UInt32($0)) }) == expected)
            try check(
                searcher, capacity: capacity, accept: accept, expected: expected, first: first, k: [1, 10, 1000, 20_000][round % 4])
        }
    }

    @Test(
        "block edges: a term of n documents is found in all of them",
        arguments: [0, 1, 2, 127, 128, 129, 255, 256, 257, 4095, 4096, 4097, 9000])
    func blockEdges(count: Int) throws {
        // The term in every document, and one in every third with rising frequency.
        let documents: [TestDocument] = (0..<count).map { d in
            [TestText("all" + (d % 3 == 0 ? String(repeating: " third", count: 1 + d % 7) : ""))]
        }
        for first in [UInt32(0), 1, 63, 64, 4095, 4096, 100_001] {
            let segment = try build(documents, fields: 1, first: first)
            try segment.validate()
            let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query("all third"))
            let capacity = Int(first) + count
            let top = try searcher.topK(count + 5, accept: DocBitSet(capacity: capacity, full: true), control: .unlimited)
            #expect(top.hits.count == count)
            #expect(top.matched == count)
            #expect(top.postingsRead == count + (count + 2) / 3)
            #expect(top.boundaryTies.isEmpty)
            let docs = (0..<count).map { DocID(first + UInt32($0)) }
            let scores = try searcher.score(docs: docs)
            var found: [DocID: Double] = [:]
            for hit in top.hits { found[hit.doc] = hit.score }
            for (doc, score) in zip(docs, scores) { #expect(found[doc] == score) }
        }
    }

    @Test("gaps of every width up to the segment's size decode", arguments: [1, 2, 100, 1000, 5000])
    func gaps(step: Int) throws {
        let count = 200
        var documents: [TestDocument] = Array(repeating: [nil], count: step * count)
        for i in 0..<count { documents[i * step] = [TestText("x")] }
        let segment = try build(documents, fields: 1)
        try segment.validate()
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query("x"))
        let top = try searcher.topK(count, accept: DocBitSet(capacity: documents.count, full: true), control: .unlimited)
        #expect(top.hits.map { Int($0.doc.rawValue) } == (0..<count).map { $0 * step })
        // A filter of one document reads one window's postings.
        var accept = DocBitSet(capacity: documents.count)
        accept.insert(DocID(UInt32(150 * step)))
        let one = try searcher.topK(10, accept: accept, control: .unlimited)
        #expect(one.hits.map(\.doc) == [DocID(UInt32(150 * step))])
        #expect(one.postingsRead <= 4096 / step + 1)
    }

    @Test(
        "equal scores: the k lowest DocIDs win and the next 1,024 are reported as ties",
        arguments: [1, 10, 700], [0, 1, 5, 1024, 1025, 9000])
    func ties(k: Int, more: Int) throws {
        let documents: [TestDocument] = Array(repeating: [TestText("same")], count: k + more)
        // Cut into segments at odd places.
        let cut = (k + more) / 3
        let views = try [
            LexicalSegmentView(segment: build(Array(documents[..<cut]), fields: 1)),
            LexicalSegmentView(segment: build(Array(documents[cut...]), fields: 1, first: UInt32(cut))),
        ]
        let searcher = try LexicalSearcher(views: views, query: query("same"))
        let top = try searcher.topK(k, accept: DocBitSet(capacity: k + more, full: true), control: .unlimited)
        #expect(top.hits.map(\.doc.rawValue) == (0..<UInt32(k)).map { $0 })
        #expect(top.boundaryTies.map(\.doc.rawValue) == (UInt32(k)..<UInt32(k + min(more, 1024))).map { $0 })
        #expect(top.matched == k + more)
    }

    @Test("minScore leaves out hits but not matches")
    func minScore() throws {
        let documents: [TestDocument] = (1...50).map { [TestText("a" + String(repeating: " b", count: $0))] }
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: build(documents, fields: 1))], query: query("b"))
        let accept = DocBitSet(capacity: 50, full: true)
        let all = try searcher.topK(50, accept: accept, control: .unlimited)
        let bar = all.hits[20].score
        let some = try searcher.topK(50, accept: accept, minScore: bar, control: .unlimited)
        #expect(some.hits == all.hits.filter { $0.score >= bar })
        #expect(some.matched == 50)
    }

    @Test("k1 = 0: any occurrence counts idf once")
    func presenceOnly() throws {
        let documents: [TestDocument] = [[TestText("a a a b")], [TestText("a")], [TestText("c")]]
        let segment = try build(documents, fields: 1)
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query("a", k1: 0))
        let top = try searcher.topK(3, accept: DocBitSet(capacity: 3, full: true), control: .unlimited)
        #expect(top.hits.count == 2)
        #expect(top.hits[0].score == top.hits[1].score)
    }

    @Test("illegal weights are left out, illegal parameters are clamped, and nothing matches without terms")
    func illegal() throws {
        let segment = try build([[TestText("a b")]], fields: 1)
        let view = LexicalSegmentView(segment: segment)
        let accept = DocBitSet(capacity: 1, full: true)
        func top(_ query: LexicalQuery) throws -> [LexicalHit] {
            try LexicalSearcher(views: [view], query: query).topK(5, accept: accept, control: .unlimited).hits
        }
        #expect(try top(LexicalQuery(groups: [], fieldWeights: [1])).isEmpty)
        #expect(try top(query("a", fields: [])).isEmpty)
        #expect(try top(query("a", fields: [0])).isEmpty)
        #expect(try top(query("a", fields: [.nan])).isEmpty)
        #expect(try top(query("a", fields: [-1])).isEmpty)
        #expect(try top(query("a", fields: [0, 1])).isEmpty)  // a field that the segment does not have
        #expect(try top(query("zzz")).isEmpty)
        for boost in [0, -1, .nan, .infinity] {
            let group = LexicalGroup(text: "a", boost: boost, forms: [LexicalForm(key: key("a"))])
            #expect(try top(LexicalQuery(groups: [group], fieldWeights: [1])).isEmpty)
        }
        for (k1, b) in [(Double.nan, Double.nan), (-5, -5), (.infinity, 7), (1e300, 1)] {
            let hits = try top(query("a", k1: k1, b: b))
            #expect(hits.count == 1 && hits[0].score.isFinite)
        }
        let group = LexicalGroup(text: "a", forms: [LexicalForm(key: [], weight: 1), LexicalForm(key: key("a"), weight: 0)])
        #expect(try top(LexicalQuery(groups: [group], fieldWeights: [1])).isEmpty)
        #expect(try LexicalSearcher(views: [], query: query("a")).topK(3, accept: accept, control: .unlimited).hits.isEmpty)
    }

    @Test("an accepted set that is shorter than the segment accepts nothing past its end")
    func shortAccept() throws {
        let documents: [TestDocument] = Array(repeating: [TestText("a")], count: 10_000)
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: build(documents, fields: 1))], query: query("a"))
        for capacity in [0, 1, 64, 100, 4096, 5000] {
            let top = try searcher.topK(20_000, accept: DocBitSet(capacity: capacity, full: true), control: .unlimited)
            #expect(top.matched == capacity)
            #expect(top.hits.count == capacity)
        }
    }

    @Test("a cancelled query stops")
    func cancelled() throws {
        let documents: [TestDocument] = Array(repeating: [TestText("a")], count: 100)
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: build(documents, fields: 1))], query: query("a"))
        let control = QueryControl()
        control.cancel()
        #expect(throws: TandemError(.cancelled, "")) {
            _ = try searcher.topK(1, accept: DocBitSet(capacity: 100, full: true), control: control)
        }
    }

    @Test("the statistics of two shards added up give each the scores of the whole")
    func shards() throws {
        var corpus = TestCorpus(random: TestRandom(), vocabulary: 40, fields: 2)
        let documents = (0..<300).map { _ in corpus.document() }
        let whole = LexicalSegmentView(segment: try build(documents, fields: 2))
        let a = LexicalSegmentView(segment: try build(Array(documents[..<100]), fields: 2))
        let b = LexicalSegmentView(segment: try build(Array(documents[100...]), fields: 2, first: 100))
        for _ in 0..<20 {
            let query = corpus.query()
            var statistics = try LexicalStatistics(query: query, views: [a])
            try statistics.formSum(with: LexicalStatistics(query: query, views: [b]))
            let full = try LexicalSearcher(views: [whole], query: query)
            #expect(full.statistics == statistics)
            let docs = (0..<300).map { DocID(UInt32($0)) }
            let left = try LexicalSearcher(views: [a], query: query, statistics: statistics).score(docs: docs)
            let right = try LexicalSearcher(views: [b], query: query, statistics: statistics).score(docs: docs)
            #expect(try full.score(docs: docs) == zip(left, right).map { $0 ?? $1 })
        }
    }

    @Test("explain names each posting with its frequency, length and weight")
    func explain() throws {
        let documents: [TestDocument] = [[TestText("red fish"), TestText("red red wine")], [TestText("blue"), nil]]
        let segment = try build(documents, fields: 2)
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query("red zzz", fields: [2, 1]))
        let explanation = try searcher.explain(DocID(0))
        #expect(explanation.groups.count == 2)
        #expect(explanation.groups[0].postings.map(\.frequency) == [1, 2])
        #expect(explanation.groups[0].postings.map(\.length) == [2, 3])
        #expect(explanation.groups[0].postings.map(\.weight) == [2, 1])
        #expect(explanation.groups[0].documents == 2)
        #expect(explanation.groups[0].documentFrequency == 1)
        #expect(explanation.groups[1].postings.isEmpty && explanation.groups[1].contribution == 0)
        #expect(explanation.score == explanation.groups[0].contribution)
        #expect(try searcher.explain(DocID(1)).score == nil)
        #expect(try searcher.explain(DocID(77)).score == nil)
    }
}
