import RigSupport
import Synchronization
import TandemClient

/// A well-behaved client that searches the whole time, and notes how long it takes and whether the answer is right.
final class HealthyClient: Sendable {
    struct Result: Sendable {
        var times: [Duration] = []
        var wrong: [String] = []

        /// `share`: 0.5 for the median.
        func milliseconds(_ share: Double) -> Double {
            let sorted = times.sorted()
            return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))].seconds * 1000
        }
    }

    static let collection = "healthy"
    static let documents = 2000
    private let client: TandemClient
    private let isOver = Atomic<Bool>(false)

    init(_ client: TandemClient) { self.client = client }

    static func prepare(_ client: TandemClient) async throws {
        _ = try await client.createCollection(collection)
        let words = ["harbour", "lantern", "meadow", "copper", "violet", "thunder", "marble"]
        for start in stride(from: 0, to: documents, by: 200) {
            let batch = (start..<start + 200).map { n in
                let text = (0..<30).map { words[(n * 31 + $0 * $0) % words.count] }.joined(separator: " ")
                return Document(id: "h\(n)", texts: [TextField(name: "title", text: "number n\(n)x"), TextField(name: "text", text: text)])
            }
            _ = try await client.upsert(batch, into: collection, acknowledgement: .searchable)
        }
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    /// One search after the other, with a short pause, until ``stop()``.
    func run(seed: UInt64) async -> Result {
        var random = SeededGenerator(seed: seed)
        var result = Result()
        while !isOver.load(ordering: .relaxed) {
            let n = Int.random(in: 0..<Self.documents, using: &random)
            let begin = ContinuousClock.now
            do {
                let answer = try await client.search(
                    SearchRequest(collection: Self.collection, text: "n\(n)x harbour", mode: .lexical, limit: 10), timeout: .seconds(10))
                result.times.append(begin.duration(to: .now))
                if answer.hits.first?.id != "h\(n)" || answer.hits.count != 10 {
                    result.wrong.append("search for document \(n): \(answer.hits.count) hits, the first \(answer.hits.first?.id ?? "none")")
                }
            } catch {
                result.wrong.append("\(error)")
            }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return result
    }
}
