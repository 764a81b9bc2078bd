/// Texts for the analyzer: cuts of real ones, texts put together of what is awkward in some script, and hostile ones.
///
/// Seeded, so that a run is repeated by its seed. Texts are bytes: many of them are no UTF-8.
public struct TextSource: Sendable {
    public var random: SeededGenerator
    /// UTF-8; not empty.
    private let real: [[UInt8]]

    /// - Parameter real: UTF-8 in any language; where there is none, `samples` take its place.
    public init(seed: UInt64, real: [[UInt8]] = []) {
        random = SeededGenerator(seed: seed)
        let real = real.filter { !$0.isEmpty }
        self.real = real.isEmpty ? Self.samples.map { Array($0.utf8) } : real
    }

    // MARK: Real texts

    /// Up to `bytesMax` bytes of a real text, from anywhere; every fourth time also from the midst of a character.
    public mutating func cut(bytesMax: Int) -> [UInt8] {
        let text = real.randomElement(using: &random)!
        var start = Int.random(in: 0..<text.count, using: &random)
        var end = min(text.count, start + Int.random(in: 1...max(1, bytesMax), using: &random))
        if !random.chance(1, in: 4) {
            while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
            while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        }
        return Array(text[start..<end])
    }

    /// A real text with a few changes: bytes and pieces put in, taken out, doubled, in other places.
    public mutating func mutated(bytesMax: Int) -> [UInt8] {
        var text = cut(bytesMax: bytesMax)
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            guard !text.isEmpty else { break }
            let at = Int.random(in: 0..<text.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: text[at] = UInt8.random(in: 0...255, using: &random)
            case 1: text.insert(contentsOf: piece(), at: at)
            case 2: text.removeSubrange(at..<min(text.count, at + Int.random(in: 1...8, using: &random)))
            case 3:
                let range = at..<min(text.count, at + Int.random(in: 1...32, using: &random))
                text.insert(contentsOf: Array(text[range]), at: Int.random(in: 0...text.count, using: &random))
            case 4: text.insert(UInt8.random(in: 0x80...0xFF, using: &random), at: at)
            default: text.swapAt(at, Int.random(in: 0..<text.count, using: &random))
            }
        }
        return text
    }

    // MARK: Made texts

    /// What `made` puts together.
    public enum Kind: String, CaseIterable, Sendable {
        case ascii, mixed, marks, emoji, scalars, dictionary, illFormed, bytes
    }

    /// A text of a few pieces.
    public mutating func made(_ kind: Kind, pieces most: Int = 16) -> [UInt8] {
        let count = Int.random(in: 1...most, using: &random)
        var text: [UInt8] = []
        for _ in 0..<count {
            switch kind {
            case .ascii: text += asciiPiece()
            case .mixed: text += random.chance(1, in: 2) ? asciiPiece() : piece()
            case .marks: text += random.chance(1, in: 2) ? pick(Self.letters) : pick(Self.marks)
            case .emoji: text += random.chance(3, in: 4) ? pick(Self.emoji) : asciiPiece()
            case .scalars: text += scalar()
            case .dictionary: text += dictionaryPiece()
            case .illFormed: text += random.chance(1, in: 2) ? illFormed() : piece()
            case .bytes: text.append(UInt8.random(in: 0...255, using: &random))
            }
        }
        return text
    }

    private mutating func pick(_ list: [[UInt8]]) -> [UInt8] { list.randomElement(using: &random)! }

    /// Of any script.
    public mutating func piece() -> [UInt8] {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: asciiPiece()
        case 1: pick(Self.marks)
        case 2: pick(Self.emoji)
        case 3: scalar()
        case 4: pick(Self.letters)
        default: pick(Self.pieces)
        }
    }

    private mutating func asciiPiece() -> [UInt8] {
        if random.chance(1, in: 4) { return pick(Self.asciiPieces) }
        if random.chance(1, in: 8) { return [UInt8.random(in: 0..<128, using: &random)] }
        return [Self.asciiOfInterest.randomElement(using: &random)!]
    }

    /// Of a script that has words by a dictionary: a word, a letter, now and then something between.
    private mutating func dictionaryPiece() -> [UInt8] {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: piece()
        case 1, 2: Array(String(UnicodeScalar(UInt32.random(in: 0x3041...0x30FE, using: &random))!).utf8)
        case 3, 4: Array(String(UnicodeScalar(UInt32.random(in: 0x4E00...0x9FA5, using: &random))!).utf8)
        case 5: pick(Self.dictionaryLetters)
        default: pick(Self.dictionaryWords)
        }
    }

    /// One code point: of the blocks that are written in, or any.
    private mutating func scalar() -> [UInt8] {
        while true {
            let value =
                switch Int.random(in: 0..<6, using: &random) {
                case 0: UInt32.random(in: 0x80...0x24F, using: &random)
                case 1: UInt32.random(in: 0x250...0x1FFF, using: &random)
                case 2: UInt32.random(in: 0x2000...0x33FF, using: &random)
                case 3: UInt32.random(in: 0...0xFFFF, using: &random)
                case 4: UInt32.random(in: 0x1_0000...0x1_FFFF, using: &random)
                default: UInt32.random(in: 0...0x10_FFFF, using: &random)
                }
            if let scalar = UnicodeScalar(value) { return Array(String(scalar).utf8) }
        }
    }

    /// Bytes that look like the beginning of a character, and are none: cut, overlong, surrogates, beyond U+10FFFF.
    private mutating func illFormed() -> [UInt8] {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: Array(piece().dropLast())
        case 1: [UInt8.random(in: 0x80...0xBF, using: &random)]
        case 2: [0xED, UInt8.random(in: 0xA0...0xBF, using: &random), UInt8.random(in: 0x80...0xBF, using: &random)]
        case 3: [0xC0 | UInt8.random(in: 0...1, using: &random), UInt8.random(in: 0x80...0xBF, using: &random)]
        case 4: [UInt8.random(in: 0xF4...0xFF, using: &random), 0x90, 0x80, 0x80]
        default: [UInt8.random(in: 0xC2...0xF4, using: &random)]
        }
    }

    // MARK: Hostile texts

    /// Shapes that were made to cost time, memory or a border.
    public enum Shape: String, CaseIterable, Sendable {
        case markRun, longWord, oneCharacter, deepHTML, brokenHTML, references, joiners, regionalIndicators, bidi, nul, surrogates, loneMarks, symbols,
            dictionary
    }

    /// - Parameter bytes: about how long it gets.
    public mutating func hostile(_ shape: Shape, bytes: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes + 64)
        switch shape {
        case .markRun:
            let (letter, mark, other) = (pick(Self.letters), pick(Self.marks), pick(Self.marks))
            text += letter
            while text.count < bytes { text += random.chance(7, in: 8) ? mark : other }
            text += letter
        case .longWord:
            let letters = (0..<4).map { _ in pick(Self.letters) }
            while text.count < bytes { text += letters[Int.random(in: 0..<4, using: &random)] }
        case .oneCharacter:
            let character = piece()
            if character.isEmpty { return [] }
            while text.count < bytes { text += character }
        case .deepHTML:
            let names = ["b", "div", "p", "script", "style", "span", "x-y", "svg"].map { Array($0.utf8) }
            while text.count < bytes {
                text += Array("<".utf8) + (random.chance(1, in: 3) ? Array("/".utf8) : []) + names.randomElement(using: &random)! + Array(">".utf8)
                if random.chance(1, in: 3) { text += piece() }
            }
        case .brokenHTML:
            while text.count < bytes { text += random.chance(2, in: 3) ? pick(Self.markup) : piece() }
        case .references:
            while text.count < bytes { text += random.chance(4, in: 5) ? pick(Self.references) : piece() }
        case .joiners:
            while text.count < bytes { text += random.chance(1, in: 2) ? Array("\u{200D}".utf8) : random.chance(3, in: 4) ? pick(Self.emoji) : piece() }
        case .regionalIndicators:
            while text.count < bytes {
                text += random.chance(9, in: 10) ? Array(String(UnicodeScalar(UInt32.random(in: 0x1F1E6...0x1F1FF, using: &random))!).utf8) : piece()
            }
        case .bidi:
            let controls: [UInt32] = [0x200E, 0x200F, 0x061C, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069]
            while text.count < bytes {
                text += random.chance(1, in: 2) ? Array(String(UnicodeScalar(controls.randomElement(using: &random)!)!).utf8) : piece()
            }
        case .nul:
            while text.count < bytes { text += random.chance(1, in: 2) ? [0] : piece() }
        case .surrogates:
            while text.count < bytes {
                text +=
                    random.chance(3, in: 4) ? [0xED, UInt8.random(in: 0xA0...0xBF, using: &random), UInt8.random(in: 0x80...0xBF, using: &random)] : piece()
            }
        case .loneMarks:
            while text.count < bytes { text += random.chance(3, in: 4) ? pick(Self.marks) : random.chance(1, in: 2) ? [0x20] : asciiPiece() }
        case .symbols:
            while text.count < bytes { text.append(UInt8.random(in: 0x21...0x2F, using: &random)) }
        case .dictionary:
            let letters = [pick(Self.dictionaryLetters), pick(Self.dictionaryLetters), pick(Self.dictionaryLetters)]
            while text.count < bytes { text += letters[Int.random(in: 0..<3, using: &random)] }
        }
        return text
    }

    // MARK: What they are made of

    private static func utf8(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    private static let asciiOfInterest = Array("abcXYZ0189_.,;:'\"-+#/@()[]<>&= \n\t  ".utf8)
    private static let asciiPieces = utf8([
        "word", "Word's", "node.js", "C++", "1,000", "3.14", "a.b", "1;2", "don't", "snake_case", "camelCaseHTTP2", "/usr/lib", "user@host:22",
        "--color=always",
        "x:y", "...", "\r\n", "  ", "f(x)", "e-mail", "_", "__", "a_", "_1", ".net", "'t", "1.", "1.a", "a'1", "v1.2.3-rc", "\u{1C}", "\u{0}", "\u{7F}",
    ])
    private static let letters = utf8([
        "a", "Z", "é", "ö", "ß", "İ", "ı", "ğ", "ş", "ư", "ấ", "Ở", "đ", "ñ", "ǆ", "ŉ", "ƀ", "ẞ", "ﬁ", "ж", "Ё", "ї", "є", "ε", "Σ", "ς", "ά", "ᾳ", "և", "Ա",
        "ა", "א",
        "ש", "ت", "ك", "ي", "ﻻ", "ݐ", "क", "ह", "ড়", "ਕ", "த", "క", "ಕ", "മ", "ස", "ก", "ำ", "ລ", "ຳ", "ក", "က", "བ", "ᚠ", "Ꭰ", "ꮳ", "ᐁ", "ል", "가", "한", "ᄀ",
        "ᅡ", "ᆨ", "か",
        "カ", "ｶ", "ー", "漢", "我", "𠮷", "〇", "ㄅ", "ꀀ", "𐐀", "𞤀", "𝒳", "Ａ", "ª", "ʰ", "½", "²", "٣", "३", "๓", "㍿", "ﷺ", "Å", "K",
    ])
    private static let marks = utf8([
        "\u{301}", "\u{300}", "\u{308}", "\u{327}", "\u{345}", "\u{34F}", "\u{483}", "\u{5B0}", "\u{5C1}", "\u{64B}", "\u{651}", "\u{654}", "\u{670}",
        "\u{93C}", "\u{94D}",
        "\u{93F}", "\u{902}", "\u{BCD}", "\u{BBE}", "\u{C4D}", "\u{C56}", "\u{DCA}", "\u{E31}", "\u{E48}", "\u{E4D}\u{E32}", "\u{ECD}\u{EB2}", "\u{17D2}",
        "\u{1039}", "\u{103A}",
        "\u{F71}", "\u{F80}", "\u{3099}", "\u{309A}", "\u{20E3}", "\u{FE0F}", "\u{FE0E}", "\u{E0100}", "\u{1D165}", "\u{200C}", "\u{200D}", "\u{AD}",
        "\u{1AB0}", "\u{1DC0}",
    ])
    private static let emoji = utf8([
        "👍", "👍🏽", "🏽", "👨‍👩‍👧", "❤️", "❤️‍🔥", "🇩🇪", "🇫", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "\u{E0067}", "\u{E007F}", "1️⃣", "#️⃣", "©", "™️", "ℹ️", "⌚", "☺", "✂️", "\u{200D}", "\u{FE0F}", "🫠", "🧑🏿‍🚀", "🀄",
        "〰️", "㊗️",
    ])
    private static let dictionaryLetters = utf8([
        "ก", "า", "เ", "ไ", "่", "ำ", "ล", "ະ", "ລ", "ຳ", "ក", "្", "ា", "က", "်", "ာ", "漢", "字", "中", "国", "的", "一", "か", "な", "カ", "ー", "ナ", "々", "〆", "가",
        "ｶ", "ﾞ", "𠮷",
    ])
    private static let dictionaryWords = utf8([
        "東京", "大学", "日本", "日本語", "経済", "研究", "研究所", "国際", "情報", "会社", "新聞", "する", "した", "している", "について", "から", "まで", "これ", "それ", "です", "ます", "では", "の", "は", "が",
        "を",
        "人々", "様々", "時々", "コンピュータ", "コンピューター", "サーバー", "データ", "インターネット", "アメリカ", "ー", "ーー", "ッ", "ヴ", "ヶ", "三ヶ月", "一つ", "二〇二六年", "お茶", "食べる", "思います", "でしょう",
        "中国", "中华人民共和国", "北京", "北京大学", "大学生", "研究生", "生命", "起源", "经济", "发展", "我们", "他们", "的", "了", "在", "是", "不是", "什么", "计算机", "因为", "所以", "臺灣", "臺北", "國家",
        "經濟",
        "電腦", "ภาษา", "ไทย", "คอมพิวเตอร์", "ประเทศ", "ການ", "ພາສາ", "ភាសា", "ខ្មែរ", "မြန်မာ", "ဘာသာ", "한국어", "컴퓨터", "は、", "。", "「", "」", "・", "2026", "A",
    ])
    private static let pieces =
        utf8([
            " ", "\n", "\u{A0}", "\u{2003}", "\u{2028}", "\u{3000}", "\u{85}", "\u{200B}", "\u{FEFF}", "“", "’", "‘", "‑", "–", "—", "…", "·", "‧", "․", "：",
            "．", "，", "＇", "׳", "״", "，",
            "。", "、", "「", "・", "€", "°", "§", "‰", "´", "¸", "˜", "№", "½", "Straße", "Müller", "naïve", "l’avion", "İstanbul", "ışık", "Việt Nam", "nghĩa",
            "Ёлка", "русский", "україна",
            "ελληνικά", "ΆΣ", "հայերեն", "ქართული", "עברית", "שָׁלוֹם", "צה\"ל", "ג'ירפה", "عربي", "مُحَمَّد", "کتاب", "हिन्दी", "क्षत्रिय", "তারা", "தமிழ்", "తెలుగు", "ภาษาไทย", "จำ",
            "ລາວ", "ខ្មែរ",
            "မြန်မာ", "བོད་", "አማርኛ", "我喜欢", "漢字", "かな", "カナ", "ｶﾞ", "東京タワー", "서울에서", "CPU를", "3월", "e\u{301}", "ĳ", "ǅ", "ﷺ", "ﬃ", "𝒳𝓎", "𠮷野", "\u{FFFD}",
            "\u{1100}\u{1161}", "\u{0E4D}\u{0E32}", "\u{661}\u{662}٫\u{663}", "१.२", "a·b", "1٬2",
        ]) + [[0xEF, 0xB7, 0x90], [0xEF, 0xB7, 0x91], [0xEF, 0xBF, 0xBE]]  // Noncharacters: U+FDD0, U+FDD1, U+FFFE.
    private static let markup = utf8([
        "<", ">", "</", "<!--", "-->", "<!", "<?xml", "?>", "<b", "<b>", "</b>", "<script>", "</script", "</script>", "<STYLE ", "<a href=\"", "\"", "'",
        "<p title='<", "&", "=", "/>",
        "<!DOCTYPE html>", "<![CDATA[", "]]>", "<br/>", "<wbr>", "<1", "< a>", "<é>", "\n", " ",
    ])
    private static let references = utf8([
        "&amp;", "&lt;", "&amp", "&", ";", "&#", "&#x", "&#65;", "&#x41;", "&#x41", "&#0;", "&#xD800;", "&#x110000;", "&#99999999;", "&#xFFFFFFFFF;",
        "&eacute;", "&nbsp;", "&zwj;", "&shy;",
        "&hellip;", "&unknown;", "&thetasym;", "&thetasymx;", "&amp;amp;lt;", "&&amp;", "&#x0301;", "&#x200D;", "&copy=2",
    ])

    /// Where no collection is at hand.
    private static let samples = [
        "The Panthers defense gave up just 308 points, ranking sixth in the league, while also leading the NFL in interceptions with 24.",
        "Die Verteidigung der Panthers gab nur 308 Punkte ab und belegte den sechsten Platz in der Liga, während sie die NFL anführte.",
        "La defensa de los Panthers cedió solo 308 puntos y se clasificó en el sexto puesto de la liga, y también lideró la NFL.",
        "Η άμυνα των Πάνθερς παραχώρησε μόλις 308 πόντους, κατατασσόμενη έκτη στο πρωτάθλημα.",
        "Оборона «Пантерз» пропустила всего 308 очков, заняв шестое место в лиге, а также стала лидером НФЛ по перехватам.",
        "سمح دفاع فريق بانثرز بتسجيل 308 نقطة فقط، محتلاً المركز السادس في الدوري، وكان أيضاً في صدارة الدوري.",
        "पैंथर्स की रक्षा ने सिर्फ 308 अंक दिए और लीग में छठे स्थान पर रहे, जबकि 24 अवरोधन के साथ एनएफएल का नेतृत्व किया।",
        "Apărarea Panthers a cedat doar 308 puncte, clasându-se pe locul șase în ligă, conducând în același timp NFL la interceptări.",
        "Panthers savunması yalnızca 308 sayı vererek ligde altıncı sırada yer aldı, aynı zamanda NFL'de 24 top kapma ile lider oldu.",
        "Hàng thủ của Panthers chỉ thua 308 điểm, xếp thứ sáu trong giải đấu, đồng thời dẫn đầu NFL về số lần chặn bóng.",
        "ทีมรับของแพนเธอร์สเสียเพียง 308 แต้ม อยู่ในอันดับหกของลีก ในขณะที่เป็นผู้นำในการสกัดกั้นของ NFL",
        "黑豹队的防守只丢了 308分，在联赛中排名第六，同时也以 24 次拦截领先国家橄榄球联盟。",
        "パンサーズの守備はわずか308点しか与えず、リーグ6位にランクされた。同時にインターセプトでもNFLをリードした。",
        "팬서스의 수비는 단 308점만 내주며 리그 6위를 기록했고, 24개의 가로채기로 NFL을 이끌었다.",
    ]
}
