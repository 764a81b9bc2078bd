import LexicalIndex
import SearchCore
import Testing

@Suite("DeadCounts and LexicalMerge")
struct DeadCountsTests {
    /// A collection as the engine would run it: segments with dead counts, a live set, merges of neighbours.
    struct Collection {
        var documents: [TestDocument] = []
        var live = DocBitSet(capacity: 0)
        var views: [LexicalSegmentView] = []
        let fields: Int

        mutating func add(_ batch: [TestDocument]) throws {
            let first = UInt32(documents.count)
            views.append(LexicalSegmentView(segment: try build(batch, fields: fields, first: first)))
            documents += batch
            live.grow(to: documents.count)
            for d in Int(first)..<documents.count { live.insert(DocID(UInt32(d))) }
        }

        mutating func kill(_ d: Int) {
            guard live.remove(DocID(UInt32(d))) else { return }
            let i = views.firstIndex { $0.segment.firstDoc <= DocID(UInt32(d)) && DocID(UInt32(d)) < $0.segment.endDoc }!
            var dead = views[i].dead
            dead.add(deadDocument(documents[d]))
            views[i] = LexicalSegmentView(segment: views[i].segment, dead: dead)
        }

        /// Merges a run of segments while `killed` documents die, as a merge in the background sees it.
        mutating func merge(_ range: Range<Int>, killing killed: [Int]) throws {
            let before = views[range].reduce(into: DeadCounts()) { $0.formSum(with: $1.dead) }
            let bytes = try LexicalMerge.merge(views[range].map(\.segment), live: live, control: .unlimited)
            // The merge sees the live set of its start, so it does not matter when the kills happen.
            for d in killed { kill(d) }
            let after = views[range].reduce(into: DeadCounts()) { $0.formSum(with: $1.dead) }
            let segment = try LexicalSegment(MappedFile(copying: bytes), fieldCount: fields)
            try segment.validate()
            views.replaceSubrange(range, with: [LexicalSegmentView(segment: segment, dead: after.subtracting(before))])
        }

        var liveDocuments: [Int] { documents.indices.filter { live.contains(DocID(UInt32($0))) } }
    }

    @Test("after random updates, deletes and merges, statistics and scores are those of a fresh index of the live documents, bit for bit")
    func freshIndex() throws {
        var corpus = TestCorpus(random: TestRandom(), vocabulary: 50, fields: 3)
        for _ in 0..<12 {
            var collection = Collection(fields: 3)
            for _ in 0..<Int.random(in: 1...60, using: &corpus.random) {
                switch Int.random(in: 0..<6, using: &corpus.random) {
                case 0, 1:
                    if collection.views.count < 20 {
                        try collection.add((0..<Int.random(in: 1...40, using: &corpus.random)).map { _ in corpus.document() })
                    }
                case 2, 3, 4:
                    for _ in 0..<5 where !collection.documents.isEmpty {
                        collection.kill(Int.random(in: 0..<collection.documents.count, using: &corpus.random))
                    }
                default:
                    let count = collection.views.count
                    guard count > 0 else { continue }
                    let from = Int.random(in: 0..<count, using: &corpus.random)
                    let to = Int.random(in: from..<count, using: &corpus.random)
                    try collection.merge(
                        from..<(to + 1),
                        killing: (0..<4).map { _ in Int.random(in: 0..<collection.documents.count, using: &corpus.random) })
                }
            }
            let live = collection.liveDocuments
            let fresh = LexicalSegmentView(segment: try build(live.map { collection.documents[$0] }, fields: 3))
            var oracle = Oracle(collection.documents)
            for d in collection.documents.indices { oracle.isLive[d] = collection.live.contains(DocID(UInt32(d))) }
            for _ in 0..<6 {
                let query = corpus.query()
                let here = try LexicalSearcher(views: collection.views, query: query)
                let there = try LexicalSearcher(views: [fresh], query: query)
                #expect(here.statistics == there.statistics)
                let scores = try here.score(docs: live.map { DocID(UInt32($0)) })
                #expect(try scores == there.score(docs: live.indices.map { DocID(UInt32($0)) }))
                let expected = oracle.scores(query)
                for (d, score) in zip(live, scores) {
                    #expect((score == nil) == (expected[d] == nil))
                    if let score, let want = expected[d] { #expect(abs(score - want) <= 1e-12 * want) }
                }
                let top = try here.topK(7, accept: collection.live, control: .unlimited)
                let same = try there.topK(7, accept: DocBitSet(capacity: live.count, full: true), control: .unlimited)
                #expect(top.matched == same.matched)
                func numbered(_ hits: [LexicalHit]) -> [LexicalHit] {
                    hits.map { LexicalHit(doc: DocID(UInt32(live[Int($0.doc.rawValue)])), score: $0.score) }
                }
                #expect(top.hits == numbered(same.hits))
                #expect(top.boundaryTies == numbered(same.boundaryTies))
            }
        }
    }

    @Test("a merge writes the bytes of a builder that saw the dead documents empty", arguments: [1, 2, 5, 20])
    func sameBytes(count: Int) throws {
        var corpus = TestCorpus(random: TestRandom(), vocabulary: 30, fields: 2)
        var documents: [TestDocument] = []
        var segments: [LexicalSegment] = []
        for _ in 0..<count {
            let batch = (0..<Int.random(in: 0...300, using: &corpus.random)).map { _ in corpus.document() }
            segments.append(try build(batch, fields: 2, first: 77 + UInt32(documents.count)))
            documents += batch
        }
        for survivors in [0, 1, 2, 10] {  // of ten: none, few, some, all
            var live = DocBitSet(capacity: 77 + documents.count)
            var emptied = documents
            for d in documents.indices {
                let survives = Int.random(in: 0..<10, using: &corpus.random) < survivors
                if survives { live.insert(DocID(UInt32(77 + d))) } else { emptied[d] = [nil, nil] }
            }
            let merged = try LexicalMerge.merge(segments, live: live, control: .unlimited)
            #expect(merged == buildBytes(emptied, fields: 2, first: 77))
        }
    }

    @Test("documents outside the live set's capacity are dropped")
    func shortLive() throws {
        let documents: [TestDocument] = Array(repeating: [TestText("a b")], count: 300)
        let merged = try LexicalMerge.merge([build(documents, fields: 1)], live: DocBitSet(capacity: 100, full: true), control: .unlimited)
        let segment = try LexicalSegment(MappedFile(copying: merged))
        #expect(segment.documentCount == 300)
        #expect(segment.fieldStatistics(0).documents == 100)
        #expect(segment.fieldStatistics(0).totalLength == 200)
    }

    @Test("a cancelled merge stops")
    func cancelledMerge() throws {
        let control = QueryControl()
        control.cancel()
        let segment = try build([[TestText("a")]], fields: 1)
        #expect(throws: TandemError(.cancelled, "")) {
            _ = try LexicalMerge.merge([segment], live: DocBitSet(capacity: 1, full: true), control: control)
        }
    }

    @Test("counts, sums, differences and bytes agree with a dictionary")
    func counts() throws {
        var corpus = TestCorpus(random: TestRandom(), vocabulary: 40, fields: 2)
        for round in 0..<20 {
            var counts = DeadCounts()
            var earlier = DeadCounts()
            var later = DeadCounts()
            var expected: [[UInt8]: Int] = [:]
            var lengths = [0, 0]
            var having = [0, 0]
            let total = round == 0 ? 0 : Int.random(in: 1...120, using: &corpus.random)
            let cut = Int.random(in: 0...total, using: &corpus.random)
            for i in 0..<total {
                let document = corpus.document()
                counts.add(deadDocument(document))
                if i < cut { earlier.add(deadDocument(document)) } else { later.add(deadDocument(document)) }
                for (field, text) in document.enumerated() {
                    guard let text else { continue }
                    let length = max(text.length, text.keys.isEmpty ? 0 : 1)
                    lengths[field] += length
                    having[field] += length > 0 ? 1 : 0
                    for key in Set(text.keys) { expected[[UInt8(field)] + key, default: 0] += 1 }
                }
            }
            #expect(counts.documentCount == total)
            for (key, count) in expected { #expect(counts.deadDocuments(containing: key.dropFirst(), field: Int(key[0])) == count) }
            #expect(counts.deadDocuments(containing: key("never"), field: 0) == 0)
            #expect(counts.deadDocuments(containing: key("w0"), field: 9) == 0)
            for field in 0..<2 {
                #expect(counts.deadDocuments(field: field) == having[field])
                #expect(counts.deadLength(field: field) == UInt64(lengths[field]))
            }
            #expect(counts.subtracting(earlier) == later)
            #expect(counts.subtracting(DeadCounts()) == counts)
            #expect(counts.subtracting(counts) == DeadCounts())
            var sum = earlier
            sum.formSum(with: later)
            #expect(sum == counts)

            var writer = ByteWriter()
            counts.encode(into: &writer)
            let (decoded, rest) = try writer.bytes.withUnsafeBytes { raw in
                var reader = ByteReader(raw, name: "counts")
                return (try DeadCounts(from: &reader), reader.remaining)
            }
            #expect(decoded == counts && rest == 0)
            // Damage: an error or other counts, never a trap.
            for _ in 0..<200 where !writer.bytes.isEmpty {
                var bytes = writer.bytes
                bytes[Int.random(in: 0..<bytes.count, using: &corpus.random)] = UInt8.random(in: 0...255, using: &corpus.random)
                if Bool.random(using: &corpus.random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &corpus.random)) }
                bytes.withUnsafeBytes { raw in
                    var reader = ByteReader(raw, name: "counts")
                    if let damaged = try? DeadCounts(from: &reader) { _ = damaged.deadDocuments(containing: key("w0"), field: 0) }
                }
            }
        }
    }
}
