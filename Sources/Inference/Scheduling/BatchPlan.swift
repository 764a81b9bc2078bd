/// A batch: rows of a similar length, padded to one length.
package struct Batch: Sendable {
    /// Indexes of the sequences.
    package var members: [Int]
    /// Tokens per row, with padding.
    package var length: Int
    package var paddedTokens: Int { members.count * length }
}

/// How sequences are put into batches.
package enum BatchPlan {
    /// Length that a sequence is padded to. Few lengths, because OpenVINO plans every new shape anew (3-11 ms):
    /// multiples of 16 up to 128 tokens, of 32 above, so the padding stays below a tenth for all but the shortest.
    package static func bucket(_ tokens: Int, maxTokens: Int) -> Int {
        let step = tokens <= 128 ? 16 : 32
        return max(min((tokens + step - 1) / step * step, maxTokens), tokens)
    }

    /// Longest first, so that the last batches to run are short and the workers end together.
    ///
    /// - Parameters:
    ///   - lengths: tokens of each sequence.
    ///   - tokensMax: padded tokens of a batch; a longer single sequence is a batch of its own.
    package static func plan(lengths: [Int], maxTokens: Int, tokensMax: Int) -> [Batch] {
        let order = lengths.indices.sorted { lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1 }
        var batches: [Batch] = []
        for index in order {
            if let last = batches.indices.last, (batches[last].members.count + 1) * batches[last].length <= tokensMax,
                // A row much shorter than the batch would be mostly padding: better a batch of its own.
                bucket(lengths[index], maxTokens: maxTokens) * 4 >= batches[last].length * 3
            {
                batches[last].members.append(index)
            } else {
                batches.append(Batch(members: [index], length: bucket(lengths[index], maxTokens: maxTokens)))
            }
        }
        return batches
    }
}
