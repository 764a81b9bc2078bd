import HybridSearch
import SearchCore
import Synchronization
import WireProtocol

/// The models in the models folder, as the protocol describes them. Looked up at most every ten seconds: probes ask often,
/// and a model may be added while the daemon runs.
final class InstalledModels: Sendable {
    private static let lifetime = Duration.seconds(10)

    private let library: ModelLibrary
    private let known = Mutex<(models: [ModelDescription], at: ContinuousClock.Instant)?>(nil)

    init(_ library: ModelLibrary) { self.library = library }

    func list() -> [ModelDescription] {
        if let known = known.withLock({ $0 }), known.at.duration(to: .now) < Self.lifetime { return known.models }
        // Outside the lock, since it reads files; two that do it at once find the same.
        let models = library.list().map { model in
            ModelDescription(
                name: model.name, kind: model.kind == .biEncoder ? .biEncoder : .crossEncoder, fingerprint: model.fingerprint,
                dimension: model.kind == .biEncoder ? UInt32(clamping: model.dimension) : 0, maxTokens: UInt32(clamping: model.maxTokens))
        }
        known.withLock { $0 = (models, .now) }
        return models
    }
}
