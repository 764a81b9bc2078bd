import SearchCore

/// One phrase in one segment: the documents that have it, rising, with their scores.
///
/// In each field the words' lists are intersected, the rarest first; only documents that have them all are asked for positions.
/// Not thread-safe; the searcher must outlive it.
final class PhraseMatcher {
    private var fields: [PhraseField] = []
    /// Where there is but one: most phrases are in one field, and an array costs more than its element here.
    private var only: PhraseField?
    /// No lower x, in all fields together, reaches the threshold.
    private var leastX = 0.0
    private let segment: LexicalSegment
    private let boostedIdf: Double
    private let k1: Double

    /// - Parameter control: asked while the places of words in a long text are gone through.
    init(_ plan: LexicalSearcher.SegmentPlan, _ searcher: LexicalSearcher, _ phrase: PreparedQuery.Phrase, _ control: QueryControl) throws {
        segment = plan.segment
        k1 = searcher.query.k1
        boostedIdf = searcher.boostedIdf(phrase)
        for (field, weight) in searcher.query.fields {
            if let field = try PhraseField(field, weight: weight, plan, searcher, phrase, control) { fields.append(field) }
        }
        only = fields.count == 1 ? fields[0] : nil
    }

    /// The least document at or after this one that has all words in some field; `.max`: none. Documents must not fall from call to call.
    func candidate(from document: UInt32) -> UInt32 {
        if let only { return only.candidate(from: document) }
        var nearest = UInt32.max
        for field in fields { nearest = min(nearest, field.candidate(from: document)) }
        return nearest
    }

    /// From here on, documents whose score is surely below this may be passed over by ``candidate(from:)`` and ``score(_:)``. Must not fall.
    func pass(below threshold: Double) {
        guard threshold > 0, k1 > 0 else { return }
        let x = threshold < boostedIdf ? k1 * threshold / (boostedIdf - threshold) : .infinity
        leastX = x * (1 - 1e-9)
        // x adds up over fields, so that one of them alone says little.
        only?.pass(below: x, k1)
    }

    /// Of the document that ``candidate(from:)`` gave last.
    /// - Returns: nil where the words do not stand together, or where it is passed over.
    /// - Throws: `DATA_LOSS`.
    func score(_ document: UInt32) throws -> Double? {
        if leastX > 0 {
            var x = 0.0
            if let only {
                x = only.weighted(only.frequencyBound, document)
            } else {
                for field in fields where field.current == document { x += field.weighted(field.frequencyBound, document) }
            }
            if x < leastX { return nil }
        }
        var x = 0.0
        for field in fields where field.current == document {
            let frequency = try field.frequency(segment)
            if frequency > 0 { x += field.weighted(frequency, document) }
        }
        return x > 0 ? BM25F.contribution(boostedIdf: boostedIdf, x: x, k1: k1) : nil
    }

    /// The parts of the score of the document that ``candidate(from:)`` gave last, by field.
    func matches(_ document: UInt32) throws -> [LexicalExplanation.Phrase.Match] {
        var found: [LexicalExplanation.Phrase.Match] = []
        for field in fields where field.current == document {
            let frequency = try field.frequency(segment)
            guard frequency > 0 else { continue }
            found.append(
                .init(
                    field: field.field, frequency: frequency, length: field.length(document), weight: field.weight,
                    value: field.weighted(frequency, document)))
        }
        return found
    }

    /// - Throws: `DATA_LOSS` where a list did not decode: there may be more candidates then.
    func check() throws {
        for field in fields where field.isDamaged { throw segment.damaged(field.field, "a posting list does not decode") }
    }
}
