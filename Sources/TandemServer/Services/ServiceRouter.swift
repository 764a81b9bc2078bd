import HybridSearch
import Logging
import SearchCore
import WireProtocol

/// Answers every call of the protocol: takes it off the event loop, decodes it, asks the engine, encodes what it says.
///
/// Thread-safe. Which thread does what: ``ServicePools``.
struct ServiceRouter: RequestHandler {
    let slot: EngineSlot
    let pools: ServicePools
    let statuses: CallStatus
    let administration: AdministrationService

    func handle(_ call: ServerCall) {
        switch call.method {
        case .health, .info, .metrics: break
        default:
            // Here and not later, because here it is certain that nothing was done: the client may come again by itself.
            if let error = slot.unavailability { return fail(call, error, didRun: false) }
        }
        switch call.method {
        case .search: run(call, on: pools.searches, search)
        case .upsert: UpsertStream(call, router: self).start()
        case .delete: run(call, on: pools.writes, delete)
        case .get: run(call, on: pools.reads, get)
        case .listCollections: run(call, on: pools.reads, listCollections)
        case .describeCollection: run(call, on: pools.reads, describeCollection)
        case .createCollection: run(call, on: pools.administration, createCollection)
        case .dropCollection: run(call, on: pools.administration, dropCollection)
        case .rebuildCollection: run(call, on: pools.administration, rebuildCollection)
        case .mergeCollection: run(call, on: pools.administration, mergeCollection)
        case .analyze: run(call, on: pools.administration, analyze)
        case .setSynonyms: run(call, on: pools.administration, setSynonyms)
        case .getSynonyms: run(call, on: pools.administration, getSynonyms)
        case .backup: run(call, on: pools.administration) { try administration.backup($0, engine: slot.engine) }
        case .check: run(call, on: pools.administration) { try administration.check($0, engine: slot.engine) }
        case .health: run(call, on: pools.probes) { administration.health($0) }
        case .info: run(call, on: pools.probes) { administration.info($0) }
        case .metrics: run(call, on: pools.probes) { administration.metrics($0, pools) }
        default:
            call.finish(Status(code: .unimplemented, message: "method \(call.method) is not known to this server", didRun: false))
        }
    }

    /// Runs `body` for the call on a pool's thread, unless it was cancelled while it waited; its error ends the call.
    func run(_ call: ServerCall, on pool: WorkerPool, _ body: @escaping @Sendable (ServerCall) throws -> Void) {
        do {
            try pool.submit {
                do {
                    try call.control.checkpoint()
                    try body(call)
                } catch { fail(call, error) }
            }
        } catch { fail(call, error, didRun: false) }
    }

    func fail(_ call: ServerCall, _ error: any Error, didRun: Bool? = nil) {
        call.finish(statuses.status(error, method: call.method, didRun: didRun))
    }

    func collection(_ name: String) throws -> HybridSearch.Collection {
        guard !name.isEmpty else { throw TandemError.invalidArgument("collection: the name is missing") }
        return try slot.engine.collection(name)
    }
}
