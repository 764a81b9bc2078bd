import RigSupport
import TandemClient

/// Compares a daemon that has just started with what the ledger knows.
struct Verifier {
    let client: TandemClient
    let collection: String
    let content: Content
    let ledger: Ledger
    /// Look at every document, or at those touched since the last time and a sample of the others.
    let isDeep: Bool
    var random: SeededGenerator

    /// What the daemon said of its start.
    struct Outcome {
        var documents: UInt64 = 0
        var replayed: UInt64 = 0
        var segments = 0
    }

    mutating func run() async throws -> Outcome {
        let opened = try await client.describeCollection(collection)
        let highest = ledger.withState { $0.highest }
        if opened.lastSequence < highest { ledger.note("the log ends at \(opened.lastSequence), \(highest) was acknowledged") }
        if opened.appliedSequence < opened.lastSequence {
            ledger.note("serving at \(opened.appliedSequence), before its log is replayed to \(opened.lastSequence)")
        }
        if opened.replayed > opened.lastSequence { ledger.note("says that it replayed \(opened.replayed) of \(opened.lastSequence) operations") }
        if let problem = opened.problem { ledger.note("reports a problem after the start: \(problem)") }

        try await settle()
        try await expectDocuments()
        try await resend()
        try await expectSearchable()
        let live = ledger.withState { $0.documents.values.count { $0.word != nil } }
        let described = try await client.describeCollection(collection)
        if described.documents != UInt64(live) { ledger.note("counts \(described.documents) documents, there are \(live)") }
        for finding in try await client.check(collection).findings { ledger.note("check: \(finding.object): \(finding.problem)") }
        ledger.withState { state in
            state.touched = []
            state.retired = []
        }
        return Outcome(documents: described.documents, replayed: opened.replayed, segments: Int(opened.lexicalSegments))
    }

    // MARK: What was on its way

    /// Finds out which unanswered batches were applied: of each writer, the first few, each wholly.
    private func settle() async throws {
        let pending = ledger.withState { state in
            defer { state.pending = [:] }
            return state.pending.filter { !$0.value.isEmpty }
        }
        for (writer, batches) in pending.sorted(by: { $0.key < $1.key }) {
            let ids = Array(Set(batches.flatMap { $0.operations.map(\.id) }))
            let found = try await get(ids)
            // Writers of shared ids send one operation at a time.
            if batches.count == 1, batches[0].operations.count == 1, ids[0].hasPrefix("shared-") {
                settleShared(batches[0], found[ids[0]] ?? Version())
                continue
            }
            var state = Dictionary(uniqueKeysWithValues: ids.map { ($0, ledger.version($0).word) })
            var applied: Int?
            // Later prefixes first: where an unanswered batch changes nothing, it may as well be applied.
            var states = [state]
            for batch in batches {
                for operation in batch.operations where operation.expected == .applied {
                    state[operation.id] = if case .upsert(let word) = operation.change { .some(word) } else { .some(nil) }
                }
                states.append(state)
            }
            for count in stride(from: batches.count, through: 0, by: -1) where states[count].allSatisfy({ found[$0.key]?.word == $0.value }) {
                applied = count
                break
            }
            guard let applied else {
                let before = states[0]
                let wrong = ids.filter { found[$0]?.word != before[$0]! && found[$0]?.word != state[$0]! }
                ledger.note(
                    "writer \(writer): \(batches.count) unanswered batches are neither there nor not: \(ids.count) ids, foreign \(wrong.prefix(3)), "
                        + "changed \(ids.count { found[$0]?.word != before[$0]! })")
                ledger.withState { state in for id in ids { state.documents[id] = found[id] ?? Version() } }
                continue
            }
            ledger.withState { state in
                for (index, batch) in batches.enumerated() {
                    state.touched.formUnion(batch.operations.map(\.id))
                    if index >= applied { state.retire(batch) }
                    state.figures.unansweredBatches += 1
                    if index < applied { state.figures.appliedUnanswered += 1 }
                }
                // Words that came and went within the applied batches are stale; so are those of operations that had to fail.
                for batch in batches.prefix(applied) {
                    for operation in batch.operations {
                        if case .upsert(let word) = operation.change, found[operation.id]?.word != word { state.retired.append(word) }
                    }
                }
                for id in ids {
                    let (known, now) = (state.documents[id] ?? Version(), found[id] ?? Version())
                    if let word = known.word, now.word != word { state.retired.append(word) }
                    if now.word != nil, now.word != known.word, now.sequence <= known.sequence {
                        state.findings.append("\(id): version went from \(known.sequence) to \(now.sequence)")
                    }
                    state.documents[id] = now.word == known.word ? (now.word == nil ? known : now) : now
                    state.highest = max(state.highest, now.sequence)
                    if now.word == known.word, now.word != nil, now.sequence != known.sequence {
                        state.findings.append("\(id): same content, version \(known.sequence) became \(now.sequence)")
                    }
                }
            }
            try await resend(batches, applied: applied)
        }
    }

    /// What several writers sent at a time for one id: any of them may be there, if it is later than what was acknowledged.
    private func settleShared(_ batch: Batch, _ found: Version) {
        let operation = batch.operations[0]
        let word: String? = if case .upsert(let word) = operation.change { word } else { nil }
        ledger.withState { state in
            state.touched.insert(operation.id)
            state.figures.unansweredBatches += 1
            let known = state.documents[operation.id] ?? Version()
            if found.word == word, word != nil || known.word != nil {
                state.figures.appliedUnanswered += 1
                if let stale = known.word, stale != word { state.retired.append(stale) }
                state.documents[operation.id] = found
                state.highest = max(state.highest, found.sequence)
            } else if let word {
                state.retired.append(word)
            }
        }
    }

    /// Sends unanswered batches that have a key once more: what was applied is known, what was not is applied now.
    private func resend(_ batches: [Batch], applied: Int) async throws {
        // Without a key the later ones must not be sent before the earlier; so up to the first that has none.
        for (index, batch) in batches.enumerated() {
            if batch.key == nil {
                if index < applied { continue }
                return
            }
            // A batch whose operations all failed or changed nothing leaves no trace in the documents; only the key knows.
            let leavesTrace = batch.operations.contains { $0.expected == .applied }
            let (results, sequence, wasReplayed) = try await send(batch)
            if wasReplayed != (index < applied), leavesTrace {
                ledger.note(
                    "key \(batch.key!): the batch was \(index < applied ? "" : "not ")applied before the kill, sent again it is said to be \(wasReplayed ? "known" : "new")"
                )
            }
            ledger.withState { state in
                if index < applied {
                    // The answer that got lost.
                    for (operation, result) in zip(batch.operations, results) where result.outcome != operation.expected {
                        state.findings.append("\(operation.id): the kept answer is \(result.outcome), expected \(operation.expected!)")
                    }
                } else {
                    // Its words were given up a moment ago; the last one of each id is there now.
                    state.apply(batch, results, sequence: sequence)
                    let back = Set(batch.operations.compactMap { state.documents[$0.id]?.word })
                    state.retired.removeAll { back.contains($0) }
                }
            }
        }
    }

    private func send(_ batch: Batch) async throws -> (results: [OperationResult], sequence: UInt64, wasReplayed: Bool) {
        if batch.isDelete {
            let response = try await client.delete(Writer.deleteRequest(batch, collection))
            return (response.results, response.sequence, response.wasReplayed)
        }
        let response = try await client.upsert(Writer.upsertRequest(batch, collection, content))
        return (response.results, response.sequence, response.wasReplayed)
    }

    /// Acknowledged batches that have a key, sent once more: same answers, nothing applied.
    private func resend() async throws {
        for (batch, results) in ledger.withState({ $0.keyed.suffix(4) }) {
            let again = try await send(batch)
            if !again.wasReplayed || again.results != results {
                ledger.note("key \(batch.key!): acknowledged before the kill, sent again it is \(again.wasReplayed ? "answered otherwise" : "new")")
            }
        }
    }

    // MARK: The documents

    private func get(_ ids: [String]) async throws -> [String: Version] {
        var found: [String: Version] = [:]
        for start in stride(from: 0, to: ids.count, by: 400) {
            let part = Array(ids[start..<min(start + 400, ids.count)])
            let response = try await client.get(part, from: collection)
            if response.documents.count + response.missing.count != part.count {
                ledger.note("get of \(part.count) ids: \(response.documents.count) documents and \(response.missing.count) missing")
            }
            for stored in response.documents {
                guard let document = stored.document, let word = document.texts.first(where: { $0.name == "title" })?.text else {
                    ledger.note("a stored document without its title")
                    continue
                }
                if let difference = content.difference(document, content.document(document.id, word: word)) {
                    ledger.note("\(document.id): not as it was sent: \(difference)")
                }
                found[document.id] = Version(sequence: stored.version, word: word)
            }
        }
        return found
    }

    private var chosen: [String] {
        mutating get {
            let (all, touched) = ledger.withState { (Array($0.documents.keys), $0.touched) }
            if isDeep { return all.sorted() }
            return Array(touched.union(all.shuffled(using: &random).prefix(500))).sorted()
        }
    }

    private mutating func expectDocuments() async throws {
        let ids = chosen
        let found = try await get(ids)
        for id in ids {
            let known = ledger.version(id)
            let now = found[id] ?? Version()
            guard known.word == now.word, known.word == nil || known.sequence == now.sequence else {
                ledger.note("\(id): acknowledged \(describe(known)), the store has \(describe(now))")
                continue
            }
        }
    }

    private func describe(_ version: Version) -> String {
        version.word.map { "\($0) as version \(version.sequence)" } ?? "deleted (version \(version.sequence))"
    }

    // MARK: The index

    private mutating func expectSearchable() async throws {
        let token = ledger.withState { $0.highest }
        let versions = ledger.withState { $0.documents }
        let live = versions.values.count { $0.word != nil }
        let everywhere = try await client.search(
            SearchRequest(
                collection: collection, text: Content.everywhere, mode: .lexical, limit: 100, afterSequence: token, fields: FieldSelection(), countMatches: true
            ))
        if everywhere.lexicalMatched != UInt64(live) {
            ledger.note("a word of every document matches \(everywhere.lexicalMatched ?? 0), there are \(live)")
        }
        if Set(everywhere.hits.map(\.id)).count != everywhere.hits.count { ledger.note("a document is twice among the hits of one search") }

        let words = chosen.compactMap { id in versions[id]?.word.map { (word: $0, id: id) } }
        for start in stride(from: 0, to: words.count, by: 200) {
            let part = words[start..<min(start + 200, words.count)]
            let response = try await search(part.map(\.word), token)
            let expected = Set(part.map(\.id))
            let hits = response.hits.map(\.id)
            if Set(hits).count != hits.count { ledger.note("a search finds a document twice") }
            for id in expected.subtracting(hits) { ledger.note("\(id): \(describe(versions[id]!)) is not searchable") }
            for id in Set(hits).subtracting(expected) { ledger.note("\(id): found by a word that it does not hold (\(describe(versions[id] ?? Version())))") }
            for hit in response.hits where versions[hit.id]?.sequence != hit.version {
                ledger.note("\(hit.id): found as version \(hit.version), expected \(describe(versions[hit.id] ?? Version()))")
            }
            if response.lexicalMatched != UInt64(part.count) { ledger.note("\(part.count) words of one document each match \(response.lexicalMatched ?? 0)") }
        }
        let present = Set(versions.values.compactMap(\.word))
        let retired = Array(Set(ledger.withState { $0.retired }).subtracting(present)).sorted()
        for start in stride(from: 0, to: retired.count, by: 200) {
            let part = Array(retired[start..<min(start + 200, retired.count)])
            for hit in try await search(part, token).hits {
                ledger.note("\(hit.id): a replaced, deleted or refused version is found, as version \(hit.version)")
            }
        }
        try await expectFiltered(versions, token)
        if content.hasVectors { try await expectVectors(words.map(\.id), versions, token) }
    }

    private func search(_ words: [String], _ token: UInt64) async throws -> SearchResponse {
        try await client.search(
            SearchRequest(
                collection: collection, text: words.joined(separator: " "), mode: .lexical, limit: UInt32(words.count + 20), afterSequence: token,
                fields: FieldSelection(), countMatches: true))
    }

    /// Filters see the same documents.
    private func expectFiltered(_ versions: [String: Version], _ token: UInt64) async throws {
        for owner in Set(versions.keys.map(Content.owner)).sorted() {
            let response = try await client.search(
                SearchRequest(
                    collection: collection, text: Content.everywhere, mode: .lexical, limit: 1,
                    filter: Filter(expression: "owner = \"\(owner)\""), afterSequence: token, fields: FieldSelection(), countMatches: true))
            let expected = versions.count { $0.value.word != nil && Content.owner($0.key) == owner }
            if response.lexicalMatched != UInt64(expected) {
                ledger.note("\(owner) has \(expected) documents, the filter finds \(response.lexicalMatched ?? 0)")
            }
        }
    }

    /// A document's own vector finds it, with similarity 1; so does the last of its chunks, in a field of their own, where no other document is found.
    private mutating func expectVectors(_ ids: [String], _ versions: [String: Version], _ token: UInt64) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await client.describeCollection(collection).vectorAppliedSequence < token {
            guard ContinuousClock.now < deadline else { return ledger.note("the vectors do not catch up with sequence \(token) in 30 s") }
            try await Task.sleep(for: .milliseconds(5))
        }
        for id in ids.shuffled(using: &random).prefix(60) {
            guard let word = versions[id]?.word else { continue }
            let hits = try await client.search(
                SearchRequest(collection: collection, vector: content.vector(word), mode: .semantic, limit: 2, fields: FieldSelection())
            ).hits
            if hits.first?.id != id || abs((hits.first?.semantic ?? 0) - 1) > 1e-3 {
                ledger.note("\(id): its own vector finds \(hits.first?.id ?? "nothing") at \(hits.first?.semantic ?? 0)")
            }
            if hits.count == 2, hits[1].id == id { ledger.note("\(id): twice among the semantic hits") }
            guard let chunk = content.chunks(word).last else { continue }
            var request = SearchRequest(collection: collection, vector: chunk, mode: .semantic, limit: 10_000, fields: FieldSelection())
            request.vectorField = Content.chunkField
            let found = try await client.search(request).hits
            if found.first?.id != id || abs((found.first?.semantic ?? 0) - 1) > 1e-3 {
                ledger.note("\(id): the last of its chunks finds \(found.first?.id ?? "nothing") at \(found.first?.semantic ?? 0)")
            }
            let expected = versions.filter { $0.value.word.map { !content.chunks($0).isEmpty } ?? false }.keys
            if expected.count <= 10_000, found.map(\.id).sorted() != expected.sorted() {
                ledger.note("\(expected.count) documents have chunks, \(found.count) are found by one")
            }
        }
    }
}
