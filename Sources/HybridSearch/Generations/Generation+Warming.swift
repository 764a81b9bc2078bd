import LexicalIndex
import SearchCore
import TextAnalysis

/// What would make the first searches after a start slow.
extension Generation {
    /// The tables of word ends of sealed segments, by which compounds are found: .4 s for a million long words. Runs on the disk thread. A search that needs one before
    /// makes it, or waits for it.
    func prepareSuffixes() {
        let snapshot = snapshot
        guard snapshot.documents.contains(where: { !$0.segment.isInMemory }), snapshot.languages.contains(where: CompoundSplitter.writesTogether) else {
            return
        }
        for chain in analyzers.chains where chain.analyzer.configuration.compoundWeight > 0 && chain.analyzer.definition.tokenizer == .standard {
            let fields = chain.fields ?? Set(schema.textFields.indices)
            for document in snapshot.documents where !document.segment.isInMemory && !isStopping.load(ordering: .relaxed) {
                // A damaged dictionary is the search's affair, which reads it next.
                try? document.segment.lexical.prepareSuffixes(fields: fields, form: TermForm.surface.rawValue)
            }
        }
    }
}
