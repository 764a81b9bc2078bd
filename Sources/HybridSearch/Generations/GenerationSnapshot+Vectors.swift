import SearchCore
import VectorIndex

extension GenerationSnapshot {
    /// A document's stored vectors in a field, in the order given; under cosine each of length 1. Empty where it has none (yet).
    /// - Complexity: O(segments · log vectors).
    func vectors(of doc: DocID, field: Int) -> [UnsafeBufferPointer<Float>] {
        for segment in vectors[field].segments {
            let ordinals = segment.ordinals(of: doc)
            // Those of one document lie in one segment.
            if !ordinals.isEmpty { return ordinals.map { segment.vector(at: $0) } }
        }
        return []
    }

    /// What stands for a document where one vector has to: its only one, or the mean of several.
    /// - Returns: [dimension]; nil where it has none, or where they cancel each other out.
    func meanVector(of doc: DocID, field: Int) -> [Float]? {
        let all = vectors(of: doc, field: field)
        guard let first = all.first else { return nil }
        if all.count == 1 { return Array(first) }
        let mean = first.indices.map { i in Float(all.reduce(0.0) { $0 + Double($1[i]) } / Double(all.count)) }
        return mean.contains { $0 != 0 } ? mean : nil
    }
}
