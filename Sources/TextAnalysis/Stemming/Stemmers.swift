import CICU

/// The stemmers of one workspace, opened as languages come up, and which of them the words of the present passage get.
///
/// A value of raw pointers for the hot loop, like ``TokenEmitter``, which owns it. Not thread-safe.
struct Stemmers {
    /// Of one script: a word gets the stems of both.
    struct Active {
        var first: StemCache?
        var second: StemCache?
    }

    /// By number of the language.
    private let caches: UnsafeMutablePointer<StemCache?>
    /// By ``WordScript``.
    let active: UnsafeMutablePointer<Active>
    /// For Latin words of a passage in another script.
    private let fallback: Language?
    /// Words of other scripts than the passage's are stemmed for their script's usual language.
    private let stemsOthers: Bool
    private let folds: Bool

    init(fallback: Language?, stemsOthers: Bool, folds: Bool) {
        self.fallback = fallback
        self.stemsOthers = stemsOthers
        self.folds = folds
        caches = .allocate(capacity: Language.all.count)
        caches.initialize(repeating: nil, count: Language.all.count)
        active = .allocate(capacity: WordScript.count)
        active.initialize(repeating: Active(), count: WordScript.count)
    }

    func free() {
        for number in Language.all.indices { caches[number]?.free() }
        caches.deallocate()
        active.deallocate()
    }

    /// Bytes that stems take, at most.
    var memoryBytes: Int { (0..<Language.all.count).reduce(0) { $0 + (caches[$1]?.memoryBytes ?? 0) } }

    /// Chooses for each script: a language of the passage that is written in it, else the script's usual one.
    func activate(_ passage: LanguagePassage) {
        for script in WordScript.allCases {
            var languages: [Language] = []
            for number in [passage.first, passage.second] where number >= 0 {
                let language = Language.all[Int(number)]
                if language.scripts.contains(script) { languages.append(language) }
            }
            // Words of another script than the passage's: names and terms of another language.
            if stemsOthers, languages.isEmpty, !Self.isWritten(passage, in: script), let usual = script == .latin ? fallback : Language.usual(for: script) {
                languages = [usual]
            }
            var chosen = Active()
            for language in languages {
                guard let cache = cache(language) else { continue }
                if chosen.first == nil { chosen.first = cache } else { chosen.second = cache }
            }
            active[Int(script.rawValue)] = chosen
        }
    }

    private static func isWritten(_ passage: LanguagePassage, in script: WordScript) -> Bool {
        [passage.first, passage.second].contains { $0 >= 0 && Language.all[Int($0)].scripts.contains(script) }
    }

    /// Nil where the language has no stems.
    func cache(_ language: Language) -> StemCache? {
        let number = language.number
        if let cache = caches[number] { return cache }
        // One place is kept for the fallback, which nearly every text needs sooner or later.
        let others = Language.all.indices.count { caches[$0] != nil && Language.all[$0] != fallback }
        let isMain = language == fallback || others < StemCache.mainLanguages - 1
        caches[number] = StemCache(language, slotBits: isMain ? StemCache.slotBitsOfMain : StemCache.slotBitsOfOthers, folds: folds)
        return caches[number]
    }
}
