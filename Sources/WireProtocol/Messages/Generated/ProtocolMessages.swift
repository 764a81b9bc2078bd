// Written by tools/generate-messages from proto/tandem/v1/protocol.proto; do not edit.
// Messages of the connection itself: handshake, the header of a call, its final status, the farewell.
// The frames that carry them are described in docs/formats/wire-protocol.md.

internal import CProtobufC
internal import CTandemMessages

/// What a call asks for. The number travels in CallHeader.method: never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct Method: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = Method(rawValue: 0)
    /// Is the daemon able to answer? HealthRequest → HealthResponse.
    public static let health = Method(rawValue: 1)
    /// Version, build, models, limits. InfoRequest → InfoResponse.
    public static let info = Method(rawValue: 2)
    /// Counters as Prometheus text. MetricsRequest → MetricsResponse.
    public static let metrics = Method(rawValue: 3)
    /// CreateCollectionRequest → CollectionDescription.
    public static let createCollection = Method(rawValue: 16)
    /// ListCollectionsRequest → ListCollectionsResponse.
    public static let listCollections = Method(rawValue: 17)
    /// DescribeCollectionRequest → CollectionDescription.
    public static let describeCollection = Method(rawValue: 18)
    /// DropCollectionRequest → DropCollectionResponse.
    public static let dropCollection = Method(rawValue: 19)
    /// Builds the next generation and flips to it. RebuildCollectionRequest → RebuildCollectionResponse.
    public static let rebuildCollection = Method(rawValue: 20)
    /// Merges the segments into one. MergeCollectionRequest → MergeCollectionResponse.
    public static let mergeCollection = Method(rawValue: 21)
    /// Shows how a text becomes terms. AnalyzeRequest → AnalyzeResponse.
    public static let analyze = Method(rawValue: 22)
    /// Replaces a collection's synonyms. SetSynonymsRequest → SetSynonymsResponse.
    public static let setSynonyms = Method(rawValue: 23)
    /// GetSynonymsRequest → GetSynonymsResponse.
    public static let getSynonyms = Method(rawValue: 24)
    /// Stream of UpsertRequest → one UpsertResponse for each, in order.
    public static let upsert = Method(rawValue: 32)
    /// DeleteRequest → DeleteResponse.
    public static let delete = Method(rawValue: 33)
    /// GetRequest → GetResponse.
    public static let get = Method(rawValue: 34)
    /// SearchRequest → SearchResponse.
    public static let search = Method(rawValue: 48)
    /// Online copy of the data into a folder of the server. BackupRequest → BackupResponse.
    public static let backup = Method(rawValue: 64)
    /// Deep check of every file. CheckRequest → CheckResponse.
    public static let check = Method(rawValue: 65)

    public static let allCases: [Method] = [
        .unspecified, .health, .info, .metrics, .createCollection, .listCollections, .describeCollection,
        .dropCollection, .rebuildCollection, .mergeCollection, .analyze, .setSynonyms, .getSynonyms, .upsert, .delete,
        .get, .search, .backup, .check
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "health"
        case 2: "info"
        case 3: "metrics"
        case 16: "create_collection"
        case 17: "list_collections"
        case 18: "describe_collection"
        case 19: "drop_collection"
        case 20: "rebuild_collection"
        case 21: "merge_collection"
        case 22: "analyze"
        case 23: "set_synonyms"
        case 24: "get_synonyms"
        case 32: "upsert"
        case 33: "delete"
        case 34: "get"
        case 48: "search"
        case 64: "backup"
        case 65: "check"
        default: String(rawValue)
        }
    }
}

/// How a call ended. gRPC's numbers; never renumber.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct StatusCode: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let ok = StatusCode(rawValue: 0)
    public static let cancelled = StatusCode(rawValue: 1)
    public static let unknown = StatusCode(rawValue: 2)
    public static let invalidArgument = StatusCode(rawValue: 3)
    public static let deadlineExceeded = StatusCode(rawValue: 4)
    public static let notFound = StatusCode(rawValue: 5)
    public static let alreadyExists = StatusCode(rawValue: 6)
    public static let permissionDenied = StatusCode(rawValue: 7)
    public static let resourceExhausted = StatusCode(rawValue: 8)
    public static let failedPrecondition = StatusCode(rawValue: 9)
    public static let aborted = StatusCode(rawValue: 10)
    public static let outOfRange = StatusCode(rawValue: 11)
    public static let unimplemented = StatusCode(rawValue: 12)
    public static let `internal` = StatusCode(rawValue: 13)
    public static let unavailable = StatusCode(rawValue: 14)
    public static let dataLoss = StatusCode(rawValue: 15)
    public static let unauthenticated = StatusCode(rawValue: 16)

    public static let allCases: [StatusCode] = [
        .ok, .cancelled, .unknown, .invalidArgument, .deadlineExceeded, .notFound, .alreadyExists, .permissionDenied,
        .resourceExhausted, .failedPrecondition, .aborted, .outOfRange, .unimplemented, .`internal`, .unavailable,
        .dataLoss, .unauthenticated
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "ok"
        case 1: "cancelled"
        case 2: "unknown"
        case 3: "invalid_argument"
        case 4: "deadline_exceeded"
        case 5: "not_found"
        case 6: "already_exists"
        case 7: "permission_denied"
        case 8: "resource_exhausted"
        case 9: "failed_precondition"
        case 10: "aborted"
        case 11: "out_of_range"
        case 12: "unimplemented"
        case 13: "internal"
        case 14: "unavailable"
        case 15: "data_loss"
        case 16: "unauthenticated"
        default: String(rawValue)
        }
    }
}

/// Why a connection ends. Never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct GoAwayReason: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = GoAwayReason(rawValue: 0)
    /// Orderly: streams up to last_stream_id are still answered, later ones never ran.
    public static let shutdown = GoAwayReason(rawValue: 1)
    /// The peer broke a rule of the protocol (garbage, a frame out of place, a reused stream).
    public static let protocolError = GoAwayReason(rawValue: 2)
    /// A frame's length is over the limit.
    public static let frameTooLarge = GoAwayReason(rawValue: 3)
    /// A frame's CRC32C does not match its bytes.
    public static let checksumMismatch = GoAwayReason(rawValue: 4)
    /// More bytes than the credits allowed, or credits over the maximum.
    public static let flowControl = GoAwayReason(rawValue: 5)
    /// No common protocol version.
    public static let unsupportedVersion = GoAwayReason(rawValue: 6)
    /// No HELLO in time.
    public static let handshakeTimeout = GoAwayReason(rawValue: 7)
    /// PING was not answered in time.
    public static let pingTimeout = GoAwayReason(rawValue: 8)
    /// The peer does not read what it asked for.
    public static let slowReader = GoAwayReason(rawValue: 9)
    /// The server has as many connections as it takes; try again later.
    public static let tooManyConnections = GoAwayReason(rawValue: 10)
    /// The token in HELLO is missing or not accepted.
    public static let unauthenticated = GoAwayReason(rawValue: 11)

    public static let allCases: [GoAwayReason] = [
        .unspecified, .shutdown, .protocolError, .frameTooLarge, .checksumMismatch, .flowControl, .unsupportedVersion,
        .handshakeTimeout, .pingTimeout, .slowReader, .tooManyConnections, .unauthenticated
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "shutdown"
        case 2: "protocol_error"
        case 3: "frame_too_large"
        case 4: "checksum_mismatch"
        case 5: "flow_control"
        case 6: "unsupported_version"
        case 7: "handshake_timeout"
        case 8: "ping_timeout"
        case 9: "slow_reader"
        case 10: "too_many_connections"
        case 11: "unauthenticated"
        default: String(rawValue)
        }
    }
}

/// Largest things that a side takes. Absent: no such limit is stated.
public struct Limits: WireMessage {
    /// Payload of one frame in bytes; 16,384 to 1,048,576.
    public var frameBytes: UInt32?
    /// One message in bytes, all its frames together.
    public var messageBytes: UInt32?
    /// Streams open at a time on one connection.
    public var streams: UInt32?
    /// Bytes of a document's id.
    public var documentIdBytes: UInt32?
    /// Bytes of one document, encoded.
    public var documentBytes: UInt32?
    /// Operations in one UpsertRequest or DeleteRequest.
    public var batchOperations: UInt32?
    /// Bytes of a query text.
    public var queryBytes: UInt32?
    /// offset + limit, and the depth of the candidate pool.
    public var depth: UInt32?

    public init() {}

    public init(
        frameBytes: UInt32? = nil, messageBytes: UInt32? = nil, streams: UInt32? = nil, documentIdBytes: UInt32? = nil,
        documentBytes: UInt32? = nil, batchOperations: UInt32? = nil, queryBytes: UInt32? = nil, depth: UInt32? = nil
    ) {
        self.frameBytes = frameBytes
        self.messageBytes = messageBytes
        self.streams = streams
        self.documentIdBytes = documentIdBytes
        self.documentBytes = documentBytes
        self.batchOperations = batchOperations
        self.queryBytes = queryBytes
        self.depth = depth
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Limits: MappedMessage {
    static var name: StaticString { "Limits" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Limits>) { tandem__v1__limits__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Limits>? {
        tandem__v1__limits__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Limits>) throws(MessageError) {
        self.init()
        if c.pointee.has_frame_bytes != 0 { frameBytes = c.pointee.frame_bytes }
        if c.pointee.has_message_bytes != 0 { messageBytes = c.pointee.message_bytes }
        if c.pointee.has_streams != 0 { streams = c.pointee.streams }
        if c.pointee.has_document_id_bytes != 0 { documentIdBytes = c.pointee.document_id_bytes }
        if c.pointee.has_document_bytes != 0 { documentBytes = c.pointee.document_bytes }
        if c.pointee.has_batch_operations != 0 { batchOperations = c.pointee.batch_operations }
        if c.pointee.has_query_bytes != 0 { queryBytes = c.pointee.query_bytes }
        if c.pointee.has_depth != 0 { depth = c.pointee.depth }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Limits>, _ arena: EncodingArena) {
        if let frameBytes {
            c.pointee.has_frame_bytes = 1
            c.pointee.frame_bytes = frameBytes
        }
        if let messageBytes {
            c.pointee.has_message_bytes = 1
            c.pointee.message_bytes = messageBytes
        }
        if let streams {
            c.pointee.has_streams = 1
            c.pointee.streams = streams
        }
        if let documentIdBytes {
            c.pointee.has_document_id_bytes = 1
            c.pointee.document_id_bytes = documentIdBytes
        }
        if let documentBytes {
            c.pointee.has_document_bytes = 1
            c.pointee.document_bytes = documentBytes
        }
        if let batchOperations {
            c.pointee.has_batch_operations = 1
            c.pointee.batch_operations = batchOperations
        }
        if let queryBytes {
            c.pointee.has_query_bytes = 1
            c.pointee.query_bytes = queryBytes
        }
        if let depth {
            c.pointee.has_depth = 1
            c.pointee.depth = depth
        }
    }
}

/// First frame of the client, type HELLO.
public struct Hello: WireMessage {
    /// Versions that the client speaks, lowest and highest.
    public var versionMin: UInt32 = 1
    public var versionMax: UInt32 = 1
    /// Optional parts of the protocol that the client can use; none are defined in version 1.
    public var features: [String] = []
    /// Name and version of the client, for the server's log.
    public var agent: String = ""
    /// Secret that authorises the client; not asked for in version 1.
    public var token: [UInt8]?
    /// Credits that the client grants at the start: bytes per stream, and for the whole connection.
    public var streamWindow: UInt32 = 262144
    public var connectionWindow: UInt32 = 4194304
    public var limits: Limits?

    public init() {}

    public init(
        versionMin: UInt32 = 1, versionMax: UInt32 = 1, features: [String] = [], agent: String = "",
        token: [UInt8]? = nil, streamWindow: UInt32 = 262144, connectionWindow: UInt32 = 4194304,
        limits: Limits? = nil
    ) {
        self.versionMin = versionMin
        self.versionMax = versionMax
        self.features = features
        self.agent = agent
        self.token = token
        self.streamWindow = streamWindow
        self.connectionWindow = connectionWindow
        self.limits = limits
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Hello: MappedMessage {
    static var name: StaticString { "Hello" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Hello>) { tandem__v1__hello__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Hello>? {
        tandem__v1__hello__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Hello>) throws(MessageError) {
        self.init()
        if c.pointee.has_version_min != 0 { versionMin = c.pointee.version_min }
        if c.pointee.has_version_max != 0 { versionMax = c.pointee.version_max }
        features = try Fields.texts(c.pointee.features, Int(c.pointee.n_features), "features")
        if c.pointee.has_agent != 0 { agent = try Fields.text(c.pointee.agent, "agent") }
        if c.pointee.has_token != 0 { token = Fields.bytes(c.pointee.token) }
        if c.pointee.has_stream_window != 0 { streamWindow = c.pointee.stream_window }
        if c.pointee.has_connection_window != 0 { connectionWindow = c.pointee.connection_window }
        limits = try Fields.message(c.pointee.limits, "limits")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Hello>, _ arena: EncodingArena) {
        if versionMin != 1 {
            c.pointee.has_version_min = 1
            c.pointee.version_min = versionMin
        }
        if versionMax != 1 {
            c.pointee.has_version_max = 1
            c.pointee.version_max = versionMax
        }
        (c.pointee.n_features, c.pointee.features) = arena.texts(features)
        if agent != "" {
            c.pointee.has_agent = 1
            c.pointee.agent = arena.text(agent)
        }
        if let token {
            c.pointee.has_token = 1
            c.pointee.token = arena.bytes(token)
        }
        if streamWindow != 262144 {
            c.pointee.has_stream_window = 1
            c.pointee.stream_window = streamWindow
        }
        if connectionWindow != 4194304 {
            c.pointee.has_connection_window = 1
            c.pointee.connection_window = connectionWindow
        }
        c.pointee.limits = arena.message(limits)
    }
}

/// First frame of the server, type WELCOME; answer to HELLO.
public struct Welcome: WireMessage {
    /// The version in force from now on.
    public var version: UInt32 = 1
    /// Those of the client's features that are in force from now on.
    public var features: [String] = []
    /// "tandemd" and its version, and what it was built from.
    public var agent: String = ""
    public var build: String = ""
    public var models: [ModelDescription] = []
    /// Credits that the server grants at the start: bytes per stream, and for the whole connection.
    public var streamWindow: UInt32 = 262144
    public var connectionWindow: UInt32 = 4194304
    public var limits: Limits?

    public init() {}

    public init(
        version: UInt32 = 1, features: [String] = [], agent: String = "", build: String = "",
        models: [ModelDescription] = [], streamWindow: UInt32 = 262144, connectionWindow: UInt32 = 4194304,
        limits: Limits? = nil
    ) {
        self.version = version
        self.features = features
        self.agent = agent
        self.build = build
        self.models = models
        self.streamWindow = streamWindow
        self.connectionWindow = connectionWindow
        self.limits = limits
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Welcome: MappedMessage {
    static var name: StaticString { "Welcome" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Welcome>) { tandem__v1__welcome__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Welcome>? {
        tandem__v1__welcome__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Welcome>) throws(MessageError) {
        self.init()
        if c.pointee.has_version != 0 { version = c.pointee.version }
        features = try Fields.texts(c.pointee.features, Int(c.pointee.n_features), "features")
        if c.pointee.has_agent != 0 { agent = try Fields.text(c.pointee.agent, "agent") }
        if c.pointee.has_build != 0 { build = try Fields.text(c.pointee.build, "build") }
        models = try Fields.messages(c.pointee.models, Int(c.pointee.n_models), "models")
        if c.pointee.has_stream_window != 0 { streamWindow = c.pointee.stream_window }
        if c.pointee.has_connection_window != 0 { connectionWindow = c.pointee.connection_window }
        limits = try Fields.message(c.pointee.limits, "limits")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Welcome>, _ arena: EncodingArena) {
        if version != 1 {
            c.pointee.has_version = 1
            c.pointee.version = version
        }
        (c.pointee.n_features, c.pointee.features) = arena.texts(features)
        if agent != "" {
            c.pointee.has_agent = 1
            c.pointee.agent = arena.text(agent)
        }
        if build != "" {
            c.pointee.has_build = 1
            c.pointee.build = arena.text(build)
        }
        (c.pointee.n_models, c.pointee.models) = arena.messages(models)
        if streamWindow != 262144 {
            c.pointee.has_stream_window = 1
            c.pointee.stream_window = streamWindow
        }
        if connectionWindow != 4194304 {
            c.pointee.has_connection_window = 1
            c.pointee.connection_window = connectionWindow
        }
        c.pointee.limits = arena.message(limits)
    }
}

/// What a model is made for. Never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct ModelKind: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = ModelKind(rawValue: 0)
    /// Text to vector.
    public static let biEncoder = ModelKind(rawValue: 1)
    /// Query and passage to relevance.
    public static let crossEncoder = ModelKind(rawValue: 2)

    public static let allCases: [ModelKind] = [
        .unspecified, .biEncoder, .crossEncoder
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "bi_encoder"
        case 2: "cross_encoder"
        default: String(rawValue)
        }
    }
}

/// A model that the server can run.
public struct ModelDescription: WireMessage {
    /// Name of its folder; what a collection's schema says.
    public var name: String = ""
    public var kind: ModelKind = .unspecified
    /// Digest of its files: two servers with the same fingerprint compute the same vectors.
    public var fingerprint: String = ""
    /// Length of its vectors; 0 for a cross-encoder.
    public var dimension: UInt32 = 0
    /// Tokens of a text that it reads; the rest is cut.
    public var maxTokens: UInt32 = 0

    public init() {}

    public init(
        name: String = "", kind: ModelKind = .unspecified, fingerprint: String = "", dimension: UInt32 = 0,
        maxTokens: UInt32 = 0
    ) {
        self.name = name
        self.kind = kind
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.maxTokens = maxTokens
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension ModelDescription: MappedMessage {
    static var name: StaticString { "ModelDescription" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__ModelDescription>) { tandem__v1__model_description__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__ModelDescription>? {
        tandem__v1__model_description__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__ModelDescription>) throws(MessageError) {
        self.init()
        if c.pointee.has_name != 0 { name = try Fields.text(c.pointee.name, "name") }
        if c.pointee.has_kind != 0 { kind = ModelKind(rawValue: Int32(bitPattern: c.pointee.kind.rawValue)) }
        if c.pointee.has_fingerprint != 0 { fingerprint = try Fields.text(c.pointee.fingerprint, "fingerprint") }
        if c.pointee.has_dimension != 0 { dimension = c.pointee.dimension }
        if c.pointee.has_max_tokens != 0 { maxTokens = c.pointee.max_tokens }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__ModelDescription>, _ arena: EncodingArena) {
        if name != "" {
            c.pointee.has_name = 1
            c.pointee.name = arena.text(name)
        }
        if kind != .unspecified {
            c.pointee.has_kind = 1
            c.pointee.kind = Tandem__V1__ModelKind(rawValue: UInt32(bitPattern: kind.rawValue))
        }
        if fingerprint != "" {
            c.pointee.has_fingerprint = 1
            c.pointee.fingerprint = arena.text(fingerprint)
        }
        if dimension != 0 {
            c.pointee.has_dimension = 1
            c.pointee.dimension = dimension
        }
        if maxTokens != 0 {
            c.pointee.has_max_tokens = 1
            c.pointee.max_tokens = maxTokens
        }
    }
}

/// Begins the payload of a REQUEST frame.
public struct CallHeader: WireMessage {
    public var method: Method = .unspecified
    /// Time that the caller still waits, in microseconds, counted from the moment the frame is read; absent: for ever.
    /// Remaining time and not a clock reading, since clocks differ.
    public var timeoutMicroseconds: UInt64?

    public init() {}

    public init(
        method: Method = .unspecified, timeoutMicroseconds: UInt64? = nil
    ) {
        self.method = method
        self.timeoutMicroseconds = timeoutMicroseconds
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension CallHeader: MappedMessage {
    static var name: StaticString { "CallHeader" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__CallHeader>) { tandem__v1__call_header__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__CallHeader>? {
        tandem__v1__call_header__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__CallHeader>) throws(MessageError) {
        self.init()
        if c.pointee.has_method != 0 { method = Method(rawValue: Int32(bitPattern: c.pointee.method.rawValue)) }
        if c.pointee.has_timeout_us != 0 { timeoutMicroseconds = c.pointee.timeout_us }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__CallHeader>, _ arena: EncodingArena) {
        if method != .unspecified {
            c.pointee.has_method = 1
            c.pointee.method = Tandem__V1__Method(rawValue: UInt32(bitPattern: method.rawValue))
        }
        if let timeoutMicroseconds {
            c.pointee.has_timeout_us = 1
            c.pointee.timeout_us = timeoutMicroseconds
        }
    }
}

/// Payload of an END frame; an empty payload says OK.
public struct Status: WireMessage {
    public var code: StatusCode = .ok
    /// For people: names the object, what was found, what was expected, what to do.
    public var message: String = ""
    /// The same call may succeed later without a change.
    public var retryable: Bool = false
    /// Wait so long before the next attempt.
    public var retryAfterMicroseconds: UInt64?
    /// False: nothing of the call was done, so it can be sent again. True: it ran. Absent: not known.
    public var didRun: Bool?
    /// Time from the arrival of the call's first frame to the moment this END was queued: what the server spent on the call, waiting
    /// included. The rest of what the caller saw went into the way there and back, and into the caller. Absent from calls that the
    /// connection itself refused.
    public var serverMicroseconds: UInt64?

    public init() {}

    public init(
        code: StatusCode = .ok, message: String = "", retryable: Bool = false, retryAfterMicroseconds: UInt64? = nil,
        didRun: Bool? = nil, serverMicroseconds: UInt64? = nil
    ) {
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retryAfterMicroseconds = retryAfterMicroseconds
        self.didRun = didRun
        self.serverMicroseconds = serverMicroseconds
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension Status: MappedMessage {
    static var name: StaticString { "Status" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__Status>) { tandem__v1__status__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__Status>? {
        tandem__v1__status__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__Status>) throws(MessageError) {
        self.init()
        if c.pointee.has_code != 0 { code = StatusCode(rawValue: Int32(bitPattern: c.pointee.code.rawValue)) }
        if c.pointee.has_message != 0 { message = try Fields.text(c.pointee.message, "message") }
        if c.pointee.has_retryable != 0 { retryable = c.pointee.retryable != 0 }
        if c.pointee.has_retry_after_us != 0 { retryAfterMicroseconds = c.pointee.retry_after_us }
        if c.pointee.has_did_run != 0 { didRun = c.pointee.did_run != 0 }
        if c.pointee.has_server_us != 0 { serverMicroseconds = c.pointee.server_us }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__Status>, _ arena: EncodingArena) {
        if code != .ok {
            c.pointee.has_code = 1
            c.pointee.code = Tandem__V1__StatusCode(rawValue: UInt32(bitPattern: code.rawValue))
        }
        if message != "" {
            c.pointee.has_message = 1
            c.pointee.message = arena.text(message)
        }
        if retryable != false {
            c.pointee.has_retryable = 1
            c.pointee.retryable = retryable ? 1 : 0
        }
        if let retryAfterMicroseconds {
            c.pointee.has_retry_after_us = 1
            c.pointee.retry_after_us = retryAfterMicroseconds
        }
        if let didRun {
            c.pointee.has_did_run = 1
            c.pointee.did_run = didRun ? 1 : 0
        }
        if let serverMicroseconds {
            c.pointee.has_server_us = 1
            c.pointee.server_us = serverMicroseconds
        }
    }
}

/// Payload of a GOAWAY frame.
public struct GoAway: WireMessage {
    public var reason: GoAwayReason = .unspecified
    /// The last stream that the sender will answer; later ones were never looked at.
    public var lastStreamId: UInt32 = 0
    public var message: String = ""

    public init() {}

    public init(
        reason: GoAwayReason = .unspecified, lastStreamId: UInt32 = 0, message: String = ""
    ) {
        self.reason = reason
        self.lastStreamId = lastStreamId
        self.message = message
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension GoAway: MappedMessage {
    static var name: StaticString { "GoAway" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__GoAway>) { tandem__v1__go_away__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__GoAway>? {
        tandem__v1__go_away__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__GoAway>) throws(MessageError) {
        self.init()
        if c.pointee.has_reason != 0 { reason = GoAwayReason(rawValue: Int32(bitPattern: c.pointee.reason.rawValue)) }
        if c.pointee.has_last_stream_id != 0 { lastStreamId = c.pointee.last_stream_id }
        if c.pointee.has_message != 0 { message = try Fields.text(c.pointee.message, "message") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__GoAway>, _ arena: EncodingArena) {
        if reason != .unspecified {
            c.pointee.has_reason = 1
            c.pointee.reason = Tandem__V1__GoAwayReason(rawValue: UInt32(bitPattern: reason.rawValue))
        }
        if lastStreamId != 0 {
            c.pointee.has_last_stream_id = 1
            c.pointee.last_stream_id = lastStreamId
        }
        if message != "" {
            c.pointee.has_message = 1
            c.pointee.message = arena.text(message)
        }
    }
}
