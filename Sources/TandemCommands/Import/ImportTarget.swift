import TandemClient

/// Takes batches in order. The daemon, or a stand-in for it in tests.
package protocol ImportTarget: Sendable {
    /// Opens a stream, lets `body` send on it and waits for all acknowledgements, which are reported in order.
    func upload(
        inFlightMax: Int, onAcknowledgement: @escaping @Sendable (UpsertResponse) -> Void, _ body: (any BatchSender) async throws -> Void
    ) async throws
    /// One batch by itself.
    func write(_ operations: [UpsertOperation], key: String) async throws -> UpsertResponse
}

package protocol BatchSender {
    /// Suspends while too many batches are unacknowledged.
    func send(_ operations: [UpsertOperation], key: String) async throws
}

/// A collection of a daemon.
struct CollectionTarget: ImportTarget {
    var client: TandemClient
    var collection: String
    /// Of every document.
    var condition: Condition?

    private struct Sender: BatchSender {
        var stream: UploadStream
        var condition: Condition?
        package func send(_ operations: [UpsertOperation], key: String) async throws {
            try await stream.send(CollectionTarget.operations(operations, condition), idempotencyKey: key)
        }
    }

    private static func operations(_ operations: [UpsertOperation], _ condition: Condition?) -> [UpsertOperation] {
        guard let condition else { return operations }
        return operations.map { UpsertOperation(document: $0.document, condition: condition) }
    }

    package func upload(
        inFlightMax: Int, onAcknowledgement: @escaping @Sendable (UpsertResponse) -> Void, _ body: (any BatchSender) async throws -> Void
    ) async throws {
        _ = try await client.upload(
            into: collection, acknowledgement: .logged, inFlightMax: inFlightMax, timeout: nil,
            onAcknowledgement: { _, response in onAcknowledgement(response) }
        ) { try await body(Sender(stream: $0, condition: condition)) }
    }

    package func write(_ operations: [UpsertOperation], key: String) async throws -> UpsertResponse {
        try await client.upsert(UpsertRequest(collection: collection, operations: Self.operations(operations, condition), idempotencyKey: key))
    }
}
