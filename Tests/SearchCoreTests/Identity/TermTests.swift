import SearchCore
import Testing

@Suite struct TermTests {
    @Test("the key is the form's byte and the text's UTF-8", arguments: TermForm.allCases)
    func key(_ form: TermForm) {
        let term = Term(form: form, "größe")
        #expect(term.key == [form.rawValue] + Array("größe".utf8))
        #expect(term.form == form && term.text == "größe")
        #expect(Term(key: term.key) == term)
    }

    @Test("terms order by bytes: form first, a prefix before what it begins")
    func order() {
        let sorted = [Term(form: .surface, ""), Term(form: .surface, "a"), Term(form: .surface, "ab"), Term(form: .surface, "é"), Term(form: .stem, "a")]
        #expect(sorted.shuffled().sorted() == sorted)
    }

    @Test("a damaged key has no form")
    func damaged() {
        #expect(Term(key: []).form == nil)
        #expect(Term(key: [0]).form == nil)
        #expect(Term(key: [99, 65]).form == nil)
    }

    @Test("enum values on disk are what they were")
    func onDisk() {
        #expect(TermForm.allCases.map(\.rawValue) == [1, 2, 3, 4, 5, 6, 7])
        #expect(ValueType.allCases.map(\.rawValue) == [1, 2, 3, 4, 5])
    }

    @Test("sequence numbers and DocIDs order by number")
    func numbers() {
        #expect(SequenceNumber.zero.next == SequenceNumber(1) && SequenceNumber(1) < SequenceNumber(2))
        #expect(DocID(1) < .end && DocID.end.rawValue == .max)
    }
}
