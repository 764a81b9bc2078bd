import Glibc
import Logging
import SearchCore
import Synchronization
import TandemServer
import WireProtocol

/// A server without an engine. What a search does is written in its text: `echo`, `sleep`, `fail`, `big N`, `stuck`,
/// `deaf` (goes on after a cancellation, until the test lets it go), `drop`.
final class FakeHandler: RequestHandler {
    let pool = WorkerPool(name: "fake", threads: 4, queueMax: 1000)
    let searches = Atomic<Int>(0)
    let cancellations = Atomic<Int>(0)
    let largestBatchQueue = Mutex(0)
    /// Searches fail so often before one succeeds.
    let refusals = Atomic<Int>(0)
    let batches = Mutex<[[String]]>([])
    let isReleased = Atomic<Bool>(false)
    /// Batches are taken in this slowly.
    let batchDelay: Duration

    init(batchDelay: Duration = .zero) { self.batchDelay = batchDelay }

    func handle(_ call: ServerCall) {
        switch call.method {
        case .upsert: takeBatches(call)
        case .search: pool.submit(call) { try self.search($0) }
        case .health: call.respond(HealthResponse(status: .serving))
        case .createCollection:
            pool.submit(call) { call in
                let request = try call.decodeRequest(CreateCollectionRequest.self)
                call.respond(CollectionDescription(name: request.name, schema: request.schema))
            }
        case .delete:
            pool.submit(call) { call in
                let request = try call.decodeRequest(DeleteRequest.self)
                call.respond(
                    DeleteResponse(
                        results: request.operations.map { _ in OperationResult(outcome: .applied, version: 2) }, sequence: 2))
            }
        case .get:
            pool.submit(call) { call in
                let request = try call.decodeRequest(GetRequest.self)
                call.respond(
                    GetResponse(documents: request.ids.map { StoredDocument(document: Document(id: $0), version: 1) }))
            }
        default: call.fail(TandemError(.unimplemented, "\(call.method)"))
        }
    }

    private func search(_ call: ServerCall) throws {
        searches.add(1, ordering: .relaxed)
        let request = try call.decodeRequest(SearchRequest.self)
        let words = request.text.split(separator: " ")
        switch words.first {
        case "sleep":
            let end = ContinuousClock.now + .milliseconds(Int(words[1])!)
            while ContinuousClock.now < end {
                try call.control.checkpoint()
                Thread.pause()
            }
        case "stuck":
            call.onCancel { _ = self.cancellations.add(1, ordering: .relaxed) }
            while !call.control.isCancelled { Thread.pause() }
            throw TandemError(.cancelled, "stopped")
        case "deaf": while !isReleased.load(ordering: .relaxed) { Thread.pause() }
        case "fail": throw TandemError.invalidArgument("no such field: \(words[1])")
        case "busy":
            if refusals.load(ordering: .relaxed) > 0 {
                refusals.subtract(1, ordering: .relaxed)
                throw TandemError(.resourceExhausted, "busy", isRetryable: true)
            }
        case "big":
            let hit = Hit(id: String(repeating: "x", count: Int(words[1])!))
            return call.respond(SearchResponse(hits: [hit]))
        case "drop": return
        default: break
        }
        call.respond(SearchResponse(hits: [Hit(id: request.text, version: 7, score: 0.5, lexical: 0)], poolSize: 1))
    }

    private func takeBatches(_ call: ServerCall) {
        let sequence = Mutex<UInt64>(0)
        next(call, sequenceBox: Box(sequence: sequence))
    }

    private final class Box: Sendable {
        let sequence: Mutex<UInt64>
        init(sequence: consuming Mutex<UInt64>) { self.sequence = sequence }
    }

    private func next(_ call: ServerCall, sequenceBox: Box) {
        call.nextMessage { bytes in
            guard let bytes else {
                if !call.control.isCancelled { call.finish() } else { self.cancellations.add(1, ordering: .relaxed) }
                return
            }
            self.pool.submit(call) { call in
                let request = try ServerCall.decode(UpsertRequest.self, bytes)
                if self.batchDelay > .zero {
                    let end = ContinuousClock.now + self.batchDelay
                    while ContinuousClock.now < end { Thread.pause() }
                }
                if request.collection == "missing" { throw TandemError(.notFound, "collection 'missing'") }
                self.batches.withLock { $0.append(request.operations.map { $0.document?.id ?? "" }) }
                let last = sequenceBox.sequence.withLock { value in
                    value += UInt64(request.operations.count)
                    return value
                }
                call.send(
                    UpsertResponse(
                        results: request.operations.map { _ in OperationResult(outcome: .applied, version: last) },
                        sequence: last, acknowledgement: request.acknowledgement))
                self.next(call, sequenceBox: sequenceBox)
            }
        }
    }
}

enum Thread {
    /// A millisecond, blocking, on the fake's own threads.
    static func pause() { usleep(1000) }
}

/// A server on a free port of this machine.
func withServer<R>(
    _ handler: FakeHandler = FakeHandler(), configure: (inout WireServerConfiguration) -> Void = { _ in },
    _ body: (WireServer, FakeHandler) async throws -> R
) async throws -> R {
    var configuration = WireServerConfiguration()
    configuration.endpoint.port = 0
    configure(&configuration)
    let server = try await WireServer.start(configuration, handler: handler, logger: Logger(label: "test"))
    let result: Result<R, any Error>
    do { result = .success(try await body(server, handler)) } catch { result = .failure(error) }
    await server.shutDown(grace: .seconds(2))
    await handler.pool.shutDown()
    return try result.get()
}
