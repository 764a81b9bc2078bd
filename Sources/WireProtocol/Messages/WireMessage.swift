internal import CProtobufC

/// A message of the schema in `proto/tandem/v1`, as a plain Swift value.
///
/// Bytes are protobuf's; `libprotobuf-c` reads and writes them. Decoding takes bytes from strangers: text must be UTF-8
/// (an embedded NUL is kept), memory is capped in proportion to the message, and no message of the schema is recursive.
public protocol WireMessage: Sendable, Equatable {
    /// Everything absent, defaults in place.
    init()

    /// - Throws: ``MessageError`` that names the field.
    /// - Complexity: O(n); about 1 ns a byte, plus an allocation for each text and list.
    init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError)

    /// - Complexity: O(n).
    func encode() -> [UInt8]
}

extension WireMessage {
    /// - Throws: ``MessageError`` that names the field.
    public init(decoding bytes: [UInt8]) throws(MessageError) {
        // `withUnsafeBytes` cannot rethrow a typed error together with an initialiser's `self`, so go through a Result.
        let result: Result<Self, MessageError> = bytes.withUnsafeBytes { raw in
            do throws(MessageError) { return .success(try Self(decoding: raw)) } catch { return .failure(error) }
        }
        self = try result.get()
    }
}

/// Bytes that are not the message that they should be. The status of such a call is INVALID_ARGUMENT.
public struct MessageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where: message, then fields from the outside in, for example `UpsertRequest.operations[3].document.id`.
    public var path: String
    /// What: for example `is not UTF-8`.
    public var problem: String

    public init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { "\(path) \(problem)" }

    /// The same error, seen from the message that holds the faulty one.
    func inside(_ field: StaticString, index: Int? = nil) -> MessageError {
        let step = index.map { "\(field)[\($0)]" } ?? "\(field)"
        return MessageError(path: path.isEmpty ? step : "\(step).\(path)", problem: problem)
    }
}

/// A message that knows its C struct; ``MessageCodec`` does the rest.
protocol MappedMessage: WireMessage {
    associatedtype C
    static var name: StaticString { get }
    /// Fills a fresh struct with its descriptor and nothing else.
    static func prepare(_ c: UnsafeMutablePointer<C>)
    static func unpack(
        _ allocator: UnsafeMutablePointer<ProtobufCAllocator>, _ count: Int, _ bytes: UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<C>?
    init(_ c: UnsafePointer<C>) throws(MessageError)
    func write(_ c: UnsafeMutablePointer<C>, _ arena: EncodingArena)
}

enum MessageCodec {
    static func encode<M: MappedMessage>(_ message: M) -> [UInt8] {
        let arena = EncodingArena()
        let c = arena.message(message)
        // SAFETY: every generated struct begins with its ProtobufCMessage, and `prepare` has set the descriptor.
        let base = UnsafeRawPointer(c).assumingMemoryBound(to: ProtobufCMessage.self)
        let count = protobuf_c_message_get_packed_size(base)
        return withExtendedLifetime(arena) {
            [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                // An empty message has no buffer to write to, and nothing to write.
                if count > 0 { initialized = protobuf_c_message_pack(base, buffer.baseAddress!) }
            }
        }
    }

    static func decode<M: MappedMessage>(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> M {
        let arena = DecodingArena(messageBytes: bytes.count)
        defer { arena.free() }
        var allocator = arena.allocator
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard let c = M.unpack(&allocator, bytes.count, start) else {
            let problem =
                arena.isExhausted
                ? "takes more than the \(arena.bytesMax) bytes of memory that a message of \(bytes.count) bytes may"
                : "is not a well-formed protobuf message"
            throw MessageError(path: "\(M.name)", problem: problem)
        }
        do throws(MessageError) {
            return try M(UnsafePointer(c))
        } catch {
            throw MessageError(path: "\(M.name).\(error.path)", problem: error.problem)
        }
    }
}
