import CICU

/// A definition and a collection's settings, resolved: what the loops over text read.
struct AnalysisChain: Sendable {
    /// Which terms a text gives besides its words.
    struct Forms: Sendable, Hashable {
        var stems, folds, parts, wholes, bigrams: Bool
    }

    enum Stemming: Sendable, Hashable {
        case none
        case detected
        case language(Language)
    }

    let forms: Forms
    let stemming: Stemming
    let fallback: Language?
    let options: tandem_segmenter_options
    /// ASCII may be broken by ``ASCIISegmenter``.
    let hasFastPath: Bool

    /// Both valid.
    init(_ configuration: AnalyzerConfiguration, _ definition: AnalyzerDefinition) {
        let name = definition.language ?? configuration.stemmer
        stemming =
            switch name {
            case _ where !definition.filters.contains(.stem): .none
            case nil: .none
            case AnalyzerConfiguration.detectedStemmer: .detected
            case let name?: Language(name).map { .language($0) } ?? .none
            }
        fallback = configuration.fallbackLanguage
        forms = Forms(
            stems: stemming != .none, folds: configuration.indexFolded && definition.filters.contains(.fold),
            parts: configuration.indexParts && definition.filters.contains(.parts), wholes: configuration.indexWholes && definition.filters.contains(.wholes),
            bigrams: configuration.indexBigrams && definition.filters.contains(.bigrams))
        let normalizer =
            switch definition.normalizer {
            case .nfkcCasefold: TANDEM_NORMALIZE_NFKC_CASEFOLD
            case .nfkc: TANDEM_NORMALIZE_NFKC
            case .nfc: TANDEM_NORMALIZE_NFC
            case .none: TANDEM_NORMALIZE_NONE
            }
        var (tokenizer, least, most) = (TANDEM_TOKENIZE_WORDS, 0, 0)
        switch definition.tokenizer {
        case .standard: break
        case .keyword: tokenizer = TANDEM_TOKENIZE_KEYWORD
        case .whitespace: tokenizer = TANDEM_TOKENIZE_WHITESPACE
        case .code: tokenizer = TANDEM_TOKENIZE_CODE
        case .ngram(let min, let max): (tokenizer, least, most) = (TANDEM_TOKENIZE_NGRAM, min, max)
        }
        options = tandem_segmenter_options(
            normalizer: UInt8(normalizer), tokenizer: UInt8(tokenizer), gram_min: UInt8(least), gram_max: UInt8(most), rules_only: 0)
        hasFastPath = definition.tokenizer == .standard && definition.normalizer == .nfkcCasefold
    }
}
