/// Token ids as a model takes them: `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`.
public struct TokenSequence: Sendable, Hashable {
    /// With the special tokens.
    public var ids: [Int32]
    /// Index where the second text's segment (type id 1) starts: behind the first `[SEP]`; `ids.count` for one text.
    public var secondStart: Int
    /// Tokens of the texts that did not fit.
    public var tokensCut: Int
}

extension WordPieceTokenizer {
    /// `[CLS] text [SEP]`, the text cut at its end so that the whole has at most `maxTokens`.
    public func assemble(_ text: [Int32], maxTokens: Int) -> TokenSequence {
        let kept = min(text.count, max(maxTokens - 2, 0))
        var ids: [Int32] = []
        ids.reserveCapacity(kept + 2)
        ids.append(classificationID)
        ids.append(contentsOf: text[..<kept])
        ids.append(separatorID)
        return TokenSequence(ids: ids, secondStart: ids.count, tokensCut: text.count - kept)
    }

    /// `[CLS] first [SEP] second [SEP]` of at most `maxTokens`, cut as Hugging Face's `longest_first` does: the longer
    /// text gives up tokens until both are equally long, then both do (the first is the shorter by one if it is odd).
    public func assemble(_ first: [Int32], _ second: [Int32], maxTokens: Int) -> TokenSequence {
        let room = max(maxTokens - 2 - separatorsBetween, 0)
        var keptFirst = first.count
        var keptSecond = second.count
        if keptFirst + keptSecond > room {
            let shorter = min(keptFirst, keptSecond)
            var short = shorter
            var long = shorter > room ? shorter : max(shorter, room - shorter)
            if short + long > room {
                short = room / 2
                long = short + room % 2
            }
            (keptFirst, keptSecond) = keptFirst > keptSecond ? (long, short) : (short, long)
        }
        var ids: [Int32] = []
        ids.reserveCapacity(keptFirst + keptSecond + 2 + separatorsBetween)
        ids.append(classificationID)
        ids.append(contentsOf: first[..<keptFirst])
        for _ in 0..<separatorsBetween { ids.append(separatorID) }
        let secondStart = ids.count
        ids.append(contentsOf: second[..<keptSecond])
        ids.append(separatorID)
        return TokenSequence(
            ids: ids, secondStart: secondStart, tokensCut: first.count - keptFirst + second.count - keptSecond)
    }
}
