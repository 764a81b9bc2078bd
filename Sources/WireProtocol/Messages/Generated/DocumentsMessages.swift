// Written by tools/generate-messages from proto/tandem/v1/documents.proto; do not edit.
// Documents and what is done to them.

internal import CProtobufC
internal import CTandemMessages

/// A text field with its value.
public struct TextField: WireMessage {
    public var name: String = ""
    public var text: String = ""

    public init() {}

    public init(
        name: String = "", text: String = ""
    ) {
        self.name = name
        self.text = text
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension TextField: MappedMessage {
    static var name: StaticString { "TextField" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__TextField>) { tandem__v1__text_field__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__TextField>? {
        tandem__v1__text_field__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__TextField>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__TextField>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
    }
}

/// An attribute field with its values: exactly one of the lists is used, the one of the type that the schema declares.
public struct AttributeField: WireMessage {
    public var name: String = ""
    public var keywords: [String] = []
    public var int64s: [Int64] = []
    public var float64s: [Double] = []
    public var bools: [Bool] = []
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var timestampsMicroseconds: [Int64] = []

    public init() {}

    public init(
        name: String = "", keywords: [String] = [], int64s: [Int64] = [], float64s: [Double] = [], bools: [Bool] = [],
        timestampsMicroseconds: [Int64] = []
    ) {
        self.name = name
        self.keywords = keywords
        self.int64s = int64s
        self.float64s = float64s
        self.bools = bools
        self.timestampsMicroseconds = timestampsMicroseconds
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension AttributeField: MappedMessage {
    static var name: StaticString { "AttributeField" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__AttributeField>) { tandem__v1__attribute_field__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__AttributeField>? {
        tandem__v1__attribute_field__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__AttributeField>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        keywords = try Fields.texts(c.pointee.keywords, Int(c.pointee.n_keywords), "keywords")
        int64s = Fields.scalars(c.pointee.int64s, Int(c.pointee.n_int64s))
        float64s = Fields.scalars(c.pointee.float64s, Int(c.pointee.n_float64s))
        bools = Fields.bools(c.pointee.bools, Int(c.pointee.n_bools))
        timestampsMicroseconds = Fields.scalars(c.pointee.timestamps_us, Int(c.pointee.n_timestamps_us))
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__AttributeField>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        (c.pointee.n_keywords, c.pointee.keywords) = arena.texts(keywords)
        (c.pointee.n_int64s, c.pointee.int64s) = arena.scalars(int64s)
        (c.pointee.n_float64s, c.pointee.float64s) = arena.scalars(float64s)
        (c.pointee.n_bools, c.pointee.bools) = arena.bools(bools)
        (c.pointee.n_timestamps_us, c.pointee.timestamps_us) = arena.scalars(timestampsMicroseconds)
    }
}

/// A vector field with one vector that the client computed itself.
public struct VectorField: WireMessage {
    public var name: String = ""
    /// Components as little-endian IEEE 754 binary32, back to back.
    public var values: [Float] = []

    public init() {}

    public init(
        name: String = "", values: [Float] = []
    ) {
        self.name = name
        self.values = values
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension VectorField: MappedMessage {
    static var name: StaticString { "VectorField" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__VectorField>) { tandem__v1__vector_field__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__VectorField>? {
        tandem__v1__vector_field__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__VectorField>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_values_f32 != 0 { values = try Fields.floats(c.pointee.values_f32, "values_f32") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__VectorField>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if values != [] {
            c.pointee.has_values_f32 = 1
            c.pointee.values_f32 = arena.floats(values)
        }
    }
}

/// A document: what the log stores, the indexes are built from and Get returns.
public struct Document: WireMessage {
    /// Unique in its collection; 1 to 512 bytes.
    public var id: String = ""
    public var texts: [TextField] = []
    public var attributes: [AttributeField] = []
    /// A field that occurs several times has several vectors (of chunks of a text, say), 1,024 at most; the best one is the document's score. A field
    /// that does not occur has none, or the model's.
    public var vectors: [VectorField] = []

    public init() {}

    public init(
        id: String = "", texts: [TextField] = [], attributes: [AttributeField] = [], vectors: [VectorField] = []
    ) {
        self.id = id
        self.texts = texts
        self.attributes = attributes
        self.vectors = vectors
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Document: MappedMessage {
    static var name: StaticString { "Document" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Document>) { tandem__v1__document__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Document>? {
        tandem__v1__document__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Document>) throws(MessageError) {
        self.init()
        if c.pointee.has_id != 0 { id = try Fields.text(c.pointee.id, "id") }
        texts = try Fields.messages(c.pointee.texts, Int(c.pointee.n_texts), "texts")
        attributes = try Fields.messages(c.pointee.attributes, Int(c.pointee.n_attributes), "attributes")
        vectors = try Fields.messages(c.pointee.vectors, Int(c.pointee.n_vectors), "vectors")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Document>, _ arena: EncodingArena) {
        if id != "" {
            c.pointee.has_id = 1
            c.pointee.id = arena.text(id)
        }
        (c.pointee.n_texts, c.pointee.texts) = arena.messages(texts)
        (c.pointee.n_attributes, c.pointee.attributes) = arena.messages(attributes)
        (c.pointee.n_vectors, c.pointee.vectors) = arena.messages(vectors)
    }
}

/// When a write is acknowledged. Never renumber.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct Acknowledgement: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// In the log and fsynced: survives kill -9 and power loss.
    public static let logged = Acknowledgement(rawValue: 0)
    /// Keyword search sees it.
    public static let searchable = Acknowledgement(rawValue: 1)
    /// Both legs see it.
    public static let complete = Acknowledgement(rawValue: 2)

    public static let allCases: [Acknowledgement] = [
        .logged, .searchable, .complete
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "logged"
        case 1: "searchable"
        case 2: "complete"
        default: String(rawValue)
        }
    }
}

/// When an operation applies. Never renumber.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct ConditionKind: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Always.
    public static let none = ConditionKind(rawValue: 0)
    /// The current version is the one given in `version`.
    public static let ifVersion = ConditionKind(rawValue: 1)
    /// There is no such document yet.
    public static let insertOnly = ConditionKind(rawValue: 2)
    /// There is such a document already.
    public static let updateOnly = ConditionKind(rawValue: 3)

    public static let allCases: [ConditionKind] = [
        .none, .ifVersion, .insertOnly, .updateOnly
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "none"
        case 1: "if_version"
        case 2: "insert_only"
        case 3: "update_only"
        default: String(rawValue)
        }
    }
}

/// Condition of one write.
public struct Condition: WireMessage {
    public var kind: ConditionKind = .none
    /// For IF_VERSION: the version that the caller saw.
    public var version: UInt64 = 0

    public init() {}

    public init(
        kind: ConditionKind = .none, version: UInt64 = 0
    ) {
        self.kind = kind
        self.version = version
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Condition: MappedMessage {
    static var name: StaticString { "Condition" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Condition>) { tandem__v1__condition__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Condition>? {
        tandem__v1__condition__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Condition>) throws(MessageError) {
        self.init()
        if c.pointee.has_kind != 0 { kind = ConditionKind(rawValue: Int32(bitPattern: c.pointee.kind.rawValue)) }
        if c.pointee.has_version != 0 { version = c.pointee.version }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Condition>, _ arena: EncodingArena) {
        if kind != .none {
            c.pointee.has_kind = 1
            c.pointee.kind = Tandem__V1__ConditionKind(rawValue: UInt32(bitPattern: kind.rawValue))
        }
        if version != 0 {
            c.pointee.has_version = 1
            c.pointee.version = version
        }
    }
}

/// One document to write.
public struct UpsertOperation: WireMessage {
    public var document: Document?
    /// Absent: always applies.
    public var condition: Condition?

    public init() {}

    public init(
        document: Document? = nil, condition: Condition? = nil
    ) {
        self.document = document
        self.condition = condition
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension UpsertOperation: MappedMessage {
    static var name: StaticString { "UpsertOperation" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__UpsertOperation>) { tandem__v1__upsert_operation__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__UpsertOperation>? {
        tandem__v1__upsert_operation__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__UpsertOperation>) throws(MessageError) {
        self.init()
        document = try Fields.message(c.pointee.document, "document")
        condition = try Fields.message(c.pointee.condition, "condition")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__UpsertOperation>, _ arena: EncodingArena) {
        c.pointee.document = arena.message(document)
        c.pointee.condition = arena.message(condition)
    }
}

/// One batch of an upsert stream: applied in order, logged together.
public struct UpsertRequest: WireMessage {
    /// Needed in the stream's first batch; later ones may leave it out.
    public var collection: String = ""
    public var operations: [UpsertOperation] = []
    public var acknowledgement: Acknowledgement = .logged
    /// A batch that was applied under this key is not applied again; 1 to 128 bytes.
    public var idempotencyKey: String?

    public init() {}

    public init(
        collection: String = "", operations: [UpsertOperation] = [], acknowledgement: Acknowledgement = .logged,
        idempotencyKey: String? = nil
    ) {
        self.collection = collection
        self.operations = operations
        self.acknowledgement = acknowledgement
        self.idempotencyKey = idempotencyKey
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension UpsertRequest: MappedMessage {
    static var name: StaticString { "UpsertRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__UpsertRequest>) { tandem__v1__upsert_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__UpsertRequest>? {
        tandem__v1__upsert_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__UpsertRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_collection != 0 { collection = try Fields.text(c.pointee.collection, "collection") }
        operations = try Fields.messages(c.pointee.operations, Int(c.pointee.n_operations), "operations")
        if c.pointee.has_acknowledgement != 0 { acknowledgement = Acknowledgement(rawValue: Int32(bitPattern: c.pointee.acknowledgement.rawValue)) }
        if c.pointee.has_idempotency_key != 0 { idempotencyKey = try Fields.text(c.pointee.idempotency_key, "idempotency_key") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__UpsertRequest>, _ arena: EncodingArena) {
        if collection != "" {
            c.pointee.has_collection = 1
            c.pointee.collection = arena.text(collection)
        }
        (c.pointee.n_operations, c.pointee.operations) = arena.messages(operations)
        if acknowledgement != .logged {
            c.pointee.has_acknowledgement = 1
            c.pointee.acknowledgement = Tandem__V1__Acknowledgement(rawValue: UInt32(bitPattern: acknowledgement.rawValue))
        }
        if let idempotencyKey {
            c.pointee.has_idempotency_key = 1
            c.pointee.idempotency_key = arena.text(idempotencyKey)
        }
    }
}

/// What became of one operation. Never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct OperationOutcome: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = OperationOutcome(rawValue: 0)
    public static let applied = OperationOutcome(rawValue: 1)
    /// The condition did not hold; nothing was written.
    public static let conditionFailed = OperationOutcome(rawValue: 2)
    /// There was nothing to delete.
    public static let notFound = OperationOutcome(rawValue: 3)

    public static let allCases: [OperationOutcome] = [
        .unspecified, .applied, .conditionFailed, .notFound
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "applied"
        case 2: "condition_failed"
        case 3: "not_found"
        default: String(rawValue)
        }
    }
}

/// What became of one operation.
public struct OperationResult: WireMessage {
    public var outcome: OperationOutcome = .unspecified
    /// Applied: the new version. Condition failed: the current version, absent where there is no such document.
    public var version: UInt64?

    public init() {}

    public init(
        outcome: OperationOutcome = .unspecified, version: UInt64? = nil
    ) {
        self.outcome = outcome
        self.version = version
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension OperationResult: MappedMessage {
    static var name: StaticString { "OperationResult" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__OperationResult>) { tandem__v1__operation_result__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__OperationResult>? {
        tandem__v1__operation_result__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__OperationResult>) throws(MessageError) {
        self.init()
        if c.pointee.has_outcome != 0 { outcome = OperationOutcome(rawValue: Int32(bitPattern: c.pointee.outcome.rawValue)) }
        if c.pointee.has_version != 0 { version = c.pointee.version }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__OperationResult>, _ arena: EncodingArena) {
        if outcome != .unspecified {
            c.pointee.has_outcome = 1
            c.pointee.outcome = Tandem__V1__OperationOutcome(rawValue: UInt32(bitPattern: outcome.rawValue))
        }
        if let version {
            c.pointee.has_version = 1
            c.pointee.version = version
        }
    }
}

/// Acknowledges one UpsertRequest; they come in the order of the requests.
public struct UpsertResponse: WireMessage {
    /// One for each operation, in order.
    public var results: [OperationResult] = []
    /// Token: a search that carries it sees this batch.
    public var sequence: UInt64 = 0
    /// The level that was reached.
    public var acknowledgement: Acknowledgement = .logged
    /// The idempotency key was known: these are the results of the first time.
    public var wasReplayed: Bool = false

    public init() {}

    public init(
        results: [OperationResult] = [], sequence: UInt64 = 0, acknowledgement: Acknowledgement = .logged,
        wasReplayed: Bool = false
    ) {
        self.results = results
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.wasReplayed = wasReplayed
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension UpsertResponse: MappedMessage {
    static var name: StaticString { "UpsertResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__UpsertResponse>) { tandem__v1__upsert_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__UpsertResponse>? {
        tandem__v1__upsert_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__UpsertResponse>) throws(MessageError) {
        self.init()
        results = try Fields.messages(c.pointee.results, Int(c.pointee.n_results), "results")
        if c.pointee.has_sequence != 0 { sequence = c.pointee.sequence }
        if c.pointee.has_acknowledgement != 0 { acknowledgement = Acknowledgement(rawValue: Int32(bitPattern: c.pointee.acknowledgement.rawValue)) }
        if c.pointee.has_was_replayed != 0 { wasReplayed = c.pointee.was_replayed != 0 }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__UpsertResponse>, _ arena: EncodingArena) {
        (c.pointee.n_results, c.pointee.results) = arena.messages(results)
        if sequence != 0 {
            c.pointee.has_sequence = 1
            c.pointee.sequence = sequence
        }
        if acknowledgement != .logged {
            c.pointee.has_acknowledgement = 1
            c.pointee.acknowledgement = Tandem__V1__Acknowledgement(rawValue: UInt32(bitPattern: acknowledgement.rawValue))
        }
        if wasReplayed != false {
            c.pointee.has_was_replayed = 1
            c.pointee.was_replayed = wasReplayed ? 1 : 0
        }
    }
}

/// One document to delete.
public struct DeleteOperation: WireMessage {
    public var id: String = ""
    /// Absent: always applies. Only IF_VERSION makes sense besides.
    public var condition: Condition?

    public init() {}

    public init(
        id: String = "", condition: Condition? = nil
    ) {
        self.id = id
        self.condition = condition
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension DeleteOperation: MappedMessage {
    static var name: StaticString { "DeleteOperation" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__DeleteOperation>) { tandem__v1__delete_operation__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__DeleteOperation>? {
        tandem__v1__delete_operation__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__DeleteOperation>) throws(MessageError) {
        self.init()
        if c.pointee.has_id != 0 { id = try Fields.text(c.pointee.id, "id") }
        condition = try Fields.message(c.pointee.condition, "condition")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__DeleteOperation>, _ arena: EncodingArena) {
        if id != "" {
            c.pointee.has_id = 1
            c.pointee.id = arena.text(id)
        }
        c.pointee.condition = arena.message(condition)
    }
}

/// Deletes documents by id: applied in order, logged together.
public struct DeleteRequest: WireMessage {
    public var collection: String = ""
    public var operations: [DeleteOperation] = []
    public var acknowledgement: Acknowledgement = .logged
    /// A batch that was applied under this key is not applied again; 1 to 128 bytes.
    public var idempotencyKey: String?

    public init() {}

    public init(
        collection: String = "", operations: [DeleteOperation] = [], acknowledgement: Acknowledgement = .logged,
        idempotencyKey: String? = nil
    ) {
        self.collection = collection
        self.operations = operations
        self.acknowledgement = acknowledgement
        self.idempotencyKey = idempotencyKey
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension DeleteRequest: MappedMessage {
    static var name: StaticString { "DeleteRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__DeleteRequest>) { tandem__v1__delete_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__DeleteRequest>? {
        tandem__v1__delete_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__DeleteRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_collection != 0 { collection = try Fields.text(c.pointee.collection, "collection") }
        operations = try Fields.messages(c.pointee.operations, Int(c.pointee.n_operations), "operations")
        if c.pointee.has_acknowledgement != 0 { acknowledgement = Acknowledgement(rawValue: Int32(bitPattern: c.pointee.acknowledgement.rawValue)) }
        if c.pointee.has_idempotency_key != 0 { idempotencyKey = try Fields.text(c.pointee.idempotency_key, "idempotency_key") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__DeleteRequest>, _ arena: EncodingArena) {
        if collection != "" {
            c.pointee.has_collection = 1
            c.pointee.collection = arena.text(collection)
        }
        (c.pointee.n_operations, c.pointee.operations) = arena.messages(operations)
        if acknowledgement != .logged {
            c.pointee.has_acknowledgement = 1
            c.pointee.acknowledgement = Tandem__V1__Acknowledgement(rawValue: UInt32(bitPattern: acknowledgement.rawValue))
        }
        if let idempotencyKey {
            c.pointee.has_idempotency_key = 1
            c.pointee.idempotency_key = arena.text(idempotencyKey)
        }
    }
}

/// Acknowledges a DeleteRequest.
public struct DeleteResponse: WireMessage {
    /// One for each operation, in order.
    public var results: [OperationResult] = []
    /// Token: a search that carries it does not see the deleted documents.
    public var sequence: UInt64 = 0
    /// The level that was reached.
    public var acknowledgement: Acknowledgement = .logged
    /// The idempotency key was known: these are the results of the first time.
    public var wasReplayed: Bool = false

    public init() {}

    public init(
        results: [OperationResult] = [], sequence: UInt64 = 0, acknowledgement: Acknowledgement = .logged,
        wasReplayed: Bool = false
    ) {
        self.results = results
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.wasReplayed = wasReplayed
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension DeleteResponse: MappedMessage {
    static var name: StaticString { "DeleteResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__DeleteResponse>) { tandem__v1__delete_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__DeleteResponse>? {
        tandem__v1__delete_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__DeleteResponse>) throws(MessageError) {
        self.init()
        results = try Fields.messages(c.pointee.results, Int(c.pointee.n_results), "results")
        if c.pointee.has_sequence != 0 { sequence = c.pointee.sequence }
        if c.pointee.has_acknowledgement != 0 { acknowledgement = Acknowledgement(rawValue: Int32(bitPattern: c.pointee.acknowledgement.rawValue)) }
        if c.pointee.has_was_replayed != 0 { wasReplayed = c.pointee.was_replayed != 0 }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__DeleteResponse>, _ arena: EncodingArena) {
        (c.pointee.n_results, c.pointee.results) = arena.messages(results)
        if sequence != 0 {
            c.pointee.has_sequence = 1
            c.pointee.sequence = sequence
        }
        if acknowledgement != .logged {
            c.pointee.has_acknowledgement = 1
            c.pointee.acknowledgement = Tandem__V1__Acknowledgement(rawValue: UInt32(bitPattern: acknowledgement.rawValue))
        }
        if wasReplayed != false {
            c.pointee.has_was_replayed = 1
            c.pointee.was_replayed = wasReplayed ? 1 : 0
        }
    }
}

/// Reads documents by id, from the log: sees every acknowledged write.
public struct GetRequest: WireMessage {
    public var collection: String = ""
    public var ids: [String] = []
    public var fields: FieldSelection?

    public init() {}

    public init(
        collection: String = "", ids: [String] = [], fields: FieldSelection? = nil
    ) {
        self.collection = collection
        self.ids = ids
        self.fields = fields
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension GetRequest: MappedMessage {
    static var name: StaticString { "GetRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__GetRequest>) { tandem__v1__get_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__GetRequest>? {
        tandem__v1__get_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__GetRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_collection != 0 { collection = try Fields.text(c.pointee.collection, "collection") }
        ids = try Fields.texts(c.pointee.ids, Int(c.pointee.n_ids), "ids")
        fields = try Fields.message(c.pointee.fields, "fields")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__GetRequest>, _ arena: EncodingArena) {
        if collection != "" {
            c.pointee.has_collection = 1
            c.pointee.collection = arena.text(collection)
        }
        (c.pointee.n_ids, c.pointee.ids) = arena.texts(ids)
        c.pointee.fields = arena.message(fields)
    }
}

/// Which stored fields to return. An absent selection means all of them.
public struct FieldSelection: WireMessage {
    /// Names of text, attribute and vector fields; an empty list means none.
    public var names: [String] = []

    public init() {}

    public init(
        names: [String] = []
    ) {
        self.names = names
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension FieldSelection: MappedMessage {
    static var name: StaticString { "FieldSelection" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__FieldSelection>) { tandem__v1__field_selection__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__FieldSelection>? {
        tandem__v1__field_selection__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__FieldSelection>) throws(MessageError) {
        self.init()
        names = try Fields.texts(c.pointee.names, Int(c.pointee.n_names), "names")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__FieldSelection>, _ arena: EncodingArena) {
        (c.pointee.n_names, c.pointee.names) = arena.texts(names)
    }
}

/// A document as it is stored.
public struct StoredDocument: WireMessage {
    public var document: Document?
    /// Usable as the version of an IF_VERSION condition.
    public var version: UInt64 = 0

    public init() {}

    public init(
        document: Document? = nil, version: UInt64 = 0
    ) {
        self.document = document
        self.version = version
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension StoredDocument: MappedMessage {
    static var name: StaticString { "StoredDocument" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__StoredDocument>) { tandem__v1__stored_document__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__StoredDocument>? {
        tandem__v1__stored_document__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__StoredDocument>) throws(MessageError) {
        self.init()
        document = try Fields.message(c.pointee.document, "document")
        if c.pointee.has_version != 0 { version = c.pointee.version }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__StoredDocument>, _ arena: EncodingArena) {
        c.pointee.document = arena.message(document)
        if version != 0 {
            c.pointee.has_version = 1
            c.pointee.version = version
        }
    }
}

/// Answer to GetRequest.
public struct GetResponse: WireMessage {
    /// The documents found, in the order of the ids asked for.
    public var documents: [StoredDocument] = []
    /// The ids that no document has.
    public var missing: [String] = []

    public init() {}

    public init(
        documents: [StoredDocument] = [], missing: [String] = []
    ) {
        self.documents = documents
        self.missing = missing
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension GetResponse: MappedMessage {
    static var name: StaticString { "GetResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__GetResponse>) { tandem__v1__get_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__GetResponse>? {
        tandem__v1__get_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__GetResponse>) throws(MessageError) {
        self.init()
        documents = try Fields.messages(c.pointee.documents, Int(c.pointee.n_documents), "documents")
        missing = try Fields.texts(c.pointee.missing, Int(c.pointee.n_missing), "missing")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__GetResponse>, _ arena: EncodingArena) {
        (c.pointee.n_documents, c.pointee.documents) = arena.messages(documents)
        (c.pointee.n_missing, c.pointee.missing) = arena.texts(missing)
    }
}
