import LexicalIndex
import SearchCore
import Testing

@Suite("Phrases")
struct PhraseTests {
    /// Matches of a phrase without slop: places that all slots have.
    static func exact(_ places: [[Int]]) -> Double {
        Double(Set(places[0]).count { place in places.allSatisfy { $0.contains(place) } })
    }

    /// The same with slop, of slots of different words, as Lucene's SloppyPhraseMatcher has it: the slot that is furthest back (of equal ones the
    /// first) goes through its occurrences as far as the next slot; the last of them makes the window that counts, and the one after it goes on.
    static func sloppy(_ places: [[Int]], _ slop: Int) -> Double {
        if places.count == 1 { return Double(places[0].count) }
        guard places.allSatisfy({ !$0.isEmpty }) else { return 0 }
        var rest = places.map { $0[...] }
        var frequency = 0.0
        while true {
            let firsts = rest.map { $0.first! }
            let back = firsts.indices.min { (firsts[$0], $0) < (firsts[$1], $1) }!
            let next = firsts.indices.filter { $0 != back }.map { firsts[$0] }.min()!
            let way = rest[back].prefix { $0 <= next }
            let width = firsts.max()! - way.last!
            if width <= slop { frequency += 1 / (1 + Double(width)) }
            rest[back] = rest[back].dropFirst(way.count)
            if rest[back].isEmpty { return frequency }
        }
    }

    /// Some choice of occurrences, none of them twice for slots of one word, lies within the slop.
    static func exists(_ places: [[Int]], _ offsets: [Int], _ groups: [Int], _ slop: Int) -> Bool {
        func choose(_ slot: Int, _ chosen: [Int], _ low: Int, _ high: Int) -> Bool {
            if slot == places.count { return true }
            return places[slot].contains { place in
                let isTaken = chosen.indices.contains { groups[$0] == groups[slot] && chosen[$0] + offsets[$0] == place + offsets[slot] }
                let (low, high) = (min(low, place), max(high, place))
                return !isTaken && high - low <= slop && choose(slot + 1, chosen + [place], low, high)
            }
        }
        return places.allSatisfy { !$0.isEmpty } && places[0].contains { choose(1, [$0], $0, $0) }
    }

    /// Texts of few words, so that phrases occur; now and then one of thousands.
    static func documents(_ count: Int, words: Int, _ random: inout TestRandom) -> [TestDocument] {
        (0..<count).map { _ in
            (0..<2).map { _ in
                let kind = Int.random(in: 0..<40, using: &random)
                if kind < 3 { return nil }
                let length = kind == 3 ? Int.random(in: 200...3000, using: &random) : Int.random(in: 1...25, using: &random)
                // A long text has long gaps.
                let rare = kind == 3 ? 40 : 0
                let keys = (0..<length).flatMap { _ in
                    let word = Int.random(in: 0...rare, using: &random) == 0 ? random.zipf(words) : 1000
                    return [key("w\(word)"), key("s\(word / 3)", .stem), key("w\(word)", .part)]
                }
                return TestText(length: length, keys: keys)
            }
        }
    }

    static func phraseQuery(_ random: inout TestRandom, words: Int, repeats: Bool) -> (LexicalQuery, LexicalPhrase) {
        var groups: [LexicalGroup] = []
        var slots: [LexicalPhrase.Slot] = []
        var offset = 0
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            if repeats, !groups.isEmpty, Int.random(in: 0..<3, using: &random) == 0 {
                offset += 1
                slots.append(.init(group: Int.random(in: groups.indices, using: &random), offset: offset))
                continue
            }
            let word = random.zipf(words)
            // A stem of the same word twice in one phrase would be two groups that share occurrences: legal, and not what is compared here.
            if groups.contains(where: { $0.text == "\(word / 3)" }) { continue }
            var forms = [LexicalForm(key: key("w\(word)"))]
            if Bool.random(using: &random) { forms.append(LexicalForm(key: key("s\(word / 3)", .stem), weight: 0.5)) }
            if Bool.random(using: &random) { forms.append(LexicalForm(key: key("w\(word)", .part), weight: 0.5)) }
            groups.append(LexicalGroup(text: "\(word / 3)", forms: forms))
            offset += slots.isEmpty ? 0 : [1, 1, 1, 2, 0].randomElement(using: &random)!
            slots.append(.init(group: groups.count - 1, offset: offset))
        }
        var query = LexicalQuery(
            groups: groups, fieldWeights: [[1, 1], [1, 0], [0.5, 2]].randomElement(using: &random)!,
            k1: [0, 1.2, 3].randomElement(using: &random)!, b: [0, 0.75, 1].randomElement(using: &random)!)
        let phrase = LexicalPhrase(
            text: "", boost: [1, 2].randomElement(using: &random)!, slots: slots, slop: [0, 0, 1, 2, 3, 8].randomElement(using: &random)!)
        query.phrases = [phrase]
        query.clauses = [.phrase(0)]
        return (query, phrase)
    }

    static func views(_ documents: [TestDocument], segments: Int) throws -> [LexicalSegmentView] {
        let bounds = (0...segments).map { $0 * documents.count / segments }
        return try zip(bounds, bounds.dropFirst()).map { low, high in
            let segment = try build(Array(documents[low..<high]), fields: 2, first: UInt32(low))
            try segment.validate()
            return LexicalSegmentView(segment: segment)
        }
    }

    // Goal: matches and scores are those of the positions on paper, on every path, pruned or not, in segments and in their merge.
    @Test("phrases of different words score as they are read", arguments: 1...6)
    func oracle(round: Int) throws {
        var random = TestRandom("phrases \(round)")
        let documents = Self.documents(round % 4 == 0 ? 600 : 160, words: 12, &random)
        var views = try Self.views(documents, segments: [1, 2, 5, 1][round % 4])
        if round % 2 == 0 {
            let live = DocBitSet(capacity: documents.count, full: true)
            let bytes = try LexicalMerge.merge(views.map(\.segment), live: live, control: .unlimited)
            #expect(bytes == buildBytes(documents, fields: 2))
            views = [LexicalSegmentView(segment: try LexicalSegment(MappedFile(copying: bytes)))]
        }
        let oracle = Oracle(documents)
        for _ in 0..<15 {
            let (query, phrase) = Self.phraseQuery(&random, words: 12, repeats: false)
            let expected = oracle.scores(phrase, query) { phrase.slop == 0 ? Self.exact($0) : Self.sloppy($0, phrase.slop) }
            var accept = DocBitSet(capacity: documents.count, full: true)
            if Bool.random(using: &random) {
                for d in documents.indices where Int.random(in: 0..<3, using: &random) == 0 { _ = accept.remove(DocID(UInt32(d))) }
            }
            let searcher = try LexicalSearcher(views: views, query: query)
            try check(searcher, capacity: documents.count, accept: accept, expected: expected, k: [1, 10, 2000].randomElement(using: &random)!)
            // The same inside a tree, by windows and by picks.
            var inTree = query
            inTree.phrases.append(phrase)
            inTree.clauses = [.phrase(0), .constant(2), .phrase(1), .boolean(.init(must: 1, filter: 1))]
            let counted = try LexicalSearcher(views: views, query: inTree).topK(1, accept: accept, control: .unlimited)
            #expect(counted.matched == documents.indices.count { expected[$0] != nil && accept.contains(DocID(UInt32($0))) })
            #expect(counted.hits.allSatisfy { $0.score == 2 })
        }
    }

    @Test("a word that a phrase says twice fills two places", arguments: 1...6)
    func repeated(round: Int) throws {
        var random = TestRandom("repeated \(round)")
        let documents = Self.documents(100, words: 4, &random)
        let views = try Self.views(documents, segments: 1 + round % 2)
        for _ in 0..<15 {
            let (query, phrase) = Self.phraseQuery(&random, words: 4, repeats: true)
            let searcher = try LexicalSearcher(views: views, query: query)
            let scores = try searcher.score(docs: documents.indices.map { DocID(UInt32($0)) })
            for (d, document) in documents.enumerated() {
                // Hundreds of places would take the search of all choices too long.
                if document.contains(where: { $0?.length ?? 0 > 25 }) { continue }
                let matches = document.indices.contains { field in
                    guard query.fieldWeights[field] > 0, let text = document[field] else { return false }
                    let places = phrase.slots.map { slot in text.places(of: query.groups[slot.group].forms.map(\.key)).map { $0 - slot.offset } }
                    return Self.exists(places, phrase.slots.map(\.offset), phrase.slots.map(\.group), phrase.slop)
                }
                #expect((scores[d] != nil) == matches, "document \(d), \(phrase.slots), slop \(phrase.slop)")
            }
            try check(searcher, capacity: documents.count, accept: DocBitSet(capacity: documents.count, full: true), expected: scores, k: 20)
        }
    }

    @Test(
        "what a slop lets pass",
        arguments: [("red fish", 1.0), ("red blue fish", 0.5), ("fish red", 1 / 3.0), ("red blue green fish", 1 / 3.0), ("fish blue red", 0)])
    func slop(text: String, frequency: Double) throws {
        let segment = try build([[TestText(text)]], fields: 1)
        var query = query("red fish")
        query.phrases = [LexicalPhrase(text: "red fish", slots: [.init(group: 0, offset: 0), .init(group: 1, offset: 1)], slop: 2)]
        query.clauses = [.phrase(0)]
        let explanation = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query).explain(DocID(0))
        #expect(explanation.phrases[0].matches.map(\.frequency) == (frequency > 0 ? [frequency] : []))
        #expect(explanation.phrases[0].matches.allSatisfy { $0.field == 0 && $0.length == text.split(separator: " ").count && $0.weight == 1 })
        #expect(explanation.score ?? 0 == explanation.phrases[0].contribution)
    }

    // Goal: what proximity adds is what the phrase would score, on every path; and enough candidates give the ranking of looking at all.
    @Test("neighbours add to a bag's scores what their phrase scores", arguments: 1...4)
    func proximity(round: Int) throws {
        var random = TestRandom("proximity \(round)")
        let documents = Self.documents(round == 1 ? 400 : 120, words: 10, &random)
        let views = try Self.views(documents, segments: [1, 3][round % 2])
        let all = documents.indices.map { DocID(UInt32($0)) }
        let accept = DocBitSet(capacity: documents.count, full: true)
        for _ in 0..<12 {
            var (query, phrase) = Self.phraseQuery(&random, words: 10, repeats: false)
            (query.phrases, query.clauses) = ([], [])
            phrase.boost = 0.2
            let bag = try LexicalSearcher(views: views, query: query).score(docs: all)
            var alone = query
            (alone.phrases, alone.clauses) = ([phrase], [.phrase(0)])
            let phrases = try LexicalSearcher(views: views, query: alone).score(docs: all)
            query.proximity = [phrase]
            let searcher = try LexicalSearcher(views: views, query: query)
            let expected = zip(bag, phrases).map { bag, phrase in bag.map { $0 + (phrase ?? 0) } }
            #expect(try searcher.score(docs: all) == expected)
            #expect(zip(bag, phrases).contains { $0 == nil && $1 != nil } == false)
            let order = documents.indices.filter { expected[$0] != nil }.sorted { (-expected[$0]!, $0) < (-expected[$1]!, $1) }
            for k in [1, 10] {
                let top = try searcher.topK(k, accept: accept, strategy: .alwaysPruned, control: .unlimited)
                // Fewer matches than candidates: then all are looked at.
                if order.count <= 256 { #expect(top.hits.map { Int($0.doc.rawValue) } == Array(order.prefix(k))) }
                #expect(top.hits.allSatisfy { $0.score == expected[Int($0.doc.rawValue)] })
                for hit in top.hits.prefix(2) {
                    let explanation = try searcher.explain(hit.doc)
                    #expect(explanation.score == hit.score && explanation.phrases.count == 1)
                }
                if let last = order.prefix(k).last, order.count <= 256 {
                    let floor = expected[last]!
                    let above = try searcher.topK(documents.count, accept: accept, minScore: floor, control: .unlimited)
                    #expect(above.hits.count == order.count { expected[$0]! >= floor })
                }
            }
        }
    }

    // Goal: nothing is lost where blocks of postings or of positions end, in one segment, in twenty, in their merge, with deletions or nothing left.
    @Test("lists of postings and of positions end anywhere in a block", arguments: [1, 2, 127, 128, 129, 255, 256, 257])
    func edges(count: Int) throws {
        let frequencies = [1, 2, 127, 128, 129]
        let documents: [TestDocument] = (0..<count).map { d in
            let keys = (0..<frequencies[d % 5]).flatMap { _ in [key("a"), key("b")] } + (d % 3 == 0 ? [key("once")] : [])
            return [TestText(length: keys.count, keys: keys), nil]
        }
        let segments = min(count, 20)
        let cut = try Self.views(documents, segments: segments)
        let whole = try Self.views(documents, segments: 1)
        let full = DocBitSet(capacity: count, full: true)
        #expect(try LexicalMerge.merge(cut.map(\.segment), live: full, control: .unlimited) == buildBytes(documents, fields: 2))
        var some = full
        for d in stride(from: 0, to: count, by: 3) { _ = some.remove(DocID(UInt32(d))) }
        let thinned = try LexicalSegment(
            MappedFile(copying: LexicalMerge.merge(cut.map(\.segment), live: some, control: .unlimited)), fieldCount: 2)
        try thinned.validate()

        var query = query("a b", fields: [1, 0])
        query.phrases = [LexicalPhrase(text: "a b", slots: [.init(group: 0, offset: 0), .init(group: 1, offset: 1)])]
        query.clauses = [.phrase(0)]
        let oracle = Oracle(documents)
        let expected = oracle.scores(query.phrases[0], query, frequency: Self.exact)
        for views in [cut, whole] {
            let searcher = try LexicalSearcher(views: views, query: query)
            try check(searcher, capacity: count, accept: full, expected: expected, k: 10)
            try check(searcher, capacity: count, accept: some, expected: expected, k: 300)
            try check(searcher, capacity: count, accept: DocBitSet(capacity: count), expected: expected, k: 10)
            for d in Set([0, count / 2, count - 1]) {
                let explained = try searcher.explain(DocID(UInt32(d)))
                #expect(explained.phrases[0].matches.map(\.frequency) == [Double(frequencies[d % 5])], "document \(d)")
            }
        }
        // What a merge without the dead leaves is what an index of the others would be.
        var left = Oracle(documents)
        for d in documents.indices where !some.contains(DocID(UInt32(d))) { left.isLive[d] = false }
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: thinned)], query: query)
        let scores = left.scores(query.phrases[0], query, frequency: Self.exact)
        let found = try searcher.score(docs: (0..<count).map { DocID(UInt32($0)) })
        for d in documents.indices {
            let want = left.isLive[d] ? scores[d] : nil
            #expect((found[d] == nil) == (want == nil), "document \(d)")
            if let got = found[d], let want { #expect(abs(got - want) <= 1e-12 * want, "document \(d)") }
        }
    }

    @Test("a deadline holds inside one text of hundreds of thousands of occurrences", arguments: [0, 65_535])
    func deadline(slop: Int) throws {
        let keys = Array(repeating: key("a"), count: 200_000) + Array(repeating: key("x"), count: 200_000)
        let segment = try build([[TestText(length: keys.count, keys: keys), nil]], fields: 2)
        var query = LexicalQuery(
            groups: ["a", "x"].map { LexicalGroup(text: $0, forms: [LexicalForm(key: key($0))]) }, fieldWeights: [1, 0])
        query.phrases = (0..<40).map { _ in
            LexicalPhrase(text: "", slots: (0..<32).map { .init(group: $0 % 2, offset: $0) }, slop: slop)
        }
        query.clauses = query.phrases.indices.map { .phrase($0) } + [.boolean(.init(should: query.phrases.count))]
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query)
        let begin = ContinuousClock.now
        // Without a deadline the forty take seconds.
        #expect(throws: TandemError(.deadlineExceeded, "")) {
            _ = try searcher.topK(1, accept: DocBitSet(capacity: 1, full: true), control: QueryControl(timeout: .milliseconds(20)))
        }
        #expect(begin.duration(to: .now) < .seconds(2))
    }

    @Test("phrases that make no sense are refused")
    func refused() throws {
        func refuse(_ phrase: LexicalPhrase, _ reason: String) {
            var query = query("a b")
            query.phrases = [phrase]
            query.clauses = [.phrase(0)]
            let error = #expect(throws: TandemError.self) { try LexicalSearcher(views: [], query: query) }
            #expect(error?.code == .invalidArgument && error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
        refuse(LexicalPhrase(text: "", slots: []), "a phrase of 0 words")
        refuse(LexicalPhrase(text: "", slots: (0..<65).map { .init(group: 0, offset: $0) }), "a phrase of 65 words")
        refuse(LexicalPhrase(text: "", slots: [.init(group: 2, offset: 0)]), "group 2 of 2")
        refuse(LexicalPhrase(text: "", slots: [.init(group: 0, offset: 1), .init(group: 1, offset: 0)]), "at 0 behind one at 1")
        refuse(LexicalPhrase(text: "", slots: [.init(group: 0, offset: 1), .init(group: 0, offset: 1)]), "at 1 behind one at 1")
        refuse(LexicalPhrase(text: "", boost: .nan, slots: [.init(group: 0, offset: 0)]), "a boost of nan")
        refuse(LexicalPhrase(text: "", slots: [.init(group: 0, offset: 0)], slop: -1), "a slop of -1")
    }
}
