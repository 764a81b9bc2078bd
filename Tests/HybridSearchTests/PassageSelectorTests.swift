import HybridSearch
import TextAnalysis
import Testing

@Suite("PassageSelector")
struct PassageSelectorTests {
    let analyzer: Analyzer
    // A group for each word, so that the tests can give each its idf.
    init() throws { analyzer = try Analyzer(AnalyzerConfiguration(indexFolded: false)) }

    func select(_ query: String, from text: String, words: Int, idf: [Double]? = nil) -> String {
        let terms = analyzer.analyzeQuery(query)
        var scratch = AnalyzedText()
        return PassageSelector(analyzer: analyzer, query: terms, idf: idf ?? terms.map { _ in 1 }, words: words).select(from: text, scratch: &scratch)
    }

    @Test("a short text is passed on whole")
    func whole() {
        #expect(select("fox", from: "The quick  brown fox.", words: 10) == "The quick  brown fox.")
        #expect(select("fox", from: "", words: 10) == "")
    }

    @Test("a long text is cut to the window with most of the query, its matches in the middle")
    func best() {
        let filler = (0..<500).map { "filler\($0)" }
        let text = (filler.prefix(200) + ["solar"] + filler[200..<400] + ["solar", "panels", "efficiency"] + filler[400...]).joined(separator: " ")
        let passage = select("efficiency of solar panels", from: text, words: 20)
        #expect(passage.contains("solar panels efficiency"))
        #expect(passage.split(separator: " ").count == 20)
        #expect(passage.split(separator: " ").firstIndex(of: "solar")! >= 6)
    }

    @Test("a rare word outweighs a frequent one")
    func idf() {
        let filler = (0..<100).map { "x\($0)" }.joined(separator: " ")
        let text = "common \(filler) rare \(filler)"
        #expect(select("common rare", from: text, words: 10, idf: [0.1, 5]).contains("rare"))
        #expect(select("common rare", from: text, words: 10, idf: [5, 0.1]).contains("common"))
    }

    @Test("without a match the head is taken; at the end the window stays full")
    func borders() {
        let text = (0..<100).map { "w\($0)" }.joined(separator: " ") + " last"
        #expect(select("zebra", from: text, words: 5) == "w0 w1 w2 w3 w4")
        #expect(select("last", from: text, words: 5) == "w96 w97 w98 w99 last")
        #expect(select("w0", from: text, words: 5) == "w0 w1 w2 w3 w4")
    }

    @Test("a cut falls on word borders in any script", arguments: ["日本語の文章を検索する方法について説明します。", "Ελληνικά κείμενα και λέξεις. ", "ภาษาไทยไม่มีช่องว่างระหว่างคำ "])
    func scripts(sentence: String) {
        let text = String(repeating: sentence, count: 50)
        let passage = select("検索 λέξεις ภาษาไทย", from: text, words: 10)
        #expect(!passage.isEmpty && passage.utf8.count < text.utf8.count)
        #expect(text.contains(passage))
    }
}
