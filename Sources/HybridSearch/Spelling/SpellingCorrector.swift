import Foundation
import LexicalIndex
import SearchCore
import TextAnalysis

/// What may have been meant by words that no document has: "did you mean", from the words that live documents have.
///
/// Candidates are within one edit, where there are none within two (Levenshtein automata over the dictionaries), of grapheme clusters: keyboards play no part.
/// Of them that word wins which is likeliest by a noisy channel (Kernighan, Church, Gale, "A spelling correction program based on a noisy channel model",
/// COLING 1990): how many documents have it, times what an edit costs, times how often it stands in one document with the query's other words. A word may
/// also be two that lack a space.
struct SpellingCorrector {
    /// What the ranking of candidates weighs; chosen on half of the queries of `tools/bench-spelling` and looked at on the other half.
    private enum Weights {
        /// Natural logarithm of how much less likely each further edit is.
        static let edit = 5.0
        /// The same of a first letter that differs.
        static let firstLetter = 2.0
        /// Of a forgotten space.
        static let space = 9.0
        /// Documents that a candidate's company counts as much as: below, its frequency says more.
        static let company = 20.0
        /// A word that documents have is only doubted for a neighbour with so many times its documents …
        static let rareRatio = 100.0
        /// … and one that none has as it is written, but some another form of, for one with so many times theirs: stems of other languages hide mistakes.
        static let formRatio = 3.0
    }

    /// A word and what is to stand for it.
    struct Correction {
        var corrected: String
        var originalDocuments: Int
        var correctedDocuments: Int
        /// No document has it as it is written.
        var isMissing: Bool
    }

    /// Words of a query that are looked up, and those that are corrected.
    private static let wordsMax = 32
    static let correctionsMax = 8
    private static let candidatesMax = 64
    /// Those that the query's other words are asked about, and how many of these.
    private static let contestantsMax = 6
    private static let companionsMax = 2
    /// In smaller ones, a word of one document is as good as any.
    private static let smallCollection = 1000
    /// Rare words are doubted from so many letters on.
    private static let rareLettersMin = 5

    let analysis: QueryAnalysis
    let views: [LexicalSegmentView]
    /// Weights of the text fields: 0 is not searched.
    let fieldWeights: [Double]
    let live: DocBitSet
    let includesCodes: Bool
    let control: QueryControl

    /// By folded word.
    /// - Parameter fields: those that the text is looked up in; nil: all.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`; `DATA_LOSS` for a damaged dictionary.
    func corrections(of text: String, in fields: Set<Int>?, atMost limit: Int = correctionsMax) throws -> [String: Correction] {
        let searched = Set(fieldWeights.indices.filter { fieldWeights[$0] > 0 && fields?.contains($0) != false })
        var corrections: [String: Correction] = [:]
        // Words of one chain: pieces of code and n-grams are no words.
        for chain in analysis.analyzers.chains(of: searched) where chain.analyzer.definition.tokenizer == .standard {
            let fields = (chain.fields ?? searched).sorted()
            let vocabulary = Vocabulary(views: views, fields: Set(fields))
            guard let analyzed = try analysis.terms(of: text, in: Set(fields), views).first else { continue }
            let languages = chain.analyzer.queryLanguages(text, analysis.languages)
            let words = chain.analyzer.words(of: text).prefix(Self.wordsMax)
            let isTruncated = languages.first?.hasTruncatedStems == true
            let found = try words.map { try documents(of: $0, analyzed.terms, isTruncated, vocabulary) }
            for (number, word) in words.enumerated() {
                guard corrections.count < limit, corrections[word.text] == nil, !found[number].isSettled, mayBeWrong(word, in: text) else { continue }
                try control.checkpoint()
                let companions = words.indices.filter { $0 != number && found[$0].surface > 0 && !found[$0].isStopWord }
                    .sorted { found[$0].surface < found[$1].surface }.prefix(Self.companionsMax).map { words[$0].text }
                guard let best = try correction(of: word.text, found[number].surface, found[number].any, companions, languages, fields, vocabulary) else {
                    continue
                }
                corrections[word.text] = best
            }
        }
        return corrections
    }

    private func mayBeWrong(_ word: QueryWord, in text: String) -> Bool {
        let letters = Array(word.text)
        guard SpellingRules.isLongEnough(letters) else { return false }
        if includesCodes { return !word.hasSymbols }
        guard !word.hasSymbols, !word.isInside, SpellingRules.isPlain(letters) else { return false }
        return !SpellingRules.hasCapitalsInside(Self.slice(text, word.range))
    }

    static func slice(_ text: String, _ range: Range<Int>) -> Substring {
        let bytes = text.utf8
        guard range.upperBound <= bytes.count else { return "" }
        return text[bytes.index(bytes.startIndex, offsetBy: range.lowerBound)..<bytes.index(bytes.startIndex, offsetBy: range.upperBound)]
    }

    private struct Found {
        /// Documents with the word as it is written.
        var surface = 0
        /// With anything that the search takes for it; only counted where there are none of these.
        var any = 0
        var isStopWord = false
        /// It may not be corrected: documents have it with other accents, or it has no term.
        var isSettled = false
    }

    /// What the search finds by a word.
    /// - Parameter isTruncated: stems say little, since they are but first letters.
    private func documents(
        of word: QueryWord, _ terms: [QueryTerm], _ isTruncated: Bool, _ vocabulary: Vocabulary
    ) throws -> Found {
        guard let own = terms.first(where: { $0.text == word.text && ($0.kind == .word || $0.kind == .joined(words: 1)) }) else {
            return Found(isSettled: true)
        }
        var found = Found(surface: try own.forms.first.map { try vocabulary.documents(with: $0.term.key) } ?? 0, isStopWord: own.isStopWord)
        found.any = found.surface
        guard found.surface == 0 else { return found }
        // Its variants, parts and pieces stand at its position, too. Two characters that a wrong word has in common with others find something, but not it.
        for term in terms where term.position == own.position {
            // Without its accents it is the same word. Variants that no document has are not among the terms.
            if term.kind == .variant { found.isSettled = true }
            for form in term.forms where form.term.form != .bigram {
                if isTruncated, form.term.form == .stem || form.term.form == .part, term.text.hasPrefix(form.term.text), form.term.text != term.text {
                    continue
                }
                found.any = max(found.any, try vocabulary.documents(with: form.term.key))
            }
        }
        return found
    }

    private struct Candidate {
        var words: [String]
        var documents: Int
        /// 2 of a forgotten space, too.
        var edits: Int
        var score: Double
    }

    /// - Parameters:
    ///   - documents: that have the word as it is written.
    ///   - any: that have any form of it.
    private func correction(
        of word: String, _ documents: Int, _ any: Int, _ companions: [String], _ languages: [Language], _ fields: [Int], _ vocabulary: Vocabulary
    ) throws -> Correction? {
        let letters = Array(word)
        let isMissing = documents == 0
        // How much commoner a neighbour has to be; and below so many documents a word of a large collection is as likely a mistake itself.
        let ratio = isMissing ? Weights.formRatio : Weights.rareRatio
        let least = max(Double(any) * ratio, live.count < Self.smallCollection ? 1 : 2)
        if !isMissing {
            guard letters.count >= Self.rareLettersMin, least <= Double(live.count) else { return nil }
        }
        var candidates = try near(word, letters, distance: 1, fields, least)
        if isMissing {
            if candidates.isEmpty, SpellingRules.distance(letters: letters.count) > 1 { candidates = try near(word, letters, distance: 2, fields, least) }
            candidates += try divided(word, letters, fields, vocabulary, least)
        }
        // A function word is in most texts: it is meant by what is one edit away, beside other words.
        candidates.removeAll { (companions.isEmpty || $0.edits > 1) && $0.words.contains { Analyzer.isFunctionWord($0, in: languages) } }
        candidates.sort { $0.score != $1.score ? $0.score > $1.score : $0.words.lexicographicallyPrecedes($1.words) }
        if candidates.count > 1, !companions.isEmpty {
            candidates = Array(candidates.prefix(Self.contestantsMax))
            for index in candidates.indices { candidates[index].score += try company(of: candidates[index], companions, fields, vocabulary) }
            candidates.sort { $0.score != $1.score ? $0.score > $1.score : $0.words.lexicographicallyPrecedes($1.words) }
        }
        return candidates.first.map {
            Correction(
                corrected: $0.words.joined(separator: " "), originalDocuments: documents, correctedDocuments: $0.documents, isMissing: isMissing)
        }
    }

    /// Words within so many edits.
    private func near(_ word: String, _ letters: [Character], distance: Int, _ fields: [Int], _ least: Double) throws -> [Candidate] {
        guard word.utf8.count <= Limits.termBytesMax else { return [] }
        // A letter of several code points is one edit, and as many as its code points for the automaton.
        let codePoints = word.unicodeScalars.count > letters.count ? LevenshteinAutomaton.distanceMax : distance
        let pattern = try FuzzyPattern(leading: [TermForm.surface.rawValue], word: word, distance: codePoints)
        let found = try LexicalSegment.keys(matching: pattern, in: views, fields: fields, limit: Self.candidatesMax, control: control)
        return found.compactMap { expansion in
            let text = String(decoding: expansion.key.dropFirst(), as: UTF8.self)
            let other = Array(text)
            guard text != word, Double(expansion.documentFrequency) >= least, SpellingRules.haveOneScript(letters, other),
                includesCodes || SpellingRules.isPlain(other),
                let edits = GraphemeDistance.between(letters, other, limit: distance), edits > 0
            else { return nil }
            let differs = letters.first != other.first
            let score = log(Double(expansion.documentFrequency)) - Weights.edit * Double(edits) - (differs ? Weights.firstLetter : 0)
            return Candidate(words: [text], documents: expansion.documentFrequency, edits: edits, score: score)
        }
    }

    /// Two words that lack a space, by the rarer one.
    private func divided(
        _ word: String, _ letters: [Character], _ fields: [Int], _ vocabulary: Vocabulary, _ least: Double
    ) throws -> [Candidate] {
        guard (5...40).contains(letters.count) else { return [] }
        var found: [Candidate] = []
        for place in 2...(letters.count - 2) {
            let (first, second) = (String(letters[..<place]), String(letters[place...]))
            let documents = try min(
                vocabulary.documents(with: Term(form: .surface, first).key), vocabulary.documents(with: Term(form: .surface, second).key))
            guard Double(documents) >= least, try together([first, second], fields) > 0 else { continue }
            found.append(Candidate(words: [first, second], documents: documents, edits: 2, score: log(Double(documents)) - Weights.space))
        }
        return found
    }

    /// How much likelier the query's other words make a candidate: for each the logarithm of the share of the candidate's documents that have it, smoothed
    /// by the share of all that have (Dirichlet).
    private func company(of candidate: Candidate, _ companions: [String], _ fields: [Int], _ vocabulary: Vocabulary) throws -> Double {
        var sum = 0.0
        let all = Double(max(live.count, 1))
        for companion in companions {
            let usual = min(Double(try vocabulary.documents(with: Term(form: .surface, companion).key)) / all, 1)
            let common = Double(try together(candidate.words + [companion], fields))
            sum += log((common + Weights.company * usual) / (Double(candidate.documents) + Weights.company) + 1e-12)
        }
        return sum
    }

    /// Live documents that have all of the words.
    private func together(_ words: [String], _ fields: [Int]) throws -> Int {
        let groups = words.map { LexicalGroup(text: $0, forms: [LexicalForm(key: Term(form: .surface, $0).key)], fields: Set(fields)) }
        var query = LexicalQuery(groups: groups, fieldWeights: fieldWeights.map { $0 > 0 ? 1 : 0 })
        query.clauses = groups.indices.map { .group($0) } + [.boolean(.init(must: groups.count))]
        return try LexicalSearcher(views: views, query: query).matches(accept: live, control: control).count
    }
}
