import HybridSearch
import SearchCore
import WireProtocol

extension WriteBatch {
    /// - Throws: `INVALID_ARGUMENT` naming the operation, counted from 0 as the engine counts them.
    init(_ message: UpsertRequest) throws {
        self.init(
            try message.operations.enumerated().map { index, operation in
                try Self.naming(index) {
                    guard let document = operation.document else { throw Mapping.refuse("document", "is missing") }
                    return .upsert(try SearchCore.Document(document), condition: try WriteOperation.Condition(operation.condition))
                }
            }, idempotencyKey: message.idempotencyKey)
    }

    init(_ message: DeleteRequest) throws {
        self.init(
            try message.operations.enumerated().map { index, operation in
                try Self.naming(index) {
                    .delete(id: operation.id, condition: try WriteOperation.Condition(operation.condition))
                }
            }, idempotencyKey: message.idempotencyKey)
    }

    private static func naming(_ index: Int, _ body: () throws -> WriteOperation) throws -> WriteOperation {
        do {
            return try body()
        } catch var error as TandemError {
            error.message = "operation \(index) of the batch: \(error.message)"
            throw error
        }
    }
}

extension WriteOperation.Condition {
    init(_ message: WireProtocol.Condition?) throws {
        switch message?.kind {
        case nil, ConditionKind.none?: self = .none
        case .ifVersion?: self = .ifVersion(message!.version)
        case .insertOnly?: self = .insertOnly
        case .updateOnly?: self = .updateOnly
        case let kind?: throw Mapping.unknown("condition.kind", kind)
        }
    }
}

extension HybridSearch.Acknowledgement {
    init(_ message: WireProtocol.Acknowledgement) throws {
        switch message {
        case .logged: self = .logged
        case .searchable: self = .searchable
        case .complete: self = .complete
        default: throw Mapping.unknown("acknowledgement", message)
        }
    }

    var wire: WireProtocol.Acknowledgement {
        switch self {
        case .logged: .logged
        case .searchable: .searchable
        case .complete: .complete
        }
    }
}

extension WireProtocol.OperationResult {
    init(_ result: HybridSearch.OperationResult) {
        switch result {
        case .applied(let version): self.init(outcome: .applied, version: version.rawValue)
        case .conditionFailed(let current): self.init(outcome: .conditionFailed, version: current?.rawValue)
        case .notFound: self.init(outcome: .notFound)
        }
    }
}

extension UpsertResponse {
    init(_ outcome: CommitOutcome, _ level: HybridSearch.Acknowledgement) {
        self.init(
            results: outcome.results.map(WireProtocol.OperationResult.init), sequence: outcome.lastSequence.rawValue,
            acknowledgement: level.wire, wasReplayed: outcome.wasReplayed)
    }
}

extension DeleteResponse {
    init(_ outcome: CommitOutcome, _ level: HybridSearch.Acknowledgement) {
        self.init(
            results: outcome.results.map(WireProtocol.OperationResult.init), sequence: outcome.lastSequence.rawValue,
            acknowledgement: level.wire, wasReplayed: outcome.wasReplayed)
    }
}
