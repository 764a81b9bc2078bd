import SearchCore
import Testing

@Suite struct DocumentTests {
    @Test("documents are equal by every part")
    func equality() {
        let document = Document(
            id: "1", texts: [("title", "a")], attributes: [("size", [.int64(1)])], vectors: [("v", [1, 2])])
        #expect(document == document && document.text("title") == "a" && document.text("body") == nil)
        var other = document
        other.id = "2"
        #expect(other != document)
        other = document
        other.texts[0].text = "b"
        #expect(other != document)
        other = document
        other.attributes[0].values = [.timestamp(microseconds: 1)]
        #expect(other != document)
        other = document
        other.vectors = []
        #expect(other != document)
    }

    @Test("a value knows its type")
    func types() {
        let values: [FieldValue] = [.keyword(""), .int64(0), .float64(0), .bool(false), .timestamp(microseconds: 0)]
        #expect(values.map(\.type) == ValueType.allCases)
    }

    @Test("errors are equal by code, and keep the caller's data out of the description")
    func errors() {
        let error = TandemError.invalidArgument("field 'a': too long", detail: "secret")
        #expect(error == TandemError(.invalidArgument, "other") && error != TandemError(.internal, "field 'a': too long"))
        #expect(error.description == "INVALID_ARGUMENT: field 'a': too long")
        #expect(error.debugDescription.contains("secret"))
        #expect(TandemError.damaged("0001.cols", "block 3").description.contains("tandem check"))
    }
}
