import WireProtocol

/// An endless supply of what a peer should not send: random bytes, well-formed frames in the wrong place, valid calls whose
/// messages were changed under a right checksum, frames that are cut or too long; and some that are right, so that there is
/// something to disturb.
///
/// One element is one frame. A connection's life goes on only until the first broken rule, so the mild kinds are the frequent ones.
public struct FrameSource: Sendable {
    public var random: SeededGenerator
    /// What the calls name. Nothing that they can do harms another collection, nor a folder.
    private let collection: String
    private let requests: [(method: WireProtocol.Method, body: [UInt8])]
    private var stream: UInt32 = 0
    /// Calls that make collections and folders are changed too: for a peer that only decodes them.
    private let changesEverything: Bool

    public init(seed: UInt64, collection: String, changesEverything: Bool = false) {
        random = SeededGenerator(seed: seed)
        self.collection = collection
        self.changesEverything = changesEverything
        requests = Self.requests(collection)
    }

    /// A new connection: streams are numbered from the start.
    public mutating func beginConnection() { stream = 0 }

    /// A HELLO, usually a right one.
    public mutating func hello() -> [UInt8] {
        var hello = Hello(agent: "fuzz", limits: Limits(messageBytes: 1 << 20, streams: 100))
        switch Int.random(in: 0..<40, using: &random) {
        case 0: hello.streamWindow = 0
        case 1: hello.connectionWindow = UInt32.max
        case 2: (hello.versionMin, hello.versionMax) = (2, 9)
        case 3: hello.features = (0..<2000).map { "feature\($0)" }
        case 4: hello.limits = Limits(frameBytes: 1, messageBytes: 0, streams: 0)
        case 5: return mutated(Frame(.hello, payload: hello.encode()).encode())
        case 6: return Frame(.hello, payload: mutated(hello.encode())).encode()
        default: break
        }
        return Frame(.hello, payload: hello.encode()).encode()
    }

    /// The next frame of a peer that has said HELLO.
    public mutating func next() -> [UInt8] {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40:
            let (method, body) = request()
            return call(method, (method == .backup || method == .createCollection) && !changesEverything ? body : mutated(body))
        case 40..<58:
            let (method, body) = request()
            return call(method, body)
        case 58..<66: return onOpenStream()
        case 66..<84: return anyFrame()
        case 84..<90:
            let (method, body) = request()
            return mutated(call(method, body))
        case 90..<93: return randomBytes(1...300)
        case 93..<96:
            let (method, body) = request()
            let bytes = call(method, body)
            return Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
        case 96: return tooLong()
        case 97: return amplifying()
        default: return call(WireProtocol.Method(rawValue: Int32.random(in: -2...300, using: &random)), randomBytes(0...100))
        }
    }

    // MARK: Frames

    private mutating func request() -> (WireProtocol.Method, [UInt8]) { requests[Int.random(in: 0..<requests.count, using: &random)] }

    private mutating func call(_ method: WireProtocol.Method, _ body: [UInt8]) -> [UInt8] {
        stream += random.chance(1, in: 20) ? UInt32.random(in: 1...1000, using: &random) : 1
        let timeout: UInt64? =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: 0
            case 1: UInt64.max
            case 2: 1000
            default: 2_000_000
            }
        let header = CallHeader(method: method, timeoutMicroseconds: timeout).encode()
        // Upserts often stay open, for the frames that follow on them.
        let flags: FrameFlags = method == .upsert && random.chance(2, in: 3) ? [.endMessage] : [.endMessage, .endStream]
        return Frame(.request, flags: flags, stream: stream, payload: [UInt8(header.count >> 8), UInt8(header.count & 0xFF)] + header + body).encode()
    }

    private mutating func onOpenStream() -> [UInt8] {
        let id = stream == 0 ? 1 : UInt32.random(in: max(1, stream > 3 ? stream - 3 : 1)...stream, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return Frame(.cancel, stream: id).encode()
        case 1:
            return Frame(.window, stream: random.chance(1, in: 2) ? 0 : id, payload: Self.bigEndian(UInt32.random(in: 1...100_000, using: &random))).encode()
        case 2: return Frame(.ping, payload: Self.bigEndian(7) + Self.bigEndian(9)).encode()
        default:
            let body = requests.first { $0.method == .upsert }!.body
            let flags = FrameFlags(rawValue: UInt8.random(in: 0...3, using: &random))
            return Frame(.data, flags: flags, stream: id, payload: random.chance(1, in: 2) ? body : mutated(body)).encode()
        }
    }

    private mutating func anyFrame() -> [UInt8] {
        let type = FrameType(rawValue: random.chance(1, in: 4) ? UInt8.random(in: 0...255, using: &random) : UInt8.random(in: 1...12, using: &random))
        let id: UInt32 =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: 0
            case 1: UInt32.random(in: 0...UInt32.max, using: &random)
            default: UInt32.random(in: 0...(stream + 1), using: &random)
            }
        let payload: [UInt8] =
            switch Int.random(in: 0..<7, using: &random) {
            case 0: []
            case 1: Self.bigEndian(UInt32.random(in: 0...UInt32.max, using: &random))
            case 2: Self.bigEndian(1) + Self.bigEndian(2)
            case 3: GoAway(reason: .shutdown, lastStreamId: 5, message: "bye").encode()
            case 4: Status(code: .notFound, message: "no").encode()
            case 5: Welcome(agent: "w").encode()
            default: randomBytes(0...500)
            }
        let flags: UInt8 = random.chance(1, in: 3) ? UInt8.random(in: 0...255, using: &random) : 0
        return Frame(type, flags: FrameFlags(rawValue: flags), stream: id, payload: payload).encode()
    }

    /// Says that it is longer than allowed, or than it is.
    private mutating func tooLong() -> [UInt8] {
        var bytes = Frame(.data, stream: max(1, stream), payload: [1, 2, 3]).encode()
        let length = random.chance(1, in: 2) ? UInt32.max : UInt32.random(in: 4...2_000_000, using: &random)
        bytes.replaceSubrange(8..<12, with: Self.bigEndian(length))
        return bytes
    }

    /// Few bytes that would become many structs.
    private mutating func amplifying() -> [UInt8] {
        let count = Int.random(in: 1000...25_000, using: &random)
        // UpsertRequest.operations, SearchRequest.field_weights, GetRequest.ids: empty, over and over.
        let (method, tag): (WireProtocol.Method, [UInt8]) = [(.upsert, [0x12, 0]), (.search, [0x82, 1, 0]), (.get, [0x12, 0])][
            Int.random(in: 0..<3, using: &random)]
        var body: [UInt8] = []
        for _ in 0..<count { body += tag }
        return call(method, body)
    }

    private mutating func randomBytes(_ count: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: count, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// One to four small changes.
    public mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { return randomBytes(1...8) }
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 3: bytes.remove(at: at)
            case 4: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
            case 5:
                let end = min(bytes.count, at + Int.random(in: 1...40, using: &random))
                bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 6: bytes.removeLast(Int.random(in: 0...min(bytes.count, 30), using: &random))
            // A length or number without end.
            default: bytes.replaceSubrange(at..<at + 1, with: [0xFF, 0xFF, 0xFF, 0xFF, 0x0F])
            }
        }
        return bytes
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    // MARK: Calls

    /// Every method with a body that means something.
    private static func requests(_ collection: String) -> [(method: WireProtocol.Method, body: [UInt8])] {
        let document = Document(
            id: "d1", texts: [TextField(name: "title", text: "naïve 東京 नमस्ते"), TextField(name: "text", text: "some words of a text")],
            attributes: [
                AttributeField(name: "tag", keywords: ["a", "b"]), AttributeField(name: "n", int64s: [-1, 5]),
                AttributeField(name: "f", float64s: [.nan, 1.5]), AttributeField(name: "b", bools: [true]),
                AttributeField(name: "t", timestampsMicroseconds: [1]),
            ],
            vectors: [VectorField(name: "v", values: [0.5, -.infinity, .nan, 1])])
        let whole = Document(
            id: "d2", texts: [TextField(name: "text", text: "harbour lantern meadow")], attributes: [AttributeField(name: "tag", keywords: ["a"])])
        let nodes = [
            FilterNode(op: .equal, field: "tag", values: [Value(keywordValue: "a")]),
            FilterNode(op: .range, field: "n", lower: Value(int64Value: -3), upper: Value(int64Value: 9)), FilterNode(op: .and, count: 2), FilterNode(op: .not),
        ]
        // Refused for its schema.
        let schema = CollectionSchema(
            textFields: [TextFieldSchema(name: "same"), TextFieldSchema(name: "same", weight: .nan)],
            attributes: [AttributeSchema(name: "same", type: .keyword)], vectorFields: [VectorFieldSchema(name: "v", dimension: 1 << 30)], alpha: -4)
        let search = SearchRequest(
            collection: collection, text: "harbour lantern", mode: .hybrid, alpha: 0.3, limit: 5, rerank: RerankOptions(depth: 3),
            filter: Filter(nodes: nodes), thresholds: Thresholds(lexical: 0.1), fieldWeights: [FieldWeight(field: "text", weight: 2)], explain: true)
        return [
            (.health, HealthRequest().encode()), (.info, InfoRequest().encode()), (.metrics, MetricsRequest().encode()),
            (.createCollection, CreateCollectionRequest(name: "refused", schema: schema).encode()),
            (.listCollections, ListCollectionsRequest().encode()),
            (.describeCollection, DescribeCollectionRequest(name: collection).encode()),
            (.dropCollection, DropCollectionRequest(name: "no-such-collection-anywhere").encode()),
            (.rebuildCollection, RebuildCollectionRequest(name: "no-such-collection-anywhere", schema: schema).encode()),
            (
                .upsert,
                UpsertRequest(
                    collection: collection, operations: [UpsertOperation(document: document, condition: Condition(kind: .ifVersion, version: 3))],
                    idempotencyKey: "k"
                ).encode()
            ),
            (
                .upsert,
                UpsertRequest(
                    collection: collection, operations: [UpsertOperation(document: whole), UpsertOperation(document: whole)], acknowledgement: .searchable
                ).encode()
            ),
            (
                .delete,
                DeleteRequest(collection: collection, operations: [DeleteOperation(id: "d1"), DeleteOperation(id: "d9")], idempotencyKey: "k2").encode()
            ),
            (.get, GetRequest(collection: collection, ids: ["d1", "d2", "missing"], fields: FieldSelection(names: ["text"])).encode()),
            (.search, search.encode()), (.search, search.encode()),
            (
                .search,
                SearchRequest(
                    collection: collection, text: "harbour", mode: .lexical, limit: 10_000, filter: Filter(expression: "tag in (\"a\", \"b\") and not (n >= 3)")
                ).encode()
            ),
            (
                .search,
                SearchRequest(
                    collection: collection, text: "lantern", limit: 3, vectorField: "v",
                    recommend: [Example(id: whole.id), Example(id: "b", weight: -.infinity), Example()]
                ).encode()
            ),
            (.search, SearchRequest(collection: collection, vector: [1, .nan, 3, 4], mode: .semantic, offset: 4_000_000_000, depth: 4_000_000_000).encode()),
            (.backup, BackupRequest(path: "relative").encode()),
            (.check, CheckRequest(collection: "no-such-collection-anywhere").encode()),
        ]
    }

    /// Decodes a request of this method as the server does, and writes it again. - Throws: as the decoder does.
    /// - Returns: two encodings that must be the same: of what was read, and of what that reads as.
    public static func decode(_ method: WireProtocol.Method, _ bytes: [UInt8]) throws -> ([UInt8], [UInt8])? {
        func twice<M: WireMessage>(_: M.Type) throws -> ([UInt8], [UInt8]) {
            let first = try M(decoding: bytes).encode()
            return (first, try M(decoding: first).encode())
        }
        return switch method {
        case .health: try twice(HealthRequest.self)
        case .info: try twice(InfoRequest.self)
        case .metrics: try twice(MetricsRequest.self)
        case .createCollection: try twice(CreateCollectionRequest.self)
        case .listCollections: try twice(ListCollectionsRequest.self)
        case .describeCollection: try twice(DescribeCollectionRequest.self)
        case .dropCollection: try twice(DropCollectionRequest.self)
        case .rebuildCollection: try twice(RebuildCollectionRequest.self)
        case .upsert: try twice(UpsertRequest.self)
        case .delete: try twice(DeleteRequest.self)
        case .get: try twice(GetRequest.self)
        case .search: try twice(SearchRequest.self)
        case .backup: try twice(BackupRequest.self)
        case .check: try twice(CheckRequest.self)
        default: nil
        }
    }

    /// Decodes an answer as the client does.
    public static func decodeAnswer(_ bytes: [UInt8]) {
        _ = try? SearchResponse(decoding: bytes).encode()
        _ = try? GetResponse(decoding: bytes).encode()
        _ = try? UpsertResponse(decoding: bytes).encode()
        _ = try? CollectionDescription(decoding: bytes).encode()
        _ = try? CheckResponse(decoding: bytes).encode()
        _ = try? InfoResponse(decoding: bytes).encode()
    }
}
