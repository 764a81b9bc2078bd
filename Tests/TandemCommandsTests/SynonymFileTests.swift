import TandemClient
import TandemCommands
import Testing

@Suite("Synonym files")
struct SynonymFileTests {
    @Test("rules as Solr has them: equivalent, one way, comments, escapes")
    func rules() throws {
        let file = try SynonymFile(text: "# comment\n\ntv, television ,  telly\r\ni-pod, i pod => ipod\na\\,b => c\\=>d, \\#e\n")
        #expect(
            file.rules == [
                SynonymRule(to: ["tv", "television", "telly"]), SynonymRule(from: ["i-pod", "i pod"], to: ["ipod"]),
                SynonymRule(from: ["a,b"], to: ["c=>d", "#e"]),
            ])
        let again = try SynonymFile(text: file.rules.map { SynonymFile.text($0) + "\n" }.joined())
        #expect(again == file)
    }

    @Test(
        "a line that says nothing is refused by its number",
        arguments: [
            ("a, b\nc", "line 2"), ("a,,b", "line 1"), ("a =>", "nothing beside"), ("=> a", "nothing beside"), ("a => b => c", "two arrows"),
            ("a, b\\", "backslash"),
        ])
    func refused(_ text: String, _ what: String) {
        do {
            _ = try SynonymFile(text: text)
            Issue.record("no error")
        } catch { #expect("\(error)".contains(what), "\(error)") }
    }
}
