import ColumnIndex
import Foundation
import LexicalIndex
import SearchCore
import Storage
import TextAnalysis

extension Generation {
    /// The consumer of the log for the lexical leg: applies operations to a builder and publishes it at each refresh.
    func indexLoop() {
        var indexer = Indexer(generation: self)
        while !isStopping.load(ordering: .acquiring) {
            do {
                let isIdle = try indexer.step()
                report(.indexing, problem: nil)
                if isIdle { indexWake.wait(timeout: indexer.sleep) }
            } catch {
                if isStopping.load(ordering: .acquiring) { return }
                // The builder may hold half an operation: drop it and begin again behind the last published one.
                report(.indexing, problem: "indexing stopped: \(error)")
                indexer = Indexer(generation: self)
                state.withLock { $0.builderBytes = 0 }
                completeWaiters()
                _ = indexingHold.holds
                // Not the wake signal: under a stream of writes that would be a loop without a pause.
                pause(.seconds(1))
            }
        }
    }
}

extension Generation {
    /// Sleeps, but no longer than until the generation stops.
    func pause(_ duration: Duration) {
        let end = ContinuousClock.now + duration
        while !isStopping.load(ordering: .acquiring), ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.01) }
    }
}

/// State of the indexing thread: the segment under construction and the deaths that will be published with it.
private struct Indexer {
    private let generation: Generation
    private var lexical: LexicalSegmentBuilder
    private var columns: ColumnSegmentBuilder
    private var firstDoc: DocID
    private var nextDoc: DocID
    /// Sequences of the builder's documents, ascending; index + firstDoc is the DocID.
    private var sequences: [SequenceNumber] = []
    private var deaths: [Death] = []
    private var applied: SequenceNumber
    private var published: SequenceNumber
    private var lastPublish = ContinuousClock.now
    private var scratch: [AnalyzedText]

    private struct Death {
        let doc: DocID
        /// Analysis of the version that died.
        let content: DeadDocument
    }

    init(generation: Generation) {
        self.generation = generation
        let (end, applied) = generation.state.withLock { (DocID(UInt32($0.live.capacity)), $0.applied) }
        firstDoc = end
        nextDoc = end
        self.applied = applied
        published = applied
        lexical = LexicalSegmentBuilder(fieldCount: generation.schema.textFields.count, firstDoc: end)
        columns = ColumnSegmentBuilder(fields: generation.fields, firstDoc: end)
        scratch = generation.schema.textFields.map { _ in AnalyzedText() }
    }

    /// How long the loop may sleep when there is nothing to read.
    var sleep: Duration {
        guard published != applied else { return generation.settings.refreshInterval }
        return max(.milliseconds(1), generation.settings.refreshInterval - lastPublish.duration(to: .now))
    }

    /// Reads a batch, applies it, publishes when due. - Returns: true when there was nothing to do.
    mutating func step() throws -> Bool {
        try waitForMemory()
        let skips = generation.skipsSuperseded.load(ordering: .sequentiallyConsistent)
        let page = try generation.store.page(after: applied, limit: 512, currentOnly: skips)
        if skips {
            // Whatever was left out is superseded by an operation that the log has by now.
            generation.skippedThrough.store(generation.store.lastSequence.rawValue, ordering: .sequentiallyConsistent)
        } else {
            generation.isExact.store(true, ordering: .sequentiallyConsistent)
        }
        let isEmpty = page.operations.isEmpty
        for (sequence, operation) in page.operations {
            try apply(operation, at: sequence)
            if generation.isStopping.load(ordering: .relaxed) { return false }
        }
        // A version that was current when its page was read, and then replaced by one that was left out.
        for previous in page.replaced { try bury(previous) }
        // Sequences that were dropped or left out count as applied too.
        applied = max(applied, page.through)
        // The first allocations of an empty builder are nothing that a seal could free.
        let bytes = sequences.isEmpty ? 0 : lexical.memoryBytes + columns.memoryBytes
        let hasWaiters = generation.state.withLock { state in
            state.builderBytes = bytes
            return !state.waiters.isEmpty
        }
        let age = lastPublish.duration(to: .now)
        let isDue = age >= generation.settings.refreshInterval || bytes >= generation.settings.sealBytes / 4
        // Someone waits and the log is drained: publishing now beats waiting for the interval. The floor keeps a stream of
        // tiny writes from making a segment each.
        let isAwaited = hasWaiters && isEmpty && age >= .milliseconds(5)
        if !generation.indexingHold.holds, applied > published, isDue || isAwaited { try publish() }
        generation.completeWaiters()
        generation.maintainIfDue()
        if isEmpty, hasWaiters, applied > published { Thread.sleep(forTimeInterval: 0.001) }
        return isEmpty && !(hasWaiters && applied > published)
    }

    /// Back-pressure: indexing waits while unsealed segments fill their memory; the log on disk takes the backlog.
    private mutating func waitForMemory() throws {
        while !generation.isStopping.load(ordering: .acquiring),
            generation.memoryBytes >= generation.settings.memoryBytesMax
        {
            // The builder alone may be what fills it; only what is published can be sealed.
            if !generation.indexingHold.holds, applied > published {
                try publish()
                continue
            }
            generation.scheduleMaintenance()
            generation.completeWaiters()
            generation.pause(.milliseconds(20))
        }
    }

    private mutating func apply(_ operation: LoggedOperation, at sequence: SequenceNumber) throws {
        switch operation.change {
        case .upsert(let document):
            guard nextDoc < DocID(.max - 1) else {
                throw TandemError(.resourceExhausted, "generation \(generation.number) is full: 2³² document versions; rebuild the collection")
            }
            analyze(document)
            try columns.add(doc: nextDoc, sequence: sequence, id: document.id, attributes: document.attributes)
            lexical.beginDocument(nextDoc)
            lexical.add(texts: scratch)
            sequences.append(sequence)
            nextDoc = DocID(nextDoc.rawValue + 1)
        case .delete:
            break
        }
        if let previous = operation.previous { try bury(previous) }
        applied = sequence
    }

    /// Notes the death of a version, with its analysis for the dead counts, unless it is dead already.
    private mutating func bury(_ previous: SequenceNumber) throws {
        guard let doc = documentID(of: previous) else { return }
        let isLive = doc >= firstDoc || generation.state.withLock { $0.live.contains(doc) }
        guard isLive, let old = try generation.store.operation(at: previous), case .upsert(let document) = old.change else { return }
        analyze(document)
        var content = DeadDocument()
        content.add(texts: scratch)
        deaths.append(Death(doc: doc, content: content))
    }

    private func documentID(of sequence: SequenceNumber) -> DocID? {
        if let first = sequences.first, sequence >= first {
            var low = 0
            var high = sequences.count
            while low < high {
                let middle = (low + high) / 2
                if sequences[middle] < sequence { low = middle + 1 } else { high = middle }
            }
            return low < sequences.count && sequences[low] == sequence ? DocID(firstDoc.rawValue + UInt32(low)) : nil
        }
        return GenerationSnapshot.document(of: sequence, in: generation.state.withLock { $0.documents })
    }

    private mutating func analyze(_ document: Document) {
        let context = generation.schema.languageContext(of: document, generation.analyzers)
        for (i, field) in generation.schema.textFields.enumerated() {
            scratch[i].removeAll(keepingCapacity: true)
            if let text = document.text(field.name) { generation.analyzers[field: i].analyze(text, context, into: &scratch[i]) }
        }
    }

    /// Turns the builder into a memory segment and makes everything applied so far visible at once.
    private mutating func publish() throws {
        let segment = sequences.isEmpty ? nil : try finishSegment()
        let (deaths, applied) = (self.deaths, self.applied)
        generation.state.withLock { state in
            if let segment {
                let range = segment.firstDoc.rawValue..<segment.endDoc.rawValue
                state.documents.append(DocumentEntry(segment: segment, dead: DeadCounts()))
                state.live.grow(to: Int(range.upperBound))
                for doc in range { state.live.insert(DocID(doc)) }
            }
            for death in deaths where state.live.remove(death.doc) {
                let index = GenerationSnapshot.index(of: death.doc, in: state.documents)
                state.documents[index].dead.add(death.content)
                for merge in state.merges.indices where state.merges[merge].docs.contains(death.doc.rawValue) {
                    state.merges[merge].dead.add(death.content)
                }
            }
            state.applied = applied
            state.builderBytes = 0
            generation.republish(&state)
        }
        self.deaths = []
        published = applied
        lastPublish = .now
        generation.vectorWake.signal()
        generation.scheduleMaintenance()
    }

    private mutating func finishSegment() throws -> DocumentSegment {
        let finishedLexical = lexical
        let finishedColumns = columns
        lexical = LexicalSegmentBuilder(fieldCount: generation.schema.textFields.count, firstDoc: nextDoc)
        columns = ColumnSegmentBuilder(fields: generation.fields, firstDoc: nextDoc)
        firstDoc = nextDoc
        sequences = []
        return DocumentSegment(
            lexical: try LexicalSegment(MappedFile(copying: finishedLexical.finish()), fieldCount: generation.schema.textFields.count),
            columns: try ColumnSegment(MappedFile(copying: finishedColumns.finish()), fields: generation.fields),
            file: nil, appliedThrough: applied)
    }
}

extension LexicalFieldSink {
    /// Adds the analyses of a document's text fields, in field order.
    fileprivate mutating func add(texts: [AnalyzedText]) {
        for (field, text) in texts.enumerated() where !text.tokens.isEmpty {
            text.tokens.withUnsafeBufferPointer { tokens in
                text.termBytes.withUnsafeBytes { bytes in
                    addField(field, length: text.length, termBytes: bytes, tokenCount: tokens.count) { i in
                        LexicalToken(
                            start: tokens[i].termStart, length: tokens[i].termLength, position: tokens[i].form.hasPosition ? tokens[i].position : nil)
                    }
                }
            }
        }
    }
}
