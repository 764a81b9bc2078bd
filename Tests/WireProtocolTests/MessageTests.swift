import Testing
import WireProtocol

@Suite("WireMessage")
struct MessageTests {
    /// One of everything: nested messages, lists, floats, presence.
    static let everything = SearchRequest(
        collection: "notes", text: "naïve \u{0} 漢字 🙂", vector: [0, -1.5, .greatestFiniteMagnitude], mode: .semantic, alpha: 0,
        normalizer: .rrf, rrfK: 0, limit: 0, offset: 7, depth: 0, rerank: RerankOptions(depth: 0, weight: 0, unbounded: true, model: ""),
        filter: Filter(
            nodes: [
                FilterNode(op: .in, field: "lang", values: [Value(keywordValue: "de"), Value(keywordValue: "")]),
                FilterNode(
                    op: .range, field: "size", lower: Value(int64Value: .min), lowerInclusive: false, upper: Value(float64Value: .infinity)),
                FilterNode(op: .equal, field: "free", values: [Value(boolValue: false)]),
                FilterNode(op: .and, count: 3),
            ]),
        thresholds: Thresholds(lexical: 0, rerank: -3), k1: 0, b: 0, fieldWeights: [FieldWeight(field: "title", weight: 0)],
        afterSequence: 0, embedderFailure: .fail, explain: true, fields: FieldSelection(names: []))

    @Test("a message comes back as it was sent")
    func roundTrip() throws {
        #expect(try SearchRequest(decoding: Self.everything.encode()) == Self.everything)
        let document = Document(
            id: "x", texts: [TextField(name: "title", text: ""), TextField(name: "", text: "a\u{0}b")],
            attributes: [
                AttributeField(
                    name: "n", keywords: ["", "k"], int64s: [0, .min, .max], float64s: [0, -.infinity], bools: [true, false], timestampsMicroseconds: [-1])
            ],
            vectors: [VectorField(name: "v", values: [1, 2, 3])])
        let request = UpsertRequest(
            collection: "c", operations: [UpsertOperation(document: document, condition: Condition(kind: .ifVersion, version: .max)), UpsertOperation()],
            acknowledgement: .complete, idempotencyKey: "")
        #expect(try UpsertRequest(decoding: request.encode()) == request)
    }

    @Test("an absent scalar is nil, a zero is zero")
    func presence() throws {
        let absent = try SearchRequest(decoding: SearchRequest().encode())
        #expect(absent.alpha == nil && absent.depth == nil && absent.fields == nil && absent.afterSequence == nil)
        let zero = try SearchRequest(decoding: SearchRequest(alpha: 0, depth: 0, afterSequence: 0, fields: FieldSelection()).encode())
        #expect(zero.alpha == 0 && zero.depth == 0 && zero.afterSequence == 0 && zero.fields == FieldSelection())
    }

    @Test("empty bytes are a message with its defaults, and that encodes to nothing")
    func defaults() throws {
        let message = try SearchRequest(decoding: [])
        #expect(message == SearchRequest())
        #expect(message.limit == 10 && message.rrfK == 60 && message.mode == .hybrid)
        #expect(SearchRequest().encode().isEmpty)
    }

    @Test("an embedded NUL survives")
    func embeddedNUL() throws {
        #expect(try TextField(decoding: TextField(name: "a\u{0}b").encode()).name == "a\u{0}b")
    }

    @Test(
        "text that is not UTF-8 is refused, and the error names the field",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
    func invalidUTF8(text: [UInt8]) throws {
        // UpsertRequest.operations (2) → UpsertOperation.document (1) → Document.texts (2) → TextField.text (2)
        func field(_ number: UInt8, _ payload: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(payload.count)] + payload }
        let good = field(2, field(1, field(1, [0x61])))
        let bytes = good + field(2, field(1, field(2, field(2, text))))
        let error = #expect(throws: MessageError.self) { try UpsertRequest(decoding: bytes) }
        #expect(error?.path == "UpsertRequest.operations[1].document.texts[0].text")
        #expect(error?.description == "UpsertRequest.operations[1].document.texts[0].text is not UTF-8")
    }

    @Test("a vector whose bytes are no multiple of four is refused by name")
    func vectorLength() {
        let error = #expect(throws: MessageError.self) { try VectorField(decoding: [0x12, 3, 1, 2, 3]) }
        #expect(error?.path == "VectorField.values_f32")
    }

    @Test("an unknown enum value is kept, not lost")
    func unknownEnumValue() throws {
        let request = SearchRequest(mode: SearchMode(rawValue: 77))
        let decoded = try SearchRequest(decoding: request.encode())
        #expect(decoded.mode.rawValue == 77)
        #expect(decoded.mode.description == "77")
        #expect(!SearchMode.allCases.contains(decoded.mode))
    }

    @Test("fields of a newer schema are skipped")
    func unknownFields() throws {
        let bytes = TextField(name: "a", text: "b").encode() + [0xF8, 0x07, 0x01, 0xFA, 0x07, 2, 1, 2]
        #expect(try TextField(decoding: bytes) == TextField(name: "a", text: "b"))
    }

    @Test("a megabyte of empty sub-messages is refused before it becomes a hundred")
    func amplification() {
        let bytes = [UInt8]((0..<500_000).flatMap { _ in [UInt8(0x12), 0] })
        let error = #expect(throws: MessageError.self) { try UpsertRequest(decoding: bytes) }
        #expect(error?.problem.contains("memory") == true, "\(error?.problem ?? "")")
    }

    @Test("the largest honest messages fit the memory cap")
    func honestRatio() throws {
        let hits = (0..<10_000).map { Hit(id: String($0), version: 1, score: 1, fused: 1, lexical: 1) }
        #expect(try SearchResponse(decoding: SearchResponse(hits: hits).encode()).hits.count == 10_000)
        let nodes = [FilterNode](repeating: FilterNode(op: .not), count: 1024)
        #expect(try SearchRequest(decoding: SearchRequest(filter: Filter(nodes: nodes)).encode()).filter?.nodes.count == 1024)
        let small = (0..<1000).map { id in
            UpsertOperation(document: Document(id: String(id), attributes: [AttributeField(name: "n", int64s: [1, 2, 3], bools: [true])]))
        }
        #expect(try UpsertRequest(decoding: UpsertRequest(operations: small).encode()).operations.count == 1000)
        let results = [OperationResult](repeating: OperationResult(outcome: .applied, version: 1), count: 10_000)
        #expect(try UpsertResponse(decoding: UpsertResponse(results: results).encode()).results.count == 10_000)
    }

    @Test("random and damaged bytes are refused or read, never worse")
    func damaged() throws {
        var random = SeededGenerator.fromEnvironment("damaged messages")
        let upsert = UpsertRequest(
            collection: "c",
            operations: (0..<5).map {
                UpsertOperation(
                    document: Document(id: "d\($0)", texts: [TextField(name: "t", text: "some text")], vectors: [VectorField(name: "v", values: [1, 2])]))
            }
        ).encode()
        let search = Self.everything.encode()
        let response = SearchResponse(
            hits: [
                Hit(
                    id: "a", document: Document(id: "a"),
                    explanation: Explanation(terms: [TermMatch(term: "t", matches: [FormMatch(field: "f")])], summary: "s"))
            ],
            stages: [StageReport(name: "fuse")]
        ).encode()
        for round in 0..<20_000 {
            var bytes = [upsert, search, response][round % 3]
            switch round % 4 {
            case 0: bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            case 1: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            default:
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            }
            _ = try? UpsertRequest(decoding: bytes)
            _ = try? SearchRequest(decoding: bytes)
            _ = try? SearchResponse(decoding: bytes)
            _ = try? CollectionDescription(decoding: bytes)
        }
    }
}
