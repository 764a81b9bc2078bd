import SearchCore
import Synchronization
import TextAnalysis

extension Collection {
    /// As they were set: phrases by the letter.
    public var synonyms: [SynonymRule] { state.withLock { $0.manifest.synonyms ?? [] } }

    /// Replaces all synonyms; searches that begin after it returns have the new ones. On disk when it returns.
    /// - Returns: how many rules there were before.
    /// - Throws: `INVALID_ARGUMENT` that names a rule, and changes nothing then; `UNAVAILABLE` once the collection is closed.
    /// - Complexity: O(bytes of the rules · chains).
    @discardableResult
    public func setSynonyms(_ rules: [SynonymRule]) throws -> Int {
        try SynonymRule.validate(rules)
        return try manifestWriting.withLock { _ in
            if isClosed.load(ordering: .acquiring) { throw TandemError(.unavailable, "collection '\(name)' is closed", isRetryable: true) }
            var manifest = state.withLock { $0.manifest }
            let before = manifest.synonyms?.count ?? 0
            manifest.synonyms = rules.isEmpty ? nil : rules
            // A flip waits for this lock, so that the chains are those of the generation that goes on serving.
            let index = SynonymIndex(rules, serving.analyzers)
            try index.checkPhrases(serving.analyzers)
            try manifest.write(folder: folder)
            state.withLock { state in
                state.manifest.synonyms = manifest.synonyms
                state.synonyms = index
            }
            logger.notice("new synonyms", metadata: ["rules": "\(rules.count)", "before": "\(before)"])
            return before
        }
    }
}
