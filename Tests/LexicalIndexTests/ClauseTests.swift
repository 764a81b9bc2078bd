import LexicalIndex
import SearchCore
import Testing

/// A tree as it is written on paper; flattened for the searcher, and walked document by document as the oracle.
private indirect enum Tree {
    case group(Int)
    case all
    case exists(Int)
    case constant(Double, Tree)
    case boost(Double, Tree)
    case boolean(must: [Tree], should: [Tree], filter: [Tree], mustNot: [Tree], least: Int?)
    case best([Tree], Double)

    var clauses: [LexicalClause] {
        switch self {
        case .group(let number): [.group(number)]
        case .all: [.all]
        case .exists(let field): [.exists(field: field)]
        case .constant(let value, let child): child.clauses + [.constant(value)]
        case .boost(let factor, let child): child.clauses + [.boost(factor)]
        case .boolean(let must, let should, let filter, let mustNot, let least):
            (must + should + filter + mustNot).flatMap(\.clauses) + [
                .boolean(
                    .init(must: must.count, should: should.count, filter: filter.count, mustNot: mustNot.count, minimumShouldMatch: least))
            ]
        case .best(let children, let tieBreaker):
            children.flatMap(\.clauses) + [.disjunctionMax(count: children.count, tieBreaker: tieBreaker)]
        }
    }

    /// The score of one document, nil: no match.
    func score(_ groups: [Double?], _ lengths: [Int]) -> Double? {
        switch self {
        case .group(let number): return groups[number]
        case .all: return 1
        case .exists(let field): return lengths[field] > 0 ? 1 : nil
        case .constant(let value, let child): return child.score(groups, lengths).map { _ in value }
        case .boost(let factor, let child): return child.score(groups, lengths).map { min(max($0 * factor, 1e-30), 1e30) }
        case .boolean(let must, let should, let filter, let mustNot, let least):
            let needed = must.map { $0.score(groups, lengths) }
            let optional = should.compactMap { $0.score(groups, lengths) }
            guard needed.allSatisfy({ $0 != nil }), filter.allSatisfy({ $0.score(groups, lengths) != nil }),
                mustNot.allSatisfy({ $0.score(groups, lengths) == nil }),
                optional.count >= least ?? (should.isEmpty || !(must + filter).isEmpty ? 0 : 1)
            else { return nil }
            let sum = (needed.compactMap { $0 } + optional).reduce(0, +)
            return must.isEmpty && should.isEmpty ? 1 : max(sum, 1e-30)
        case .best(let children, let tieBreaker):
            let scores = children.compactMap { $0.score(groups, lengths) }
            guard let greatest = scores.max() else { return nil }
            return greatest + tieBreaker * (scores.reduce(0, +) - greatest)
        }
    }

    /// Takes groups from `next` on, each once.
    static func random(_ depth: Int, _ next: inout Int, _ groups: Int, fields: Int, _ random: inout TestRandom) -> Tree {
        func child() -> Tree { .random(depth - 1, &next, groups, fields: fields, &random) }
        func children(_ range: ClosedRange<Int>) -> [Tree] { (0..<Int.random(in: range, using: &random)).map { _ in child() } }
        if depth == 0 || Int.random(in: 0..<4, using: &random) == 0 {
            if next < groups, Int.random(in: 0..<8, using: &random) > 0 {
                next += 1
                return .group(next - 1)
            }
            return Bool.random(using: &random) ? .exists(Int.random(in: 0..<fields, using: &random)) : .all
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .constant([0.5, 3].randomElement(using: &random)!, child())
        case 1: return .boost([0.25, 2].randomElement(using: &random)!, child())
        case 2, 3: return .best(children(1...3), [0, 0.3, 1].randomElement(using: &random)!)
        default:
            var parts = (must: children(0...2), should: children(0...3), filter: children(0...1), mustNot: children(0...1))
            if parts.must.count + parts.should.count + parts.filter.count + parts.mustNot.count == 0 { parts.should = [child()] }
            let least = Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: 0...(parts.should.count + 1), using: &random) : nil
            return .boolean(must: parts.must, should: parts.should, filter: parts.filter, mustNot: parts.mustNot, least: least)
        }
    }
}

@Suite("Query clauses")
struct ClauseTests {
    // Goal: random trees over random texts score as a walk over each document says, in one segment and in many, with filters and deaths.
    @Test("random trees score as they are read", arguments: 1...12)
    func oracle(round: Int) throws {
        var corpus = TestCorpus(random: TestRandom("trees \(round)"), vocabulary: 12, fields: 2)
        let documents = (0..<90).map { _ in corpus.document() }
        let segments = [1, 2, 5][round % 3]
        let bounds = [0] + (1..<segments).map { $0 * documents.count / segments } + [documents.count]
        let views = try zip(bounds, bounds.dropFirst()).map { low, high in
            LexicalSegmentView(segment: try build(Array(documents[low..<high]), fields: 2, first: UInt32(low)))
        }
        let oracle = Oracle(documents)
        for _ in 0..<12 {
            var query = corpus.query()
            query.groups += corpus.query().groups
            if query.fieldWeights.allSatisfy({ $0 == 0 }) { query.fieldWeights[0] = 1 }
            var next = 0
            let tree = Tree.random(4, &next, query.groups.count, fields: 2, &corpus.random)
            let byGroup = query.groups.map { group in
                oracle.scores(LexicalQuery(groups: [group], fieldWeights: query.fieldWeights, k1: query.k1, b: query.b))
            }
            let expected = documents.indices.map { d in
                tree.score(byGroup.map { $0[d] }, documents[d].map { text in text.map { max($0.length, $0.keys.isEmpty ? 0 : 1) } ?? 0 })
            }
            query.clauses = tree.clauses
            let searcher = try LexicalSearcher(views: views, query: query)
            var accept = DocBitSet(capacity: documents.count, full: true)
            if Bool.random(using: &corpus.random) {
                for d in documents.indices where Int.random(in: 0..<3, using: &corpus.random) == 0 { _ = accept.remove(DocID(UInt32(d))) }
            }
            try check(searcher, capacity: documents.count, accept: accept, expected: expected, k: [1, 10, 200].randomElement(using: &corpus.random)!)
        }
    }

    // Goal: windows and picked documents give the same bits, over several windows, with required terms from rare to common.
    @Test("windows, seeking and any segmentation give the same bits", arguments: [1, 3])
    func windows(segments: Int) throws {
        var random = TestRandom()
        let count = 21_000
        let documents: [TestDocument] = (0..<count).map { _ in
            [TestText(length: Int.random(in: 1...40, using: &random), keys: (0..<6).map { _ in key("w\(random.zipf(4000))") })]
        }
        func views(_ parts: Int) throws -> [LexicalSegmentView] {
            let bounds = (0...parts).map { $0 * count / parts }
            return try zip(bounds, bounds.dropFirst()).map { low, high in
                LexicalSegmentView(segment: try build(Array(documents[low..<high]), fields: 1, first: UInt32(low)))
            }
        }
        let (whole, cut) = (try views(1), try views(segments))
        var accept = DocBitSet(capacity: count, full: true)
        for d in 5000..<9500 { _ = accept.remove(DocID(UInt32(d))) }
        for round in 0..<40 {
            let words = [random.zipf(20), random.zipf(4000), random.zipf(4000), random.zipf(4000)].map { "w\($0)" }
            var query = query(words.joined(separator: " "))
            let (a, b, c, d) = (Tree.group(0), Tree.group(1), Tree.group(2), Tree.group(3))
            let tree: Tree =
                switch round % 5 {
                case 0: .boolean(must: [a, b], should: [], filter: [], mustNot: [], least: nil)
                case 1: .boolean(must: [b], should: [a, c], filter: [], mustNot: [d], least: nil)
                case 2:
                    .boolean(must: [.boolean(must: [a], should: [c, d], filter: [], mustNot: [], least: 1)], should: [b], filter: [], mustNot: [], least: nil)
                case 3: .boolean(must: [], should: [a, b, c, d], filter: [], mustNot: [], least: 2)
                default: .boolean(must: [], should: [], filter: [a], mustNot: [b], least: nil)
                }
            query.clauses = tree.clauses
            let one = try LexicalSearcher(views: whole, query: query)
            let many = try LexicalSearcher(views: cut, query: query)
            let all = try one.score(docs: (0..<count).map { DocID(UInt32($0)) })
            for searcher in [one, many] {
                let top = try searcher.topK(count, accept: accept, control: .unlimited)
                let matches = (0..<count).filter { all[$0] != nil && accept.contains(DocID(UInt32($0))) }
                #expect(top.matched == matches.count && top.isCounted, "round \(round)")
                #expect(
                    Dictionary(uniqueKeysWithValues: top.hits.map { (Int($0.doc.rawValue), $0.score.bitPattern) })
                        == Dictionary(uniqueKeysWithValues: matches.map { ($0, all[$0]!.bitPattern) }), "round \(round)")
            }
        }
    }

    // Goal: pruning must not be seen in booleans of groups either: hits, bits and ties are those of evaluating every match.
    @Test("demanded and excluded groups leave the very hits, pruned or not, over windows, segments, filters", arguments: [1, 2, 4])
    func pruned(segments: Int) throws {
        var random = TestRandom()
        let count = 50_000
        let documents: [TestDocument] = (0..<count).map { _ in
            if Int.random(in: 0..<30, using: &random) == 0 { return [nil] }
            let length = Int.random(in: 0..<50, using: &random) == 0 ? Int.random(in: 100...3000, using: &random) : Int.random(in: 1...15, using: &random)
            return [TestText(length: length, keys: (0..<min(length, 40)).map { _ in key("w\(random.zipf(300))") })]
        }
        let bounds = [0] + (1..<segments).map { _ in Int.random(in: 1..<count, using: &random) }.sorted() + [count]
        let views = try zip(bounds, bounds.dropFirst()).filter { $0 < $1 }.map { low, high in
            LexicalSegmentView(segment: try build(Array(documents[low..<high]), fields: 1, first: UInt32(low)))
        }
        for round in 0..<80 {
            let (must, should, filter, mustNot) = (
                Int.random(in: 0...3, using: &random), Int.random(in: 0...4, using: &random), Int.random(in: 0...1, using: &random),
                Int.random(in: 0...1, using: &random)
            )
            guard must + should > 0 else { continue }
            let groups = (0..<(must + should + filter + mustNot)).map { _ in
                var forms = [LexicalForm(key: key("w\(random.zipf(300))"))]
                if Int.random(in: 0..<3, using: &random) == 0 { forms.append(LexicalForm(key: key("w\(random.zipf(300))"), weight: 0.6)) }
                return LexicalGroup(text: "", boost: [1, 0.3].randomElement(using: &random)!, forms: forms)
            }
            var query = LexicalQuery(
                groups: groups, fieldWeights: [1], k1: [0, 1.2, 20].randomElement(using: &random)!, b: [0, 0.75].randomElement(using: &random)!)
            query.clauses =
                groups.indices.shuffled(using: &random).map { .group($0) }
                + [.boolean(.init(must: must, should: should, filter: filter, mustNot: mustNot, minimumShouldMatch: must == 0 ? 1 : nil))]
            var accept = DocBitSet(capacity: count, full: true)
            if round % 3 == 1 { for d in 0..<count where Int.random(in: 0..<2, using: &random) == 0 { _ = accept.remove(DocID(UInt32(d))) } }
            if round % 3 == 2 { for d in 10_000..<30_000 { _ = accept.remove(DocID(UInt32(d))) } }
            let searcher = try LexicalSearcher(views: views, query: query)
            for k in [1, 10, 300] {
                let all = try searcher.topK(k, accept: accept, control: .unlimited)
                let pruned = try searcher.topK(k, accept: accept, strategy: .pruned, control: .unlimited)
                #expect(pruned.hits == all.hits && pruned.boundaryTies == all.boundaryTies, "round \(round), k \(k), \(query.clauses)")
                #expect(pruned.hits.map(\.score.bitPattern) == all.hits.map(\.score.bitPattern), "round \(round), k \(k)")
                #expect(all.isCounted && pruned.matched <= all.matched)
            }
        }
    }

    @Test("a tree of optional groups is the bag of them, to the last bit")
    func bag() throws {
        var corpus = TestCorpus(random: TestRandom(), vocabulary: 30, fields: 2)
        let documents = (0..<300).map { _ in corpus.document() }
        let views = [LexicalSegmentView(segment: try build(documents, fields: 2))]
        let accept = DocBitSet(capacity: documents.count, full: true)
        for _ in 0..<40 {
            var query = corpus.query()
            let bag = try LexicalSearcher(views: views, query: query).topK(50, accept: accept, control: .unlimited)
            query.clauses = query.groups.indices.map { .group($0) } + [.boolean(.init(should: query.groups.count))]
            #expect(try LexicalSearcher(views: views, query: query).topK(50, accept: accept, control: .unlimited).hits == bag.hits)
        }
    }

    @Test(
        "clauses that do not combine are refused, by their place",
        arguments: [
            ([.group(1)], "clause 0: group 1 of 1"), ([.group(0), .group(0), .boolean(.init(must: 2))], "clause 1: group 0 stands in the tree twice"),
            ([.boolean(.init(must: 1))], "clause 0: takes 1 of 0"), ([.all, .all], "leave 2 sets"), ([.boost(1)], "takes 1 of 0"),
            ([.all, .boost(.nan)], "clause 1: a factor of nan"), ([.all, .boolean(.init(must: -1, should: 2))], "clause 1: a boolean"),
            ([.exists(field: 3)], "clause 0: field 3 of 1"), ([.all, .disjunctionMax(count: 1, tieBreaker: 2)], "tie breaker"),
            ([.all, .disjunctionMax(count: 0, tieBreaker: 0)], "a disjunction of 0"),
            (Array(repeating: .all, count: 300) + [.boolean(.init(must: 256))], "leave 45 sets"),
            (Array(repeating: .all, count: 5000), "5000 clauses"),
        ] as [([LexicalClause], String)])
    func refused(clauses: [LexicalClause], reason: String) throws {
        var query = query("word")
        query.clauses = clauses
        let error = #expect(throws: TandemError.self) { try LexicalSearcher(views: [], query: query) }
        #expect(error?.code == .invalidArgument && error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }
}
