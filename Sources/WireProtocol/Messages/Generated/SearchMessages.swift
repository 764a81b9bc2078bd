// Written by tools/generate-messages from proto/tandem/v1/search.proto; do not edit.
// One search of one collection. What its stages do is the contract in docs/semantics.md.

internal import CProtobufC
internal import CTandemMessages

/// Which legs run. Never renumber.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct SearchMode: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let hybrid = SearchMode(rawValue: 0)
    public static let lexical = SearchMode(rawValue: 1)
    public static let semantic = SearchMode(rawValue: 2)

    public static let allCases: [SearchMode] = [
        .hybrid, .lexical, .semantic
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "hybrid"
        case 1: "lexical"
        case 2: "semantic"
        default: String(rawValue)
        }
    }
}

/// How a leg's scores are brought to [0, 1] before they are added. Never renumber.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct Normalizer: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let minMax = Normalizer(rawValue: 0)
    /// Floors that the models declare, observed maxima.
    public static let theoretical = Normalizer(rawValue: 1)
    /// Mean ± 3 standard deviations, clamped.
    public static let dbsf = Normalizer(rawValue: 2)
    /// Reciprocal rank fusion.
    public static let rrf = Normalizer(rawValue: 3)

    public static let allCases: [Normalizer] = [
        .minMax, .theoretical, .dbsf, .rrf
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "min_max"
        case 1: "theoretical"
        case 2: "dbsf"
        case 3: "rrf"
        default: String(rawValue)
        }
    }
}

/// What to do when the query cannot be embedded. Never renumber.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct EmbedderFailure: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Search by keywords and say so in `degraded`.
    public static let lexicalOnly = EmbedderFailure(rawValue: 0)
    public static let fail = EmbedderFailure(rawValue: 1)

    public static let allCases: [EmbedderFailure] = [
        .lexicalOnly, .fail
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "lexical_only"
        case 1: "fail"
        default: String(rawValue)
        }
    }
}

/// One value; exactly one field is set.
public struct Value: WireMessage {
    public var keywordValue: String?
    public var int64Value: Int64?
    public var float64Value: Double?
    public var boolValue: Bool?
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var timestampMicroseconds: Int64?

    public init() {}

    public init(
        keywordValue: String? = nil, int64Value: Int64? = nil, float64Value: Double? = nil, boolValue: Bool? = nil,
        timestampMicroseconds: Int64? = nil
    ) {
        self.keywordValue = keywordValue
        self.int64Value = int64Value
        self.float64Value = float64Value
        self.boolValue = boolValue
        self.timestampMicroseconds = timestampMicroseconds
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Value: MappedMessage {
    static var name: StaticString { "Value" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Value>) { tandem__v1__value__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Value>? {
        tandem__v1__value__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Value>) throws(MessageError) {
        self.init()
        if c.pointee.has_keyword_value != 0 { keywordValue = try Fields.text(c.pointee.keyword_value, "keyword_value") }
        if c.pointee.has_int64_value != 0 { int64Value = c.pointee.int64_value }
        if c.pointee.has_float64_value != 0 { float64Value = c.pointee.float64_value }
        if c.pointee.has_bool_value != 0 { boolValue = c.pointee.bool_value != 0 }
        if c.pointee.has_timestamp_us != 0 { timestampMicroseconds = c.pointee.timestamp_us }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Value>, _ arena: EncodingArena) {
        if let keywordValue {
            c.pointee.has_keyword_value = 1
            c.pointee.keyword_value = arena.text(keywordValue)
        }
        if let int64Value {
            c.pointee.has_int64_value = 1
            c.pointee.int64_value = int64Value
        }
        if let float64Value {
            c.pointee.has_float64_value = 1
            c.pointee.float64_value = float64Value
        }
        if let boolValue {
            c.pointee.has_bool_value = 1
            c.pointee.bool_value = boolValue ? 1 : 0
        }
        if let timestampMicroseconds {
            c.pointee.has_timestamp_us = 1
            c.pointee.timestamp_us = timestampMicroseconds
        }
    }
}

/// What a filter node does. Never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct FilterOperator: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = FilterOperator(rawValue: 0)
    /// Pushes every document.
    public static let all = FilterOperator(rawValue: 1)
    /// Pushes the documents that have values[0] in `field`.
    public static let equal = FilterOperator(rawValue: 2)
    /// Pushes the documents that have one of `values` in `field`.
    public static let `in` = FilterOperator(rawValue: 3)
    /// Pushes the documents with a value between `lower` and `upper` in `field`.
    public static let range = FilterOperator(rawValue: 4)
    /// Pushes the documents with any value in `field`.
    public static let exists = FilterOperator(rawValue: 5)
    /// Pops `count` sets, pushes their intersection.
    public static let and = FilterOperator(rawValue: 6)
    /// Pops `count` sets, pushes their union.
    public static let or = FilterOperator(rawValue: 7)
    /// Pops one set, pushes its complement.
    public static let not = FilterOperator(rawValue: 8)

    public static let allCases: [FilterOperator] = [
        .unspecified, .all, .equal, .`in`, .range, .exists, .and, .or, .not
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "all"
        case 2: "equal"
        case 3: "in"
        case 4: "range"
        case 5: "exists"
        case 6: "and"
        case 7: "or"
        case 8: "not"
        default: String(rawValue)
        }
    }
}

/// One step of a filter in postfix order.
public struct FilterNode: WireMessage {
    public var op: FilterOperator = .unspecified
    public var field: String = ""
    public var values: [Value] = []
    /// Absent: open on that side.
    public var lower: Value?
    public var lowerInclusive: Bool = true
    public var upper: Value?
    public var upperInclusive: Bool = true
    public var count: UInt32 = 0

    public init() {}

    public init(
        op: FilterOperator = .unspecified, field: String = "", values: [Value] = [], lower: Value? = nil,
        lowerInclusive: Bool = true, upper: Value? = nil, upperInclusive: Bool = true, count: UInt32 = 0
    ) {
        self.op = op
        self.field = field
        self.values = values
        self.lower = lower
        self.lowerInclusive = lowerInclusive
        self.upper = upper
        self.upperInclusive = upperInclusive
        self.count = count
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension FilterNode: MappedMessage {
    static var name: StaticString { "FilterNode" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__FilterNode>) { tandem__v1__filter_node__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__FilterNode>? {
        tandem__v1__filter_node__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__FilterNode>) throws(MessageError) {
        self.init()
        if c.pointee.has_op != 0 { op = FilterOperator(rawValue: Int32(bitPattern: c.pointee.op.rawValue)) }
        if c.pointee.has_field != 0 { field = try Fields.text(c.pointee.field, "field") }
        values = try Fields.messages(c.pointee.values, Int(c.pointee.n_values), "values")
        lower = try Fields.message(c.pointee.lower, "lower")
        if c.pointee.has_lower_inclusive != 0 { lowerInclusive = c.pointee.lower_inclusive != 0 }
        upper = try Fields.message(c.pointee.upper, "upper")
        if c.pointee.has_upper_inclusive != 0 { upperInclusive = c.pointee.upper_inclusive != 0 }
        if c.pointee.has_count != 0 { count = c.pointee.count }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__FilterNode>, _ arena: EncodingArena) {
        if op != .unspecified {
            c.pointee.has_op = 1
            c.pointee.op = Tandem__V1__FilterOperator(rawValue: UInt32(bitPattern: op.rawValue))
        }
        if field != "" {
            c.pointee.has_field = 1
            c.pointee.field = arena.text(field)
        }
        (c.pointee.n_values, c.pointee.values) = arena.messages(values)
        c.pointee.lower = arena.message(lower)
        if lowerInclusive != true {
            c.pointee.has_lower_inclusive = 1
            c.pointee.lower_inclusive = lowerInclusive ? 1 : 0
        }
        c.pointee.upper = arena.message(upper)
        if upperInclusive != true {
            c.pointee.has_upper_inclusive = 1
            c.pointee.upper_inclusive = upperInclusive ? 1 : 0
        }
        if count != 0 {
            c.pointee.has_count = 1
            c.pointee.count = count
        }
    }
}

/// A filter, either as nodes or as an expression; both at once are refused.
/// Flat, since nested messages are what overflows a decoder's stack.
public struct Filter: WireMessage {
    /// Postfix list; running it must leave exactly one set.
    public var nodes: [FilterNode] = []
    /// For example: section = "net" and installed_size >= 1000
    public var expression: String?

    public init() {}

    public init(
        nodes: [FilterNode] = [], expression: String? = nil
    ) {
        self.nodes = nodes
        self.expression = expression
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Filter: MappedMessage {
    static var name: StaticString { "Filter" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Filter>) { tandem__v1__filter__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Filter>? {
        tandem__v1__filter__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Filter>) throws(MessageError) {
        self.init()
        nodes = try Fields.messages(c.pointee.nodes, Int(c.pointee.n_nodes), "nodes")
        if c.pointee.has_expression != 0 { expression = try Fields.text(c.pointee.expression, "expression") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Filter>, _ arena: EncodingArena) {
        (c.pointee.n_nodes, c.pointee.nodes) = arena.messages(nodes)
        if let expression {
            c.pointee.has_expression = 1
            c.pointee.expression = arena.text(expression)
        }
    }
}

/// How the best hits are reranked.
public struct RerankOptions: WireMessage {
    /// Candidates to rerank, best first; 0: none; absent: 50 in hybrid mode where the collection has a reranker.
    public var depth: UInt32?
    /// Share of the cross-encoder in the final score, 0 to 1; absent: the collection's.
    public var weight: Double?
    /// Time after which no further batch is begun, in microseconds; absent: 250,000.
    public var budgetMicroseconds: UInt64?
    /// No budget at all, as in evaluations; the call's deadline still holds.
    public var unbounded: Bool = false
    /// Another cross-encoder than the collection's.
    public var model: String?

    public init() {}

    public init(
        depth: UInt32? = nil, weight: Double? = nil, budgetMicroseconds: UInt64? = nil, unbounded: Bool = false,
        model: String? = nil
    ) {
        self.depth = depth
        self.weight = weight
        self.budgetMicroseconds = budgetMicroseconds
        self.unbounded = unbounded
        self.model = model
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension RerankOptions: MappedMessage {
    static var name: StaticString { "RerankOptions" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__RerankOptions>) { tandem__v1__rerank_options__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__RerankOptions>? {
        tandem__v1__rerank_options__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__RerankOptions>) throws(MessageError) {
        self.init()
        if c.pointee.has_depth != 0 { depth = c.pointee.depth }
        if c.pointee.has_weight != 0 { weight = c.pointee.weight }
        if c.pointee.has_budget_us != 0 { budgetMicroseconds = c.pointee.budget_us }
        if c.pointee.has_unbounded != 0 { unbounded = c.pointee.unbounded != 0 }
        if c.pointee.has_model != 0 { model = try Fields.text(c.pointee.model, "model") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__RerankOptions>, _ arena: EncodingArena) {
        if let depth {
            c.pointee.has_depth = 1
            c.pointee.depth = depth
        }
        if let weight {
            c.pointee.has_weight = 1
            c.pointee.weight = weight
        }
        if let budgetMicroseconds {
            c.pointee.has_budget_us = 1
            c.pointee.budget_us = budgetMicroseconds
        }
        if unbounded != false {
            c.pointee.has_unbounded = 1
            c.pointee.unbounded = unbounded ? 1 : 0
        }
        if let model {
            c.pointee.has_model = 1
            c.pointee.model = arena.text(model)
        }
    }
}

/// Least scores, each on its own scale; absent: no threshold.
public struct Thresholds: WireMessage {
    public var lexical: Double?
    public var semantic: Double?
    public var fused: Double?
    public var rerank: Double?

    public init() {}

    public init(
        lexical: Double? = nil, semantic: Double? = nil, fused: Double? = nil, rerank: Double? = nil
    ) {
        self.lexical = lexical
        self.semantic = semantic
        self.fused = fused
        self.rerank = rerank
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Thresholds: MappedMessage {
    static var name: StaticString { "Thresholds" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Thresholds>) { tandem__v1__thresholds__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Thresholds>? {
        tandem__v1__thresholds__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Thresholds>) throws(MessageError) {
        self.init()
        if c.pointee.has_lexical != 0 { lexical = c.pointee.lexical }
        if c.pointee.has_semantic != 0 { semantic = c.pointee.semantic }
        if c.pointee.has_fused != 0 { fused = c.pointee.fused }
        if c.pointee.has_rerank != 0 { rerank = c.pointee.rerank }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Thresholds>, _ arena: EncodingArena) {
        if let lexical {
            c.pointee.has_lexical = 1
            c.pointee.lexical = lexical
        }
        if let semantic {
            c.pointee.has_semantic = 1
            c.pointee.semantic = semantic
        }
        if let fused {
            c.pointee.has_fused = 1
            c.pointee.fused = fused
        }
        if let rerank {
            c.pointee.has_rerank = 1
            c.pointee.rerank = rerank
        }
    }
}

/// Weight of a text field that replaces the schema's.
public struct FieldWeight: WireMessage {
    public var field: String = ""
    public var weight: Double = 1

    public init() {}

    public init(
        field: String = "", weight: Double = 1
    ) {
        self.field = field
        self.weight = weight
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension FieldWeight: MappedMessage {
    static var name: StaticString { "FieldWeight" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__FieldWeight>) { tandem__v1__field_weight__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__FieldWeight>? {
        tandem__v1__field_weight__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__FieldWeight>) throws(MessageError) {
        self.init()
        if c.pointee.has_field != 0 { field = try Fields.text(c.pointee.field, "field") }
        if c.pointee.has_weight != 0 { weight = c.pointee.weight }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__FieldWeight>, _ arena: EncodingArena) {
        if field != "" {
            c.pointee.has_field = 1
            c.pointee.field = arena.text(field)
        }
        if weight != 1 {
            c.pointee.has_weight = 1
            c.pointee.weight = weight
        }
    }
}

/// What a request's text is. Never renumber.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct QuerySyntax: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Words; no character has a meaning of its own.
    public static let plain = QuerySyntax(rawValue: 0)
    /// +must -not title:word "exact" term^3 (a OR b); a mistake is INVALID_ARGUMENT and names the column.
    public static let strict = QuerySyntax(rawValue: 1)
    /// The same; a text with a mistake is searched as plain words, and `degraded` says so.
    public static let lenient = QuerySyntax(rawValue: 2)

    public static let allCases: [QuerySyntax] = [
        .plain, .strict, .lenient
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "plain"
        case 1: "strict"
        case 2: "lenient"
        default: String(rawValue)
        }
    }
}

/// What a clause of a query does. Never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct QueryOperator: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = QueryOperator(rawValue: 0)
    /// Pushes the documents that have any word of `text`, all of them, or all as they are written; in `field` where one is named.
    public static let any = QueryOperator(rawValue: 1)
    public static let allWords = QueryOperator(rawValue: 2)
    public static let exact = QueryOperator(rawValue: 3)
    /// Pushes every document, with a score of 1.
    public static let matchAll = QueryOperator(rawValue: 4)
    /// Pushes the documents that have the text field `field`, with a score of 1.
    public static let exists = QueryOperator(rawValue: 5)
    /// Pops one set, pushes its documents with the score `value`.
    public static let constant = QueryOperator(rawValue: 6)
    /// Pops one set, pushes it with its scores times `value`.
    public static let boost = QueryOperator(rawValue: 7)
    /// Pops must + should + filter + must_not sets, which were pushed in this order.
    public static let boolean = QueryOperator(rawValue: 8)
    /// Pops `count` sets, pushes all their documents with the best of their scores and `value` (0 to 1) times the others.
    public static let best = QueryOperator(rawValue: 9)
    /// Pushes the documents that have a word that begins with `text`, in `field` where one is named.
    public static let prefix = QueryOperator(rawValue: 10)
    /// Pushes the documents that have the words of `text` as they are written, in this order and side by side, up to `slop`.
    public static let phrase = QueryOperator(rawValue: 11)
    /// Pushes the documents that have a word within `distance` edits of `text`, in `field` where one is named.
    public static let fuzzy = QueryOperator(rawValue: 12)

    public static let allCases: [QueryOperator] = [
        .unspecified, .any, .allWords, .exact, .matchAll, .exists, .constant, .boost, .boolean, .best, .prefix,
        .phrase, .fuzzy
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "any"
        case 2: "all_words"
        case 3: "exact"
        case 4: "match_all"
        case 5: "exists"
        case 6: "constant"
        case 7: "boost"
        case 8: "boolean"
        case 9: "best"
        case 10: "prefix"
        case 11: "phrase"
        case 12: "fuzzy"
        default: String(rawValue)
        }
    }
}

/// One step of a query in postfix order. The same clauses score and filter.
public struct QueryClause: WireMessage {
    public var op: QueryOperator = .unspecified
    public var text: String = ""
    /// Absent: all text fields.
    public var field: String?
    public var value: Double = 0
    /// All of `must` and `filter` have to match, none of `must_not`; scores are those of `must` and `should`.
    public var must: UInt32 = 0
    public var should: UInt32 = 0
    public var filter: UInt32 = 0
    public var mustNot: UInt32 = 0
    /// Of `should`; absent: 1 where there is neither must nor filter, else 0.
    public var minimumShouldMatch: UInt32?
    public var count: UInt32 = 0
    /// Words that may stand between those of a phrase, all together; neighbours change places for 2.
    public var slop: UInt32 = 0
    /// 0 to 2 edits of a code point, or swaps of neighbours; absent: 0 up to two code points, 1 up to five, else 2.
    public var distance: UInt32?
    /// Code points at the beginning that have to be as they are in `text`.
    public var prefixLength: UInt32 = 0

    public init() {}

    public init(
        op: QueryOperator = .unspecified, text: String = "", field: String? = nil, value: Double = 0, must: UInt32 = 0,
        should: UInt32 = 0, filter: UInt32 = 0, mustNot: UInt32 = 0, minimumShouldMatch: UInt32? = nil,
        count: UInt32 = 0, slop: UInt32 = 0, distance: UInt32? = nil, prefixLength: UInt32 = 0
    ) {
        self.op = op
        self.text = text
        self.field = field
        self.value = value
        self.must = must
        self.should = should
        self.filter = filter
        self.mustNot = mustNot
        self.minimumShouldMatch = minimumShouldMatch
        self.count = count
        self.slop = slop
        self.distance = distance
        self.prefixLength = prefixLength
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension QueryClause: MappedMessage {
    static var name: StaticString { "QueryClause" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__QueryClause>) { tandem__v1__query_clause__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__QueryClause>? {
        tandem__v1__query_clause__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__QueryClause>) throws(MessageError) {
        self.init()
        if c.pointee.has_op != 0 { op = QueryOperator(rawValue: Int32(bitPattern: c.pointee.op.rawValue)) }
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
        if c.pointee.has_field != 0 { field = try Fields.text(c.pointee.field, "field") }
        if c.pointee.has_value != 0 { value = c.pointee.value }
        if c.pointee.has_must != 0 { must = c.pointee.must }
        if c.pointee.has_should != 0 { should = c.pointee.should }
        if c.pointee.has_filter != 0 { filter = c.pointee.filter }
        if c.pointee.has_must_not != 0 { mustNot = c.pointee.must_not }
        if c.pointee.has_minimum_should_match != 0 { minimumShouldMatch = c.pointee.minimum_should_match }
        if c.pointee.has_count != 0 { count = c.pointee.count }
        if c.pointee.has_slop != 0 { slop = c.pointee.slop }
        if c.pointee.has_distance != 0 { distance = c.pointee.distance }
        if c.pointee.has_prefix_length != 0 { prefixLength = c.pointee.prefix_length }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__QueryClause>, _ arena: EncodingArena) {
        if op != .unspecified {
            c.pointee.has_op = 1
            c.pointee.op = Tandem__V1__QueryOperator(rawValue: UInt32(bitPattern: op.rawValue))
        }
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
        if let field {
            c.pointee.has_field = 1
            c.pointee.field = arena.text(field)
        }
        if value != 0 {
            c.pointee.has_value = 1
            c.pointee.value = value
        }
        if must != 0 {
            c.pointee.has_must = 1
            c.pointee.must = must
        }
        if should != 0 {
            c.pointee.has_should = 1
            c.pointee.should = should
        }
        if filter != 0 {
            c.pointee.has_filter = 1
            c.pointee.filter = filter
        }
        if mustNot != 0 {
            c.pointee.has_must_not = 1
            c.pointee.must_not = mustNot
        }
        if let minimumShouldMatch {
            c.pointee.has_minimum_should_match = 1
            c.pointee.minimum_should_match = minimumShouldMatch
        }
        if count != 0 {
            c.pointee.has_count = 1
            c.pointee.count = count
        }
        if slop != 0 {
            c.pointee.has_slop = 1
            c.pointee.slop = slop
        }
        if let distance {
            c.pointee.has_distance = 1
            c.pointee.distance = distance
        }
        if prefixLength != 0 {
            c.pointee.has_prefix_length = 1
            c.pointee.prefix_length = prefixLength
        }
    }
}

/// What to show of the hits' texts: their best passages, with the query's words marked. See docs/highlighting.md.
public struct HighlightOptions: WireMessage {
    /// Text fields to look into; empty: all of them.
    public var fields: [String] = []
    /// Passages of a field at most, 1 to 16.
    public var passages: UInt32 = 1
    /// Longest passage in Unicode code points, 20 to 4,096.
    public var characters: UInt32 = 200
    /// Of the beginning of a field in which no word of the query stands, in code points, at most `characters`; 0: nothing.
    public var noMatchCharacters: UInt32 = 0

    public init() {}

    public init(
        fields: [String] = [], passages: UInt32 = 1, characters: UInt32 = 200, noMatchCharacters: UInt32 = 0
    ) {
        self.fields = fields
        self.passages = passages
        self.characters = characters
        self.noMatchCharacters = noMatchCharacters
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension HighlightOptions: MappedMessage {
    static var name: StaticString { "HighlightOptions" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__HighlightOptions>) { tandem__v1__highlight_options__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__HighlightOptions>? {
        tandem__v1__highlight_options__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__HighlightOptions>) throws(MessageError) {
        self.init()
        fields = try Fields.texts(c.pointee.fields, Int(c.pointee.n_fields), "fields")
        if c.pointee.has_passages != 0 { passages = c.pointee.passages }
        if c.pointee.has_characters != 0 { characters = c.pointee.characters }
        if c.pointee.has_no_match_characters != 0 { noMatchCharacters = c.pointee.no_match_characters }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__HighlightOptions>, _ arena: EncodingArena) {
        (c.pointee.n_fields, c.pointee.fields) = arena.texts(fields)
        if passages != 1 {
            c.pointee.has_passages = 1
            c.pointee.passages = passages
        }
        if characters != 200 {
            c.pointee.has_characters = 1
            c.pointee.characters = characters
        }
        if noMatchCharacters != 0 {
            c.pointee.has_no_match_characters = 1
            c.pointee.no_match_characters = noMatchCharacters
        }
    }
}

/// A stored document as a part of a query.
public struct Example: WireMessage {
    public var id: String = ""
    /// How much its vector counts, -1e6 to 1e6; below 0: hits are to be unlike it.
    public var weight: Double = 1

    public init() {}

    public init(
        id: String = "", weight: Double = 1
    ) {
        self.id = id
        self.weight = weight
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Example: MappedMessage {
    static var name: StaticString { "Example" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Example>) { tandem__v1__example__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Example>? {
        tandem__v1__example__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Example>) throws(MessageError) {
        self.init()
        if c.pointee.has_id != 0 { id = try Fields.text(c.pointee.id, "id") }
        if c.pointee.has_weight != 0 { weight = c.pointee.weight }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Example>, _ arena: EncodingArena) {
        if id != "" {
            c.pointee.has_id = 1
            c.pointee.id = arena.text(id)
        }
        if weight != 1 {
            c.pointee.has_weight = 1
            c.pointee.weight = weight
        }
    }
}

/// One search of one collection.
public struct SearchRequest: WireMessage {
    public var collection: String = ""
    public var text: String = ""
    /// A query vector that the client computed: little-endian IEEE 754 binary32; then `text` is not embedded.
    public var vector: [Float]?
    public var mode: SearchMode = .hybrid
    /// Weight of the semantic leg, 0 to 1; absent: the collection's.
    public var alpha: Double?
    public var normalizer: Normalizer = .minMax
    /// k of reciprocal rank fusion.
    public var rrfK: Double = 60
    /// Hits of the page.
    public var limit: UInt32 = 10
    public var offset: UInt32 = 0
    /// Candidates of each leg; absent: 100, or the page's where one leg runs alone without a reranker.
    public var depth: UInt32?
    /// Absent: the collection's defaults.
    public var rerank: RerankOptions?
    public var filter: Filter?
    public var thresholds: Thresholds?
    /// BM25 parameters that replace the collection's.
    public var k1: Double?
    public var b: Double?
    public var fieldWeights: [FieldWeight] = []
    /// Token of a write: the search sees at least that.
    public var afterSequence: UInt64?
    public var embedderFailure: EmbedderFailure = .lexicalOnly
    public var explain: Bool = false
    /// Stored fields that hits carry; absent: all.
    public var fields: FieldSelection?
    /// Count every match of the lexical leg, which means scoring them all; else documents that cannot be among the best are skipped
    /// where that pays.
    public var countMatches: Bool = false
    public var syntax: QuerySyntax = .plain
    /// What the keyword leg looks for instead of the words of `text`: a postfix list that leaves one set. In every mode, a hit fulfils the
    /// root's must, filter, must_not and explicit minimum_should_match. Without a `text`, the words asked for are embedded.
    public var clauses: [QueryClause] = []
    /// Absent: no passages.
    public var highlight: HighlightOptions?
    /// How much neighbouring words of a plain query count that are neighbours in a text, too: 0 (not at all) to 1 (as much as the two words);
    /// absent: 0.
    public var proximity: Double?
    /// Id of a stored document: search for others like it, instead of `text`, `vector_f32` or `clauses`. Its telling words are looked for, and the
    /// neighbours of its vector. Not reranked unless `rerank` names a depth.
    public var like: String?
    /// Vector field that the semantic leg searches; absent: the first one, which is the model's. Any other one takes `vector_f32`, `like` or
    /// `recommend`.
    public var vectorField: String?
    /// At most 256 stored documents, each once: the sum of their vectors times their weights is the query vector, instead of `vector_f32` or `like`. They
    /// are no hits. A `text` beside them is for the keyword leg; without one the semantic leg runs alone.
    public var recommend: [Example] = []
    /// Compare every vector that passes the filter, instead of walking the graphs of large segments. At most one of these three.
    public var exact: Bool = false
    /// How hard the semantic leg looks, 0 to 1, the same for every collection: of the best hits a fifth may be missing at 0, two in a hundred at 0.5, two
    /// in a thousand at 1.
    public var effort: Double?
    /// The share of the best hits that it should find, 0 to below 1; what that takes was measured on each graph when it was built. Absent, as the others:
    /// 0.99.
    public var targetRecall: Double?
    /// The language of the text, by its ISO 639-1 code; absent: any that the collection's documents are in. Words are stemmed for it alone.
    public var lang: String?
    /// Search for the collection's synonyms of the text's words, too.
    public var synonyms: Bool = true
    /// Absent: words are taken as they are written.
    public var spelling: SpellingOptions?

    public init() {}

    public init(
        collection: String = "", text: String = "", vector: [Float]? = nil, mode: SearchMode = .hybrid,
        alpha: Double? = nil, normalizer: Normalizer = .minMax, rrfK: Double = 60, limit: UInt32 = 10,
        offset: UInt32 = 0, depth: UInt32? = nil, rerank: RerankOptions? = nil, filter: Filter? = nil,
        thresholds: Thresholds? = nil, k1: Double? = nil, b: Double? = nil, fieldWeights: [FieldWeight] = [],
        afterSequence: UInt64? = nil, embedderFailure: EmbedderFailure = .lexicalOnly, explain: Bool = false,
        fields: FieldSelection? = nil, countMatches: Bool = false, syntax: QuerySyntax = .plain,
        clauses: [QueryClause] = [], highlight: HighlightOptions? = nil, proximity: Double? = nil, like: String? = nil,
        vectorField: String? = nil, recommend: [Example] = [], exact: Bool = false, effort: Double? = nil,
        targetRecall: Double? = nil, lang: String? = nil, synonyms: Bool = true, spelling: SpellingOptions? = nil
    ) {
        self.collection = collection
        self.text = text
        self.vector = vector
        self.mode = mode
        self.alpha = alpha
        self.normalizer = normalizer
        self.rrfK = rrfK
        self.limit = limit
        self.offset = offset
        self.depth = depth
        self.rerank = rerank
        self.filter = filter
        self.thresholds = thresholds
        self.k1 = k1
        self.b = b
        self.fieldWeights = fieldWeights
        self.afterSequence = afterSequence
        self.embedderFailure = embedderFailure
        self.explain = explain
        self.fields = fields
        self.countMatches = countMatches
        self.syntax = syntax
        self.clauses = clauses
        self.highlight = highlight
        self.proximity = proximity
        self.like = like
        self.vectorField = vectorField
        self.recommend = recommend
        self.exact = exact
        self.effort = effort
        self.targetRecall = targetRecall
        self.lang = lang
        self.synonyms = synonyms
        self.spelling = spelling
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension SearchRequest: MappedMessage {
    static var name: StaticString { "SearchRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__SearchRequest>) { tandem__v1__search_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__SearchRequest>? {
        tandem__v1__search_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__SearchRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_collection != 0 { collection = try Fields.text(c.pointee.collection, "collection") }
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
        if c.pointee.has_vector_f32 != 0 { vector = try Fields.floats(c.pointee.vector_f32, "vector_f32") }
        if c.pointee.has_mode != 0 { mode = SearchMode(rawValue: Int32(bitPattern: c.pointee.mode.rawValue)) }
        if c.pointee.has_alpha != 0 { alpha = c.pointee.alpha }
        if c.pointee.has_normalizer != 0 { normalizer = Normalizer(rawValue: Int32(bitPattern: c.pointee.normalizer.rawValue)) }
        if c.pointee.has_rrf_k != 0 { rrfK = c.pointee.rrf_k }
        if c.pointee.has_limit != 0 { limit = c.pointee.limit }
        if c.pointee.has_offset != 0 { offset = c.pointee.offset }
        if c.pointee.has_depth != 0 { depth = c.pointee.depth }
        rerank = try Fields.message(c.pointee.rerank, "rerank")
        filter = try Fields.message(c.pointee.filter, "filter")
        thresholds = try Fields.message(c.pointee.thresholds, "thresholds")
        if c.pointee.has_k1 != 0 { k1 = c.pointee.k1 }
        if c.pointee.has_b != 0 { b = c.pointee.b }
        fieldWeights = try Fields.messages(c.pointee.field_weights, Int(c.pointee.n_field_weights), "field_weights")
        if c.pointee.has_after_sequence != 0 { afterSequence = c.pointee.after_sequence }
        if c.pointee.has_embedder_failure != 0 { embedderFailure = EmbedderFailure(rawValue: Int32(bitPattern: c.pointee.embedder_failure.rawValue)) }
        if c.pointee.has_explain != 0 { explain = c.pointee.explain != 0 }
        fields = try Fields.message(c.pointee.fields, "fields")
        if c.pointee.has_count_matches != 0 { countMatches = c.pointee.count_matches != 0 }
        if c.pointee.has_syntax != 0 { syntax = QuerySyntax(rawValue: Int32(bitPattern: c.pointee.syntax.rawValue)) }
        clauses = try Fields.messages(c.pointee.clauses, Int(c.pointee.n_clauses), "clauses")
        highlight = try Fields.message(c.pointee.highlight, "highlight")
        if c.pointee.has_proximity != 0 { proximity = c.pointee.proximity }
        if c.pointee.has_like != 0 { like = try Fields.text(c.pointee.like, "like") }
        if c.pointee.has_vector_field != 0 { vectorField = try Fields.text(c.pointee.vector_field, "vector_field") }
        recommend = try Fields.messages(c.pointee.recommend, Int(c.pointee.n_recommend), "recommend")
        if c.pointee.has_exact != 0 { exact = c.pointee.exact != 0 }
        if c.pointee.has_effort != 0 { effort = c.pointee.effort }
        if c.pointee.has_target_recall != 0 { targetRecall = c.pointee.target_recall }
        if c.pointee.has_lang != 0 { lang = try Fields.text(c.pointee.lang, "lang") }
        if c.pointee.has_synonyms != 0 { synonyms = c.pointee.synonyms != 0 }
        spelling = try Fields.message(c.pointee.spelling, "spelling")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__SearchRequest>, _ arena: EncodingArena) {
        if collection != "" {
            c.pointee.has_collection = 1
            c.pointee.collection = arena.text(collection)
        }
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
        if let vector {
            c.pointee.has_vector_f32 = 1
            c.pointee.vector_f32 = arena.floats(vector)
        }
        if mode != .hybrid {
            c.pointee.has_mode = 1
            c.pointee.mode = Tandem__V1__SearchMode(rawValue: UInt32(bitPattern: mode.rawValue))
        }
        if let alpha {
            c.pointee.has_alpha = 1
            c.pointee.alpha = alpha
        }
        if normalizer != .minMax {
            c.pointee.has_normalizer = 1
            c.pointee.normalizer = Tandem__V1__Normalizer(rawValue: UInt32(bitPattern: normalizer.rawValue))
        }
        if rrfK != 60 {
            c.pointee.has_rrf_k = 1
            c.pointee.rrf_k = rrfK
        }
        if limit != 10 {
            c.pointee.has_limit = 1
            c.pointee.limit = limit
        }
        if offset != 0 {
            c.pointee.has_offset = 1
            c.pointee.offset = offset
        }
        if let depth {
            c.pointee.has_depth = 1
            c.pointee.depth = depth
        }
        c.pointee.rerank = arena.message(rerank)
        c.pointee.filter = arena.message(filter)
        c.pointee.thresholds = arena.message(thresholds)
        if let k1 {
            c.pointee.has_k1 = 1
            c.pointee.k1 = k1
        }
        if let b {
            c.pointee.has_b = 1
            c.pointee.b = b
        }
        (c.pointee.n_field_weights, c.pointee.field_weights) = arena.messages(fieldWeights)
        if let afterSequence {
            c.pointee.has_after_sequence = 1
            c.pointee.after_sequence = afterSequence
        }
        if embedderFailure != .lexicalOnly {
            c.pointee.has_embedder_failure = 1
            c.pointee.embedder_failure = Tandem__V1__EmbedderFailure(rawValue: UInt32(bitPattern: embedderFailure.rawValue))
        }
        if explain != false {
            c.pointee.has_explain = 1
            c.pointee.explain = explain ? 1 : 0
        }
        c.pointee.fields = arena.message(fields)
        if countMatches != false {
            c.pointee.has_count_matches = 1
            c.pointee.count_matches = countMatches ? 1 : 0
        }
        if syntax != .plain {
            c.pointee.has_syntax = 1
            c.pointee.syntax = Tandem__V1__QuerySyntax(rawValue: UInt32(bitPattern: syntax.rawValue))
        }
        (c.pointee.n_clauses, c.pointee.clauses) = arena.messages(clauses)
        c.pointee.highlight = arena.message(highlight)
        if let proximity {
            c.pointee.has_proximity = 1
            c.pointee.proximity = proximity
        }
        if let like {
            c.pointee.has_like = 1
            c.pointee.like = arena.text(like)
        }
        if let vectorField {
            c.pointee.has_vector_field = 1
            c.pointee.vector_field = arena.text(vectorField)
        }
        (c.pointee.n_recommend, c.pointee.recommend) = arena.messages(recommend)
        if exact != false {
            c.pointee.has_exact = 1
            c.pointee.exact = exact ? 1 : 0
        }
        if let effort {
            c.pointee.has_effort = 1
            c.pointee.effort = effort
        }
        if let targetRecall {
            c.pointee.has_target_recall = 1
            c.pointee.target_recall = targetRecall
        }
        if let lang {
            c.pointee.has_lang = 1
            c.pointee.lang = arena.text(lang)
        }
        if synonyms != true {
            c.pointee.has_synonyms = 1
            c.pointee.synonyms = synonyms ? 1 : 0
        }
        c.pointee.spelling = arena.message(spelling)
    }
}

/// What to do about words that no document has. Never renumber.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct SpellingMode: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let off = SpellingMode(rawValue: 0)
    /// Say what may have been meant, in `spelling` of the answer; search for the text as it is.
    public static let suggest = SpellingMode(rawValue: 1)
    /// Where a word is in no document, search for the corrected text instead; `spelling` of the answer says so.
    public static let retry = SpellingMode(rawValue: 2)

    public static let allCases: [SpellingMode] = [
        .off, .suggest, .retry
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "off"
        case 1: "suggest"
        case 2: "retry"
        default: String(rawValue)
        }
    }
}

/// Corrections by the words that the collection's documents have, of the fields that are searched.
public struct SpellingOptions: WireMessage {
    public var mode: SpellingMode = .suggest
    /// Also of words with digits or capitals inside, or joined to others by symbols: mostly codes and names, which are meant as they are.
    public var codes: Bool = false

    public init() {}

    public init(
        mode: SpellingMode = .suggest, codes: Bool = false
    ) {
        self.mode = mode
        self.codes = codes
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension SpellingOptions: MappedMessage {
    static var name: StaticString { "SpellingOptions" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__SpellingOptions>) { tandem__v1__spelling_options__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__SpellingOptions>? {
        tandem__v1__spelling_options__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__SpellingOptions>) throws(MessageError) {
        self.init()
        if c.pointee.has_mode != 0 { mode = SpellingMode(rawValue: Int32(bitPattern: c.pointee.mode.rawValue)) }
        if c.pointee.has_codes != 0 { codes = c.pointee.codes != 0 }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__SpellingOptions>, _ arena: EncodingArena) {
        if mode != .suggest {
            c.pointee.has_mode = 1
            c.pointee.mode = Tandem__V1__SpellingMode(rawValue: UInt32(bitPattern: mode.rawValue))
        }
        if codes != false {
            c.pointee.has_codes = 1
            c.pointee.codes = codes ? 1 : 0
        }
    }
}

/// A word of the query, and what may have been meant.
public struct SpellingCorrection: WireMessage {
    public var original: String = ""
    public var corrected: String = ""
    /// First and one past the last byte in the request's text; both 0 where the words came as clauses.
    public var start: UInt32 = 0
    public var end: UInt32 = 0
    /// Live documents with either.
    public var originalDocuments: UInt64 = 0
    public var correctedDocuments: UInt64 = 0

    public init() {}

    public init(
        original: String = "", corrected: String = "", start: UInt32 = 0, end: UInt32 = 0,
        originalDocuments: UInt64 = 0, correctedDocuments: UInt64 = 0
    ) {
        self.original = original
        self.corrected = corrected
        self.start = start
        self.end = end
        self.originalDocuments = originalDocuments
        self.correctedDocuments = correctedDocuments
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension SpellingCorrection: MappedMessage {
    static var name: StaticString { "SpellingCorrection" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__SpellingCorrection>) { tandem__v1__spelling_correction__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__SpellingCorrection>? {
        tandem__v1__spelling_correction__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__SpellingCorrection>) throws(MessageError) {
        self.init()
        if c.pointee.has_original != 0 { original = try Fields.text(c.pointee.original, "original") }
        if c.pointee.has_corrected != 0 { corrected = try Fields.text(c.pointee.corrected, "corrected") }
        if c.pointee.has_start != 0 { start = c.pointee.start }
        if c.pointee.has_end != 0 { end = c.pointee.end }
        if c.pointee.has_original_documents != 0 { originalDocuments = c.pointee.original_documents }
        if c.pointee.has_corrected_documents != 0 { correctedDocuments = c.pointee.corrected_documents }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__SpellingCorrection>, _ arena: EncodingArena) {
        if original != "" {
            c.pointee.has_original = 1
            c.pointee.original = arena.text(original)
        }
        if corrected != "" {
            c.pointee.has_corrected = 1
            c.pointee.corrected = arena.text(corrected)
        }
        if start != 0 {
            c.pointee.has_start = 1
            c.pointee.start = start
        }
        if end != 0 {
            c.pointee.has_end = 1
            c.pointee.end = end
        }
        if originalDocuments != 0 {
            c.pointee.has_original_documents = 1
            c.pointee.original_documents = originalDocuments
        }
        if correctedDocuments != 0 {
            c.pointee.has_corrected_documents = 1
            c.pointee.corrected_documents = correctedDocuments
        }
    }
}

/// "Did you mean".
public struct SpellingReport: WireMessage {
    /// The request's text with every correction made; empty where the words came as clauses.
    public var text: String = ""
    /// The search was for the corrected words.
    public var applied: Bool = false
    public var corrections: [SpellingCorrection] = []

    public init() {}

    public init(
        text: String = "", applied: Bool = false, corrections: [SpellingCorrection] = []
    ) {
        self.text = text
        self.applied = applied
        self.corrections = corrections
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension SpellingReport: MappedMessage {
    static var name: StaticString { "SpellingReport" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__SpellingReport>) { tandem__v1__spelling_report__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__SpellingReport>? {
        tandem__v1__spelling_report__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__SpellingReport>) throws(MessageError) {
        self.init()
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
        if c.pointee.has_applied != 0 { applied = c.pointee.applied != 0 }
        corrections = try Fields.messages(c.pointee.corrections, Int(c.pointee.n_corrections), "corrections")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__SpellingReport>, _ arena: EncodingArena) {
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
        if applied != false {
            c.pointee.has_applied = 1
            c.pointee.applied = applied ? 1 : 0
        }
        (c.pointee.n_corrections, c.pointee.corrections) = arena.messages(corrections)
    }
}

/// What the semantic leg did to find its candidates, and what it touched.
public struct SemanticReport: WireMessage {
    /// Segments whose vectors were gone through one after another; of those, the ones of which most were passed over because the filter leaves few.
    public var flatSegments: UInt32 = 0
    public var filteredFlatSegments: UInt32 = 0
    /// Segments whose graph was walked.
    public var graphSegments: UInt32 = 0
    /// Segments whose graph was walked in vain, because the filter leaves too little near the query; they were compared after.
    public var abandonedGraphs: UInt32 = 0
    /// Vectors compared one by one in 8 bits.
    public var scanned: UInt64 = 0
    /// Nodes visited in graphs: each is one vector in 8 bits, and 32 in 1 bit.
    public var visited: UInt64 = 0
    /// Vectors scored in full precision.
    public var refined: UInt64 = 0
    /// The leg's candidates are those of comparing every vector.
    public var exact: Bool = false
    /// Vectors estimated one after another from 1-bit codes, of which the promising ones count among those compared in 8 bits.
    public var estimated: UInt64 = 0

    public init() {}

    public init(
        flatSegments: UInt32 = 0, filteredFlatSegments: UInt32 = 0, graphSegments: UInt32 = 0,
        abandonedGraphs: UInt32 = 0, scanned: UInt64 = 0, visited: UInt64 = 0, refined: UInt64 = 0,
        exact: Bool = false, estimated: UInt64 = 0
    ) {
        self.flatSegments = flatSegments
        self.filteredFlatSegments = filteredFlatSegments
        self.graphSegments = graphSegments
        self.abandonedGraphs = abandonedGraphs
        self.scanned = scanned
        self.visited = visited
        self.refined = refined
        self.exact = exact
        self.estimated = estimated
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension SemanticReport: MappedMessage {
    static var name: StaticString { "SemanticReport" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__SemanticReport>) { tandem__v1__semantic_report__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__SemanticReport>? {
        tandem__v1__semantic_report__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__SemanticReport>) throws(MessageError) {
        self.init()
        if c.pointee.has_flat_segments != 0 { flatSegments = c.pointee.flat_segments }
        if c.pointee.has_filtered_flat_segments != 0 { filteredFlatSegments = c.pointee.filtered_flat_segments }
        if c.pointee.has_graph_segments != 0 { graphSegments = c.pointee.graph_segments }
        if c.pointee.has_abandoned_graphs != 0 { abandonedGraphs = c.pointee.abandoned_graphs }
        if c.pointee.has_scanned != 0 { scanned = c.pointee.scanned }
        if c.pointee.has_visited != 0 { visited = c.pointee.visited }
        if c.pointee.has_refined != 0 { refined = c.pointee.refined }
        if c.pointee.has_exact != 0 { exact = c.pointee.exact != 0 }
        if c.pointee.has_estimated != 0 { estimated = c.pointee.estimated }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__SemanticReport>, _ arena: EncodingArena) {
        if flatSegments != 0 {
            c.pointee.has_flat_segments = 1
            c.pointee.flat_segments = flatSegments
        }
        if filteredFlatSegments != 0 {
            c.pointee.has_filtered_flat_segments = 1
            c.pointee.filtered_flat_segments = filteredFlatSegments
        }
        if graphSegments != 0 {
            c.pointee.has_graph_segments = 1
            c.pointee.graph_segments = graphSegments
        }
        if abandonedGraphs != 0 {
            c.pointee.has_abandoned_graphs = 1
            c.pointee.abandoned_graphs = abandonedGraphs
        }
        if scanned != 0 {
            c.pointee.has_scanned = 1
            c.pointee.scanned = scanned
        }
        if visited != 0 {
            c.pointee.has_visited = 1
            c.pointee.visited = visited
        }
        if refined != 0 {
            c.pointee.has_refined = 1
            c.pointee.refined = refined
        }
        if exact != false {
            c.pointee.has_exact = 1
            c.pointee.exact = exact ? 1 : 0
        }
        if estimated != 0 {
            c.pointee.has_estimated = 1
            c.pointee.estimated = estimated
        }
    }
}

/// Floor and ceiling that a leg's scores were normalised with.
public struct ScoreBounds: WireMessage {
    public var floor: Double = 0
    public var ceiling: Double = 0

    public init() {}

    public init(
        floor: Double = 0, ceiling: Double = 0
    ) {
        self.floor = floor
        self.ceiling = ceiling
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension ScoreBounds: MappedMessage {
    static var name: StaticString { "ScoreBounds" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__ScoreBounds>) { tandem__v1__score_bounds__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__ScoreBounds>? {
        tandem__v1__score_bounds__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__ScoreBounds>) throws(MessageError) {
        self.init()
        if c.pointee.has_floor != 0 { floor = c.pointee.floor }
        if c.pointee.has_ceiling != 0 { ceiling = c.pointee.ceiling }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__ScoreBounds>, _ arena: EncodingArena) {
        if floor != 0 {
            c.pointee.has_floor = 1
            c.pointee.floor = floor
        }
        if ceiling != 0 {
            c.pointee.has_ceiling = 1
            c.pointee.ceiling = ceiling
        }
    }
}

/// Time and traffic of one stage.
public struct StageReport: WireMessage {
    /// queue (waiting for a thread and for after_sequence), spelling, analyze, filter, embed, lexical, semantic, true_scores, fuse, rerank, fetch, highlight.
    public var name: String = ""
    public var durationMicroseconds: UInt64 = 0
    /// Items that came in.
    public var seen: UInt64 = 0
    /// Items that it let go.
    public var dropped: UInt64 = 0

    public init() {}

    public init(
        name: String = "", durationMicroseconds: UInt64 = 0, seen: UInt64 = 0, dropped: UInt64 = 0
    ) {
        self.name = name
        self.durationMicroseconds = durationMicroseconds
        self.seen = seen
        self.dropped = dropped
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension StageReport: MappedMessage {
    static var name: StaticString { "StageReport" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__StageReport>) { tandem__v1__stage_report__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__StageReport>? {
        tandem__v1__stage_report__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__StageReport>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_duration_us != 0 { durationMicroseconds = c.pointee.duration_us }
        if c.pointee.has_seen != 0 { seen = c.pointee.seen }
        if c.pointee.has_dropped != 0 { dropped = c.pointee.dropped }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__StageReport>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if durationMicroseconds != 0 {
            c.pointee.has_duration_us = 1
            c.pointee.duration_us = durationMicroseconds
        }
        if seen != 0 {
            c.pointee.has_seen = 1
            c.pointee.seen = seen
        }
        if dropped != 0 {
            c.pointee.has_dropped = 1
            c.pointee.dropped = dropped
        }
    }
}

/// Why reranking ended. Never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct RerankStop: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = RerankStop(rawValue: 0)
    /// Every candidate was reranked.
    public static let complete = RerankStop(rawValue: 1)
    public static let budget = RerankStop(rawValue: 2)
    public static let deadline = RerankStop(rawValue: 3)
    public static let error = RerankStop(rawValue: 4)
    public static let noModel = RerankStop(rawValue: 5)

    public static let allCases: [RerankStop] = [
        .unspecified, .complete, .budget, .deadline, .error, .noModel
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "complete"
        case 2: "budget"
        case 3: "deadline"
        case 4: "error"
        case 5: "no_model"
        default: String(rawValue)
        }
    }
}

/// What the reranker did.
public struct RerankReport: WireMessage {
    /// Candidates that were to be reranked, and those that were.
    public var requested: UInt32 = 0
    public var reranked: UInt32 = 0
    public var stop: RerankStop = .unspecified
    public var model: String = ""
    public var weight: Double = 0

    public init() {}

    public init(
        requested: UInt32 = 0, reranked: UInt32 = 0, stop: RerankStop = .unspecified, model: String = "",
        weight: Double = 0
    ) {
        self.requested = requested
        self.reranked = reranked
        self.stop = stop
        self.model = model
        self.weight = weight
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension RerankReport: MappedMessage {
    static var name: StaticString { "RerankReport" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__RerankReport>) { tandem__v1__rerank_report__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__RerankReport>? {
        tandem__v1__rerank_report__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__RerankReport>) throws(MessageError) {
        self.init()
        if c.pointee.has_requested != 0 { requested = c.pointee.requested }
        if c.pointee.has_reranked != 0 { reranked = c.pointee.reranked }
        if c.pointee.has_stop != 0 { stop = RerankStop(rawValue: Int32(bitPattern: c.pointee.stop.rawValue)) }
        if c.pointee.has_model != 0 { model = try Fields.text(c.pointee.model, "model") }
        if c.pointee.has_weight != 0 { weight = c.pointee.weight }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__RerankReport>, _ arena: EncodingArena) {
        if requested != 0 {
            c.pointee.has_requested = 1
            c.pointee.requested = requested
        }
        if reranked != 0 {
            c.pointee.has_reranked = 1
            c.pointee.reranked = reranked
        }
        if stop != .unspecified {
            c.pointee.has_stop = 1
            c.pointee.stop = Tandem__V1__RerankStop(rawValue: UInt32(bitPattern: stop.rawValue))
        }
        if model != "" {
            c.pointee.has_model = 1
            c.pointee.model = arena.text(model)
        }
        if weight != 0 {
            c.pointee.has_weight = 1
            c.pointee.weight = weight
        }
    }
}

/// A stage that did less than was asked.
public struct Degradation: WireMessage {
    public var stage: String = ""
    public var reason: String = ""
    /// Hits that were reranked before it happened.
    public var reranked: UInt32 = 0

    public init() {}

    public init(
        stage: String = "", reason: String = "", reranked: UInt32 = 0
    ) {
        self.stage = stage
        self.reason = reason
        self.reranked = reranked
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Degradation: MappedMessage {
    static var name: StaticString { "Degradation" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Degradation>) { tandem__v1__degradation__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Degradation>? {
        tandem__v1__degradation__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Degradation>) throws(MessageError) {
        self.init()
        if c.pointee.has_stage != 0 { stage = try Fields.text(c.pointee.stage, "stage") }
        if c.pointee.has_reason != 0 { reason = try Fields.text(c.pointee.reason, "reason") }
        if c.pointee.has_reranked != 0 { reranked = c.pointee.reranked }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Degradation>, _ arena: EncodingArena) {
        if stage != "" {
            c.pointee.has_stage = 1
            c.pointee.stage = arena.text(stage)
        }
        if reason != "" {
            c.pointee.has_reason = 1
            c.pointee.reason = arena.text(reason)
        }
        if reranked != 0 {
            c.pointee.has_reranked = 1
            c.pointee.reranked = reranked
        }
    }
}

/// A form of a query term in a field, or a phrase.
public struct FormMatch: WireMessage {
    public var field: String = ""
    /// surface, stem, part, whole, folded, bigram; phrase.
    public var form: String = ""
    public var term: String = ""
    /// Occurrences; of a phrase rounded down.
    public var frequency: UInt64 = 0
    public var fieldLength: UInt64 = 0
    public var averageLength: Double = 0
    /// Weight of the field times weight of the form.
    public var weight: Double = 0
    /// Of a phrase: the sum of 1 / (1 + d) over its matches, d being by how much its words are out of place.
    public var phraseFrequency: Double?

    public init() {}

    public init(
        field: String = "", form: String = "", term: String = "", frequency: UInt64 = 0, fieldLength: UInt64 = 0,
        averageLength: Double = 0, weight: Double = 0, phraseFrequency: Double? = nil
    ) {
        self.field = field
        self.form = form
        self.term = term
        self.frequency = frequency
        self.fieldLength = fieldLength
        self.averageLength = averageLength
        self.weight = weight
        self.phraseFrequency = phraseFrequency
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension FormMatch: MappedMessage {
    static var name: StaticString { "FormMatch" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__FormMatch>) { tandem__v1__form_match__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__FormMatch>? {
        tandem__v1__form_match__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__FormMatch>) throws(MessageError) {
        self.init()
        if c.pointee.has_field != 0 { field = try Fields.text(c.pointee.field, "field") }
        if c.pointee.has_form != 0 { form = try Fields.text(c.pointee.form, "form") }
        if c.pointee.has_term != 0 { term = try Fields.text(c.pointee.term, "term") }
        if c.pointee.has_frequency != 0 { frequency = c.pointee.frequency }
        if c.pointee.has_field_length != 0 { fieldLength = c.pointee.field_length }
        if c.pointee.has_average_length != 0 { averageLength = c.pointee.average_length }
        if c.pointee.has_weight != 0 { weight = c.pointee.weight }
        if c.pointee.has_phrase_frequency != 0 { phraseFrequency = c.pointee.phrase_frequency }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__FormMatch>, _ arena: EncodingArena) {
        if field != "" {
            c.pointee.has_field = 1
            c.pointee.field = arena.text(field)
        }
        if form != "" {
            c.pointee.has_form = 1
            c.pointee.form = arena.text(form)
        }
        if term != "" {
            c.pointee.has_term = 1
            c.pointee.term = arena.text(term)
        }
        if frequency != 0 {
            c.pointee.has_frequency = 1
            c.pointee.frequency = frequency
        }
        if fieldLength != 0 {
            c.pointee.has_field_length = 1
            c.pointee.field_length = fieldLength
        }
        if averageLength != 0 {
            c.pointee.has_average_length = 1
            c.pointee.average_length = averageLength
        }
        if weight != 0 {
            c.pointee.has_weight = 1
            c.pointee.weight = weight
        }
        if let phraseFrequency {
            c.pointee.has_phrase_frequency = 1
            c.pointee.phrase_frequency = phraseFrequency
        }
    }
}

/// One query term's part of the BM25 score; a phrase is one term, in quotes. `*` stands for what clauses without words add (all, exists, and
/// constants); it has neither idf nor frequency.
public struct TermMatch: WireMessage {
    public var term: String = ""
    /// That of the term, times those of the clauses above it.
    public var boost: Double = 1
    public var idf: Double = 0
    /// Live documents with the term, and in all. Of a phrase 0: its idf is the sum of its words'.
    public var documentFrequency: UInt64 = 0
    public var documentCount: UInt64 = 0
    /// Weighted, length-normalised frequency before saturation.
    public var frequency: Double = 0
    /// 0 where it does not count: under a filter or a constant, or in a part of the query that does not match.
    public var score: Double = 0
    public var matches: [FormMatch] = []

    public init() {}

    public init(
        term: String = "", boost: Double = 1, idf: Double = 0, documentFrequency: UInt64 = 0,
        documentCount: UInt64 = 0, frequency: Double = 0, score: Double = 0, matches: [FormMatch] = []
    ) {
        self.term = term
        self.boost = boost
        self.idf = idf
        self.documentFrequency = documentFrequency
        self.documentCount = documentCount
        self.frequency = frequency
        self.score = score
        self.matches = matches
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension TermMatch: MappedMessage {
    static var name: StaticString { "TermMatch" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__TermMatch>) { tandem__v1__term_match__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__TermMatch>? {
        tandem__v1__term_match__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__TermMatch>) throws(MessageError) {
        self.init()
        if c.pointee.has_term != 0 { term = try Fields.text(c.pointee.term, "term") }
        if c.pointee.has_boost != 0 { boost = c.pointee.boost }
        if c.pointee.has_idf != 0 { idf = c.pointee.idf }
        if c.pointee.has_document_frequency != 0 { documentFrequency = c.pointee.document_frequency }
        if c.pointee.has_document_count != 0 { documentCount = c.pointee.document_count }
        if c.pointee.has_frequency != 0 { frequency = c.pointee.frequency }
        if c.pointee.has_score != 0 { score = c.pointee.score }
        matches = try Fields.messages(c.pointee.matches, Int(c.pointee.n_matches), "matches")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__TermMatch>, _ arena: EncodingArena) {
        if term != "" {
            c.pointee.has_term = 1
            c.pointee.term = arena.text(term)
        }
        if boost != 1 {
            c.pointee.has_boost = 1
            c.pointee.boost = boost
        }
        if idf != 0 {
            c.pointee.has_idf = 1
            c.pointee.idf = idf
        }
        if documentFrequency != 0 {
            c.pointee.has_document_frequency = 1
            c.pointee.document_frequency = documentFrequency
        }
        if documentCount != 0 {
            c.pointee.has_document_count = 1
            c.pointee.document_count = documentCount
        }
        if frequency != 0 {
            c.pointee.has_frequency = 1
            c.pointee.frequency = frequency
        }
        if score != 0 {
            c.pointee.has_score = 1
            c.pointee.score = score
        }
        (c.pointee.n_matches, c.pointee.matches) = arena.messages(matches)
    }
}

/// Why a hit scored as it did; only on request.
public struct Explanation: WireMessage {
    public var terms: [TermMatch] = []
    /// As they entered the sum; absent where the leg did not run.
    public var lexicalNormalized: Double?
    public var semanticNormalized: Double?
    /// Ranks in the pool, from 1, where reciprocal rank fusion was used.
    public var lexicalRank: UInt32?
    public var semanticRank: UInt32?
    /// Normalised over the reranked candidates.
    public var rerankNormalized: Double?
    public var fusedNormalized: Double?
    /// Passage that the cross-encoder read.
    public var passage: String?
    /// The scores as one line of arithmetic for people.
    public var summary: String = ""

    public init() {}

    public init(
        terms: [TermMatch] = [], lexicalNormalized: Double? = nil, semanticNormalized: Double? = nil,
        lexicalRank: UInt32? = nil, semanticRank: UInt32? = nil, rerankNormalized: Double? = nil,
        fusedNormalized: Double? = nil, passage: String? = nil, summary: String = ""
    ) {
        self.terms = terms
        self.lexicalNormalized = lexicalNormalized
        self.semanticNormalized = semanticNormalized
        self.lexicalRank = lexicalRank
        self.semanticRank = semanticRank
        self.rerankNormalized = rerankNormalized
        self.fusedNormalized = fusedNormalized
        self.passage = passage
        self.summary = summary
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Explanation: MappedMessage {
    static var name: StaticString { "Explanation" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Explanation>) { tandem__v1__explanation__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Explanation>? {
        tandem__v1__explanation__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Explanation>) throws(MessageError) {
        self.init()
        terms = try Fields.messages(c.pointee.terms, Int(c.pointee.n_terms), "terms")
        if c.pointee.has_lexical_normalized != 0 { lexicalNormalized = c.pointee.lexical_normalized }
        if c.pointee.has_semantic_normalized != 0 { semanticNormalized = c.pointee.semantic_normalized }
        if c.pointee.has_lexical_rank != 0 { lexicalRank = c.pointee.lexical_rank }
        if c.pointee.has_semantic_rank != 0 { semanticRank = c.pointee.semantic_rank }
        if c.pointee.has_rerank_normalized != 0 { rerankNormalized = c.pointee.rerank_normalized }
        if c.pointee.has_fused_normalized != 0 { fusedNormalized = c.pointee.fused_normalized }
        if c.pointee.has_passage != 0 { passage = try Fields.text(c.pointee.passage, "passage") }
        if c.pointee.has_summary != 0 { summary = try Fields.text(c.pointee.summary, "summary") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Explanation>, _ arena: EncodingArena) {
        (c.pointee.n_terms, c.pointee.terms) = arena.messages(terms)
        if let lexicalNormalized {
            c.pointee.has_lexical_normalized = 1
            c.pointee.lexical_normalized = lexicalNormalized
        }
        if let semanticNormalized {
            c.pointee.has_semantic_normalized = 1
            c.pointee.semantic_normalized = semanticNormalized
        }
        if let lexicalRank {
            c.pointee.has_lexical_rank = 1
            c.pointee.lexical_rank = lexicalRank
        }
        if let semanticRank {
            c.pointee.has_semantic_rank = 1
            c.pointee.semantic_rank = semanticRank
        }
        if let rerankNormalized {
            c.pointee.has_rerank_normalized = 1
            c.pointee.rerank_normalized = rerankNormalized
        }
        if let fusedNormalized {
            c.pointee.has_fused_normalized = 1
            c.pointee.fused_normalized = fusedNormalized
        }
        if let passage {
            c.pointee.has_passage = 1
            c.pointee.passage = arena.text(passage)
        }
        if summary != "" {
            c.pointee.has_summary = 1
            c.pointee.summary = arena.text(summary)
        }
    }
}

/// One word of a passage, or several that overlap, which the query asks for.
public struct PassageMatch: WireMessage {
    /// First and one past the last byte, in the field's stored text as UTF-8 (not in the passage).
    public var start: UInt32 = 0
    public var end: UInt32 = 0
    /// The query's terms that it matches, named as in explanations; at least one.
    public var terms: [String] = []

    public init() {}

    public init(
        start: UInt32 = 0, end: UInt32 = 0, terms: [String] = []
    ) {
        self.start = start
        self.end = end
        self.terms = terms
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension PassageMatch: MappedMessage {
    static var name: StaticString { "PassageMatch" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__PassageMatch>) { tandem__v1__passage_match__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__PassageMatch>? {
        tandem__v1__passage_match__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__PassageMatch>) throws(MessageError) {
        self.init()
        if c.pointee.has_start != 0 { start = c.pointee.start }
        if c.pointee.has_end != 0 { end = c.pointee.end }
        terms = try Fields.texts(c.pointee.terms, Int(c.pointee.n_terms), "terms")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__PassageMatch>, _ arena: EncodingArena) {
        if start != 0 {
            c.pointee.has_start = 1
            c.pointee.start = start
        }
        if end != 0 {
            c.pointee.has_end = 1
            c.pointee.end = end
        }
        (c.pointee.n_terms, c.pointee.terms) = arena.texts(terms)
    }
}

/// A part of a text. All offsets lie on borders of grapheme clusters.
public struct Passage: WireMessage {
    /// First and one past the last byte, in the field's stored text as UTF-8.
    public var start: UInt32 = 0
    public var end: UInt32 = 0
    /// The bytes between.
    public var text: String = ""
    /// What it says of the query; comparable within one answer.
    public var score: Double = 0
    /// In the order of the text, without overlaps.
    public var matches: [PassageMatch] = []

    public init() {}

    public init(
        start: UInt32 = 0, end: UInt32 = 0, text: String = "", score: Double = 0, matches: [PassageMatch] = []
    ) {
        self.start = start
        self.end = end
        self.text = text
        self.score = score
        self.matches = matches
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Passage: MappedMessage {
    static var name: StaticString { "Passage" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Passage>) { tandem__v1__passage__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Passage>? {
        tandem__v1__passage__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Passage>) throws(MessageError) {
        self.init()
        if c.pointee.has_start != 0 { start = c.pointee.start }
        if c.pointee.has_end != 0 { end = c.pointee.end }
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
        if c.pointee.has_score != 0 { score = c.pointee.score }
        matches = try Fields.messages(c.pointee.matches, Int(c.pointee.n_matches), "matches")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Passage>, _ arena: EncodingArena) {
        if start != 0 {
            c.pointee.has_start = 1
            c.pointee.start = start
        }
        if end != 0 {
            c.pointee.has_end = 1
            c.pointee.end = end
        }
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
        if score != 0 {
            c.pointee.has_score = 1
            c.pointee.score = score
        }
        (c.pointee.n_matches, c.pointee.matches) = arena.messages(matches)
    }
}

/// The passages of one field of a hit, best first, none overlapping another.
public struct HighlightedField: WireMessage {
    public var field: String = ""
    public var passages: [Passage] = []

    public init() {}

    public init(
        field: String = "", passages: [Passage] = []
    ) {
        self.field = field
        self.passages = passages
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension HighlightedField: MappedMessage {
    static var name: StaticString { "HighlightedField" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__HighlightedField>) { tandem__v1__highlighted_field__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__HighlightedField>? {
        tandem__v1__highlighted_field__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__HighlightedField>) throws(MessageError) {
        self.init()
        if c.pointee.has_field != 0 { field = try Fields.text(c.pointee.field, "field") }
        passages = try Fields.messages(c.pointee.passages, Int(c.pointee.n_passages), "passages")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__HighlightedField>, _ arena: EncodingArena) {
        if field != "" {
            c.pointee.has_field = 1
            c.pointee.field = arena.text(field)
        }
        (c.pointee.n_passages, c.pointee.passages) = arena.messages(passages)
    }
}

/// One hit of a page.
public struct Hit: WireMessage {
    public var id: String = ""
    /// Sequence of the version found; usable as the version of an IF_VERSION condition.
    public var version: UInt64 = 0
    /// What the page is ordered by, descending, within reranked hits and within the rest.
    public var score: Double = 0
    /// alpha · semantic + (1 − alpha) · lexical, normalised; in one-leg modes that leg's raw score.
    public var fused: Double = 0
    /// BM25; absent: no query term in the document, or the leg did not run.
    public var lexical: Double?
    /// Cosine or dot product; absent: no vector, or the leg did not run.
    public var semantic: Double?
    /// Logit of the cross-encoder; absent: not reranked.
    public var rerank: Double?
    /// Absent: a search without the semantic leg does not look.
    public var hasVector: Bool?
    /// Absent where no stored field was asked for.
    public var document: Document?
    public var explanation: Explanation?
    /// By field, in the schema's order; fields without a passage are left out.
    public var highlights: [HighlightedField] = []

    public init() {}

    public init(
        id: String = "", version: UInt64 = 0, score: Double = 0, fused: Double = 0, lexical: Double? = nil,
        semantic: Double? = nil, rerank: Double? = nil, hasVector: Bool? = nil, document: Document? = nil,
        explanation: Explanation? = nil, highlights: [HighlightedField] = []
    ) {
        self.id = id
        self.version = version
        self.score = score
        self.fused = fused
        self.lexical = lexical
        self.semantic = semantic
        self.rerank = rerank
        self.hasVector = hasVector
        self.document = document
        self.explanation = explanation
        self.highlights = highlights
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Hit: MappedMessage {
    static var name: StaticString { "Hit" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Hit>) { tandem__v1__hit__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Hit>? {
        tandem__v1__hit__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Hit>) throws(MessageError) {
        self.init()
        if c.pointee.has_id != 0 { id = try Fields.text(c.pointee.id, "id") }
        if c.pointee.has_version != 0 { version = c.pointee.version }
        if c.pointee.has_score != 0 { score = c.pointee.score }
        if c.pointee.has_fused != 0 { fused = c.pointee.fused }
        if c.pointee.has_lexical != 0 { lexical = c.pointee.lexical }
        if c.pointee.has_semantic != 0 { semantic = c.pointee.semantic }
        if c.pointee.has_rerank != 0 { rerank = c.pointee.rerank }
        if c.pointee.has_has_vector != 0 { hasVector = c.pointee.has_vector != 0 }
        document = try Fields.message(c.pointee.document, "document")
        explanation = try Fields.message(c.pointee.explanation, "explanation")
        highlights = try Fields.messages(c.pointee.highlights, Int(c.pointee.n_highlights), "highlights")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Hit>, _ arena: EncodingArena) {
        if id != "" {
            c.pointee.has_id = 1
            c.pointee.id = arena.text(id)
        }
        if version != 0 {
            c.pointee.has_version = 1
            c.pointee.version = version
        }
        if score != 0 {
            c.pointee.has_score = 1
            c.pointee.score = score
        }
        if fused != 0 {
            c.pointee.has_fused = 1
            c.pointee.fused = fused
        }
        if let lexical {
            c.pointee.has_lexical = 1
            c.pointee.lexical = lexical
        }
        if let semantic {
            c.pointee.has_semantic = 1
            c.pointee.semantic = semantic
        }
        if let rerank {
            c.pointee.has_rerank = 1
            c.pointee.rerank = rerank
        }
        if let hasVector {
            c.pointee.has_has_vector = 1
            c.pointee.has_vector = hasVector ? 1 : 0
        }
        c.pointee.document = arena.message(document)
        c.pointee.explanation = arena.message(explanation)
        (c.pointee.n_highlights, c.pointee.highlights) = arena.messages(highlights)
    }
}

/// The page, and how it came about.
public struct SearchResponse: WireMessage {
    public var hits: [Hit] = []
    /// What was run: alpha 0 and 1, or a missing embedder, narrow hybrid to one leg.
    public var mode: SearchMode = .hybrid
    public var alpha: Double = 0
    public var normalizer: Normalizer = .minMax
    /// Absent where the leg did not run or the normaliser has no bounds.
    public var lexicalBounds: ScoreBounds?
    public var semanticBounds: ScoreBounds?
    /// Candidates of both legs together.
    public var poolSize: UInt32 = 0
    /// Documents that match a query term and pass the filter; absent where the lexical leg did not run.
    public var lexicalMatched: UInt64?
    /// There may be more than lexical_matched: not all were looked at.
    public var lexicalMatchedAtLeast: Bool = false
    /// Legs that ran and found nothing: lexical, semantic.
    public var emptyLegs: [String] = []
    public var stages: [StageReport] = []
    public var rerank: RerankReport?
    public var degraded: [Degradation] = []
    /// The snapshot includes every write up to here, for keywords and for vectors.
    public var appliedSequence: UInt64 = 0
    public var vectorAppliedSequence: UInt64 = 0
    public var generation: UInt64 = 0
    /// False: budgets aside, the hits are those of an exhaustive search. True where a graph was walked, vectors were estimated from 1-bit codes, or
    /// neighbouring words were weighed.
    public var approximate: Bool = false
    public var durationMicroseconds: UInt64 = 0
    /// Absent where the semantic leg did not run.
    public var semantic: SemanticReport?
    /// Absent where nothing is to be corrected, or nobody asked.
    public var spelling: SpellingReport?

    public init() {}

    public init(
        hits: [Hit] = [], mode: SearchMode = .hybrid, alpha: Double = 0, normalizer: Normalizer = .minMax,
        lexicalBounds: ScoreBounds? = nil, semanticBounds: ScoreBounds? = nil, poolSize: UInt32 = 0,
        lexicalMatched: UInt64? = nil, lexicalMatchedAtLeast: Bool = false, emptyLegs: [String] = [],
        stages: [StageReport] = [], rerank: RerankReport? = nil, degraded: [Degradation] = [],
        appliedSequence: UInt64 = 0, vectorAppliedSequence: UInt64 = 0, generation: UInt64 = 0,
        approximate: Bool = false, durationMicroseconds: UInt64 = 0, semantic: SemanticReport? = nil,
        spelling: SpellingReport? = nil
    ) {
        self.hits = hits
        self.mode = mode
        self.alpha = alpha
        self.normalizer = normalizer
        self.lexicalBounds = lexicalBounds
        self.semanticBounds = semanticBounds
        self.poolSize = poolSize
        self.lexicalMatched = lexicalMatched
        self.lexicalMatchedAtLeast = lexicalMatchedAtLeast
        self.emptyLegs = emptyLegs
        self.stages = stages
        self.rerank = rerank
        self.degraded = degraded
        self.appliedSequence = appliedSequence
        self.vectorAppliedSequence = vectorAppliedSequence
        self.generation = generation
        self.approximate = approximate
        self.durationMicroseconds = durationMicroseconds
        self.semantic = semantic
        self.spelling = spelling
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension SearchResponse: MappedMessage {
    static var name: StaticString { "SearchResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__SearchResponse>) { tandem__v1__search_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__SearchResponse>? {
        tandem__v1__search_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__SearchResponse>) throws(MessageError) {
        self.init()
        hits = try Fields.messages(c.pointee.hits, Int(c.pointee.n_hits), "hits")
        if c.pointee.has_mode != 0 { mode = SearchMode(rawValue: Int32(bitPattern: c.pointee.mode.rawValue)) }
        if c.pointee.has_alpha != 0 { alpha = c.pointee.alpha }
        if c.pointee.has_normalizer != 0 { normalizer = Normalizer(rawValue: Int32(bitPattern: c.pointee.normalizer.rawValue)) }
        lexicalBounds = try Fields.message(c.pointee.lexical_bounds, "lexical_bounds")
        semanticBounds = try Fields.message(c.pointee.semantic_bounds, "semantic_bounds")
        if c.pointee.has_pool_size != 0 { poolSize = c.pointee.pool_size }
        if c.pointee.has_lexical_matched != 0 { lexicalMatched = c.pointee.lexical_matched }
        if c.pointee.has_lexical_matched_at_least != 0 { lexicalMatchedAtLeast = c.pointee.lexical_matched_at_least != 0 }
        emptyLegs = try Fields.texts(c.pointee.empty_legs, Int(c.pointee.n_empty_legs), "empty_legs")
        stages = try Fields.messages(c.pointee.stages, Int(c.pointee.n_stages), "stages")
        rerank = try Fields.message(c.pointee.rerank, "rerank")
        degraded = try Fields.messages(c.pointee.degraded, Int(c.pointee.n_degraded), "degraded")
        if c.pointee.has_applied_sequence != 0 { appliedSequence = c.pointee.applied_sequence }
        if c.pointee.has_vector_applied_sequence != 0 { vectorAppliedSequence = c.pointee.vector_applied_sequence }
        if c.pointee.has_generation != 0 { generation = c.pointee.generation }
        if c.pointee.has_approximate != 0 { approximate = c.pointee.approximate != 0 }
        if c.pointee.has_duration_us != 0 { durationMicroseconds = c.pointee.duration_us }
        semantic = try Fields.message(c.pointee.semantic, "semantic")
        spelling = try Fields.message(c.pointee.spelling, "spelling")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__SearchResponse>, _ arena: EncodingArena) {
        (c.pointee.n_hits, c.pointee.hits) = arena.messages(hits)
        if mode != .hybrid {
            c.pointee.has_mode = 1
            c.pointee.mode = Tandem__V1__SearchMode(rawValue: UInt32(bitPattern: mode.rawValue))
        }
        if alpha != 0 {
            c.pointee.has_alpha = 1
            c.pointee.alpha = alpha
        }
        if normalizer != .minMax {
            c.pointee.has_normalizer = 1
            c.pointee.normalizer = Tandem__V1__Normalizer(rawValue: UInt32(bitPattern: normalizer.rawValue))
        }
        c.pointee.lexical_bounds = arena.message(lexicalBounds)
        c.pointee.semantic_bounds = arena.message(semanticBounds)
        if poolSize != 0 {
            c.pointee.has_pool_size = 1
            c.pointee.pool_size = poolSize
        }
        if let lexicalMatched {
            c.pointee.has_lexical_matched = 1
            c.pointee.lexical_matched = lexicalMatched
        }
        if lexicalMatchedAtLeast != false {
            c.pointee.has_lexical_matched_at_least = 1
            c.pointee.lexical_matched_at_least = lexicalMatchedAtLeast ? 1 : 0
        }
        (c.pointee.n_empty_legs, c.pointee.empty_legs) = arena.texts(emptyLegs)
        (c.pointee.n_stages, c.pointee.stages) = arena.messages(stages)
        c.pointee.rerank = arena.message(rerank)
        (c.pointee.n_degraded, c.pointee.degraded) = arena.messages(degraded)
        if appliedSequence != 0 {
            c.pointee.has_applied_sequence = 1
            c.pointee.applied_sequence = appliedSequence
        }
        if vectorAppliedSequence != 0 {
            c.pointee.has_vector_applied_sequence = 1
            c.pointee.vector_applied_sequence = vectorAppliedSequence
        }
        if generation != 0 {
            c.pointee.has_generation = 1
            c.pointee.generation = generation
        }
        if approximate != false {
            c.pointee.has_approximate = 1
            c.pointee.approximate = approximate ? 1 : 0
        }
        if durationMicroseconds != 0 {
            c.pointee.has_duration_us = 1
            c.pointee.duration_us = durationMicroseconds
        }
        c.pointee.semantic = arena.message(semantic)
        c.pointee.spelling = arena.message(spelling)
    }
}
