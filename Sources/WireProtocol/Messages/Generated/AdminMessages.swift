// Written by tools/generate-messages from proto/tandem/v1/admin.proto; do not edit.
// The daemon itself: health, information, metrics, backup, check.

internal import CProtobufC
internal import CTandemMessages

/// See ``Method``.
public struct HealthRequest: WireMessage {
    public init() {}

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension HealthRequest: MappedMessage {
    static var name: StaticString { "HealthRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__HealthRequest>) { tandem__v1__health_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__HealthRequest>? {
        tandem__v1__health_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__HealthRequest>) throws(MessageError) {
        self.init()
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__HealthRequest>, _ arena: EncodingArena) {
    }
}

/// Never renumber; 0 is invalid.
///
/// Extensible: a newer peer may send a value that has no name here.
public struct HealthStatus: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = HealthStatus(rawValue: 0)
    /// Everything works.
    public static let serving = HealthStatus(rawValue: 1)
    /// Answers, but something does less than it should; see `problems`.
    public static let degraded = HealthStatus(rawValue: 2)
    /// Starting or shutting down.
    public static let notServing = HealthStatus(rawValue: 3)

    public static let allCases: [HealthStatus] = [
        .unspecified, .serving, .degraded, .notServing
    ]

    /// The schema's spelling without its prefix, in lower case; the number where there is none.
    public var description: String {
        switch rawValue {
        case 0: "unspecified"
        case 1: "serving"
        case 2: "degraded"
        case 3: "not_serving"
        default: String(rawValue)
        }
    }
}

/// See ``Method``.
public struct HealthResponse: WireMessage {
    public var status: HealthStatus = .unspecified
    public var problems: [String] = []

    public init() {}

    public init(
        status: HealthStatus = .unspecified, problems: [String] = []
    ) {
        self.status = status
        self.problems = problems
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension HealthResponse: MappedMessage {
    static var name: StaticString { "HealthResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__HealthResponse>) { tandem__v1__health_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__HealthResponse>? {
        tandem__v1__health_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__HealthResponse>) throws(MessageError) {
        self.init()
        if c.pointee.has_status != 0 { status = HealthStatus(rawValue: Int32(bitPattern: c.pointee.status.rawValue)) }
        problems = try Fields.texts(c.pointee.problems, Int(c.pointee.n_problems), "problems")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__HealthResponse>, _ arena: EncodingArena) {
        if status != .unspecified {
            c.pointee.has_status = 1
            c.pointee.status = Tandem__V1__HealthStatus(rawValue: UInt32(bitPattern: status.rawValue))
        }
        (c.pointee.n_problems, c.pointee.problems) = arena.texts(problems)
    }
}

/// See ``Method``.
public struct InfoRequest: WireMessage {
    public init() {}

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension InfoRequest: MappedMessage {
    static var name: StaticString { "InfoRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__InfoRequest>) { tandem__v1__info_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__InfoRequest>? {
        tandem__v1__info_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__InfoRequest>) throws(MessageError) {
        self.init()
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__InfoRequest>, _ arena: EncodingArena) {
    }
}

/// See ``Method``.
public struct InfoResponse: WireMessage {
    public var version: String = ""
    public var build: String = ""
    public var models: [ModelDescription] = []
    public var limits: Limits?
    public var uptimeMicroseconds: UInt64 = 0
    /// Folder of the data, as the daemon was told.
    public var dataPath: String = ""
    /// Instruction set of the kernels, for example avx512vnni.
    public var simd: String = ""

    public init() {}

    public init(
        version: String = "", build: String = "", models: [ModelDescription] = [], limits: Limits? = nil,
        uptimeMicroseconds: UInt64 = 0, dataPath: String = "", simd: String = ""
    ) {
        self.version = version
        self.build = build
        self.models = models
        self.limits = limits
        self.uptimeMicroseconds = uptimeMicroseconds
        self.dataPath = dataPath
        self.simd = simd
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension InfoResponse: MappedMessage {
    static var name: StaticString { "InfoResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__InfoResponse>) { tandem__v1__info_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__InfoResponse>? {
        tandem__v1__info_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__InfoResponse>) throws(MessageError) {
        self.init()
        if c.pointee.has_version != 0 { version = try Fields.text(c.pointee.version, "version") }
        if c.pointee.has_build != 0 { build = try Fields.text(c.pointee.build, "build") }
        models = try Fields.messages(c.pointee.models, Int(c.pointee.n_models), "models")
        limits = try Fields.message(c.pointee.limits, "limits")
        if c.pointee.has_uptime_us != 0 { uptimeMicroseconds = c.pointee.uptime_us }
        if c.pointee.has_data_path != 0 { dataPath = try Fields.text(c.pointee.data_path, "data_path") }
        if c.pointee.has_simd != 0 { simd = try Fields.text(c.pointee.simd, "simd") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__InfoResponse>, _ arena: EncodingArena) {
        if version != "" {
            c.pointee.has_version = 1
            c.pointee.version = arena.text(version)
        }
        if build != "" {
            c.pointee.has_build = 1
            c.pointee.build = arena.text(build)
        }
        (c.pointee.n_models, c.pointee.models) = arena.messages(models)
        c.pointee.limits = arena.message(limits)
        if uptimeMicroseconds != 0 {
            c.pointee.has_uptime_us = 1
            c.pointee.uptime_us = uptimeMicroseconds
        }
        if dataPath != "" {
            c.pointee.has_data_path = 1
            c.pointee.data_path = arena.text(dataPath)
        }
        if simd != "" {
            c.pointee.has_simd = 1
            c.pointee.simd = arena.text(simd)
        }
    }
}

/// See ``Method``.
public struct MetricsRequest: WireMessage {
    public init() {}

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension MetricsRequest: MappedMessage {
    static var name: StaticString { "MetricsRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__MetricsRequest>) { tandem__v1__metrics_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__MetricsRequest>? {
        tandem__v1__metrics_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__MetricsRequest>) throws(MessageError) {
        self.init()
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__MetricsRequest>, _ arena: EncodingArena) {
    }
}

/// See ``Method``.
public struct MetricsResponse: WireMessage {
    /// Prometheus text exposition format 0.0.4.
    public var text: String = ""

    public init() {}

    public init(
        text: String = ""
    ) {
        self.text = text
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension MetricsResponse: MappedMessage {
    static var name: StaticString { "MetricsResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__MetricsResponse>) { tandem__v1__metrics_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__MetricsResponse>? {
        tandem__v1__metrics_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__MetricsResponse>) throws(MessageError) {
        self.init()
        if c.pointee.has_text != 0 { text = try Fields.text(c.pointee.text, "text") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__MetricsResponse>, _ arena: EncodingArena) {
        if text != "" {
            c.pointee.has_text = 1
            c.pointee.text = arena.text(text)
        }
    }
}

/// Copies the data, consistent and verified, into a new folder on the server's machine while it serves.
public struct BackupRequest: WireMessage {
    /// Absolute path; must not exist yet.
    public var path: String = ""

    public init() {}

    public init(
        path: String = ""
    ) {
        self.path = path
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension BackupRequest: MappedMessage {
    static var name: StaticString { "BackupRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__BackupRequest>) { tandem__v1__backup_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__BackupRequest>? {
        tandem__v1__backup_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__BackupRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_path != 0 { path = try Fields.text(c.pointee.path, "path") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__BackupRequest>, _ arena: EncodingArena) {
        if path != "" {
            c.pointee.has_path = 1
            c.pointee.path = arena.text(path)
        }
    }
}

/// See ``Method``.
public struct BackupResponse: WireMessage {
    public var bytes: UInt64 = 0
    public var collections: UInt32 = 0
    public var durationMicroseconds: UInt64 = 0

    public init() {}

    public init(
        bytes: UInt64 = 0, collections: UInt32 = 0, durationMicroseconds: UInt64 = 0
    ) {
        self.bytes = bytes
        self.collections = collections
        self.durationMicroseconds = durationMicroseconds
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension BackupResponse: MappedMessage {
    static var name: StaticString { "BackupResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__BackupResponse>) { tandem__v1__backup_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__BackupResponse>? {
        tandem__v1__backup_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__BackupResponse>) throws(MessageError) {
        self.init()
        if c.pointee.has_bytes != 0 { bytes = c.pointee.bytes }
        if c.pointee.has_collections != 0 { collections = c.pointee.collections }
        if c.pointee.has_duration_us != 0 { durationMicroseconds = c.pointee.duration_us }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__BackupResponse>, _ arena: EncodingArena) {
        if bytes != 0 {
            c.pointee.has_bytes = 1
            c.pointee.bytes = bytes
        }
        if collections != 0 {
            c.pointee.has_collections = 1
            c.pointee.collections = collections
        }
        if durationMicroseconds != 0 {
            c.pointee.has_duration_us = 1
            c.pointee.duration_us = durationMicroseconds
        }
    }
}

/// Reads every file of a collection and verifies it.
public struct CheckRequest: WireMessage {
    /// Absent: all collections.
    public var collection: String?

    public init() {}

    public init(
        collection: String? = nil
    ) {
        self.collection = collection
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension CheckRequest: MappedMessage {
    static var name: StaticString { "CheckRequest" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__CheckRequest>) { tandem__v1__check_request__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__CheckRequest>? {
        tandem__v1__check_request__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__CheckRequest>) throws(MessageError) {
        self.init()
        if c.pointee.has_collection != 0 { collection = try Fields.text(c.pointee.collection, "collection") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__CheckRequest>, _ arena: EncodingArena) {
        if let collection {
            c.pointee.has_collection = 1
            c.pointee.collection = arena.text(collection)
        }
    }
}

/// A fault that the check found.
public struct CheckFinding: WireMessage {
    /// File or object.
    public var object: String = ""
    public var problem: String = ""

    public init() {}

    public init(
        object: String = "", problem: String = ""
    ) {
        self.object = object
        self.problem = problem
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension CheckFinding: MappedMessage {
    static var name: StaticString { "CheckFinding" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__CheckFinding>) { tandem__v1__check_finding__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__CheckFinding>? {
        tandem__v1__check_finding__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__CheckFinding>) throws(MessageError) {
        self.init()
        if c.pointee.has_object != 0 { object = try Fields.text(c.pointee.object, "object") }
        if c.pointee.has_problem != 0 { problem = try Fields.text(c.pointee.problem, "problem") }
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__CheckFinding>, _ arena: EncodingArena) {
        if object != "" {
            c.pointee.has_object = 1
            c.pointee.object = arena.text(object)
        }
        if problem != "" {
            c.pointee.has_problem = 1
            c.pointee.problem = arena.text(problem)
        }
    }
}

/// See ``Method``.
public struct CheckResponse: WireMessage {
    /// Files and bytes that were read.
    public var files: UInt64 = 0
    public var bytes: UInt64 = 0
    /// Empty: all is well.
    public var findings: [CheckFinding] = []

    public init() {}

    public init(
        files: UInt64 = 0, bytes: UInt64 = 0, findings: [CheckFinding] = []
    ) {
        self.files = files
        self.bytes = bytes
        self.findings = findings
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) { self = try MessageCodec.decode(bytes) }
    public func encode() -> [UInt8] { MessageCodec.encode(self) }
}

extension CheckResponse: MappedMessage {
    static var name: StaticString { "CheckResponse" }
    static func prepare(_ c: UnsafeMutablePointer<Tandem__V1__CheckResponse>) { tandem__v1__check_response__init(c) }
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Tandem__V1__CheckResponse>? {
        tandem__v1__check_response__unpack(allocator, count, bytes)
    }

    init(_ c: UnsafePointer<Tandem__V1__CheckResponse>) throws(MessageError) {
        self.init()
        if c.pointee.has_files != 0 { files = c.pointee.files }
        if c.pointee.has_bytes != 0 { bytes = c.pointee.bytes }
        findings = try Fields.messages(c.pointee.findings, Int(c.pointee.n_findings), "findings")
    }

    func write(_ c: UnsafeMutablePointer<Tandem__V1__CheckResponse>, _ arena: EncodingArena) {
        if files != 0 {
            c.pointee.has_files = 1
            c.pointee.files = files
        }
        if bytes != 0 {
            c.pointee.has_bytes = 1
            c.pointee.bytes = bytes
        }
        (c.pointee.n_findings, c.pointee.findings) = arena.messages(findings)
    }
}
