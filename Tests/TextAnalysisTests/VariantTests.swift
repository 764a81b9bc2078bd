import SearchCore
import Testing
import TextAnalysis

/// Accents, vowel signs and script variants; bigrams; Korean.
@Suite("Variants of words")
struct VariantTests {
    let analyzer: Analyzer

    init() throws { analyzer = try Analyzer() }

    @Test(
        "a word with accents or variants is indexed without them, too",
        arguments: [
            ("café", ["cafe"]), ("cafe", []), ("Ångström", ["angstrom", "aangstroem"]), ("Müller", ["muller", "mueller"]), ("Straße", []),
            ("smørrebrød", ["smorrebrod", "smoerrebroed"]), ("Łódź", ["lodz"]), ("İstanbul", ["istanbul"]), ("ışık", ["isik"]), ("đường", ["duong"]),
            ("œuvre", ["oeuvre"]), ("naïve", ["naive"]), ("Οδός", ["οδοσ"]), ("ёлка", ["елка"]), ("йод", []), ("مُحَمَّد", ["محمد"]), ("أحمد", ["احمد"]),
            ("مدرسة", ["مدرسه"]), ("موسى", ["موسي"]), ("שָׁלוֹם", ["שלום"]), ("漢語", ["汉语"]), ("カナ", ["かな"]), ("ｶﾅ", ["かな"]), ("हिन्दी", ["हिंदी"]), ("सम्बन्ध", ["संबंध"]),
            ("हँसना", ["हंसना"]), ("गन्ना", []), ("जन्म", []), ("અન્ત", ["અંત"]), ("ಗಙ್ಗಾ", ["ಗಂಗಾ"]), ("தம்பி", []), ("२०२४", ["2024"]), ("٣٫٥", ["3٫5"]), ("👍🏽", ["👍"]),
            ("👍", []), ("𞥑𞥒", ["12"]),
            ("👩🏾‍🚀", ["👩🚀"]), ("ไทย", []),
        ])
    func folded(word: String, expected: [String]) {
        #expect(analyzer.texts(word, .folded) == expected)
    }

    /// The weight with which a query finds a document of one word; 0: not at all.
    private func worth(_ query: String, _ text: String) -> Double {
        var analyzed = AnalyzedText()
        analyzer.analyze(text, into: &analyzed)
        let keys = Set(analyzed.tokens.filter { $0.form != .language }.map { analyzed.term(of: $0) })
        return analyzer.analyzeQuery(query).reduce(0) { sum, group in
            sum + group.boost * group.forms.filter { keys.contains($0.term) }.reduce(0) { $0 + $1.weight }
        }
    }

    @Test(
        "spellings with and without accents find each other, and the exact one is worth most",
        arguments: [
            ["café", "cafe"], ["müller", "mueller"], ["müller", "muller"], ["Łódź", "lodz"], ["Οδός", "οδος"], ["מדרש", "מִדְרָשׁ"], ["أحمد", "احمد"],
            ["漢語", "汉语"],
            ["カナ", "かな"], ["İstanbul", "istanbul"], ["đường", "duong"],
            ["हिन्दी", "हिंदी"], ["२०२४", "2024"], ["١٢", "12"], ["👍🏽", "👍"],
        ])
    func meeting(spellings: [String]) {
        for query in spellings {
            for text in spellings where text != query {
                #expect(worth(query, text) > 0, "\(query) finds \(text)")
                #expect(worth(query, query) > worth(query, text), "\(query) prefers itself to \(text)")
            }
        }
    }

    @Test(
        "Chinese, Japanese and Korean are indexed by neighbouring characters, too, across the borders of words",
        arguments: [
            ("我喜欢北京", ["我喜", "喜欢", "欢北", "北京"]), ("東京タワーへ", ["东京", "京た", "たわ", "わー", "ーへ"]), ("漢 字", []), ("我，你", []),
            ("스냅샷을", ["스냅", "냅샷", "샷을"]), ("서울 부산", ["서울", "부산"]), ("𠮷野家", ["𠮷野", "野家"]), ("abc", []), ("ภาษาไทย", []),
        ])
    func bigrams(text: String, expected: [String]) { #expect(analyzer.texts(text, .bigram) == expected) }

    @Test("a bigram selects its two characters")
    func bigramOffsets() {
        #expect(analyzer.readableTokens("x 北京大学").filter { $0.form == .bigram }.map(\.source) == ["北京", "京大", "大学"])
    }

    @Test(
        "a Korean word is found whatever particles it has",
        arguments: [("학교", "학교에서는"), ("학교", "학교를"), ("학교를", "학교에서"), ("스냅샷", "스냅샷을"), ("소프트웨어", "소프트웨어는"), ("CPU", "CPU를"), ("3월", "3월에")])
    func korean(query: String, text: String) {
        #expect(worth(query, text) > 0)
        #expect(worth(text, text) > worth(query, text))
    }

    @Test("what is left of a Korean word has two syllables at least", arguments: [("사과", "사과"), ("나는", "나는"), ("학교에서는", "학교"), ("사람들이", "사람")])
    func particles(word: String, stem: String) { #expect(analyzer.texts(word, .stem) == [stem]) }

    @Test("Thai sara am is one letter however it is typed")
    func saraAm() {
        #expect(analyzer.texts("จำนวน", .surface) == ["จำนวน"])
        #expect(analyzer.texts("จ\u{0E4D}\u{0E32}นวน", .surface) == ["จำนวน"])
    }

    @Test("forms can be switched off")
    func off() throws {
        let bare = try Analyzer(AnalyzerConfiguration(stemmer: nil, indexFolded: false, indexBigrams: false))
        #expect(bare.readableTokens("café 北京").map(\.form) == [.surface, .surface, .part, .part])
        #expect(!bare.analyzeQuery("café 北京").contains { $0.forms.contains { [.folded, .bigram, .stem].contains($0.term.form) } })
    }
}
