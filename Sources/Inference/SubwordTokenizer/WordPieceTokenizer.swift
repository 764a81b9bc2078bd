import SearchCore

/// Text to the token ids of a WordPiece model, equal to those of Hugging Face's `tokenizers`.
///
/// Reads `tokenizer.json`: `BertNormalizer`, `BertPreTokenizer`, WordPiece, added tokens inside a text ("[MASK]").
/// Immutable after init, so safe to share. One call allocates the result and nothing per word.
public final class WordPieceTokenizer: Sendable {
    private let rules: BertTextRules
    private let vocabulary: WordPieceVocabulary
    /// Matched in the text as it came.
    private let rawTokens: AddedTokens
    /// Matched in the normalised text; most vocabularies have none.
    private let normalizedTokens: AddedTokens
    private let normalizer: BertNormalizer
    /// Rules of the splitter alone, for text that is normalised already.
    private let splitRules: BertTextRules
    let separatorsBetween: Int
    private let unknownID: Int32
    private let wordCharactersMax: Int
    /// `[CLS]`, the first id of a sequence.
    public let classificationID: Int32
    /// `[SEP]`, behind each text of a sequence.
    public let separatorID: Int32
    /// `[PAD]`, fills rows of a batch.
    public let paddingID: Int32
    /// Ids are below this.
    public let idLimit: Int32

    /// - Throws: `NOT_FOUND`; `INVALID_ARGUMENT` if the file is not a tokenizer's; `UNIMPLEMENTED` for other kinds of
    ///   tokenizer (Unigram, BPE), naming the kind.
    /// - Complexity: about 50 ms for a vocabulary of 30,000.
    public init(tokenizerJSON path: String) throws {
        let file = try TokenizerFile(path: path)
        rules = BertTextRules(file.flags)
        vocabulary = WordPieceVocabulary(tokens: file.tokens, continuationPrefix: file.continuationPrefix)
        guard let unknown = vocabulary.id(of: file.unknownToken) else {
            throw TandemError.invalidArgument(
                "\(path): the unknown token '\(String(decoding: file.unknownToken, as: UTF8.self))' is not in the vocabulary")
        }
        unknownID = unknown
        wordCharactersMax = file.wordCharactersMax
        normalizer = BertNormalizer(rules: rules, flags: file.flags)
        rawTokens = AddedTokens(
            file.addedTokens.filter { !$0.normalized }.map { .init(content: $0.content, id: $0.id, singleWord: $0.singleWord) })
        let late = file.addedTokens.filter(\.normalized)
        normalizedTokens = AddedTokens(
            late.map { [normalizer] token in
                .init(
                    content: token.content.withUnsafeBufferPointer { normalizer.normalize($0) }, id: token.id,
                    singleWord: token.singleWord)
            })
        splitRules = late.isEmpty ? rules : BertTextRules(.init(cleanText: false, handleChineseCharacters: false, stripAccents: false, lowercase: false))
        classificationID = file.classificationID
        separatorID = file.separatorID
        separatorsBetween = file.separatorsBetween
        paddingID = file.paddingID
        idLimit = 1 + max(file.tokens.map(\.id).max() ?? 0, file.addedTokens.map(\.id).max() ?? 0)
    }

    /// Ids of `text` without `[CLS]` and `[SEP]`. The empty text has none.
    ///
    /// - Complexity: O(bytes), well above 20 MB/s on English.
    public func encode(_ text: String) -> [Int32] {
        var text = text
        return text.withUTF8 { encode($0) }
    }

    /// Ids of valid UTF-8.
    func encode(_ bytes: UnsafeBufferPointer<UInt8>) -> [Int32] {
        guard !bytes.isEmpty else { return [] }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: wordCharactersMax * 4) { word in
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: vocabulary.keyBytesMax) { hashes in
                var scanner = WordPieceScanner(
                    rules: rules, vocabulary: vocabulary, unknown: unknownID, charactersMax: wordCharactersMax,
                    word: word.baseAddress!, hashes: hashes.baseAddress!)
                scanner.ids.reserveCapacity(bytes.count / 4 + 8)
                if normalizedTokens.isEmpty {
                    rawTokens.split(bytes, text: { scanner.scan($0) }, token: { scanner.ids.append($0) })
                } else {
                    scanner.use(splitRules)
                    rawTokens.split(bytes, text: { scanNormalized($0, &scanner) }, token: { scanner.ids.append($0) })
                }
                return scanner.ids
            }
        }
    }

    private func scanNormalized(_ bytes: UnsafeBufferPointer<UInt8>, _ scanner: inout WordPieceScanner) {
        normalizer.normalize(bytes).withUnsafeBufferPointer { text in
            normalizedTokens.split(text, text: { scanner.scan($0) }, token: { scanner.ids.append($0) })
        }
    }

    /// What the model's normalizer makes of `text`: for tests and diagnosis.
    package func normalized(_ text: String) -> String {
        var text = text
        return String(decoding: text.withUTF8 { normalizer.normalize($0) }, as: UTF8.self)
    }
}
