import Foundation
import TandemClient
import TandemServer
import Testing

@Suite("Documents over the wire", .timeLimit(.minutes(1)))
struct DocumentServiceTests {
    @Test("each acknowledgement level is reached when it is acknowledged", arguments: [Acknowledgement.logged, .searchable, .complete])
    func levels(_ level: Acknowledgement) async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            for round in 0..<3 {
                let word = "word\(round)"
                let answer = try await client.upsert([document("\(round)", word)], into: "c", acknowledgement: level)
                #expect(answer.acknowledgement == level && answer.results.map(\.outcome) == [.applied] && !answer.wasReplayed)
                #expect(answer.results[0].version == answer.sequence && answer.sequence == UInt64(round + 1))
                #expect(try await client.get(["\(round)"], from: "c").documents.count == 1, "the log shows it at once")
                let hits = try await client.search(SearchRequest(collection: "c", text: word)).hits
                if level != .logged { #expect(hits.count == 1) }
                if level == .complete {
                    let status = try await client.describeCollection("c")
                    #expect(status.vectorAppliedSequence >= answer.sequence)
                }
            }
        }
    }

    @Test("a search that carries a write's token sees that write")
    func readYourWrite() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            for round in 0..<20 {
                let token = try await client.upsert([document("\(round)", "term\(round)")], into: "c").sequence
                let found = try await client.search(SearchRequest(collection: "c", text: "term\(round)", afterSequence: token))
                #expect(found.hits.map(\.id) == ["\(round)"] && found.appliedSequence >= token)
                let gone = try await client.delete(["\(round)"], from: "c").sequence
                let after = try await client.search(SearchRequest(collection: "c", text: "term\(round)", afterSequence: gone))
                #expect(after.hits.isEmpty)
            }
            let error = await failure { _ = try await client.search(SearchRequest(collection: "c", text: "x", afterSequence: 1_000_000)) }
            #expect(error?.code == .invalidArgument && error?.message.contains("token") == true, "a token that nobody gave out")
        }
    }

    @Test("conditions hold operation by operation, and what they refuse names the present version")
    func conditions() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            func write(_ id: String, _ condition: Condition?) async throws -> OperationResult {
                try await client.upsert(
                    UpsertRequest(collection: "c", operations: [UpsertOperation(document: document(id, "x"), condition: condition)])
                ).results[0]
            }
            let first = try await write("a", Condition(kind: .insertOnly))
            #expect(first.outcome == .applied)
            let again = try await write("a", Condition(kind: .insertOnly))
            #expect(again.outcome == .conditionFailed && again.version == first.version)
            #expect(try await write("b", Condition(kind: .updateOnly)) == OperationResult(outcome: .conditionFailed))
            let second = try await write("a", Condition(kind: .ifVersion, version: first.version!))
            #expect(second.outcome == .applied)
            let stale = try await write("a", Condition(kind: .ifVersion, version: first.version!))
            #expect(stale.outcome == .conditionFailed && stale.version == second.version)
            #expect(try await write("new", Condition(kind: .ifVersion, version: 0)).outcome == .applied, "version 0: there is none")

            let deleted = try await client.delete(
                DeleteRequest(
                    collection: "c",
                    operations: [
                        DeleteOperation(id: "a", condition: Condition(kind: .ifVersion, version: first.version!)), DeleteOperation(id: "nobody"),
                        DeleteOperation(id: "a", condition: Condition(kind: .ifVersion, version: second.version!)),
                    ], acknowledgement: .searchable))
            #expect(deleted.results.map(\.outcome) == [.conditionFailed, .notFound, .applied])
            #expect(try await client.get(["a"], from: "c").missing == ["a"])

            let odd = await failure { _ = try await write("a", Condition(kind: ConditionKind(rawValue: 77))) }
            #expect(odd?.code == .invalidArgument && odd?.message.contains("operation 0") == true && odd?.message.contains("condition") == true)
        }
    }

    @Test("a batch sent again under its idempotency key is applied once")
    func idempotency() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            let first = try await client.upsert([document("a", "one"), document("b", "two")], into: "c", idempotencyKey: "k1")
            let again = try await client.upsert([document("a", "one"), document("b", "two")], into: "c", idempotencyKey: "k1")
            #expect(again.wasReplayed && !first.wasReplayed)
            #expect(again.results == first.results && again.sequence == first.sequence)
            #expect(try await client.describeCollection("c").lastSequence == 2)
            let other = await failure { _ = try await client.upsert([document("z", "other")], into: "c", idempotencyKey: "k1") }
            #expect(other?.code == .invalidArgument, "the key of other content: \(String(describing: other))")
            let removal = try await client.delete(["a"], from: "c", idempotencyKey: "k2")
            #expect(try await client.delete(["a"], from: "c", idempotencyKey: "k2").results == removal.results)
            #expect(await failure { _ = try await client.delete(["a"], from: "c", idempotencyKey: "") }?.code == .invalidArgument)
        }
    }

    private static let secret = "SECRETCONTENT"

    @Test(
        "a bad document is named by its place and fault, its content is not, and nothing of its batch is written",
        arguments: [
            ("an unknown text field", "'body'", Document(id: "bad", texts: [TextField(name: "body", text: secret)])),
            ("a text field twice", "text", Document(id: "bad", texts: [TextField(name: "text", text: secret), TextField(name: "text", text: secret)])),
            ("an unknown attribute", "'color'", Document(id: "bad", attributes: [AttributeField(name: "color", keywords: [secret])])),
            ("an attribute of another type", "'n'", Document(id: "bad", attributes: [AttributeField(name: "n", keywords: [secret])])),
            ("an attribute of two types", "'n'", Document(id: "bad", attributes: [AttributeField(name: "n", keywords: [secret], int64s: [1])])),
            ("a vector of a wrong length", "'v'", Document(id: "bad", vectors: [VectorField(name: "v", values: [1, 2])])),
            ("a vector that is no number", "'v'", Document(id: "bad", vectors: [VectorField(name: "v", values: [1, .nan, 3])])),
            ("a vector of zeros", "'v'", Document(id: "bad", vectors: [VectorField(name: "v", values: [0, 0, 0])])),
            ("no id", "id", Document(texts: [TextField(name: "text", text: secret)])),
            ("an id that is too long", "id", Document(id: String(repeating: "i", count: 513))),
        ])
    func badDocuments(_ what: String, _ name: String, _ bad: Document) async throws {
        try await withDaemon { _, client in
            let schema = CollectionSchema(attributes: [AttributeSchema(name: "n", type: .int64)], vectorFields: [VectorFieldSchema(name: "v", dimension: 3)])
            _ = try await client.createCollection("c", schema: schema)
            let error = await failure { _ = try await client.upsert([document("good", "fine"), bad], into: "c") }
            #expect(error?.code == .invalidArgument && error?.didRun == false, "\(what): \(String(describing: error))")
            #expect(error?.message.contains("operation 1") == true && error?.message.contains(name) == true, "\(what): \(error?.message ?? "")")
            #expect(error?.message.contains(Self.secret) == false, "\(what): \(error?.message ?? "")")
            #expect(try await client.describeCollection("c").lastSequence == 0)
        }
    }

    @Test("an operation without a document is named")
    func noDocument() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            let error = await failure { _ = try await client.upsert(UpsertRequest(collection: "c", operations: [UpsertOperation()])) }
            #expect(error?.code == .invalidArgument && error?.message.contains("operation 0") == true)
        }
    }

    @Test("get returns every type of value as it was sent, in the order asked for, with the fields asked for")
    func get() async throws {
        try await withDaemon { _, client in
            let schema = CollectionSchema(
                attributes: [
                    AttributeSchema(name: "k", type: .keyword), AttributeSchema(name: "i", type: .int64), AttributeSchema(name: "f", type: .float64),
                    AttributeSchema(name: "b", type: .bool), AttributeSchema(name: "t", type: .timestamp),
                ], vectorFields: [VectorFieldSchema(name: "v", dimension: 3)])
            _ = try await client.createCollection("c", schema: schema)
            let full = Document(
                id: "größe/1", texts: [TextField(name: "text", text: "a\u{0}b €"), TextField(name: "title", text: "")],
                attributes: [
                    AttributeField(name: "k", keywords: ["x", ""]), AttributeField(name: "i", int64s: [.min, -1, .max]),
                    AttributeField(name: "f", float64s: [-0.5, .infinity]), AttributeField(name: "b", bools: [true, false]),
                    AttributeField(name: "t", timestampsMicroseconds: [-1, 0]),
                ], vectors: [VectorField(name: "v", values: [1, -2, 0.5])])
            _ = try await client.upsert([document("2", "second"), full], into: "c")
            let answer = try await client.get(["nobody", "größe/1", "2", "größe/1"], from: "c")
            #expect(answer.missing == ["nobody"] && answer.documents.map { $0.document?.id } == ["größe/1", "2", "größe/1"])
            #expect(answer.documents[0].document == full && answer.documents[0].version == 2)

            let some = try await client.get(["größe/1"], from: "c", fields: ["i", "title"]).documents[0].document
            #expect(some?.texts.map(\.name) == ["title"] && some?.attributes.map(\.name) == ["i"] && some?.vectors == [])
            let none = try await client.get(["größe/1"], from: "c", fields: []).documents[0].document
            #expect(none == Document(id: "größe/1"))
            let error = await failure { _ = try await client.get(["2"], from: "c", fields: ["nonsense"]) }
            #expect(error?.code == .invalidArgument && error?.message.contains("'nonsense'") == true)
        }
    }

    @Test("what was acknowledged is there after a restart, and searchable at once")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        try await withDaemon(data: data) { _, client in
            _ = try await client.createCollection("c", schema: CollectionSchema(attributes: [AttributeSchema(name: "n", type: .int64)]))
            let batch = (0..<500).map { document("\($0)", "restart \($0)", attributes: [AttributeField(name: "n", int64s: [Int64($0)])]) }
            _ = try await client.upsert(batch, into: "c", acknowledgement: .searchable)
            _ = try await client.delete(["7"], from: "c")
            _ = try await client.upsert([document("8", "changed")], into: "c")
        }
        for round in 0..<2 {
            try await withDaemon(data: data) { _, client in
                let status = try await client.describeCollection("c")
                #expect(status.documents == 499 && status.lastSequence == 502 && status.appliedSequence == 502, "round \(round)")
                let found = try await client.search(SearchRequest(collection: "c", text: "restart", filter: Filter(expression: "n >= 490")))
                #expect(found.hits.count == 10)
                #expect(try await client.search(SearchRequest(collection: "c", text: "changed")).hits.map(\.id) == ["8"])
                #expect(try await client.get(["7", "8"], from: "c").missing == ["7"])
            }
        }
    }

    @Test("two daemons cannot share a data folder")
    func locked() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(data: folder.path + "/data") { _, client in
            let error = await #expect(throws: (any Error).self) {
                try await withDaemon(data: folder.path + "/data") { _, _ in }
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains("process \(ProcessInfo.processInfo.processIdentifier)"))
            let health = try await client.health()
            #expect(health.status == .serving)
        }
    }
}
