import CICU
import SearchCore
import Synchronization

/// Turns texts and queries into terms: NFKC case folding, words by UAX #29 with dictionaries, stems, parts, joined forms.
///
/// The same chain for documents and queries. Any number of threads may use one analyzer at once: each call checks a workspace
/// (ICU's iterators, a stemmer, buffers) out of a pool. See docs/analysis.md.
public final class Analyzer: Sendable {
    /// Longer texts are analysed up to here, cut at a code point. Documents are smaller (``Limits/documentBytesMax``).
    public static let textBytesMax = 64 << 20

    public let configuration: AnalyzerConfiguration
    public let definition: AnalyzerDefinition
    let chain: AnalysisChain
    private let usesFastPath: Bool
    private let pool: Mutex<[AnalysisWorkspace]>
    /// More than that many idle workspaces are not kept.
    private static let idleMax = 16

    /// - Throws: `invalidArgument` for an unknown stemmer, a negative or non-finite weight, or a version that this build does
    ///   not know; `internal` where ICU's data is missing.
    public convenience init(_ configuration: AnalyzerConfiguration = AnalyzerConfiguration(), _ definition: AnalyzerDefinition = AnalyzerDefinition()) throws {
        try self.init(configuration, definition, usesFastPath: true)
    }

    /// Without the fast path, ICU breaks ASCII too: the oracle of its test.
    package init(_ configuration: AnalyzerConfiguration, _ definition: AnalyzerDefinition = AnalyzerDefinition(), usesFastPath: Bool) throws {
        guard configuration.version == AnalyzerConfiguration.currentVersion else {
            throw TandemError.invalidArgument(
                "analyzer: version \(configuration.version), but this build analyses by version \(AnalyzerConfiguration.currentVersion); build a new generation"
            )
        }
        for (name, weight) in [
            ("surfaceWeight", configuration.surfaceWeight), ("stemWeight", configuration.stemWeight), ("foldedWeight", configuration.foldedWeight),
            ("variantWeight", configuration.variantWeight), ("partWeight", configuration.partWeight), ("compoundWeight", configuration.compoundWeight),
            ("bigramWeight", configuration.bigramWeight), ("wholeWeight", configuration.wholeWeight), ("chainWeight", configuration.chainWeight),
            ("stopWordBoost", configuration.stopWordBoost), ("synonymWeight", configuration.synonymWeight),
        ] where !(weight >= 0 && weight.isFinite) {
            throw TandemError.invalidArgument("analyzer: \(name) is \(weight); expected a finite number of at least 0")
        }
        if let stemmer = configuration.stemmer, stemmer != AnalyzerConfiguration.detectedStemmer, Language(stemmer)?.isStemmed != true {
            throw TandemError.invalidArgument(
                "analyzer: unknown stemmer '\(stemmer.prefix(64))'; known: \(AnalyzerConfiguration.detectedStemmer), \(Self.languages.joined(separator: ", "))")
        }
        if let code = configuration.fallbackLanguageCode, Language(code) == nil {
            throw TandemError.invalidArgument("analyzer: unknown fallback language '\(code.prefix(64))'; known: \(Self.languages.joined(separator: ", "))")
        }
        try definition.validate()
        self.configuration = configuration
        self.definition = definition
        chain = AnalysisChain(configuration, definition)
        self.usesFastPath = usesFastPath
        // The first workspace is opened here, so that a bad configuration fails early and the first query is fast.
        pool = Mutex([try AnalysisWorkspace(chain, definition.characterFilters, usesFastPath: usesFastPath)])
    }

    /// ISO 639-1 codes of the languages that words can be stemmed for.
    public static var languages: [String] { Language.all.filter(\.isStemmed).map(\.code) }

    /// Makes the tables that all analyzers share: function words, and letters that stand for others, which takes ICU's transforms some 90 ms. Whoever needs one
    /// before makes it, or waits for it. Thread-safe.
    public static func prepareTables() {
        _ = FunctionWordTable.shared
        var variant: UInt8 = 0
        _ = tandem_fold_variants([UInt8(ascii: "a")], 1, &variant, 0)
    }

    /// Replaces the content of `result` by the terms of `text`. Empty text, control characters, NUL are fine.
    /// - Complexity: O(bytes): some 75 MB/s of English with every form, 25 to 50 of other alphabets, 15 to 20 of Chinese and Thai (docs/analysis.md).
    public func analyze(_ text: String, _ context: LanguageContext = .unknown, into result: inout AnalyzedText) {
        withWorkspace { workspace in
            withBytes(of: text) { workspace.analyze($0, context, into: &result) }
        }
    }

    /// The same of UTF-8 bytes, which must be well-formed (others count as U+FFFD).
    public func analyze(utf8 bytes: UnsafeBufferPointer<UInt8>, _ context: LanguageContext = .unknown, into result: inout AnalyzedText) {
        withWorkspace { $0.analyze(Self.cut(bytes), context, into: &result) }
    }

    /// What is known of the language of a document's texts before each is looked at: what the document states, else the language of its longest text.
    public func context(of texts: some Collection<String>, stated: String? = nil) -> LanguageContext {
        guard case .detected = chain.stemming else { return .unknown }
        if let stated = stated.flatMap({ Language($0) }) { return LanguageContext(stated: stated) }
        guard texts.count > 1, let longest = texts.max(by: { $0.utf8.count < $1.utf8.count }) else { return .unknown }
        return LanguageContext(surrounding: withBytes(of: longest) { LanguageDetector.dominant($0) })
    }

    func withBytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        var text = text
        return text.withUTF8 { body(Self.cut($0)) }
    }

    static func cut(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard bytes.count > textBytesMax else { return bytes }
        var end = textBytesMax
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeBufferPointer(rebasing: bytes[..<end])
    }

    func withWorkspace<Result>(_ body: (AnalysisWorkspace) -> Result) -> Result {
        let workspace = pool.withLock { $0.popLast() } ?? openWorkspace()
        let result = body(workspace)
        if workspace.memoryBytes <= AnalysisWorkspace.keptBytesMax {
            pool.withLock { if $0.count < Self.idleMax { $0.append(workspace) } }
        }
        return result
    }

    private func openWorkspace() -> AnalysisWorkspace {
        do {
            return try AnalysisWorkspace(chain, definition.characterFilters, usesFastPath: usesFastPath)
        } catch {
            // The same configuration opened in `init`, so only memory can be missing.
            preconditionFailure("opening one more analysis workspace: \(error)")
        }
    }
}
