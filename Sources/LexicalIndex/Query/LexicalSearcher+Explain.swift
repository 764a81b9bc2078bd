import SearchCore

/// How one document came by its lexical score.
public struct LexicalExplanation: Sendable {
    /// One posting of the document: a form of a group in a field.
    public struct Posting: Sendable, Hashable {
        public var key: [UInt8]
        public var field: Int
        /// Occurrences in the document's field.
        public var frequency: Int
        /// Surface positions of the field, at most 65,535.
        public var length: Int
        /// `w_field · w_form`.
        public var weight: Double
        /// What it adds to the group's x.
        public var value: Double
    }

    /// One term group of the query that the document matches, or does not (`postings` empty, `contribution` 0).
    public struct Group: Sendable, Hashable {
        public var text: String
        /// That of the group, times those of the clauses above it.
        public var boost: Double
        /// N and n of the idf.
        public var documents: Int
        public var documentFrequency: Int
        public var idf: Double
        /// Weighted, length-normalised frequency before saturation.
        public var x: Double
        /// `boost · idf · x / (k1 + x)`; 0 where it does not count: under a filter, or in a part of the query that does not match.
        public var contribution: Double
        public var postings: [Posting]
    }

    /// A phrase of the query in the document; its words are groups, too.
    public struct Phrase: Sendable, Hashable {
        /// The phrase in one field of the document.
        public struct Match: Sendable, Hashable {
            public var field: Int
            /// Sum of 1 / (1 + d) over the matches, d being by how much the words are out of place: their number where the slop is 0.
            public var frequency: Double
            /// Surface positions of the field, at most 65,535.
            public var length: Int
            /// `w_field`.
            public var weight: Double
            /// What it adds to the phrase's x.
            public var value: Double
        }

        public var text: String
        /// That of the phrase, times those of the clauses above it.
        public var boost: Double
        /// Sum of the words' idfs.
        public var idf: Double
        /// Fields that have it, in field order.
        public var matches: [Match]
        public var x: Double
        /// As a group's.
        public var contribution: Double
    }

    /// Sum of the contributions and ``constant``, but for rounding; the very bits that top-k gives. Nil: no match.
    public var score: Double?
    /// In query order.
    public var groups: [Group]
    /// Those of the clauses or of the proximity, in the query's order, whether the document has them or not.
    public var phrases: [Phrase] = []
    /// What clauses without words add: all, exists, and constants.
    public var constant = 0.0
    public var k1: Double
    public var b: Double
    /// Per field of the query's weights; 1 where not searched.
    public var averageLengths: [Double]
}

extension LexicalSearcher {
    /// Takes a document's score apart.
    /// - Throws: `DATA_LOSS` when a posting list is damaged.
    public func explain(_ doc: DocID, control: QueryControl = .unlimited) throws -> LexicalExplanation {
        let plan = plans.first { $0.segment.firstDoc <= doc && doc < $0.segment.endDoc }
        let block = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * LexicalFormat.blockPostings)
        defer { block.deallocate() }
        var groups: [LexicalExplanation.Group] = []
        var score = 0.0
        for (number, group) in query.groups.enumerated() {
            var x = 0.0
            var postings: [LexicalExplanation.Posting] = []
            let lists = plan?.groups.first { $0.group == number }?.lists ?? []
            for planned in lists {
                guard let plan else { break }
                let norms = try norms(plan.segment, planned.field)
                let document = doc.rawValue - plan.segment.firstDoc.rawValue
                var cursor = PostingCursor(planned.list, documents: block, frequencies: block + LexicalFormat.blockPostings)
                let run = cursor.nextRun(from: document, to: document + 1)
                if cursor.isDamaged { throw plan.segment.damaged(planned.field, "a posting list does not decode") }
                guard let index = run.first else { continue }
                let frequency = cursor.frequencies[index]
                let value = BM25F.weightedFrequency(
                    weight: planned.weight, frequency: frequency, inverseNorm: norms.inverseNorm(document))
                x += value
                postings.append(
                    LexicalExplanation.Posting(
                        key: query.keys[group.forms[planned.form].key], field: planned.field, frequency: Int(frequency),
                        length: Int(norms.lengths[Int(document)]), weight: planned.weight, value: value))
            }
            let contribution = x > 0 ? BM25F.contribution(boostedIdf: boostedIdfs[number], x: x, k1: query.k1) : 0
            if x > 0 { score += contribution }
            let n = statistics.documentFrequency(group, query)
            groups.append(
                LexicalExplanation.Group(
                    text: group.text, boost: group.boost, documents: max(statistics.documents(query), n), documentFrequency: n,
                    idf: idfs[number], x: x, contribution: contribution, postings: postings))
        }
        var phrases = try (tree == nil ? query.proximity.map { $0 } : query.phrases).map { try explain($0, doc, plan, control) }
        if tree != nil || !phrases.isEmpty { score = try self.score(docs: [doc], control: control)[0] ?? 0 }
        let constant = try tree.map { try share($0, doc, plan, &groups, &phrases) } ?? 0
        return LexicalExplanation(
            score: score > 0 ? score : nil, groups: groups, phrases: phrases, constant: constant, k1: query.k1, b: query.b,
            averageLengths: statistics.fields.indices.map(statistics.averageLength))
    }

    /// Makes of the leaves' own scores what the tree makes of them. - Returns: what clauses without words add.
    private func share(
        _ tree: ClauseTree, _ doc: DocID, _ plan: SegmentPlan?, _ groups: inout [LexicalExplanation.Group], _ phrases: inout [LexicalExplanation.Phrase]
    ) throws -> Double {
        // What is scored is a document of some segment that the query has anything to do with.
        guard let plan else { return 0 }
        let document = Int(doc.rawValue - plan.segment.firstDoc.rawValue)
        let shares = ClauseShares(tree, groupCount: query.groupNumbers.count, phraseCount: phrases.count) { clause in
            switch clause {
            case .group(let number): query.groupNumbers[number].flatMap { groups[$0].x > 0 ? groups[$0].contribution : nil }
            case .phrase(let number): phrases[number].x > 0 ? phrases[number].contribution : nil
            case .exists(let field): plan.segment.fields[field].norms.map { $0.lengths[document] > 0 } == true ? 1 : nil
            default: nil
            }
        }
        for (number, share) in zip(query.groupNumbers, shares.groups) {
            guard let number else { continue }
            groups[number].contribution *= share
            if share > 0 { groups[number].boost *= share }
        }
        for (number, share) in shares.phrases.enumerated() {
            phrases[number].contribution *= share
            if share > 0 { phrases[number].boost *= share }
        }
        return shares.constant
    }

    private func explain(
        _ phrase: PreparedQuery.Phrase?, _ doc: DocID, _ plan: SegmentPlan?, _ control: QueryControl
    ) throws -> LexicalExplanation.Phrase {
        guard let phrase else { return LexicalExplanation.Phrase(text: "", boost: 1, idf: 0, matches: [], x: 0, contribution: 0) }
        let idf = phrase.slots.reduce(0) { $0 + idfs[$1.group] }
        var explanation = LexicalExplanation.Phrase(text: phrase.text, boost: phrase.boost, idf: idf, matches: [], x: 0, contribution: 0)
        guard let plan else { return explanation }
        let matcher = try PhraseMatcher(plan, self, phrase, control)
        let document = doc.rawValue - plan.segment.firstDoc.rawValue
        guard matcher.candidate(from: document) == document else { return explanation }
        explanation.matches = try matcher.matches(document)
        explanation.x = explanation.matches.reduce(0) { $0 + $1.value }
        if explanation.x > 0 {
            explanation.contribution = BM25F.contribution(boostedIdf: phrase.boost * idf, x: explanation.x, k1: query.k1)
        }
        return explanation
    }
}
