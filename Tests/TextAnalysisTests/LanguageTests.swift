import SearchCore
import Testing
import TextAnalysis

@Suite("Languages of texts and queries")
struct LanguageTests {
    let analyzer: Analyzer

    init() throws { analyzer = try Analyzer() }

    /// A sentence or two, as they stand in any newspaper, and a stem that only the language's own stemmer gives.
    static let sentences: [(code: String, text: String, word: String, stem: String)] = [
        ("de", "Die Häuser am Fluss sind vor dem Krieg gebaut worden, und sie werden heute von vielen Familien bewohnt.", "häuser", "haus"),
        ("en", "The houses along the river were built before the war, and many families are living in them today.", "houses", "hous"),
        ("es", "Las casas junto al río fueron construidas antes de la guerra y hoy viven en ellas muchas familias.", "familias", "famili"),
        ("fr", "Les maisons au bord de la rivière ont été construites avant la guerre et beaucoup de familles y vivent.", "maisons", "maison"),
        ("it", "Le case lungo il fiume sono state costruite prima della guerra e oggi ci vivono molte famiglie.", "famiglie", "famigl"),
        ("pt", "As casas junto ao rio foram construídas antes da guerra e hoje muitas famílias vivem nelas.", "famílias", "famil"),
        ("nl", "De huizen aan de rivier zijn voor de oorlog gebouwd en worden vandaag door veel gezinnen bewoond.", "huizen", "huiz"),
        ("sv", "Husen vid floden byggdes före kriget och i dag bor det många familjer i dem som trivs med utsikten.", "husen", "hus"),
        ("fi", "Talot joen varrella rakennettiin ennen sotaa, ja nykyään niissä asuu monta perhettä lapsineen.", "talot", "talo"),
        ("hu", "A folyó melletti házakat a háború előtt építették, és ma már sok család lakik bennük.", "házakat", "haz"),
        ("ro", "Casele de lângă râu au fost construite înainte de război, iar astăzi locuiesc în ele multe familii.", "familii", "famil"),
        ("tr", "Nehir kenarındaki evler savaştan önce yapılmıştı ve bugün bu evlerde birçok aile yaşıyor.", "evler", "ev"),
        ("ru", "Дома у реки были построены ещё до войны, и сегодня в них живут многие семьи с детьми.", "построены", "постро"),
        ("uk", "Будинки біля річки були збудовані ще до війни, і сьогодні в них живе багато родин з дітьми.", "будинки", "будин"),
        ("pl", "Domy nad rzeką zostały zbudowane przed wojną, a dzisiaj mieszka w nich wiele rodzin z dziećmi.", "zbudowane", "zbudo"),
        ("el", "Τα σπίτια δίπλα στο ποτάμι χτίστηκαν πριν από τον πόλεμο και σήμερα ζουν εκεί πολλές οικογένειες.", "σπίτια", "σπιτ"),
        ("ar", "بنيت المنازل على طول النهر قبل الحرب، وتعيش فيها اليوم عائلات كثيرة مع أطفالها.", "المنازل", "منازل"),
        ("hi", "नदी के किनारे के मकान युद्ध से पहले बनाए गए थे और आज उनमें कई परिवार रहते हैं।", "मकान", "मकान"),
        ("ko", "강가에 있는 집들은 전쟁 전에 지어졌고 오늘날에는 많은 가족들이 아이들과 함께 살고 있다.", "전쟁", "전쟁"),
    ]

    @Test("a text is found to be in its language, and its words are stemmed for it", arguments: sentences)
    func detected(code: String, text: String, word: String, stem: String) {
        #expect(analyzer.languages(text) == [code])
        let tokens = analyzer.readableTokens(text)
        let position = tokens.first { $0.form == .surface && $0.text == word }?.position
        #expect(position != nil && tokens.filter { $0.form == .stem && $0.position == position }.map(\.text) == [stem])
    }

    @Test(
        "languages whose words have no stems are told apart all the same",
        arguments: [
            ("vi", "Những ngôi nhà bên sông được xây dựng trước chiến tranh và ngày nay có nhiều gia đình sống ở đó."),
            ("zh", "河边的房子是战前建造的，如今有许多家庭住在里面。"), ("ja", "川沿いの家は戦前に建てられ、今では多くの家族が住んでいます。"),
            ("th", "บ้านริมแม่น้ำสร้างขึ้นก่อนสงครามและปัจจุบันมีหลายครอบครัวอาศัยอยู่"),
        ])
    func unstemmed(code: String, text: String) {
        #expect(analyzer.languages(text) == [code])
        #expect(analyzer.texts(text, .stem).isEmpty)
    }

    @Test(
        "neighbours that share half of their function words are told apart",
        arguments: [
            ("ca", "Les cases al costat del riu es van construir abans de la guerra i avui hi viuen moltes famílies amb els seus fills."),
            ("da", "Husene ved floden blev bygget før krigen, og i dag bor der mange familier i dem, som er glade for udsigten."),
            ("no", "Husene ved elven ble bygget før krigen, og i dag bor det mange familier i dem som er glade i utsikten."),
            ("cs", "Domy u řeky byly postaveny ještě před válkou a dnes v nich žije mnoho rodin, které jsou tam velmi spokojené."),
            ("sk", "Domy pri rieke boli postavené ešte pred vojnou a dnes v nich žije veľa rodín, ktoré sú tam veľmi spokojné."),
            ("bg", "Къщите край реката са построени още преди войната и днес в тях живеят много семейства с деца."),
            ("sr", "Куће поред реке су саграђене још пре рата, а данас у њима живи много породица које су веома задовољне."),
        ])
    func neighbours(code: String, text: String) { #expect(analyzer.languages(text) == [code]) }

    @Test(
        "words of another script do not make a sentence theirs",
        arguments: [
            ("de", "Das Wort Philosophie stammt vom griechischen φιλοσοφία, also von φίλος und σοφία, und bedeutet die Liebe zur Weisheit."),
            ("en", "The city of Seoul (서울특별시) and its airport at Incheon (인천국제공항) are in the north-west of the country."),
            ("en", "The Thai name of Bangkok is กรุงเทพมหานคร and it is the capital and the largest city of the country."),
            ("ja", "Microsoft Officeの文書をHTMLに変換するツールです。Linux、Windows、Mac OS Xで動作します。"),
        ])
    func otherScript(code: String, text: String) { #expect(analyzer.languages(text) == [code]) }

    @Test(
        "a word that a neighbour has, too, does not decide, however often it is said",
        arguments: [
            ("ru", "Узлы кластера проверяют друг друга каждую секунду и при сбое выбирают нового лидера."),
            ("ru", "Стороны обвинили друг друга в нарушении перемирия и обстреле жилых кварталов на востоке страны."),
            ("sk", "Pacient musí podpísať formulár a musí ho odovzdať na recepcii v deň operácie."),
            ("sk", "Vodič musí zastaviť na červenú a musí dodržiavať rýchlosť v obci a na diaľnici."),
            ("da", "Det er vigtigt at nå målene for vore børn og for de ældre i kommunen."),
        ])
    func falseFriends(code: String, text: String) { #expect(analyzer.languages(text).first == code) }

    @Test("the end of a text in another language is told from what stands before it")
    func otherEnd() {
        let spanish = Self.sentences[2].text + " " + Self.sentences[2].text
        for other in [Self.sentences[0], Self.sentences[1], Self.sentences[8]] {
            let text = String(repeating: spanish + " ", count: 3) + String(repeating: other.text + " ", count: 3)
            #expect(analyzer.languages(text) == ["es", other.code], "\(other.code)")
        }
    }

    @Test("a text's function words are those of its words, one by one, wherever it lies")
    func votesOfWords() {
        var random = SeededGenerator("votesOfWords")
        let pieces = Self.sentences.flatMap { $0.text.split(separator: " ").map(String.init) } + ["Donaudampfschifffahrtsgesellschaft", "x", "don't", "42nd"]
        for _ in 0..<2_000 {
            let words = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                let word = pieces.randomElement(using: &random)!
                return Bool.random(using: &random) ? word : word.uppercased()
            }
            var text: [UInt8] = []
            for word in words { text += Array(word.utf8) + Array([" ", ", ", "-", "1", "\n", "(", "'"].randomElement(using: &random)!.utf8) }
            var expected: [Language: Int] = [:]
            for word in text.split(whereSeparator: { $0 < 0x80 && !Character(Unicode.Scalar($0)).isLetter }) {
                for (language, votes) in votes(Array(word), 0..<word.count) { expected[language, default: 0] += votes }
            }
            // Letters around the range are none of its words.
            let before = Int.random(in: 0...9, using: &random)
            let placed =
                Array(repeating: UInt8(ascii: "a"), count: before) + text + Array(repeating: UInt8(ascii: "a"), count: Int.random(in: 0...9, using: &random))
            let found = Dictionary(uniqueKeysWithValues: votes(placed, before..<before + text.count))
            #expect(found == expected, "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(votes(Array("THE the of".utf8), 0..<10).contains { $0 == (Language("en")!, 3) })
    }

    /// In memory that ends with the text, so that the address sanitizer sees what is read beyond it.
    private func votes(_ text: [UInt8], _ range: Range<Int>) -> [(Language, Int)] {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
        defer { bytes.deallocate() }
        _ = bytes.initialize(from: text)
        return FunctionWordVote.votes(UnsafeBufferPointer(bytes), range)
    }

    @Test("each part of a mixed text is stemmed for its own language")
    func mixed() {
        let (german, english) = (Self.sentences[0], Self.sentences[1])
        let text = String(repeating: german.text + " ", count: 20) + "\n\n" + String(repeating: english.text + " ", count: 20)
        #expect(analyzer.languages(text) == ["de", "en"])
        let tokens = analyzer.readableTokens(text)
        func stems(of word: String) -> Set<String> {
            let positions = Set(tokens.filter { $0.form == .surface && $0.text == word }.map(\.position))
            return Set(tokens.filter { $0.form == .stem && positions.contains($0.position) }.map(\.text))
        }
        #expect(stems(of: "häuser") == ["haus"] && stems(of: "houses") == ["hous"] && stems(of: "families") == ["famili"])
    }

    @Test("a quotation in a long text is stemmed for its own language, what stands around it for the text's")
    func quotation() {
        let (german, english) = (Self.sentences[0], Self.sentences[1])
        let around = String(repeating: german.text + " ", count: 60)
        let text = around + "\n\n" + String(repeating: english.text + " ", count: 20) + "\n\n" + around
        let tokens = analyzer.readableTokens(text)
        func count(_ stem: String) -> Int { tokens.filter { $0.form == .stem && $0.text == stem }.count }
        #expect(analyzer.languages(text) == ["de", "en"])
        // A sentence at either border may go with its neighbour.
        #expect(count("haus") >= 118 && count("hous") >= 18, "\(count("haus")) German, \(count("hous")) English")
    }

    @Test("what a document states is believed; a title goes by the text around it")
    func context() throws {
        #expect(analyzer.texts("Häuser", .stem, LanguageContext(stated: try #require(Language("de-AT")))) == ["haus"])
        // Two words can be of many languages: both ways are indexed.
        #expect(Set(analyzer.texts("Gebäude planen", .stem, LanguageContext(surrounding: Language("de")))).isSuperset(of: ["gebaud", "plan"]))
        let context = analyzer.context(of: ["Gebäude", Self.sentences[0].text + Self.sentences[0].text])
        #expect(context == LanguageContext(surrounding: Language("de")))
        #expect(analyzer.context(of: ["a", "b"], stated: "fr") == LanguageContext(stated: Language("fr")))
        #expect(analyzer.context(of: ["a", "b"], stated: "klingon").stated == nil)
    }

    @Test("words of another script are stemmed for the language that is usual in it")
    func otherScripts() {
        let text = Self.sentences.first { $0.code == "ru" }!.text + " Windows servers"
        #expect(Set(analyzer.texts(text, .stem)).isSuperset(of: ["window", "server", "постро"]))
    }

    @Test("a query is stemmed for every language that it may be in, and no other")
    func queries() throws {
        let (de, en, ru) = (try #require(Language("de")), try #require(Language("en")), try #require(Language("ru")))
        func stems(_ query: String, _ languages: [Language]) -> Set<String> {
            Set(analyzer.analyzeQuery(query, languages: languages).flatMap(\.forms).filter { $0.term.form == .stem }.map(\.term.text))
        }
        #expect(stems("Häuser", [de]) == ["haus"])
        #expect(stems("installation", [de, en]) == ["installation", "instal"])
        #expect(stems("построены", [de, en, ru]) == ["постро"])
        // A sentence shows its language.
        #expect(!stems("welche Häuser sind an dem Fluss gebaut worden", [en, de]).contains("fluss "))
        #expect(stems("which houses are built along the river", [de, en]).contains("hous"))
        let many = Language.all
        for term in analyzer.analyzeQuery("organizations", languages: many) {
            #expect(term.forms.count { $0.term.form == .stem } <= 4)
        }
    }

    @Test("an exact match is worth more than a match of any language's stem")
    func exactFirst() throws {
        let languages = ["de", "en", "fr", "nl", "sv"].compactMap { Language($0) }
        let group = try #require(analyzer.analyzeQuery("organizations", languages: languages).first)
        // Keys of a document with the word itself, and of one with another word of one stem.
        func score(_ text: String) -> Double {
            var analyzed = AnalyzedText()
            analyzer.analyze(text, LanguageContext(stated: Language("en")), into: &analyzed)
            let keys = Set(analyzed.tokens.map { analyzed.term(of: $0) })
            return group.forms.filter { keys.contains($0.term) }.reduce(0) { $0 + $1.weight }
        }
        #expect(score("organizations") > score("organization") && score("organization") > 0)
    }

    @Test("names of languages", arguments: [("de", "de"), ("pt-BR", "pt"), ("zh_Hant", "zh"), ("NB", "no"), ("german", "de"), ("iw", "he"), ("korean", "ko")])
    func names(name: String, code: String) { #expect(Language(name)?.code == code) }

    @Test("a language that is none is none", arguments: ["", "xx", "deutsch", "-", "e"])
    func noNames(name: String) { #expect(Language(name) == nil) }

    @Test("function words of the query's languages weigh less beside others")
    func functionWords() {
        let languages = ["de", "en"].compactMap { Language($0) }
        func boosts(_ query: String) -> [String: Double] {
            Dictionary(analyzer.analyzeQuery(query, languages: languages).map { ($0.text, $0.boost) }) { first, _ in first }
        }
        #expect(boosts("wer hat das Haus gebaut")["das"] == 0.5 && boosts("wer hat das Haus gebaut")["haus"] == 1)
        #expect(boosts("the who") == ["the": 1, "who": 1])
    }

    // What tools/fuzz-analysis found: CLD2 looks at the character behind a text, and ran out of its tables where none begins there.
    @Test("what stands behind a text has no part in its language")
    func bytesBehind() {
        let texts = ["ك" + String(repeating: "\u{ECD}\u{EB2}\u{64B}", count: 38) + "ك", "Casa, perro, gato; ölçü birimi", "abcdα", "xyz 漢"]
        for text in texts {
            var found: Set<[UInt8]> = []
            for behind: [UInt8] in [[], [0x80, 0x80, 0x80, 0x80], [0xFF, 0xFF], Array("abc".utf8), Array("αβγ".utf8), [0xE0], [0xBF, 0xF4, 0x90]] {
                let bytes = Array(text.utf8)
                (bytes + behind).withUnsafeBufferPointer {
                    var analyzed = AnalyzedText()
                    analyzer.analyze(utf8: UnsafeBufferPointer(rebasing: $0[..<bytes.count]), into: &analyzed)
                    found.insert(analyzed.termBytes)
                }
            }
            #expect(found.count == 1, "\(text)")
        }
    }
}
