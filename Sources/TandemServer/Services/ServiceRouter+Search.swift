import HybridSearch
import SearchCore
import WireProtocol

extension ServiceRouter {
    /// On a search thread. A search that must see a write first gives the thread back until the write is applied.
    func search(_ call: ServerCall) throws {
        let message = try call.decodeRequest(WireProtocol.SearchRequest.self)
        var request = try HybridSearch.SearchRequest(message)
        let collection = try collection(message.collection)
        guard let after = request.after else { return try answer(call, request, collection) }

        request.after = nil
        let ready = request
        // The wait holds no thread, but its place among the running calls, until the caller leaves.
        call.onCancel { call.finish(Status(code: .cancelled, message: "the caller cancelled the call")) }
        collection.whenApplied(after, .searchable, deadline: call.control.deadline) { result in
            switch result {
            case .success: run(call, on: pools.searches) { try answer($0, ready, collection) }
            case .failure(let error): fail(call, error, didRun: false)
            }
        }
    }

    private func answer(_ call: ServerCall, _ request: HybridSearch.SearchRequest, _ collection: HybridSearch.Collection) throws {
        // Waiting for a thread, and for the write that the search must see, is time that the caller spent in the daemon.
        let queued = call.receivedAt.duration(to: .now)
        var response = try collection.search(request, control: call.control)
        response.addQueue(queued)
        call.respond(WireProtocol.SearchResponse(response))
    }
}
