/// A language that texts are told apart by: all that Snowball stems, and the commonest others.
public struct Language: Sendable, Hashable, Comparable, CustomStringConvertible {
    enum Stemming: Sendable, Hashable {
        /// By Snowball's algorithm of this name.
        case snowball(String)
        /// Particles are split off by ``KoreanParticles``.
        case particles
        /// Only the first letters count: for inflected languages that Snowball does not have. See ``WordStemmer``.
        case truncation
        /// Its words have no stems.
        case none
    }

    /// ISO 639-1 code: `de`.
    public let code: String
    let stemming: Stemming
    /// What it is written in.
    let scripts: [WordScript]
    /// Place in ``all``.
    let number: Int

    public var description: String { code }

    public static func < (a: Language, b: Language) -> Bool { a.number < b.number }
    public static func == (a: Language, b: Language) -> Bool { a.number == b.number }
    public func hash(into hasher: inout Hasher) { hasher.combine(number) }

    /// In the order of their codes. A language's place here is its number in tables, never on disk.
    public static let all: [Language] = known.enumerated().map { number, language in Language(language.code, language.stemming, language.scripts, number) }

    private static let known: [Language] = [
        Language("ar", .snowball("arabic"), .arabic), Language("bg", .truncation, .cyrillic), Language("ca", .snowball("catalan"), .latin),
        Language("cs", .truncation, .latin), Language("da", .snowball("danish"), .latin), Language("de", .snowball("german"), .latin),
        Language("el", .snowball("greek"), .greek), Language("en", .snowball("english"), .latin), Language("es", .snowball("spanish"), .latin),
        Language("eu", .snowball("basque"), .latin), Language("fa", .none, .arabic), Language("fi", .snowball("finnish"), .latin),
        Language("fr", .snowball("french"), .latin), Language("ga", .snowball("irish"), .latin), Language("he", .none, .hebrew),
        Language("hi", .snowball("hindi"), .devanagari), Language("hu", .snowball("hungarian"), .latin),
        Language("hy", .snowball("armenian"), .armenian), Language("id", .snowball("indonesian"), .latin),
        Language("it", .snowball("italian"), .latin), Language("ja", .none, .chineseOrJapanese), Language("ko", .particles, .hangul),
        Language("lt", .snowball("lithuanian"), .latin), Language("ne", .snowball("nepali"), .devanagari), Language("nl", .snowball("dutch"), .latin),
        Language("no", .snowball("norwegian"), .latin), Language("pl", .truncation, .latin), Language("pt", .snowball("portuguese"), .latin),
        Language("ro", .snowball("romanian"), .latin), Language("ru", .snowball("russian"), .cyrillic), Language("sk", .truncation, .latin),
        Language("sr", .snowball("serbian"), .cyrillic, .latin), Language("sv", .snowball("swedish"), .latin),
        Language("ta", .snowball("tamil"), .tamil), Language("th", .none, .other), Language("tr", .snowball("turkish"), .latin),
        Language("uk", .truncation, .cyrillic), Language("vi", .none, .latin), Language("yi", .snowball("yiddish"), .hebrew),
        Language("zh", .none, .chineseOrJapanese),
    ]

    private static let byCode: [String: Language] = {
        var table = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })
        for language in all { if case .snowball(let algorithm) = language.stemming { table[algorithm] = language } }
        // Written alike, as far as stemmers go; and names that others use.
        for (alias, code) in [("nb", "no"), ("nn", "no"), ("hr", "sr"), ("bs", "sr"), ("ms", "id"), ("korean", "ko"), ("ji", "yi"), ("iw", "he")] {
            table[alias] = table[code]
        }
        return table
    }()

    private init(_ code: String, _ stemming: Stemming, _ scripts: WordScript...) { self.init(code, stemming, scripts, -1) }

    private init(_ code: String, _ stemming: Stemming, _ scripts: [WordScript], _ number: Int) {
        self.code = code
        self.stemming = stemming
        self.scripts = scripts
        self.number = number
    }

    /// Of its code exactly, as detectors and dictionaries have it.
    init?(code: String) {
        guard let language = Self.byCode[code] else { return nil }
        self = language
    }

    /// - Parameter name: an ISO 639-1 code, with or without a region or script (`de`, `pt-BR`, `zh_Hant`), or Snowball's name (`german`); case does not matter.
    /// Nil for any other language.
    public init?(_ name: some StringProtocol) {
        let name = name.lowercased()
        guard let language = Self.byCode[name] ?? Self.byCode[String(name.prefix { $0 != "-" && $0 != "_" })] else { return nil }
        self = language
    }

    /// Snowball's name, or the code of a language that Snowball does not have: `german`.
    public var name: String {
        switch stemming {
        case .snowball(let algorithm): algorithm
        case .particles: "korean"
        case .truncation, .none: code
        }
    }

    /// Its stems are only the first letters, which many words have in common.
    public var hasTruncatedStems: Bool { stemming == .truncation }

    /// Whether its words have stems.
    public var isStemmed: Bool { stemming != .none }

    /// What a word of a script is taken for where nothing says its language; Latin is the configuration's affair.
    static func usual(for script: WordScript) -> Language? { usualByScript[Int(script.rawValue)] }

    private static let usualByScript: [Language?] = WordScript.allCases.map { script in
        switch script {
        case .greek: Language("el")
        case .cyrillic: Language("ru")
        case .armenian: Language("hy")
        case .arabic: Language("ar")
        case .devanagari: Language("hi")
        case .tamil: Language("ta")
        case .hangul: Language("ko")
        case .latin, .hebrew, .chineseOrJapanese, .other: nil
        }
    }
}
