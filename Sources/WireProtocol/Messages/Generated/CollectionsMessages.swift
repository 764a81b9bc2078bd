// Written by tools/generate-messages from proto/tandem/v1/collections.proto; do not edit.
// Collections: their schema, their state, their life.

internal import CProtobufC
internal import CTandemMessages

/// Type of an attribute field. Also on disk: never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct ValueType: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = ValueType(rawValue: 0)
    public static let keyword = ValueType(rawValue: 1)
    public static let int64 = ValueType(rawValue: 2)
    public static let float64 = ValueType(rawValue: 3)
    public static let bool = ValueType(rawValue: 4)
    /// Microseconds since 1970-01-01T00:00:00Z.
    public static let timestamp = ValueType(rawValue: 5)

    public static let allCases: [ValueType] = [
        .unspecified, .keyword, .int64, .float64, .bool, .timestamp
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "keyword"
        case 2: "int64"
        case 3: "float64"
        case 4: "bool"
        case 5: "timestamp"
        default: String(rawValue)
        }
    }
}

/// How vectors are compared. Also on disk: never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct VectorMetric: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = VectorMetric(rawValue: 0)
    /// Vectors are brought to length 1 on the way in.
    public static let cosine = VectorMetric(rawValue: 1)
    public static let dot = VectorMetric(rawValue: 2)

    public static let allCases: [VectorMetric] = [
        .unspecified, .cosine, .dot
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "cosine"
        case 2: "dot"
        default: String(rawValue)
        }
    }
}

/// What the graphs over a field's vectors hold to estimate similarities from: time against memory. Recall is what a search asks for either way.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct VectorQuantization: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = VectorQuantization(rawValue: 0)
    /// 1-bit codes of all neighbours in every node; the fastest.
    public static let binary = VectorQuantization(rawValue: 1)
    /// A 4-bit code of each vector: two fifths of the memory.
    public static let int4 = VectorQuantization(rawValue: 2)

    public static let allCases: [VectorQuantization] = [
        .unspecified, .binary, .int4
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "binary"
        case 2: "int4"
        default: String(rawValue)
        }
    }
}

/// A field whose words are indexed and, joined with the others, embedded and reranked.
public struct TextFieldSchema: WireMessage {
    public var name: String = ""
    /// Share in the BM25F sum; 0 keeps the field out of keyword search.
    public var weight: Double = 1
    /// The chain that makes its terms: standard, keyword, whitespace, code, ngram, a language by its English name, or one of the schema's. Absent: standard.
    public var analyzer: String?

    public init() {}

    public init(
        name: String = "", weight: Double = 1, analyzer: String? = nil
    ) {
        self.name = name
        self.weight = weight
        self.analyzer = analyzer
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension TextFieldSchema: MappedMessage {
    static var name: StaticString { "TextFieldSchema" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__TextFieldSchema>) { tandem__v1__text_field_schema__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__TextFieldSchema>? {
        tandem__v1__text_field_schema__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__TextFieldSchema>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_weight != 0 { weight = c.pointee.weight }
        if c.pointee.has_analyzer != 0 { analyzer = try Fields.text(c.pointee.analyzer, "analyzer") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__TextFieldSchema>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if weight != 1 {
            c.pointee.has_weight = 1
            c.pointee.weight = weight
        }
        if let analyzer {
            c.pointee.has_analyzer = 1
            c.pointee.analyzer = arena.text(analyzer)
        }
    }
}

/// A typed field for filters; a document may have none, one or several values in it.
public struct AttributeSchema: WireMessage {
    public var name: String = ""
    public var type: ValueType = .unspecified

    public init() {}

    public init(
        name: String = "", type: ValueType = .unspecified
    ) {
        self.name = name
        self.type = type
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AttributeSchema: MappedMessage {
    static var name: StaticString { "AttributeSchema" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AttributeSchema>) { tandem__v1__attribute_schema__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AttributeSchema>? {
        tandem__v1__attribute_schema__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AttributeSchema>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_type != 0 { type = ValueType(rawValue: Int32(bitPattern: c.pointee.type.rawValue)) }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AttributeSchema>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if type != .unspecified {
            c.pointee.has_type = 1
            c.pointee.type = Tandem__V1__ValueType(rawValue: UInt32(bitPattern: type.rawValue))
        }
    }
}

/// A dense field, filled by the client; the first one also by the collection's model, where the client gives no vector.
public struct VectorFieldSchema: WireMessage {
    public var name: String = "embedding"
    /// 1 to 4096; that of the first field must be the model's, if there is one, and 0 stands for that.
    public var dimension: UInt32 = 0
    public var metric: VectorMetric = .cosine
    /// Absent: binary; in a rebuild: as it is.
    public var quantization: VectorQuantization?

    public init() {}

    public init(
        name: String = "embedding", dimension: UInt32 = 0, metric: VectorMetric = .cosine,
        quantization: VectorQuantization? = nil
    ) {
        self.name = name
        self.dimension = dimension
        self.metric = metric
        self.quantization = quantization
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension VectorFieldSchema: MappedMessage {
    static var name: StaticString { "VectorFieldSchema" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__VectorFieldSchema>) { tandem__v1__vector_field_schema__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__VectorFieldSchema>? {
        tandem__v1__vector_field_schema__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__VectorFieldSchema>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_dimension != 0 { dimension = c.pointee.dimension }
        if c.pointee.has_metric != 0 { metric = VectorMetric(rawValue: Int32(bitPattern: c.pointee.metric.rawValue)) }
        if c.pointee.has_quantization != 0 { quantization = VectorQuantization(rawValue: Int32(bitPattern: c.pointee.quantization.rawValue)) }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__VectorFieldSchema>, _ arena: EncodingArena) {
        if name != "embedding" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if dimension != 0 {
            c.pointee.has_dimension = 1
            c.pointee.dimension = dimension
        }
        if metric != .cosine {
            c.pointee.has_metric = 1
            c.pointee.metric = Tandem__V1__VectorMetric(rawValue: UInt32(bitPattern: metric.rawValue))
        }
        if let quantization {
            c.pointee.has_quantization = 1
            c.pointee.quantization = Tandem__V1__VectorQuantization(rawValue: UInt32(bitPattern: quantization.rawValue))
        }
    }
}

/// How texts become terms; absent fields take the defaults of the daemon's analyzer version.
public struct AnalyzerOptions: WireMessage {
    /// auto: each passage is stemmed for the language that it is in. Or the only language: its ISO 639-1 code or Snowball's name, for example english.
    /// Empty: no stemming.
    public var stemmer: String?
    public var indexParts: Bool?
    public var indexWholes: Bool?
    /// Weights of forms at query time.
    public var surfaceWeight: Double?
    public var stemWeight: Double?
    public var partWeight: Double?
    public var wholeWeight: Double?
    /// Version of the chain; set by the server.
    public var version: UInt32?
    /// Weight of a joined form of several words, like user@host.
    public var chainWeight: Double?
    /// Boost of a stop word beside other words; 1 treats it like them.
    public var stopWordBoost: Double?
    /// The language of short texts in Latin letters that do not show theirs; empty: their words have no stems.
    public var fallbackLanguage: String?
    /// Words without accents, vowel signs and script variants.
    public var indexFolded: Bool?
    /// Neighbouring characters of Chinese, Japanese and Korean.
    public var indexBigrams: Bool?
    public var foldedWeight: Double?
    public var bigramWeight: Double?
    /// Boost of the letters without accents of a word that the query has with accents.
    public var variantWeight: Double?
    /// Boost of a compound's parts, divided by the collection's vocabulary, and of two words that are written as one in it.
    public var compoundWeight: Double?
    /// What a synonym counts for, beside the word that the query says.
    public var synonymWeight: Double?

    public init() {}

    public init(
        stemmer: String? = nil, indexParts: Bool? = nil, indexWholes: Bool? = nil, surfaceWeight: Double? = nil,
        stemWeight: Double? = nil, partWeight: Double? = nil, wholeWeight: Double? = nil, version: UInt32? = nil,
        chainWeight: Double? = nil, stopWordBoost: Double? = nil, fallbackLanguage: String? = nil,
        indexFolded: Bool? = nil, indexBigrams: Bool? = nil, foldedWeight: Double? = nil, bigramWeight: Double? = nil,
        variantWeight: Double? = nil, compoundWeight: Double? = nil, synonymWeight: Double? = nil
    ) {
        self.stemmer = stemmer
        self.indexParts = indexParts
        self.indexWholes = indexWholes
        self.surfaceWeight = surfaceWeight
        self.stemWeight = stemWeight
        self.partWeight = partWeight
        self.wholeWeight = wholeWeight
        self.version = version
        self.chainWeight = chainWeight
        self.stopWordBoost = stopWordBoost
        self.fallbackLanguage = fallbackLanguage
        self.indexFolded = indexFolded
        self.indexBigrams = indexBigrams
        self.foldedWeight = foldedWeight
        self.bigramWeight = bigramWeight
        self.variantWeight = variantWeight
        self.compoundWeight = compoundWeight
        self.synonymWeight = synonymWeight
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AnalyzerOptions: MappedMessage {
    static var name: StaticString { "AnalyzerOptions" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzerOptions>) { tandem__v1__analyzer_options__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AnalyzerOptions>? {
        tandem__v1__analyzer_options__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AnalyzerOptions>) throws(MessageError) {
        self.init()
        if c.pointee.has_stemmer != 0 { stemmer = try Fields.text(c.pointee.stemmer, "stemmer") }
        if c.pointee.has_index_parts != 0 { indexParts = c.pointee.index_parts != 0 }
        if c.pointee.has_index_wholes != 0 { indexWholes = c.pointee.index_wholes != 0 }
        if c.pointee.has_surface_weight != 0 { surfaceWeight = c.pointee.surface_weight }
        if c.pointee.has_stem_weight != 0 { stemWeight = c.pointee.stem_weight }
        if c.pointee.has_part_weight != 0 { partWeight = c.pointee.part_weight }
        if c.pointee.has_whole_weight != 0 { wholeWeight = c.pointee.whole_weight }
        if c.pointee.has_version != 0 { version = c.pointee.version }
        if c.pointee.has_chain_weight != 0 { chainWeight = c.pointee.chain_weight }
        if c.pointee.has_stop_word_boost != 0 { stopWordBoost = c.pointee.stop_word_boost }
        if c.pointee.has_fallback_language != 0 { fallbackLanguage = try Fields.text(c.pointee.fallback_language, "fallback_language") }
        if c.pointee.has_index_folded != 0 { indexFolded = c.pointee.index_folded != 0 }
        if c.pointee.has_index_bigrams != 0 { indexBigrams = c.pointee.index_bigrams != 0 }
        if c.pointee.has_folded_weight != 0 { foldedWeight = c.pointee.folded_weight }
        if c.pointee.has_bigram_weight != 0 { bigramWeight = c.pointee.bigram_weight }
        if c.pointee.has_variant_weight != 0 { variantWeight = c.pointee.variant_weight }
        if c.pointee.has_compound_weight != 0 { compoundWeight = c.pointee.compound_weight }
        if c.pointee.has_synonym_weight != 0 { synonymWeight = c.pointee.synonym_weight }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzerOptions>, _ arena: EncodingArena) {
        if let stemmer {
            c.pointee.has_stemmer = 1
            c.pointee.stemmer = arena.text(stemmer)
        }
        if let indexParts {
            c.pointee.has_index_parts = 1
            c.pointee.index_parts = indexParts ? 1 : 0
        }
        if let indexWholes {
            c.pointee.has_index_wholes = 1
            c.pointee.index_wholes = indexWholes ? 1 : 0
        }
        if let surfaceWeight {
            c.pointee.has_surface_weight = 1
            c.pointee.surface_weight = surfaceWeight
        }
        if let stemWeight {
            c.pointee.has_stem_weight = 1
            c.pointee.stem_weight = stemWeight
        }
        if let partWeight {
            c.pointee.has_part_weight = 1
            c.pointee.part_weight = partWeight
        }
        if let wholeWeight {
            c.pointee.has_whole_weight = 1
            c.pointee.whole_weight = wholeWeight
        }
        if let version {
            c.pointee.has_version = 1
            c.pointee.version = version
        }
        if let chainWeight {
            c.pointee.has_chain_weight = 1
            c.pointee.chain_weight = chainWeight
        }
        if let stopWordBoost {
            c.pointee.has_stop_word_boost = 1
            c.pointee.stop_word_boost = stopWordBoost
        }
        if let fallbackLanguage {
            c.pointee.has_fallback_language = 1
            c.pointee.fallback_language = arena.text(fallbackLanguage)
        }
        if let indexFolded {
            c.pointee.has_index_folded = 1
            c.pointee.index_folded = indexFolded ? 1 : 0
        }
        if let indexBigrams {
            c.pointee.has_index_bigrams = 1
            c.pointee.index_bigrams = indexBigrams ? 1 : 0
        }
        if let foldedWeight {
            c.pointee.has_folded_weight = 1
            c.pointee.folded_weight = foldedWeight
        }
        if let bigramWeight {
            c.pointee.has_bigram_weight = 1
            c.pointee.bigram_weight = bigramWeight
        }
        if let variantWeight {
            c.pointee.has_variant_weight = 1
            c.pointee.variant_weight = variantWeight
        }
        if let compoundWeight {
            c.pointee.has_compound_weight = 1
            c.pointee.compound_weight = compoundWeight
        }
        if let synonymWeight {
            c.pointee.has_synonym_weight = 1
            c.pointee.synonym_weight = synonymWeight
        }
    }
}

/// Changes a text before anything else. Never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct CharacterFilterKind: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = CharacterFilterKind(rawValue: 0)
    /// Drops the markup of HTML, decodes character references.
    public static let html = CharacterFilterKind(rawValue: 1)
    /// Replaces what `pattern` matches.
    public static let pattern = CharacterFilterKind(rawValue: 2)

    public static let allCases: [CharacterFilterKind] = [
        .unspecified, .html, .pattern
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "html"
        case 2: "pattern"
        default: String(rawValue)
        }
    }
}

/// See ``Method``.
public struct CharacterFilter: WireMessage {
    public var kind: CharacterFilterKind = .unspecified
    /// A regular expression in ICU's syntax.
    public var pattern: String = ""
    /// $0 to $9: what a group matched.
    public var replacement: String = ""

    public init() {}

    public init(
        kind: CharacterFilterKind = .unspecified, pattern: String = "", replacement: String = ""
    ) {
        self.kind = kind
        self.pattern = pattern
        self.replacement = replacement
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension CharacterFilter: MappedMessage {
    static var name: StaticString { "CharacterFilter" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__CharacterFilter>) { tandem__v1__character_filter__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__CharacterFilter>? {
        tandem__v1__character_filter__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__CharacterFilter>) throws(MessageError) {
        self.init()
        if c.pointee.has_kind != 0 { kind = CharacterFilterKind(rawValue: Int32(bitPattern: c.pointee.kind.rawValue)) }
        if c.pointee.has_pattern != 0 { pattern = try Fields.text(c.pointee.pattern, "pattern") }
        if c.pointee.has_replacement != 0 { replacement = try Fields.text(c.pointee.replacement, "replacement") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__CharacterFilter>, _ arena: EncodingArena) {
        if kind != .unspecified {
            c.pointee.has_kind = 1
            c.pointee.kind = Tandem__V1__CharacterFilterKind(rawValue: UInt32(bitPattern: kind.rawValue))
        }
        if pattern != "" {
            c.pointee.has_pattern = 1
            c.pointee.pattern = arena.text(pattern)
        }
        if replacement != "" {
            c.pointee.has_replacement = 1
            c.pointee.replacement = arena.text(replacement)
        }
    }
}

/// A chain under a name that text fields refer to.
public struct AnalyzerDefinition: WireMessage {
    public var name: String = ""
    public var characterFilters: [CharacterFilter] = []
    /// nfkc_casefold (if absent), nfkc, nfc, none.
    public var normalizer: String?
    /// standard (if absent), keyword, whitespace, code, ngram.
    public var tokenizer: String?
    /// Of ngram: characters, 1 to 16; absent: 2 and 3.
    public var gramMin: UInt32?
    public var gramMax: UInt32?
    /// What becomes a term besides the word itself: stem, fold, parts, wholes, bigrams.
    public var filters: [String] = []
    /// The only language to stem for; absent: as `stemmer` says.
    public var language: String?

    public init() {}

    public init(
        name: String = "", characterFilters: [CharacterFilter] = [], normalizer: String? = nil,
        tokenizer: String? = nil, gramMin: UInt32? = nil, gramMax: UInt32? = nil, filters: [String] = [],
        language: String? = nil
    ) {
        self.name = name
        self.characterFilters = characterFilters
        self.normalizer = normalizer
        self.tokenizer = tokenizer
        self.gramMin = gramMin
        self.gramMax = gramMax
        self.filters = filters
        self.language = language
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AnalyzerDefinition: MappedMessage {
    static var name: StaticString { "AnalyzerDefinition" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzerDefinition>) { tandem__v1__analyzer_definition__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AnalyzerDefinition>? {
        tandem__v1__analyzer_definition__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AnalyzerDefinition>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        characterFilters = try Fields.messages(c.pointee.character_filters, Int(c.pointee.n_character_filters), "character_filters")
        if c.pointee.has_normalizer != 0 { normalizer = try Fields.text(c.pointee.normalizer, "normalizer") }
        if c.pointee.has_tokenizer != 0 { tokenizer = try Fields.text(c.pointee.tokenizer, "tokenizer") }
        if c.pointee.has_gram_min != 0 { gramMin = c.pointee.gram_min }
        if c.pointee.has_gram_max != 0 { gramMax = c.pointee.gram_max }
        filters = try Fields.texts(c.pointee.filters, Int(c.pointee.n_filters), "filters")
        if c.pointee.has_language != 0 { language = try Fields.text(c.pointee.language, "language") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzerDefinition>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        (c.pointee.n_character_filters, c.pointee.character_filters) = arena.messages(characterFilters)
        if let normalizer {
            c.pointee.has_normalizer = 1
            c.pointee.normalizer = arena.text(normalizer)
        }
        if let tokenizer {
            c.pointee.has_tokenizer = 1
            c.pointee.tokenizer = arena.text(tokenizer)
        }
        if let gramMin {
            c.pointee.has_gram_min = 1
            c.pointee.gram_min = gramMin
        }
        if let gramMax {
            c.pointee.has_gram_max = 1
            c.pointee.gram_max = gramMax
        }
        (c.pointee.n_filters, c.pointee.filters) = arena.texts(filters)
        if let language {
            c.pointee.has_language = 1
            c.pointee.language = arena.text(language)
        }
    }
}

/// What a collection holds and how it is searched.
public struct CollectionSchema: WireMessage {
    /// Empty on creation: title and text, weight 1 each.
    public var textFields: [TextFieldSchema] = []
    public var attributes: [AttributeSchema] = []
    /// The first is the model's, and that of searches that name none. Empty with a model: one named embedding, of the model's dimension.
    public var vectorFields: [VectorFieldSchema] = []
    /// Bi-encoder; absent or empty: nothing is embedded (but see CreateCollectionRequest.default_models).
    public var model: String?
    /// Cross-encoder; absent or empty: searches are not reranked unless they name one.
    public var reranker: String?
    public var analyzer: AnalyzerOptions?
    /// Weight of the semantic leg, 0 to 1; absent: 0.5.
    public var alpha: Double?
    /// Saturation of term frequency; absent: 1.2.
    public var k1: Double?
    /// Weight of the length normalisation; absent: 0.75.
    public var b: Double?
    /// Share of the cross-encoder in a reranked hit's score; absent: 0.3.
    public var rerankWeight: Double?
    public var analyzers: [AnalyzerDefinition] = []
    /// The keyword attribute that says which language a document is in; absent: lang.
    public var languageAttribute: String?

    public init() {}

    public init(
        textFields: [TextFieldSchema] = [], attributes: [AttributeSchema] = [], vectorFields: [VectorFieldSchema] = [],
        model: String? = nil, reranker: String? = nil, analyzer: AnalyzerOptions? = nil, alpha: Double? = nil,
        k1: Double? = nil, b: Double? = nil, rerankWeight: Double? = nil, analyzers: [AnalyzerDefinition] = [],
        languageAttribute: String? = nil
    ) {
        self.textFields = textFields
        self.attributes = attributes
        self.vectorFields = vectorFields
        self.model = model
        self.reranker = reranker
        self.analyzer = analyzer
        self.alpha = alpha
        self.k1 = k1
        self.b = b
        self.rerankWeight = rerankWeight
        self.analyzers = analyzers
        self.languageAttribute = languageAttribute
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension CollectionSchema: MappedMessage {
    static var name: StaticString { "CollectionSchema" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__CollectionSchema>) { tandem__v1__collection_schema__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__CollectionSchema>? {
        tandem__v1__collection_schema__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__CollectionSchema>) throws(MessageError) {
        self.init()
        textFields = try Fields.messages(c.pointee.text_fields, Int(c.pointee.n_text_fields), "text_fields")
        attributes = try Fields.messages(c.pointee.attributes, Int(c.pointee.n_attributes), "attributes")
        vectorFields = try Fields.messages(c.pointee.vector_fields, Int(c.pointee.n_vector_fields), "vector_fields")
        if c.pointee.has_model != 0 { model = try Fields.text(c.pointee.model, "model") }
        if c.pointee.has_reranker != 0 { reranker = try Fields.text(c.pointee.reranker, "reranker") }
        analyzer = try Fields.message(c.pointee.analyzer, "analyzer")
        if c.pointee.has_alpha != 0 { alpha = c.pointee.alpha }
        if c.pointee.has_k1 != 0 { k1 = c.pointee.k1 }
        if c.pointee.has_b != 0 { b = c.pointee.b }
        if c.pointee.has_rerank_weight != 0 { rerankWeight = c.pointee.rerank_weight }
        analyzers = try Fields.messages(c.pointee.analyzers, Int(c.pointee.n_analyzers), "analyzers")
        if c.pointee.has_language_attribute != 0 { languageAttribute = try Fields.text(c.pointee.language_attribute, "language_attribute") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__CollectionSchema>, _ arena: EncodingArena) {
        (c.pointee.n_text_fields, c.pointee.text_fields) = arena.messages(textFields)
        (c.pointee.n_attributes, c.pointee.attributes) = arena.messages(attributes)
        (c.pointee.n_vector_fields, c.pointee.vector_fields) = arena.messages(vectorFields)
        if let model {
            c.pointee.has_model = 1
            c.pointee.model = arena.text(model)
        }
        if let reranker {
            c.pointee.has_reranker = 1
            c.pointee.reranker = arena.text(reranker)
        }
        c.pointee.analyzer = arena.message(analyzer)
        if let alpha {
            c.pointee.has_alpha = 1
            c.pointee.alpha = alpha
        }
        if let k1 {
            c.pointee.has_k1 = 1
            c.pointee.k1 = k1
        }
        if let b {
            c.pointee.has_b = 1
            c.pointee.b = b
        }
        if let rerankWeight {
            c.pointee.has_rerank_weight = 1
            c.pointee.rerank_weight = rerankWeight
        }
        (c.pointee.n_analyzers, c.pointee.analyzers) = arena.messages(analyzers)
        if let languageAttribute {
            c.pointee.has_language_attribute = 1
            c.pointee.language_attribute = arena.text(languageAttribute)
        }
    }
}

/// Creates a collection.
public struct CreateCollectionRequest: WireMessage {
    /// 1 to 128 bytes: letters, digits, - _ and dots inside.
    public var name: String = ""
    public var schema: CollectionSchema?
    /// Use the daemon's default models where the schema leaves them absent; an empty name still means none.
    public var defaultModels: Bool = false

    public init() {}

    public init(
        name: String = "", schema: CollectionSchema? = nil, defaultModels: Bool = false
    ) {
        self.name = name
        self.schema = schema
        self.defaultModels = defaultModels
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension CreateCollectionRequest: MappedMessage {
    static var name: StaticString { "CreateCollectionRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__CreateCollectionRequest>) { tandem__v1__create_collection_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__CreateCollectionRequest>? {
        tandem__v1__create_collection_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__CreateCollectionRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        schema = try Fields.message(c.pointee.schema, "schema")
        if c.pointee.has_default_models != 0 { defaultModels = c.pointee.default_models != 0 }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__CreateCollectionRequest>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        c.pointee.schema = arena.message(schema)
        if defaultModels != false {
            c.pointee.has_default_models = 1
            c.pointee.default_models = defaultModels ? 1 : 0
        }
    }
}

/// See ``Method``.
public struct ListCollectionsRequest: WireMessage {
    public init() {}

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension ListCollectionsRequest: MappedMessage {
    static var name: StaticString { "ListCollectionsRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__ListCollectionsRequest>) { tandem__v1__list_collections_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__ListCollectionsRequest>? {
        tandem__v1__list_collections_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__ListCollectionsRequest>) throws(MessageError) {
        self.init()
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__ListCollectionsRequest>, _ arena: EncodingArena) {
    }
}

/// A line of the list.
public struct CollectionSummary: WireMessage {
    public var name: String = ""
    public var documents: UInt64 = 0
    public var model: String?
    public var reranker: String?
    /// The last failure of a background task, or why it could not be opened (then only the name stands beside it); absent when all is well.
    public var problem: String?

    public init() {}

    public init(
        name: String = "", documents: UInt64 = 0, model: String? = nil, reranker: String? = nil,
        problem: String? = nil
    ) {
        self.name = name
        self.documents = documents
        self.model = model
        self.reranker = reranker
        self.problem = problem
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension CollectionSummary: MappedMessage {
    static var name: StaticString { "CollectionSummary" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__CollectionSummary>) { tandem__v1__collection_summary__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__CollectionSummary>? {
        tandem__v1__collection_summary__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__CollectionSummary>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_documents != 0 { documents = c.pointee.documents }
        if c.pointee.has_model != 0 { model = try Fields.text(c.pointee.model, "model") }
        if c.pointee.has_reranker != 0 { reranker = try Fields.text(c.pointee.reranker, "reranker") }
        if c.pointee.has_problem != 0 { problem = try Fields.text(c.pointee.problem, "problem") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__CollectionSummary>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if documents != 0 {
            c.pointee.has_documents = 1
            c.pointee.documents = documents
        }
        if let model {
            c.pointee.has_model = 1
            c.pointee.model = arena.text(model)
        }
        if let reranker {
            c.pointee.has_reranker = 1
            c.pointee.reranker = arena.text(reranker)
        }
        if let problem {
            c.pointee.has_problem = 1
            c.pointee.problem = arena.text(problem)
        }
    }
}

/// The collections, by name.
public struct ListCollectionsResponse: WireMessage {
    public var collections: [CollectionSummary] = []

    public init() {}

    public init(
        collections: [CollectionSummary] = []
    ) {
        self.collections = collections
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension ListCollectionsResponse: MappedMessage {
    static var name: StaticString { "ListCollectionsResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__ListCollectionsResponse>) { tandem__v1__list_collections_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__ListCollectionsResponse>? {
        tandem__v1__list_collections_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__ListCollectionsResponse>) throws(MessageError) {
        self.init()
        collections = try Fields.messages(c.pointee.collections, Int(c.pointee.n_collections), "collections")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__ListCollectionsResponse>, _ arena: EncodingArena) {
        (c.pointee.n_collections, c.pointee.collections) = arena.messages(collections)
    }
}

/// See ``Method``.
public struct DescribeCollectionRequest: WireMessage {
    public var name: String = ""

    public init() {}

    public init(
        name: String = ""
    ) {
        self.name = name
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension DescribeCollectionRequest: MappedMessage {
    static var name: StaticString { "DescribeCollectionRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__DescribeCollectionRequest>) { tandem__v1__describe_collection_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__DescribeCollectionRequest>? {
        tandem__v1__describe_collection_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__DescribeCollectionRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__DescribeCollectionRequest>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
    }
}

/// A generation that is being built.
public struct BuildingGeneration: WireMessage {
    public var generation: UInt64 = 0
    /// How far it has come in the log.
    public var appliedSequence: UInt64 = 0

    public init() {}

    public init(
        generation: UInt64 = 0, appliedSequence: UInt64 = 0
    ) {
        self.generation = generation
        self.appliedSequence = appliedSequence
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension BuildingGeneration: MappedMessage {
    static var name: StaticString { "BuildingGeneration" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__BuildingGeneration>) { tandem__v1__building_generation__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__BuildingGeneration>? {
        tandem__v1__building_generation__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__BuildingGeneration>) throws(MessageError) {
        self.init()
        if c.pointee.has_generation != 0 { generation = c.pointee.generation }
        if c.pointee.has_applied_sequence != 0 { appliedSequence = c.pointee.applied_sequence }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__BuildingGeneration>, _ arena: EncodingArena) {
        if generation != 0 {
            c.pointee.has_generation = 1
            c.pointee.generation = generation
        }
        if appliedSequence != 0 {
            c.pointee.has_applied_sequence = 1
            c.pointee.applied_sequence = appliedSequence
        }
    }
}

/// What a collection holds in one vector field.
public struct VectorFieldDescription: WireMessage {
    public var name: String = ""
    /// Those of dead versions included, until a merge drops them.
    public var vectors: UInt64 = 0
    public var segments: UInt32 = 0
    /// On disk and in memory; without the graphs.
    public var bytes: UInt64 = 0
    /// Segments with a graph, the vectors in them, and the graphs' bytes; what other segments hold is compared one by one.
    public var graphs: UInt32 = 0
    public var vectorsInGraphs: UInt64 = 0
    public var graphBytes: UInt64 = 0
    /// Of `bytes`: full-precision vectors in mapped files, of which a search reads only the few that it scores in full.
    public var mappedRowBytes: UInt64 = 0
    /// Of searches through graphs a small share is run again exactly: how many, and the share of the best that was found, the last ones counting most. Absent
    /// while there is none.
    public var recallSamples: UInt64 = 0
    public var recall: Double?
    /// Since the daemon started: graphs built, and the vectors in them. A vector is in several when segments are merged.
    public var graphsBuilt: UInt64 = 0
    public var vectorsInGraphsBuilt: UInt64 = 0
    /// What those searches had asked for, on average; absent as `recall`.
    public var recallTarget: Double?

    public init() {}

    public init(
        name: String = "", vectors: UInt64 = 0, segments: UInt32 = 0, bytes: UInt64 = 0, graphs: UInt32 = 0,
        vectorsInGraphs: UInt64 = 0, graphBytes: UInt64 = 0, mappedRowBytes: UInt64 = 0, recallSamples: UInt64 = 0,
        recall: Double? = nil, graphsBuilt: UInt64 = 0, vectorsInGraphsBuilt: UInt64 = 0, recallTarget: Double? = nil
    ) {
        self.name = name
        self.vectors = vectors
        self.segments = segments
        self.bytes = bytes
        self.graphs = graphs
        self.vectorsInGraphs = vectorsInGraphs
        self.graphBytes = graphBytes
        self.mappedRowBytes = mappedRowBytes
        self.recallSamples = recallSamples
        self.recall = recall
        self.graphsBuilt = graphsBuilt
        self.vectorsInGraphsBuilt = vectorsInGraphsBuilt
        self.recallTarget = recallTarget
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension VectorFieldDescription: MappedMessage {
    static var name: StaticString { "VectorFieldDescription" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__VectorFieldDescription>) { tandem__v1__vector_field_description__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__VectorFieldDescription>? {
        tandem__v1__vector_field_description__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__VectorFieldDescription>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_vectors != 0 { vectors = c.pointee.vectors }
        if c.pointee.has_segments != 0 { segments = c.pointee.segments }
        if c.pointee.has_bytes != 0 { bytes = c.pointee.bytes }
        if c.pointee.has_graphs != 0 { graphs = c.pointee.graphs }
        if c.pointee.has_vectors_in_graphs != 0 { vectorsInGraphs = c.pointee.vectors_in_graphs }
        if c.pointee.has_graph_bytes != 0 { graphBytes = c.pointee.graph_bytes }
        if c.pointee.has_mapped_row_bytes != 0 { mappedRowBytes = c.pointee.mapped_row_bytes }
        if c.pointee.has_recall_samples != 0 { recallSamples = c.pointee.recall_samples }
        if c.pointee.has_recall != 0 { recall = c.pointee.recall }
        if c.pointee.has_graphs_built != 0 { graphsBuilt = c.pointee.graphs_built }
        if c.pointee.has_vectors_in_graphs_built != 0 { vectorsInGraphsBuilt = c.pointee.vectors_in_graphs_built }
        if c.pointee.has_recall_target != 0 { recallTarget = c.pointee.recall_target }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__VectorFieldDescription>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if vectors != 0 {
            c.pointee.has_vectors = 1
            c.pointee.vectors = vectors
        }
        if segments != 0 {
            c.pointee.has_segments = 1
            c.pointee.segments = segments
        }
        if bytes != 0 {
            c.pointee.has_bytes = 1
            c.pointee.bytes = bytes
        }
        if graphs != 0 {
            c.pointee.has_graphs = 1
            c.pointee.graphs = graphs
        }
        if vectorsInGraphs != 0 {
            c.pointee.has_vectors_in_graphs = 1
            c.pointee.vectors_in_graphs = vectorsInGraphs
        }
        if graphBytes != 0 {
            c.pointee.has_graph_bytes = 1
            c.pointee.graph_bytes = graphBytes
        }
        if mappedRowBytes != 0 {
            c.pointee.has_mapped_row_bytes = 1
            c.pointee.mapped_row_bytes = mappedRowBytes
        }
        if recallSamples != 0 {
            c.pointee.has_recall_samples = 1
            c.pointee.recall_samples = recallSamples
        }
        if let recall {
            c.pointee.has_recall = 1
            c.pointee.recall = recall
        }
        if graphsBuilt != 0 {
            c.pointee.has_graphs_built = 1
            c.pointee.graphs_built = graphsBuilt
        }
        if vectorsInGraphsBuilt != 0 {
            c.pointee.has_vectors_in_graphs_built = 1
            c.pointee.vectors_in_graphs_built = vectorsInGraphsBuilt
        }
        if let recallTarget {
            c.pointee.has_recall_target = 1
            c.pointee.recall_target = recallTarget
        }
    }
}

/// What a collection holds right now.
public struct CollectionDescription: WireMessage {
    public var name: String = ""
    public var schema: CollectionSchema?
    /// Live documents.
    public var documents: UInt64 = 0
    /// Superseded versions and deleted documents that segments still hold.
    public var deadDocuments: UInt64 = 0
    /// Last write in the log, and how far each leg has come; the differences are the backlog.
    public var lastSequence: UInt64 = 0
    public var appliedSequence: UInt64 = 0
    public var vectorAppliedSequence: UInt64 = 0
    /// What the files on disk cover; after a crash the log is replayed from here.
    public var checkpointSequence: UInt64 = 0
    public var vectorCheckpointSequence: UInt64 = 0
    public var generation: UInt64 = 0
    public var building: BuildingGeneration?
    /// Of vectors: of all fields together; each one's are in `vector_fields`.
    public var lexicalSegments: UInt32 = 0
    public var vectorSegments: UInt32 = 0
    public var vectors: UInt64 = 0
    /// Bytes of unsealed segments in memory, of sealed ones on disk, of the document store.
    public var memoryBytes: UInt64 = 0
    public var indexBytes: UInt64 = 0
    public var storeBytes: UInt64 = 0
    /// Texts longer than the model's limit since the daemon started, and tokens that fell away.
    public var textsCut: UInt64 = 0
    public var tokensCut: UInt64 = 0
    /// Operations replayed from the log when the collection was opened.
    public var replayed: UInt64 = 0
    /// The last failure of a background task; absent when all is well.
    public var problem: String?
    /// Time since the files on disk were last brought up to date, whether or not anything was written since.
    public var sinceCheckpointMicroseconds: UInt64?
    /// Tells apart two collections that bore one name: made at creation, kept by backups.
    public var uuid: String = ""
    /// In the schema's order.
    public var vectorFields: [VectorFieldDescription] = []
    public var synonymRules: UInt32 = 0

    public init() {}

    public init(
        name: String = "", schema: CollectionSchema? = nil, documents: UInt64 = 0, deadDocuments: UInt64 = 0,
        lastSequence: UInt64 = 0, appliedSequence: UInt64 = 0, vectorAppliedSequence: UInt64 = 0,
        checkpointSequence: UInt64 = 0, vectorCheckpointSequence: UInt64 = 0, generation: UInt64 = 0,
        building: BuildingGeneration? = nil, lexicalSegments: UInt32 = 0, vectorSegments: UInt32 = 0,
        vectors: UInt64 = 0, memoryBytes: UInt64 = 0, indexBytes: UInt64 = 0, storeBytes: UInt64 = 0,
        textsCut: UInt64 = 0, tokensCut: UInt64 = 0, replayed: UInt64 = 0, problem: String? = nil,
        sinceCheckpointMicroseconds: UInt64? = nil, uuid: String = "", vectorFields: [VectorFieldDescription] = [],
        synonymRules: UInt32 = 0
    ) {
        self.name = name
        self.schema = schema
        self.documents = documents
        self.deadDocuments = deadDocuments
        self.lastSequence = lastSequence
        self.appliedSequence = appliedSequence
        self.vectorAppliedSequence = vectorAppliedSequence
        self.checkpointSequence = checkpointSequence
        self.vectorCheckpointSequence = vectorCheckpointSequence
        self.generation = generation
        self.building = building
        self.lexicalSegments = lexicalSegments
        self.vectorSegments = vectorSegments
        self.vectors = vectors
        self.memoryBytes = memoryBytes
        self.indexBytes = indexBytes
        self.storeBytes = storeBytes
        self.textsCut = textsCut
        self.tokensCut = tokensCut
        self.replayed = replayed
        self.problem = problem
        self.sinceCheckpointMicroseconds = sinceCheckpointMicroseconds
        self.uuid = uuid
        self.vectorFields = vectorFields
        self.synonymRules = synonymRules
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension CollectionDescription: MappedMessage {
    static var name: StaticString { "CollectionDescription" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__CollectionDescription>) { tandem__v1__collection_description__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__CollectionDescription>? {
        tandem__v1__collection_description__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__CollectionDescription>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        schema = try Fields.message(c.pointee.schema, "schema")
        if c.pointee.has_documents != 0 { documents = c.pointee.documents }
        if c.pointee.has_dead_documents != 0 { deadDocuments = c.pointee.dead_documents }
        if c.pointee.has_last_sequence != 0 { lastSequence = c.pointee.last_sequence }
        if c.pointee.has_applied_sequence != 0 { appliedSequence = c.pointee.applied_sequence }
        if c.pointee.has_vector_applied_sequence != 0 { vectorAppliedSequence = c.pointee.vector_applied_sequence }
        if c.pointee.has_checkpoint_sequence != 0 { checkpointSequence = c.pointee.checkpoint_sequence }
        if c.pointee.has_vector_checkpoint_sequence != 0 { vectorCheckpointSequence = c.pointee.vector_checkpoint_sequence }
        if c.pointee.has_generation != 0 { generation = c.pointee.generation }
        building = try Fields.message(c.pointee.building, "building")
        if c.pointee.has_lexical_segments != 0 { lexicalSegments = c.pointee.lexical_segments }
        if c.pointee.has_vector_segments != 0 { vectorSegments = c.pointee.vector_segments }
        if c.pointee.has_vectors != 0 { vectors = c.pointee.vectors }
        if c.pointee.has_memory_bytes != 0 { memoryBytes = c.pointee.memory_bytes }
        if c.pointee.has_index_bytes != 0 { indexBytes = c.pointee.index_bytes }
        if c.pointee.has_store_bytes != 0 { storeBytes = c.pointee.store_bytes }
        if c.pointee.has_texts_cut != 0 { textsCut = c.pointee.texts_cut }
        if c.pointee.has_tokens_cut != 0 { tokensCut = c.pointee.tokens_cut }
        if c.pointee.has_replayed != 0 { replayed = c.pointee.replayed }
        if c.pointee.has_problem != 0 { problem = try Fields.text(c.pointee.problem, "problem") }
        if c.pointee.has_since_checkpoint_us != 0 { sinceCheckpointMicroseconds = c.pointee.since_checkpoint_us }
        if c.pointee.has_uuid != 0 { uuid = try Fields.text(c.pointee.uuid, "uuid") }
        vectorFields = try Fields.messages(c.pointee.vector_fields, Int(c.pointee.n_vector_fields), "vector_fields")
        if c.pointee.has_synonym_rules != 0 { synonymRules = c.pointee.synonym_rules }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__CollectionDescription>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        c.pointee.schema = arena.message(schema)
        if documents != 0 {
            c.pointee.has_documents = 1
            c.pointee.documents = documents
        }
        if deadDocuments != 0 {
            c.pointee.has_dead_documents = 1
            c.pointee.dead_documents = deadDocuments
        }
        if lastSequence != 0 {
            c.pointee.has_last_sequence = 1
            c.pointee.last_sequence = lastSequence
        }
        if appliedSequence != 0 {
            c.pointee.has_applied_sequence = 1
            c.pointee.applied_sequence = appliedSequence
        }
        if vectorAppliedSequence != 0 {
            c.pointee.has_vector_applied_sequence = 1
            c.pointee.vector_applied_sequence = vectorAppliedSequence
        }
        if checkpointSequence != 0 {
            c.pointee.has_checkpoint_sequence = 1
            c.pointee.checkpoint_sequence = checkpointSequence
        }
        if vectorCheckpointSequence != 0 {
            c.pointee.has_vector_checkpoint_sequence = 1
            c.pointee.vector_checkpoint_sequence = vectorCheckpointSequence
        }
        if generation != 0 {
            c.pointee.has_generation = 1
            c.pointee.generation = generation
        }
        c.pointee.building = arena.message(building)
        if lexicalSegments != 0 {
            c.pointee.has_lexical_segments = 1
            c.pointee.lexical_segments = lexicalSegments
        }
        if vectorSegments != 0 {
            c.pointee.has_vector_segments = 1
            c.pointee.vector_segments = vectorSegments
        }
        if vectors != 0 {
            c.pointee.has_vectors = 1
            c.pointee.vectors = vectors
        }
        if memoryBytes != 0 {
            c.pointee.has_memory_bytes = 1
            c.pointee.memory_bytes = memoryBytes
        }
        if indexBytes != 0 {
            c.pointee.has_index_bytes = 1
            c.pointee.index_bytes = indexBytes
        }
        if storeBytes != 0 {
            c.pointee.has_store_bytes = 1
            c.pointee.store_bytes = storeBytes
        }
        if textsCut != 0 {
            c.pointee.has_texts_cut = 1
            c.pointee.texts_cut = textsCut
        }
        if tokensCut != 0 {
            c.pointee.has_tokens_cut = 1
            c.pointee.tokens_cut = tokensCut
        }
        if replayed != 0 {
            c.pointee.has_replayed = 1
            c.pointee.replayed = replayed
        }
        if let problem {
            c.pointee.has_problem = 1
            c.pointee.problem = arena.text(problem)
        }
        if let sinceCheckpointMicroseconds {
            c.pointee.has_since_checkpoint_us = 1
            c.pointee.since_checkpoint_us = sinceCheckpointMicroseconds
        }
        if uuid != "" {
            c.pointee.has_uuid = 1
            c.pointee.uuid = arena.text(uuid)
        }
        (c.pointee.n_vector_fields, c.pointee.vector_fields) = arena.messages(vectorFields)
        if synonymRules != 0 {
            c.pointee.has_synonym_rules = 1
            c.pointee.synonym_rules = synonymRules
        }
    }
}

/// See ``Method``.
public struct DropCollectionRequest: WireMessage {
    public var name: String = ""

    public init() {}

    public init(
        name: String = ""
    ) {
        self.name = name
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension DropCollectionRequest: MappedMessage {
    static var name: StaticString { "DropCollectionRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__DropCollectionRequest>) { tandem__v1__drop_collection_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__DropCollectionRequest>? {
        tandem__v1__drop_collection_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__DropCollectionRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__DropCollectionRequest>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
    }
}

/// See ``Method``.
public struct DropCollectionResponse: WireMessage {
    public init() {}

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension DropCollectionResponse: MappedMessage {
    static var name: StaticString { "DropCollectionResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__DropCollectionResponse>) { tandem__v1__drop_collection_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__DropCollectionResponse>? {
        tandem__v1__drop_collection_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__DropCollectionResponse>) throws(MessageError) {
        self.init()
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__DropCollectionResponse>, _ arena: EncodingArena) {
    }
}

/// Builds the next generation and flips to it: re-analysis, another model, or the removal of what is dead.
public struct RebuildCollectionRequest: WireMessage {
    public var name: String = ""
    /// Answer after the flip instead of at the start.
    public var wait: Bool = false
    /// The new generation's schema; absent: the present one with the present analyzer version.
    public var schema: CollectionSchema?

    public init() {}

    public init(
        name: String = "", wait: Bool = false, schema: CollectionSchema? = nil
    ) {
        self.name = name
        self.wait = wait
        self.schema = schema
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension RebuildCollectionRequest: MappedMessage {
    static var name: StaticString { "RebuildCollectionRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__RebuildCollectionRequest>) { tandem__v1__rebuild_collection_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__RebuildCollectionRequest>? {
        tandem__v1__rebuild_collection_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__RebuildCollectionRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_wait != 0 { wait = c.pointee.wait != 0 }
        schema = try Fields.message(c.pointee.schema, "schema")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__RebuildCollectionRequest>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if wait != false {
            c.pointee.has_wait = 1
            c.pointee.wait = wait ? 1 : 0
        }
        c.pointee.schema = arena.message(schema)
    }
}

/// See ``Method``.
public struct RebuildCollectionResponse: WireMessage {
    public var generation: UInt64 = 0

    public init() {}

    public init(
        generation: UInt64 = 0
    ) {
        self.generation = generation
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension RebuildCollectionResponse: MappedMessage {
    static var name: StaticString { "RebuildCollectionResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__RebuildCollectionResponse>) { tandem__v1__rebuild_collection_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__RebuildCollectionResponse>? {
        tandem__v1__rebuild_collection_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__RebuildCollectionResponse>) throws(MessageError) {
        self.init()
        if c.pointee.has_generation != 0 { generation = c.pointee.generation }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__RebuildCollectionResponse>, _ arena: EncodingArena) {
        if generation != 0 {
            c.pointee.has_generation = 1
            c.pointee.generation = generation
        }
    }
}

/// Merges the segments of a collection into one of documents and one of each vector field, and drops what is dead. Answers when it is done.
public struct MergeCollectionRequest: WireMessage {
    public var name: String = ""

    public init() {}

    public init(
        name: String = ""
    ) {
        self.name = name
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension MergeCollectionRequest: MappedMessage {
    static var name: StaticString { "MergeCollectionRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__MergeCollectionRequest>) { tandem__v1__merge_collection_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__MergeCollectionRequest>? {
        tandem__v1__merge_collection_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__MergeCollectionRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__MergeCollectionRequest>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
    }
}

/// See ``Method``.
public struct MergeCollectionResponse: WireMessage {
    /// Segments, those in memory included, before and after.
    public var lexicalSegmentsBefore: UInt32 = 0
    public var lexicalSegments: UInt32 = 0
    public var vectorSegmentsBefore: UInt32 = 0
    public var vectorSegments: UInt32 = 0
    /// Bytes of sealed segments on disk, before and after.
    public var bytesBefore: UInt64 = 0
    public var bytes: UInt64 = 0

    public init() {}

    public init(
        lexicalSegmentsBefore: UInt32 = 0, lexicalSegments: UInt32 = 0, vectorSegmentsBefore: UInt32 = 0,
        vectorSegments: UInt32 = 0, bytesBefore: UInt64 = 0, bytes: UInt64 = 0
    ) {
        self.lexicalSegmentsBefore = lexicalSegmentsBefore
        self.lexicalSegments = lexicalSegments
        self.vectorSegmentsBefore = vectorSegmentsBefore
        self.vectorSegments = vectorSegments
        self.bytesBefore = bytesBefore
        self.bytes = bytes
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension MergeCollectionResponse: MappedMessage {
    static var name: StaticString { "MergeCollectionResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__MergeCollectionResponse>) { tandem__v1__merge_collection_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__MergeCollectionResponse>? {
        tandem__v1__merge_collection_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__MergeCollectionResponse>) throws(MessageError) {
        self.init()
        if c.pointee.has_lexical_segments_before != 0 { lexicalSegmentsBefore = c.pointee.lexical_segments_before }
        if c.pointee.has_lexical_segments != 0 { lexicalSegments = c.pointee.lexical_segments }
        if c.pointee.has_vector_segments_before != 0 { vectorSegmentsBefore = c.pointee.vector_segments_before }
        if c.pointee.has_vector_segments != 0 { vectorSegments = c.pointee.vector_segments }
        if c.pointee.has_bytes_before != 0 { bytesBefore = c.pointee.bytes_before }
        if c.pointee.has_bytes != 0 { bytes = c.pointee.bytes }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__MergeCollectionResponse>, _ arena: EncodingArena) {
        if lexicalSegmentsBefore != 0 {
            c.pointee.has_lexical_segments_before = 1
            c.pointee.lexical_segments_before = lexicalSegmentsBefore
        }
        if lexicalSegments != 0 {
            c.pointee.has_lexical_segments = 1
            c.pointee.lexical_segments = lexicalSegments
        }
        if vectorSegmentsBefore != 0 {
            c.pointee.has_vector_segments_before = 1
            c.pointee.vector_segments_before = vectorSegmentsBefore
        }
        if vectorSegments != 0 {
            c.pointee.has_vector_segments = 1
            c.pointee.vector_segments = vectorSegments
        }
        if bytesBefore != 0 {
            c.pointee.has_bytes_before = 1
            c.pointee.bytes_before = bytesBefore
        }
        if bytes != 0 {
            c.pointee.has_bytes = 1
            c.pointee.bytes = bytes
        }
    }
}

/// Shows how a text becomes terms, step by step. Stores nothing.
public struct AnalyzeRequest: WireMessage {
    /// Whose schema; empty: that of a collection created without options.
    public var collection: String = ""
    /// A text field of the collection; absent: the first.
    public var field: String?
    /// A chain by its name, instead of a field's.
    public var analyzer: String?
    public var text: String = ""
    /// The language that the document, or the query, says it is in.
    public var lang: String?
    /// Show also what the text becomes as a query.
    public var query: Bool = false

    public init() {}

    public init(
        collection: String = "", field: String? = nil, analyzer: String? = nil, text: String = "", lang: String? = nil,
        query: Bool = false
    ) {
        self.collection = collection
        self.field = field
        self.analyzer = analyzer
        self.text = text
        self.lang = lang
        self.query = query
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AnalyzeRequest: MappedMessage {
    static var name: StaticString { "AnalyzeRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzeRequest>) { tandem__v1__analyze_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AnalyzeRequest>? {
        tandem__v1__analyze_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AnalyzeRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_collection != 0 { collection = try Fields.text(c.pointee.collection, "collection") }
        if c.pointee.has_field != 0 { field = try Fields.text(c.pointee.field, "field") }
        if c.pointee.has_analyzer != 0 { analyzer = try Fields.text(c.pointee.analyzer, "analyzer") }
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
        if c.pointee.has_lang != 0 { lang = try Fields.text(c.pointee.lang, "lang") }
        if c.pointee.has_query != 0 { query = c.pointee.query != 0 }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzeRequest>, _ arena: EncodingArena) {
        if collection != "" {
            c.pointee.has_collection = 1
            c.pointee.collection = arena.text(collection)
        }
        if let field {
            c.pointee.has_field = 1
            c.pointee.field = arena.text(field)
        }
        if let analyzer {
            c.pointee.has_analyzer = 1
            c.pointee.analyzer = arena.text(analyzer)
        }
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
        if let lang {
            c.pointee.has_lang = 1
            c.pointee.lang = arena.text(lang)
        }
        if query != false {
            c.pointee.has_query = 1
            c.pointee.query = query ? 1 : 0
        }
    }
}

/// See ``Method``.
public struct AnalyzedToken: WireMessage {
    public var text: String = ""
    /// surface, stem, part, whole, folded, bigram, language.
    public var form: String = ""
    /// Number of the word.
    public var position: UInt32 = 0
    /// In bytes of the text: the first, and one past the last.
    public var start: UInt32 = 0
    public var end: UInt32 = 0

    public init() {}

    public init(
        text: String = "", form: String = "", position: UInt32 = 0, start: UInt32 = 0, end: UInt32 = 0
    ) {
        self.text = text
        self.form = form
        self.position = position
        self.start = start
        self.end = end
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AnalyzedToken: MappedMessage {
    static var name: StaticString { "AnalyzedToken" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzedToken>) { tandem__v1__analyzed_token__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AnalyzedToken>? {
        tandem__v1__analyzed_token__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AnalyzedToken>) throws(MessageError) {
        self.init()
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
        if c.pointee.has_form != 0 { form = try Fields.text(c.pointee.form, "form") }
        if c.pointee.has_position != 0 { position = c.pointee.position }
        if c.pointee.has_start != 0 { start = c.pointee.start }
        if c.pointee.has_end != 0 { end = c.pointee.end }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzedToken>, _ arena: EncodingArena) {
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
        if form != "" {
            c.pointee.has_form = 1
            c.pointee.form = arena.text(form)
        }
        if position != 0 {
            c.pointee.has_position = 1
            c.pointee.position = position
        }
        if start != 0 {
            c.pointee.has_start = 1
            c.pointee.start = start
        }
        if end != 0 {
            c.pointee.has_end = 1
            c.pointee.end = end
        }
    }
}

/// A step of the chain: a character filter or the normaliser, which give a text, or the tokenizer or the filters, which give tokens.
public struct AnalysisStage: WireMessage {
    public var name: String = ""
    public var text: String?
    public var tokens: [AnalyzedToken] = []

    public init() {}

    public init(
        name: String = "", text: String? = nil, tokens: [AnalyzedToken] = []
    ) {
        self.name = name
        self.text = text
        self.tokens = tokens
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AnalysisStage: MappedMessage {
    static var name: StaticString { "AnalysisStage" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AnalysisStage>) { tandem__v1__analysis_stage__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AnalysisStage>? {
        tandem__v1__analysis_stage__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AnalysisStage>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
        tokens = try Fields.messages(c.pointee.tokens, Int(c.pointee.n_tokens), "tokens")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AnalysisStage>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if let text {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
        (c.pointee.n_tokens, c.pointee.tokens) = arena.messages(tokens)
    }
}

/// See ``Method``.
public struct AnalyzedForm: WireMessage {
    public var text: String = ""
    public var form: String = ""
    public var weight: Double = 0

    public init() {}

    public init(
        text: String = "", form: String = "", weight: Double = 0
    ) {
        self.text = text
        self.form = form
        self.weight = weight
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AnalyzedForm: MappedMessage {
    static var name: StaticString { "AnalyzedForm" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzedForm>) { tandem__v1__analyzed_form__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AnalyzedForm>? {
        tandem__v1__analyzed_form__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AnalyzedForm>) throws(MessageError) {
        self.init()
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
        if c.pointee.has_form != 0 { form = try Fields.text(c.pointee.form, "form") }
        if c.pointee.has_weight != 0 { weight = c.pointee.weight }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzedForm>, _ arena: EncodingArena) {
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
        if form != "" {
            c.pointee.has_form = 1
            c.pointee.form = arena.text(form)
        }
        if weight != 0 {
            c.pointee.has_weight = 1
            c.pointee.weight = weight
        }
    }
}

/// What the keyword leg looks for as one word.
public struct AnalyzedGroup: WireMessage {
    public var text: String = ""
    public var boost: Double = 0
    public var stopWord: Bool = false
    public var forms: [AnalyzedForm] = []

    public init() {}

    public init(
        text: String = "", boost: Double = 0, stopWord: Bool = false, forms: [AnalyzedForm] = []
    ) {
        self.text = text
        self.boost = boost
        self.stopWord = stopWord
        self.forms = forms
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AnalyzedGroup: MappedMessage {
    static var name: StaticString { "AnalyzedGroup" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzedGroup>) { tandem__v1__analyzed_group__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AnalyzedGroup>? {
        tandem__v1__analyzed_group__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AnalyzedGroup>) throws(MessageError) {
        self.init()
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
        if c.pointee.has_boost != 0 { boost = c.pointee.boost }
        if c.pointee.has_stop_word != 0 { stopWord = c.pointee.stop_word != 0 }
        forms = try Fields.messages(c.pointee.forms, Int(c.pointee.n_forms), "forms")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzedGroup>, _ arena: EncodingArena) {
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
        if boost != 0 {
            c.pointee.has_boost = 1
            c.pointee.boost = boost
        }
        if stopWord != false {
            c.pointee.has_stop_word = 1
            c.pointee.stop_word = stopWord ? 1 : 0
        }
        (c.pointee.n_forms, c.pointee.forms) = arena.messages(forms)
    }
}

/// See ``Method``.
public struct AnalyzedPassage: WireMessage {
    /// In bytes of the text after the character filters.
    public var end: UInt32 = 0
    /// One language, or two where it is not certain; none where none is known.
    public var languages: [String] = []

    public init() {}

    public init(
        end: UInt32 = 0, languages: [String] = []
    ) {
        self.end = end
        self.languages = languages
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AnalyzedPassage: MappedMessage {
    static var name: StaticString { "AnalyzedPassage" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzedPassage>) { tandem__v1__analyzed_passage__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AnalyzedPassage>? {
        tandem__v1__analyzed_passage__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AnalyzedPassage>) throws(MessageError) {
        self.init()
        if c.pointee.has_end != 0 { end = c.pointee.end }
        languages = try Fields.texts(c.pointee.languages, Int(c.pointee.n_languages), "languages")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzedPassage>, _ arena: EncodingArena) {
        if end != 0 {
            c.pointee.has_end = 1
            c.pointee.end = end
        }
        (c.pointee.n_languages, c.pointee.languages) = arena.texts(languages)
    }
}

/// See ``Method``.
public struct AnalyzeResponse: WireMessage {
    /// The chain's name, or that of the field's.
    public var analyzer: String = ""
    public var stages: [AnalysisStage] = []
    public var passages: [AnalyzedPassage] = []
    /// With `query`: its groups, and the languages that its words are stemmed for.
    public var groups: [AnalyzedGroup] = []
    public var queryLanguages: [String] = []

    public init() {}

    public init(
        analyzer: String = "", stages: [AnalysisStage] = [], passages: [AnalyzedPassage] = [],
        groups: [AnalyzedGroup] = [], queryLanguages: [String] = []
    ) {
        self.analyzer = analyzer
        self.stages = stages
        self.passages = passages
        self.groups = groups
        self.queryLanguages = queryLanguages
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AnalyzeResponse: MappedMessage {
    static var name: StaticString { "AnalyzeResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzeResponse>) { tandem__v1__analyze_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AnalyzeResponse>? {
        tandem__v1__analyze_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AnalyzeResponse>) throws(MessageError) {
        self.init()
        if c.pointee.has_analyzer != 0 { analyzer = try Fields.text(c.pointee.analyzer, "analyzer") }
        stages = try Fields.messages(c.pointee.stages, Int(c.pointee.n_stages), "stages")
        passages = try Fields.messages(c.pointee.passages, Int(c.pointee.n_passages), "passages")
        groups = try Fields.messages(c.pointee.groups, Int(c.pointee.n_groups), "groups")
        queryLanguages = try Fields.texts(c.pointee.query_languages, Int(c.pointee.n_query_languages), "query_languages")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AnalyzeResponse>, _ arena: EncodingArena) {
        if analyzer != "" {
            c.pointee.has_analyzer = 1
            c.pointee.analyzer = arena.text(analyzer)
        }
        (c.pointee.n_stages, c.pointee.stages) = arena.messages(stages)
        (c.pointee.n_passages, c.pointee.passages) = arena.messages(passages)
        (c.pointee.n_groups, c.pointee.groups) = arena.messages(groups)
        (c.pointee.n_query_languages, c.pointee.query_languages) = arena.texts(queryLanguages)
    }
}

/// Words that mean the same. Each phrase is a word or several; case and width make no difference.
public struct SynonymRule: WireMessage {
    /// What a query says: where it has one of these, documents with one of `to` are found, too. Empty: each of `to` stands for all others.
    public var from: [String] = []
    public var to: [String] = []

    public init() {}

    public init(
        from: [String] = [], to: [String] = []
    ) {
        self.from = from
        self.to = to
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension SynonymRule: MappedMessage {
    static var name: StaticString { "SynonymRule" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__SynonymRule>) { tandem__v1__synonym_rule__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__SynonymRule>? {
        tandem__v1__synonym_rule__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__SynonymRule>) throws(MessageError) {
        self.init()
        from = try Fields.texts(c.pointee.from, Int(c.pointee.n_from), "from")
        to = try Fields.texts(c.pointee.to, Int(c.pointee.n_to), "to")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__SynonymRule>, _ arena: EncodingArena) {
        (c.pointee.n_from, c.pointee.from) = arena.texts(from)
        (c.pointee.n_to, c.pointee.to) = arena.texts(to)
    }
}

/// Replaces all synonyms of a collection; none: it has no synonyms from then on. The next search has them; nothing is indexed anew.
public struct SetSynonymsRequest: WireMessage {
    public var collection: String = ""
    public var rules: [SynonymRule] = []

    public init() {}

    public init(
        collection: String = "", rules: [SynonymRule] = []
    ) {
        self.collection = collection
        self.rules = rules
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension SetSynonymsRequest: MappedMessage {
    static var name: StaticString { "SetSynonymsRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__SetSynonymsRequest>) { tandem__v1__set_synonyms_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__SetSynonymsRequest>? {
        tandem__v1__set_synonyms_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__SetSynonymsRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_collection != 0 { collection = try Fields.text(c.pointee.collection, "collection") }
        rules = try Fields.messages(c.pointee.rules, Int(c.pointee.n_rules), "rules")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__SetSynonymsRequest>, _ arena: EncodingArena) {
        if collection != "" {
            c.pointee.has_collection = 1
            c.pointee.collection = arena.text(collection)
        }
        (c.pointee.n_rules, c.pointee.rules) = arena.messages(rules)
    }
}

/// See ``Method``.
public struct SetSynonymsResponse: WireMessage {
    /// Rules that the collection has now, and had before.
    public var rules: UInt32 = 0
    public var rulesBefore: UInt32 = 0

    public init() {}

    public init(
        rules: UInt32 = 0, rulesBefore: UInt32 = 0
    ) {
        self.rules = rules
        self.rulesBefore = rulesBefore
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension SetSynonymsResponse: MappedMessage {
    static var name: StaticString { "SetSynonymsResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__SetSynonymsResponse>) { tandem__v1__set_synonyms_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__SetSynonymsResponse>? {
        tandem__v1__set_synonyms_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__SetSynonymsResponse>) throws(MessageError) {
        self.init()
        if c.pointee.has_rules != 0 { rules = c.pointee.rules }
        if c.pointee.has_rules_before != 0 { rulesBefore = c.pointee.rules_before }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__SetSynonymsResponse>, _ arena: EncodingArena) {
        if rules != 0 {
            c.pointee.has_rules = 1
            c.pointee.rules = rules
        }
        if rulesBefore != 0 {
            c.pointee.has_rules_before = 1
            c.pointee.rules_before = rulesBefore
        }
    }
}

/// See ``Method``.
public struct GetSynonymsRequest: WireMessage {
    public var collection: String = ""

    public init() {}

    public init(
        collection: String = ""
    ) {
        self.collection = collection
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension GetSynonymsRequest: MappedMessage {
    static var name: StaticString { "GetSynonymsRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__GetSynonymsRequest>) { tandem__v1__get_synonyms_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__GetSynonymsRequest>? {
        tandem__v1__get_synonyms_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__GetSynonymsRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_collection != 0 { collection = try Fields.text(c.pointee.collection, "collection") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__GetSynonymsRequest>, _ arena: EncodingArena) {
        if collection != "" {
            c.pointee.has_collection = 1
            c.pointee.collection = arena.text(collection)
        }
    }
}

/// See ``Method``.
public struct GetSynonymsResponse: WireMessage {
    public var rules: [SynonymRule] = []

    public init() {}

    public init(
        rules: [SynonymRule] = []
    ) {
        self.rules = rules
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension GetSynonymsResponse: MappedMessage {
    static var name: StaticString { "GetSynonymsResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__GetSynonymsResponse>) { tandem__v1__get_synonyms_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__GetSynonymsResponse>? {
        tandem__v1__get_synonyms_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__GetSynonymsResponse>) throws(MessageError) {
        self.init()
        rules = try Fields.messages(c.pointee.rules, Int(c.pointee.n_rules), "rules")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__GetSynonymsResponse>, _ arena: EncodingArena) {
        (c.pointee.n_rules, c.pointee.rules) = arena.messages(rules)
    }
}
