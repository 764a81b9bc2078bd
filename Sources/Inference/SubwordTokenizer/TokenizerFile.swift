import Foundation
import SearchCore

/// The parts of a Hugging Face `tokenizer.json` that a WordPiece model needs, decoded and checked.
///
/// The only file of the tokenizer that imports Foundation (for its JSON decoder).
struct TokenizerFile {
    struct AddedToken: Decodable {
        var id: Int32
        var content: String
        var single_word: Bool?
        var normalized: Bool?
        var special: Bool?
    }

    var tokens: [(key: [UInt8], id: Int32)]
    var addedTokens: [(content: [UInt8], id: Int32, singleWord: Bool, normalized: Bool)]
    var unknownToken: [UInt8]
    var continuationPrefix: [UInt8]
    var wordCharactersMax: Int
    var flags: BertNormalizerFlags
    /// Ids before the first text, between (and after a lone first), and after the second.
    var classificationID: Int32
    var separatorID: Int32
    /// Separators between two texts: 1, but 2 in RoBERTa's frame (used with WordPiece by MPNet).
    var separatorsBetween: Int
    var paddingID: Int32

    /// - Parameter path: for messages and reading.
    /// - Throws: `NOT_FOUND`; `INVALID_ARGUMENT` if the JSON is not a tokenizer's, `UNIMPLEMENTED` for another kind of
    ///   tokenizer than BERT's WordPiece, naming what was found.
    init(path: String) throws {
        let decoded = try Self.decode(path)
        func refuse(_ what: String, _ found: String, _ expected: String) -> TandemError {
            TandemError(
                .unimplemented,
                "\(path): \(what) is '\(found)'; this build supports WordPiece models (BERT's) only, expected \(expected)")
        }

        let model = decoded.model
        // Old files leave the type out; only WordPiece has a prefix for continuations and no merges.
        let kind = model.type ?? (model.continuing_subword_prefix != nil && !model.hasMerges ? "WordPiece" : "unknown")
        guard kind == "WordPiece" else { throw refuse("the tokenizer's model", kind, "WordPiece") }
        let normalizer = decoded.normalizer
        guard let normalizer, normalizer.type == "BertNormalizer" else {
            throw refuse("the normalizer", normalizer?.type ?? "none", "BertNormalizer")
        }
        guard let splitter = decoded.pre_tokenizer, splitter.type == "BertPreTokenizer" else {
            throw refuse("the pre-tokenizer", decoded.pre_tokenizer?.type ?? "none", "BertPreTokenizer")
        }
        guard let vocabulary = model.vocab, !vocabulary.isEmpty else {
            throw TandemError.invalidArgument("\(path): the model has no vocabulary")
        }

        let lowercase = normalizer.lowercase ?? true
        flags = BertNormalizerFlags(
            cleanText: normalizer.clean_text ?? true,
            handleChineseCharacters: normalizer.handle_chinese_chars ?? true,
            // As in the original: null follows lower-casing.
            stripAccents: normalizer.strip_accents ?? lowercase,
            lowercase: lowercase)
        tokens = vocabulary.map { (ByteTransparency.restore($0.key), $0.value) }
        addedTokens = (decoded.added_tokens ?? []).map {
            (ByteTransparency.restore($0.content), $0.id, $0.single_word ?? false, $0.normalized ?? !($0.special ?? false))
        }
        unknownToken = ByteTransparency.restore(model.unk_token ?? "[UNK]")
        continuationPrefix = ByteTransparency.restore(model.continuing_subword_prefix ?? "##")
        wordCharactersMax = model.max_input_chars_per_word ?? 100
        guard (1...65_536).contains(wordCharactersMax) else {
            throw TandemError.invalidArgument("\(path): max_input_chars_per_word is \(wordCharactersMax), expected 1 to 65536")
        }

        var ids: [[UInt8]: Int32] = [:]
        for token in tokens where token.key.first == UInt8(ascii: "[") || token.key.first == UInt8(ascii: "<") {
            ids[token.key] = token.id
        }
        for token in addedTokens { ids[token.content] = token.id }
        func id(_ name: String, _ role: String) throws -> Int32 {
            guard let id = ids[Array(name.utf8)] else {
                throw TandemError.invalidArgument("\(path): no token '\(name)' in the vocabulary to serve as \(role)")
            }
            return id
        }
        let frame = try decoded.post_processor?.frame(path: path) ?? ("[CLS]", "[SEP]", 1)
        separatorsBetween = frame.2
        classificationID = try id(frame.0, "the first token")
        separatorID = try id(frame.1, "the separator")
        paddingID = decoded.padding?.pad_id ?? ids[Array("[PAD]".utf8)] ?? ids[Array("<pad>".utf8)] ?? 0
        guard (tokens.allSatisfy { $0.id >= 0 } && addedTokens.allSatisfy { $0.id >= 0 }) else {
            throw TandemError.invalidArgument("\(path): a token has a negative id")
        }
    }

    private static func decode(_ path: String) throws -> Root {
        let bytes = try FileSystem.read(path)
        do {
            return try JSONDecoder().decode(Root.self, from: Data(ByteTransparency.protect(bytes)))
        } catch let error as DecodingError {
            throw TandemError.invalidArgument("\(path): not a tokenizer.json: \(describe(error))")
        } catch {
            throw TandemError.invalidArgument("\(path): not JSON")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            let keys = context.codingPath.prefix(4).map(\.stringValue).joined(separator: ".")
            return keys.isEmpty ? "the document" : keys
        }
        switch error {
        case .typeMismatch(let type, let context): return "\(path(context)) is not of type \(type)"
        case .valueNotFound(_, let context): return "\(path(context)) is null"
        case .keyNotFound(let key, let context): return "\(path(context)) lacks '\(key.stringValue)'"
        case .dataCorrupted(let context): return "\(path(context)) is damaged"
        @unknown default: return "unreadable"
        }
    }

    private struct Root: Decodable {
        var added_tokens: [AddedToken]?
        var normalizer: Normalizer?
        var pre_tokenizer: Typed?
        var post_processor: PostProcessor?
        var padding: Padding?
        var model: Model
    }

    private struct Typed: Decodable { var type: String? }
    private struct Padding: Decodable { var pad_id: Int32? }

    private struct Normalizer: Decodable {
        var type: String?
        var clean_text, handle_chinese_chars, strip_accents, lowercase: Bool?
    }

    private struct Model: Decodable {
        var type: String?
        var unk_token: String?
        var continuing_subword_prefix: String?
        var max_input_chars_per_word: Int?
        /// Nil for other models, whose vocabulary has another shape.
        var vocab: [String: Int32]?
        var hasMerges: Bool

        enum CodingKeys: String, CodingKey {
            case type, unk_token, continuing_subword_prefix, max_input_chars_per_word, vocab, merges
        }

        init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            type = try box.decodeIfPresent(String.self, forKey: .type)
            hasMerges = box.contains(.merges)
            guard type == nil || type == "WordPiece", !hasMerges else { return }
            unk_token = try box.decodeIfPresent(String.self, forKey: .unk_token)
            continuing_subword_prefix = try box.decodeIfPresent(String.self, forKey: .continuing_subword_prefix)
            max_input_chars_per_word = try box.decodeIfPresent(Int.self, forKey: .max_input_chars_per_word)
            vocab = try box.decodeIfPresent([String: Int32].self, forKey: .vocab)
        }
    }

    /// `BertProcessing` names its two tokens; `TemplateProcessing` must be the same frame written as a template.
    private struct PostProcessor: Decodable {
        struct Piece: Decodable {
            struct Named: Decodable { var id: String; var type_id: Int }
            var SpecialToken: Named?
            var Sequence: Named?
        }
        /// (token, id) in `BertProcessing`.
        struct TokenAndID: Decodable {
            var token: String
            init(from decoder: any Decoder) throws {
                var box = try decoder.unkeyedContainer()
                token = try box.decode(String.self)
            }
        }
        var type: String?
        var single: [Piece]?
        var pair: [Piece]?
        var cls: TokenAndID?
        var sep: TokenAndID?

        func frame(path: String) throws -> (String, String, Int) {
            func restored(_ token: String) -> String { String(decoding: ByteTransparency.restore(token), as: UTF8.self) }
            if type == "BertProcessing", let cls, let sep { return (restored(cls.token), restored(sep.token), 1) }
            if type == "RobertaProcessing", let cls, let sep { return (restored(cls.token), restored(sep.token), 2) }
            if type == "TemplateProcessing", let single, let pair, single.count == 3, pair.count == 5 || pair.count == 6,
                let first = single[0].SpecialToken?.id, let last = single[2].SpecialToken?.id, single[1].Sequence != nil,
                pair[0].SpecialToken?.id == first, pair[1].Sequence?.id == "A",
                pair[2..<(pair.count - 2)].allSatisfy({ $0.SpecialToken?.id == last }),
                pair[pair.count - 2].Sequence?.id == "B", pair[pair.count - 1].SpecialToken?.id == last
            {
                return (restored(first), restored(last), pair.count - 4)
            }
            throw TandemError(
                .unimplemented,
                "\(path): the post-processor '\(type ?? "none")' is not BERT's [CLS] A [SEP] B [SEP]; this build supports WordPiece models (BERT's) only")
        }
    }
}

/// Carries bytes through Swift strings without `String`'s canonical equality.
///
/// Two tokens may be canonically equivalent and still different bytes ("é" in one scalar and in two); as keys of a
/// `[String: Int32]`, which is what the decoder builds, they would be one. So every byte that is not ASCII travels as one
/// scalar of supplementary private use area B, which neither composes nor decomposes.
private enum ByteTransparency {
    private static let base: UInt32 = 0x10F800

    static func protect(_ bytes: [UInt8]) -> [UInt8] {
        guard let first = bytes.firstIndex(where: { $0 >= 0x80 }) else { return bytes }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        out.append(contentsOf: bytes[..<first])
        for byte in bytes[first...] {
            if byte < 0x80 {
                out.append(byte)
            } else {
                let scalar = base + UInt32(byte)
                out.append(0xF4)
                out.append(UInt8(0x80 | (scalar >> 12) & 0x3F))
                out.append(UInt8(0x80 | (scalar >> 6) & 0x3F))
                out.append(UInt8(0x80 | scalar & 0x3F))
            }
        }
        return out
    }

    static func restore(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if value >= base + 0x80, value <= base + 0xFF {
                out.append(UInt8(value - base))
            } else {
                out.append(contentsOf: UTF8.encode(scalar)!)
            }
        }
        return out
    }
}
