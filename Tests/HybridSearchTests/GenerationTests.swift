import Foundation
import HybridSearch
import SearchCore
import Storage
import Synchronization
import Testing
import TextAnalysis

@Suite("Generations", .serialized)
struct GenerationTests {
    @Test("a forced merge leaves one segment of each kind, nothing dead, the same hits, and goes on under writes")
    func forcedMerge() throws {
        var random = SeededGenerator("merge")
        let bench = try Bench(vectorSchema, tinySettings(seal: 32 << 10))
        defer { bench.close() }
        let collection = bench.collection
        for round in 0..<12 {
            _ = try collection.write(
                WriteBatch(
                    (0..<200).map { i in
                        .upsert(document("d\((round * 150 + i) % 1500)", words(12, of: 60, &random), vector: vector(&random)))
                    }), acknowledgement: .complete)
        }
        let request = lexical("w1 w2 w3", limit: 100)
        let before = Outline(try collection.search(request))
        #expect(collection.status().deadDocuments > 0)
        try collection.merge()
        let status = collection.status()
        #expect(status.lexicalSegments == 1 && status.vectorSegments == 1 && status.deadDocuments == 0, "\(status)")
        #expect(Outline(try collection.search(request)) == before)
        #expect(try collection.check() == [])
        // Again: nothing to do. Under writes: nobody is kept waiting, nothing is lost.
        try collection.merge()
        concurrently(2) { worker in
            if worker == 0 {
                for _ in 0..<3 { try? collection.merge() }
            } else {
                for i in 0..<60 { _ = try? collection.write(WriteBatch([.upsert(document("new\(i)", "fresh"))]), acknowledgement: .searchable) }
            }
        }
        #expect(try collection.search(lexical("fresh", limit: 100)).hits.count == 60)
        let cancelled = QueryControl()
        cancelled.cancel()
        _ = try collection.write(WriteBatch([.delete(id: "d1")]), acknowledgement: .searchable)
        #expect(throws: TandemError(.cancelled, "")) { try collection.merge(control: cancelled) }
        #expect(Set(try collection.search(request).hits.map(\.id)).isDisjoint(with: ["d1"]))
    }

    // Method: the same merge is cancelled ever later, until it gets through; then one is under way while the engine closes.
    @Test("a merge that is given up leaves the segments, their files and nothing else", arguments: [false, true])
    func cancelledMerge(byClosing: Bool) throws {
        var random = SeededGenerator("cancelled merge")
        var settings = tinySettings(seal: 8 << 20, checkpoint: .seconds(1000))
        // Else the vectors would be merged by themselves meanwhile.
        settings.graphWorth = GraphWorth(alone: 100_000, beside: 100_000)
        let bench = try Bench(vectorSchema, settings)
        let collection = bench.collection
        for round in 0..<4 {
            _ = try collection.write(
                WriteBatch(
                    (0..<2500).map {
                        .upsert(document("d\(round * 2500 + $0)", words(60, of: 30_000, &random), section: "s\($0 % 3)", vector: vector(&random)))
                    }),
                acknowledgement: .complete)
            try collection.seal()
        }
        let folder = bench.folder.path + "/collections/c/generations/1"
        let request = lexical("word1 word2 word77", limit: 200)
        // All but the live file, of which every checkpoint makes another one, also that of the seal before a merge.
        func segmentFiles() throws -> [String] { try FileSystem.list(folder).filter { $0 != "MANIFEST" && !$0.hasSuffix(".live") } }
        let (answer, files, segments) = (Outline(try collection.search(request)), try segmentFiles(), collection.status().lexicalSegments)
        #expect(segments > 1 && files.count > 6)
        if byClosing {
            let failure = Mutex<TandemError?>(nil)
            concurrently(2) { worker in
                if worker == 0 {
                    do { try collection.merge() } catch { failure.withLock { $0 = error as? TandemError } }
                } else {
                    Thread.sleep(forTimeInterval: 0.02)
                    bench.engine.endMaintenance()
                }
            }
            #expect(failure.withLock { $0 }?.code == .unavailable, "\(String(describing: failure.withLock { $0 }))")
            #expect(try segmentFiles() == files)
            #expect(collection.status().problem == nil)
            let begin = ContinuousClock.now
            bench.close()
            #expect(begin.duration(to: .now) < .seconds(2))
        } else {
            var given = 0
            for milliseconds in sequence(first: 1.0, next: { $0 * 1.6 }) {
                let control = QueryControl(timeout: .microseconds(Int(milliseconds * 1000)))
                do {
                    try collection.merge(control: control)
                    break
                } catch let error as TandemError {
                    #expect(error.code == .deadlineExceeded)
                    // Of the two merges the first may be through.
                    if collection.status().lexicalSegments == segments {
                        given += 1
                        #expect(try segmentFiles() == files)
                    }
                    #expect(try !FileSystem.list(folder).contains { $0.hasSuffix(".tmp") })
                }
            }
            #expect(given > 0)
            #expect(collection.status().lexicalSegments == 1)
            #expect(Outline(try collection.search(request)) == answer)
            bench.close()
        }
        let engine = try openEngine(bench.folder.path)
        #expect(Outline(try engine.collection("c").search(request)) == answer)
        #expect(try engine.collection("c").check() == [])
        #expect(try engine.collection("c").status().replayed == 0)
        engine.close(within: .seconds(5))
    }

    @Test("a rebuild under writes and searches: nobody sees less than before, the flip is one step, the old folder goes")
    func underLoad() throws {
        var random = SeededGenerator("rebuild")
        let bench = try Bench(vectorSchema, tinySettings(seal: 32 << 10))
        let collection = bench.collection
        for round in 0..<20 {
            _ = try collection.write(
                WriteBatch(
                    (0..<100).map { i in
                        .upsert(document("d\(round * 100 + i)", "common \(words(10, of: 50, &random))", vector: vector(&random)))
                    }), acknowledgement: round == 19 ? .complete : .logged)
        }
        let isDone = Atomic<Bool>(false)
        let searches = Atomic<Int>(0)
        let writes = Atomic<Int>(0)
        let failures = Mutex<[String]>([])
        let generations = Mutex<Set<UInt64>>([])
        concurrently(4) { worker in
            var random = SeededGenerator("rebuild worker \(worker)")
            var seen = SequenceNumber.zero
            do {
                if worker == 0 {
                    for _ in 0..<3 {
                        let number = try collection.rebuild()
                        if !eventually(.seconds(60), { collection.status().building == nil }) {
                            failures.withLock { $0.append("no flip: \(collection.status().problem ?? "")") }
                        }
                        if collection.status().generation != number { failures.withLock { $0.append("\(collection.status().problem ?? "?")") } }
                    }
                    isDone.store(true, ordering: .sequentiallyConsistent)
                } else if worker == 1 {
                    // Updates only: the number of documents stays, whatever moment a search looks.
                    while !isDone.load(ordering: .sequentiallyConsistent) {
                        let id = Int.random(in: 0..<2000, using: &random)
                        let outcome = try collection.write(
                            WriteBatch([.upsert(document("d\(id)", "common version\(writes.load(ordering: .relaxed))", vector: vector(&random)))]),
                            acknowledgement: id % 4 == 0 ? .searchable : .logged)
                        var request = lexical("common", limit: 0)
                        if id % 16 == 0 { request.after = outcome.lastSequence }
                        let response = try collection.search(request)
                        if id % 4 == 0, response.applied < outcome.lastSequence { failures.withLock { $0.append("an acknowledged write is not seen") } }
                        writes.add(1, ordering: .relaxed)
                    }
                } else {
                    while !isDone.load(ordering: .sequentiallyConsistent) {
                        let response = try collection.search(SearchRequest(text: "common", vector: [1, 0, 0, 0, 0, 0, 0, 0], limit: 10))
                        if response.lexicalMatched != 2000 {
                            failures.withLock { $0.append("\(response.lexicalMatched ?? -1) documents in generation \(response.generation)") }
                        }
                        if response.applied < seen { failures.withLock { $0.append("went back from \(seen) to \(response.applied)") } }
                        if Set(response.hits.map(\.id)).count != 10 { failures.withLock { $0.append("a document twice") } }
                        seen = response.applied
                        _ = generations.withLock { $0.insert(response.generation) }
                        searches.add(1, ordering: .relaxed)
                    }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
                isDone.store(true, ordering: .sequentiallyConsistent)
            }
        }
        print(
            "rebuild under load: \(searches.load(ordering: .relaxed)) searches, \(writes.load(ordering: .relaxed)) writes, generations \(generations.withLock { $0.sorted() })"
        )
        let seen = failures.withLock { Array(Set($0)) }
        #expect(seen.isEmpty, "\(seen.prefix(5))")
        #expect(try collection.search(lexical("common", limit: 0)).generation == 4)
        // The old generation's files go after the flip, in the background.
        #expect(try eventually { try FileSystem.list(bench.folder.path + "/collections/c/generations") == ["4"] })
        #expect(collection.status().documents == 2000)
        bench.close()
        let engine = try openEngine(bench.folder.path)
        #expect(try engine.collection("c").status().generation == 4)
        #expect(try engine.collection("c").search(lexical("common", limit: 0)).lexicalMatched == 2000)
        engine.close(within: .seconds(5))
    }

    /// What a new generation reads leaves out versions that are superseded by now. A version that was current when its page was
    /// read, and was replaced twice (or deleted) before a later page was, stayed live for good: found by tools/crash-test.
    @Test("a rebuild leaves no version live whose successor it left out")
    func leftOutSuccessors() throws {
        let bench = try Bench(textSchema, tinySettings(seal: 256 << 10))
        let collection = bench.collection
        let count = 20_000
        for start in stride(from: 0, to: count, by: 1000) {
            _ = try collection.write(WriteBatch((start..<start + 1000).map { .upsert(document("d\($0)", "common")) }))
        }
        let isDone = Atomic<Bool>(false)
        concurrently(2) { worker in
            var random = SeededGenerator("left out \(worker)")
            if worker == 0 {
                defer { isDone.store(true, ordering: .sequentiallyConsistent) }
                for _ in 0..<3 {
                    _ = try? collection.rebuild()
                    _ = eventually(.seconds(60)) { collection.status().building == nil }
                }
            } else {
                while !isDone.load(ordering: .sequentiallyConsistent) {
                    // Each document twice in a batch, so that the first of the two is superseded whenever it is read.
                    let operations = (0..<50).flatMap { _ -> [WriteOperation] in
                        let id = "d\(Int.random(in: 0..<count, using: &random))"
                        return [.upsert(document(id, "common")), Bool.random(using: &random) ? .delete(id: id) : .upsert(document(id, "common"))]
                    }
                    _ = try? collection.write(WriteBatch(operations))
                }
            }
        }
        let last = try collection.write(WriteBatch([.upsert(document("last", "common"))]), acknowledgement: .searchable).lastSequence
        var request = lexical("common", limit: 0)
        request.after = last
        let expected = try collection.get((0..<count).map { "d\($0)" }).count { $0 != nil } + 1
        #expect(try collection.search(request).lexicalMatched == expected)
        #expect(collection.status().documents == expected)
        bench.close()
    }

    @Test("a vacuum drops the dead and closes the gaps in the DocIDs")
    func vacuum() throws {
        var random = SeededGenerator()
        let bench = try Bench(vectorSchema, tinySettings(seal: 32 << 10))
        defer { bench.close() }
        for round in 0..<30 {
            _ = try bench.collection.write(
                WriteBatch((0..<100).map { .upsert(document("d\($0)", "common round\(round)", vector: vector(&random))) }),
                acknowledgement: round == 29 ? .complete : .logged)
        }
        #expect(bench.collection.docIDCount == 3000)
        let before = try Outline(bench.collection.search(lexical("common round29", limit: 200)))
        try bench.collection.rebuild()
        #expect(eventually { bench.collection.status().generation == 2 })
        #expect(bench.collection.docIDCount == 100)
        #expect(bench.collection.status().deadDocuments == 0)
        #expect(eventually { bench.collection.status().vectors == 100 })
        #expect(try Outline(bench.collection.search(lexical("common round29", limit: 200))) == before)
    }

    @Test("a vacuum begins by itself when most DocIDs are dead")
    func automaticVacuum() throws {
        var settings = tinySettings(seal: 32 << 10)
        settings.vacuumDeadMin = 1000
        let bench = try Bench(textSchema, settings)
        defer { bench.close() }
        for round in 0..<30 { _ = try bench.collection.write(WriteBatch((0..<100).map { .upsert(document("d\($0)", "common round\(round)")) })) }
        _ = try bench.collection.write(WriteBatch([.delete(id: "none")]), acknowledgement: .searchable)
        try bench.collection.seal()
        #expect(eventually { bench.collection.status().generation > 1 && bench.collection.status().building == nil })
        #expect(bench.collection.docIDCount < 3000)
        #expect(try bench.collection.search(lexical("round29", limit: 0)).lexicalMatched == 100)
    }

    @Test("re-analysis: a stemmer goes with a rebuild")
    func reanalysis() throws {
        let bench = try Bench()
        defer { bench.close() }
        _ = try bench.collection.write(WriteBatch([.upsert(document("a", "running shoes"))]), acknowledgement: .searchable)
        #expect(try bench.collection.search(lexical("run")).hits.count == 1)
        try bench.collection.rebuild(.init(analyzer: { $0.analyzer.stemmer = nil }))
        #expect(eventually { bench.collection.status().generation == 2 })
        #expect(try bench.collection.search(lexical("run")).hits.isEmpty)
        #expect(try bench.collection.search(lexical("running")).hits.count == 1)
        #expect(bench.collection.schema.analyzer.stemmer == nil)
    }

    @Test("a second rebuild is refused while one runs; a restart discards what was begun")
    func restart() throws {
        var random = SeededGenerator()
        let bench = try Bench(textSchema, tinySettings(seal: 16 << 10))
        for _ in 0..<40 {
            _ = try bench.collection.write(
                WriteBatch(
                    (0..<250).map { _ in .upsert(document("d\(Int.random(in: 0..<100_000, using: &random))", "common \(words(40, of: 5000, &random))")) }))
        }
        _ = try bench.collection.write(WriteBatch([.delete(id: "none")]), acknowledgement: .searchable)
        let matched = try bench.collection.search(lexical("common", limit: 0)).lexicalMatched
        try bench.collection.rebuild()
        expectError(.failedPrecondition, naming: "building generation 2") { try bench.collection.rebuild() }
        bench.close()
        let engine = try openEngine(bench.folder.path)
        let collection = try engine.collection("c")
        let generation = collection.status().generation
        #expect(try FileSystem.list(bench.folder.path + "/collections/c/generations") == ["\(generation)"])
        #expect(try collection.search(lexical("common", limit: 0)).lexicalMatched == matched)
        try collection.rebuild()
        #expect(eventually(.seconds(60)) { collection.status().generation == generation + 1 })
        #expect(try collection.search(lexical("common", limit: 0)).lexicalMatched == matched)
        engine.close(within: .seconds(5))
    }

    @Test("terms of an older analyzer version serve, and say so, while those of this one are built behind them")
    func olderAnalyzer() throws {
        var random = SeededGenerator()
        let schema = CollectionSchema(analyzer: AnalyzerConfiguration(stemmer: nil))
        let bench = try Bench(schema)
        _ = try bench.collection.write(
            WriteBatch((0..<12_000).map { .upsert(document("d\($0)", "\($0 < 10 ? "houses" : "ships") \(words(40, of: 5000, &random))")) }),
            acknowledgement: .searchable)
        #expect(try bench.collection.search(lexical("house")).hits.isEmpty)
        bench.close()
        // As version 1 would have left it: its manifest names it, and its terms are others (they lack stems).
        let path = bench.folder.path + "/collections/c/COLLECTION"
        let kind = SectionFile.Kind("TCOL", version: 2)
        let text = String(decoding: try ManifestFile.read(path, kind: kind).payload, as: UTF8.self)
        let old = text.replacing("\"version\":\(AnalyzerConfiguration.currentVersion)", with: "\"stemmer\":\"english\",\"version\":1")
        #expect(old != text)
        try ManifestFile.write(path, kind: kind, payload: Array(old.utf8))

        let log = LogLines()
        let engine = try openEngine(bench.folder.path, log: log)
        defer { engine.close(within: .seconds(5)) }
        let collection = try engine.collection("c")
        // Found at every moment; whichever generation answers says what it is.
        var (olds, news) = (0, 0)
        let isRenewed = try eventually(.seconds(60)) {
            let response = try collection.search(lexical("houses", limit: 20))
            let isOld = response.degraded.contains { $0.stage == "analyze" && $0.reason.contains("analyzer version 1") }
            #expect(response.hits.count == 10 && isOld == (response.generation == 1))
            if isOld { olds += 1 } else { news += 1 }
            return news > 0
        }
        #expect(isRenewed && log.contains("older analyzer version serve") && !log.contains("built anew"))
        #expect(try collection.search(lexical("house", limit: 20)).hits.count == 10)
        #expect(
            collection.status().generation == 2 && collection.schema.analyzer.version == AnalyzerConfiguration.currentVersion
                && collection.status().problem == nil)
        #expect(try collection.analyze("houses").stages.isEmpty == false)
        // How often the old ones answered is the machine's affair; that they can is not.
        #expect(olds > 0)
    }

    @Test("a build that cannot go on is given up and named; the old generation serves and can be rebuilt later")
    func failure() throws {
        var settings = tinySettings(seal: 8 << 10)
        settings.buildPatience = .milliseconds(300)
        settings.memoryBytesMax = 64 << 10
        let bench = try Bench(textSchema, settings)
        defer { bench.close() }
        var random = SeededGenerator()
        for _ in 0..<10 {
            _ = try bench.collection.write(WriteBatch((0..<200).map { .upsert(document("d\($0)-\(random.next())", "common \(words(30, of: 900, &random))")) }))
        }
        _ = try bench.collection.write(WriteBatch([.delete(id: "none")]), acknowledgement: .searchable)
        let matched = try bench.collection.search(lexical("common", limit: 0)).lexicalMatched
        try bench.collection.rebuild()
        // The folder of the new generation goes: it cannot seal, and its memory is full.
        try FileSystem.removeTree(bench.folder.path + "/collections/c/generations/2")
        #expect(eventually { bench.collection.status().building == nil })
        #expect(bench.collection.status().generation == 1)
        #expect(bench.collection.status().problem?.contains("generation 2 was given up") == true)
        #expect(bench.log.contains("given up"))
        _ = try bench.collection.write(WriteBatch([.upsert(document("later", "common"))]), acknowledgement: .searchable)
        #expect(try bench.collection.search(lexical("common", limit: 0)).lexicalMatched == matched.map { $0 + 1 })
        try bench.collection.rebuild()
        #expect(eventually(.seconds(60)) { bench.collection.status().generation == 2 })
        #expect(bench.collection.status().problem == nil)
        #expect(try bench.collection.search(lexical("common", limit: 0)).lexicalMatched == matched.map { $0 + 1 })
    }
}

@Suite("Snapshots and the log", .serialized)
struct SnapshotTests {
    @Test("a search that holds its snapshot finds its versions although they were updated and the log was trimmed")
    func pinned() throws {
        let bench = try Bench(textSchema, tinySettings())
        defer { bench.close() }
        _ = try bench.collection.write(WriteBatch((0..<50).map { .upsert(document("d\($0)", "common old")) }), acknowledgement: .searchable)
        var searcher: Searcher? = bench.collection.makeSearcher()
        for round in 0..<5 {
            _ = try bench.collection.write(WriteBatch((0..<50).map { .upsert(document("d\($0)", "common new\(round)")) }), acknowledgement: .searchable)
            try bench.collection.seal()
        }
        let old = try searcher!.search(lexical("old", limit: 100))
        #expect(old.hits.count == 50 && old.hits.allSatisfy { $0.document?.text("text") == "common old" })
        #expect(try bench.collection.search(lexical("old")).hits.isEmpty)
        let kept = try bench.collection.logEntries()
        #expect(kept >= 100)
        searcher = nil
        // The next checkpoint trims what only that search could ask for.
        _ = try bench.collection.write(WriteBatch([.upsert(document("x", "common"))]), acknowledgement: .searchable)
        try bench.collection.seal()
        #expect(try bench.collection.logEntries() <= 51)
        #expect(try bench.collection.search(lexical("new4", limit: 100)).hits.count == 50)
    }

    @Test("deletes and superseded versions leave the log once the checkpoint has passed them")
    func trimmed() throws {
        let bench = try Bench(textSchema, tinySettings())
        for round in 0..<10 { _ = try bench.collection.write(WriteBatch((0..<100).map { .upsert(document("d\($0)", "common round\(round)")) })) }
        _ = try bench.collection.write(WriteBatch((0..<90).map { .delete(id: "d\($0)") }), acknowledgement: .searchable)
        try bench.collection.seal()
        #expect(try bench.collection.logEntries() == 10)
        bench.close()
        // A trimmed log is enough for a generation from nothing.
        let engine = try openEngine(bench.folder.path)
        try engine.collection("c").rebuild()
        #expect(try eventually { try engine.collection("c").status().generation == 2 })
        #expect(try engine.collection("c").search(lexical("common")).hits.count == 10)
        engine.close(within: .seconds(5))
    }
}
