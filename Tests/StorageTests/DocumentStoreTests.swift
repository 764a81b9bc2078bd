import Foundation
import SearchCore
import Storage
import Testing

@Suite("DocumentStore")
struct DocumentStoreTests {
    @Test("a committed document reads back whole, by id and by version, also after reopening")
    func roundTrip() throws {
        let bench = try Bench()
        let sent = fullDocument("a/ö")
        let outcome = try bench.commit(.upsert(sent), .upsert(document("b")))
        #expect(outcome.results == [.applied(SequenceNumber(1)), .applied(SequenceNumber(2))])
        #expect(outcome.lastSequence == SequenceNumber(2))
        func check(_ store: DocumentStore) throws {
            let found = try #require(try store.document(id: "a/ö"))
            #expect(found.document == sent)
            #expect(found.version == SequenceNumber(1))
            #expect(try store.documents(at: [SequenceNumber(2), SequenceNumber(9), SequenceNumber(1)]) == [document("b"), nil, sent])
            #expect(try store.documentIDs(at: [SequenceNumber(2), SequenceNumber(3)]) == ["b", nil])
            #expect(try store.current(ids: ["b", "zz", "a/ö"]) == [SequenceNumber(2), nil, SequenceNumber(1)])
            #expect(try store.document(id: "zz") == nil)
            #expect(store.liveDocumentCount == 2)
            #expect(store.lastSequence == SequenceNumber(2))
        }
        try check(bench.store)
        bench.close()
        let again = try DocumentStore(path: bench.store.path)
        try check(again)
        again.close()
        #expect(try DocumentStore.verify(bench.store.path).problems == [])
    }

    @Test("ids are told apart by their bytes, not by canonical equivalence")
    func idBytes() throws {
        let bench = try Bench()
        try bench.commit(.upsert(document("\u{E9}", "composed")), .upsert(document("e\u{301}", "decomposed")))
        #expect(bench.store.liveDocumentCount == 2)
        #expect(try bench.store.document(id: "\u{E9}")?.document.texts[0].text == "composed")
        #expect(try bench.store.document(id: "e\u{301}")?.document.texts[0].text == "decomposed")
        bench.close()
    }

    @Test("the log tells what each operation superseded, in order and in pages")
    func log() throws {
        let bench = try Bench()
        try bench.commit(.upsert(document("a", "1")), .upsert(document("b")), .upsert(document("a", "2")), .delete(id: "b"))
        let all = try bench.store.operations(after: .zero)
        #expect(all.map(\.sequence.rawValue) == [1, 2, 3, 4])
        #expect(all.map(\.operation.previous?.rawValue) == [nil, nil, 1, 2])
        #expect(all[3].operation.change == .delete(id: "b"))
        #expect(all[2].operation.document?.texts[0].text == "2")
        #expect(all[0].operation.committedMicroseconds > 1_700_000_000_000_000)
        let first = try bench.store.page(after: .zero, limit: 3)
        #expect(first.operations.count == 3 && first.hasMore && first.through == SequenceNumber(3))
        let rest = try bench.store.page(after: first.through, limit: 3)
        #expect(rest.operations.count == 1 && !rest.hasMore && rest.through == SequenceNumber(4))
        let end = try bench.store.page(after: rest.through)
        #expect(end.operations.isEmpty && end.through == SequenceNumber(4))
        #expect(try bench.store.page(after: .zero, bytesMax: 1).operations.count == 1)
        let current = try bench.store.page(after: .zero, currentOnly: true)
        #expect(current.operations.map(\.sequence.rawValue) == [3])
        // 3 replaced 1, but it is not left out; 4 deleted 2.
        #expect(current.replaced.map(\.rawValue) == [2])
        bench.close()
    }

    @Test("a page asks every 32 entries whether it is still wanted")
    func pageCheckpoint() throws {
        let bench = try Bench()
        for n in 0..<70 { try bench.commit(.upsert(document("d\(n)"))) }
        var asked = 0
        #expect(try bench.store.page(after: .zero, checkpoint: { asked += 1 }).operations.count == 70)
        #expect(asked == 2)
        struct Unwanted: Error {}
        #expect(throws: Unwanted.self) { try bench.store.page(after: .zero, checkpoint: { throw Unwanted() }) }
        // Nothing is held by what was given up.
        #expect(try bench.store.page(after: .zero).operations.count == 70)
        bench.close()
    }

    @Test("dropping superseded entries keeps what through forbids, and every document")
    func collect() throws {
        let bench = try Bench()
        let store = bench.store
        try bench.commit(.upsert(document("a", "1")), .upsert(document("b")), .upsert(document("a", "2")), .delete(id: "b"), .upsert(document("a", "5")))
        try store.putVectors(
            model: "m", field: "body", [.init(sequence: SequenceNumber(1), chunks: [[1], [2]]), .init(sequence: SequenceNumber(5), chunks: [[5]])])
        #expect(try store.dropSuperseded(through: SequenceNumber(2)) == 0)
        #expect(try store.droppedThrough == .zero)
        #expect(try store.dropSuperseded(through: SequenceNumber(3)) == 1)
        #expect(try store.operations(after: .zero).map(\.sequence.rawValue) == [2, 3, 4, 5])
        #expect(try store.vectors(model: "m", field: "body", sequence: SequenceNumber(1)) == [])
        #expect(try store.droppedThrough == SequenceNumber(3))
        #expect(try store.dropSuperseded(through: SequenceNumber(4)) == 2)
        #expect(try store.operations(after: .zero).map(\.sequence.rawValue) == [3, 5])
        #expect(try store.dropSuperseded(through: SequenceNumber(1 << 60)) == 1)
        #expect(try store.operations(after: .zero).map(\.sequence.rawValue) == [5])
        #expect(try store.operation(at: SequenceNumber(3)) == nil)
        #expect(try store.vectors(model: "m", field: "body", sequence: SequenceNumber(5)) == [[5]])
        #expect(try store.dropSuperseded(through: SequenceNumber(1 << 60)) == 0)
        try store.compact()
        // The sequence of a dropped delete at the log's end is not given again.
        try bench.commit(.delete(id: "a"))
        #expect(try store.dropSuperseded(through: SequenceNumber(6)) == 2)
        bench.close()
        let again = try DocumentStore(path: store.path)
        #expect(again.lastSequence == SequenceNumber(6))
        #expect(again.liveDocumentCount == 0)
        #expect(try again.page(after: .zero).through == SequenceNumber(6))
        again.close()
        #expect(try DocumentStore.verify(store.path).problems == [])
    }

    @Test("a compaction rests on its way, and keeps everything")
    func compactionRests() throws {
        let bench = try Bench()
        let text = String(repeating: "many words ", count: 200)
        for n in 0..<500 { try bench.commit(.upsert(document("d\(n % 400)", "\(text)\(n)"))) }
        let before = CompactionRest.count
        try bench.store.compact()
        // Of a megabyte, after each 24 KB.
        #expect(CompactionRest.count - before >= 30)
        #expect(try bench.store.operations(after: .zero).map(\.sequence.rawValue) == Array(1...500))
        #expect(bench.store.liveDocumentCount == 400)
        bench.close()
        #expect(try DocumentStore.verify(bench.store.path).problems == [])
    }

    @Test("entries with vectors move down a level without being written again; others are compressed better there")
    func movesVectors() throws {
        /// Whether a table of the log goes before so many documents of 10 kB, which no compressor makes smaller, have been written. (The first that go down are moved in any case: there is no lower level yet.)
        func isRewritten(hasVectors: Bool, before documents: Int) throws -> Bool {
            var options = StoreOptions()
            options.writeBufferBytes = 2 << 20
            options.hasVectorsInLog = hasVectors
            let bench = try Bench(options: options)
            defer { bench.close() }
            func tables() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: bench.store.path).filter { name in
                    guard name.hasSuffix(".sst") else { return false }
                    // It may be gone by now. Tables of ids are smaller.
                    let bytes = try? FileManager.default.attributesOfItem(atPath: bench.store.path + "/" + name)[.size] as? Int
                    return bytes ?? 0 > 500_000
                }
            }
            var seen: Set<String> = []
            var random = SystemRandomNumberGenerator()
            for n in 0..<documents {
                var document = document("d\(n)")
                document.vectors = [(name: "v", values: (0..<2500).map { _ in Float.random(in: -1...1, using: &random) })]
                try bench.commit(.upsert(document))
                let now = Set(try tables())
                if !seen.isSubset(of: now) { return true }
                seen = now
            }
            #expect(seen.count >= 5)
            return false
        }
        #expect(try isRewritten(hasVectors: false, before: 10_000))
        #expect(try !isRewritten(hasVectors: true, before: 2000))
    }

    @Test("vectors come back by entry and by model, and not for entries that are gone")
    func vectors() throws {
        let bench = try Bench()
        let store = bench.store
        try bench.commit(.upsert(document("a")), .upsert(document("b")), .upsert(document("c")))
        let entries = (1...3).map { n in
            DocumentStore.VectorEntry(sequence: SequenceNumber(UInt64(n)), chunks: (0..<n).map { [Float(n), Float($0)] })
        }
        try bench.commit(.upsert(document("gone")), .delete(id: "gone"))
        let deletion = DocumentStore.VectorEntry(sequence: SequenceNumber(5), chunks: [[1, 2]])
        #expect(try store.putVectors(model: "m1", field: "body", [deletion]) == 0)
        let unknown = DocumentStore.VectorEntry(sequence: SequenceNumber(99), chunks: [[1, 2]])
        #expect(try store.putVectors(model: "m1", field: "body", entries + [unknown]) == 3)
        #expect(try store.putVectors(model: "m2", field: "body", [entries[0]], sync: true) == 1)
        #expect(try store.putVectors(model: "m1", field: "body2", [entries[1]]) == 1)
        #expect(try store.vectors(model: "m1", field: "body", sequence: SequenceNumber(2)) == [[2, 0], [2, 1]])
        #expect(try store.vectors(model: "m1", field: "body", after: .zero) == entries)
        #expect(try store.vectors(model: "m1", field: "body", after: SequenceNumber(1), limit: 1) == [entries[1]])
        #expect(try store.vectors(model: "m3", field: "body", sequence: SequenceNumber(2)) == [])
        try store.deleteVectors(model: "m1")
        #expect(try store.vectors(model: "m1", field: "body", after: .zero) == [])
        #expect(try store.vectors(model: "m1", field: "body2", after: .zero) == [])
        #expect(try store.vectors(model: "m2", field: "body", after: .zero) == [entries[0]])
        #expect(failure { try store.putVectors(model: "", field: "f", []) }?.code == .invalidArgument)
        bench.close()
        #expect(try DocumentStore.verify(store.path).problems == [])
    }

    @Test("metadata is kept under its own names")
    func meta() throws {
        let bench = try Bench()
        #expect(try bench.store.meta("state") == nil)
        try bench.store.setMeta("state", [1, 2])
        try bench.store.setMeta("schema", [])
        bench.close()
        let again = try DocumentStore(path: bench.store.path)
        #expect(try again.meta("state") == [1, 2])
        #expect(try again.meta("schema") == [])
        try again.setMeta("state", nil)
        #expect(try again.meta("state") == nil)
        again.close()
    }

    @Test("a closed store answers UNAVAILABLE, and closing twice is fine")
    func closed() throws {
        let bench = try Bench()
        try bench.commit(.upsert(document("a")))
        bench.store.close()
        bench.store.close()
        #expect(failure { _ = try bench.store.document(id: "a") }?.code == .unavailable)
        #expect(failure { try bench.store.setMeta("x", []) }?.code == .unavailable)
        #expect(failure { try bench.commit(.upsert(document("b"))) }?.code == .unavailable)
        #expect(failure { _ = try bench.store.dropSuperseded(through: SequenceNumber(1)) }?.code == .unavailable)
        #expect(failure { try bench.store.checkpoint(to: bench.folder.path + "/c") }?.code == .unavailable)
        #expect(bench.store.memoryBytes == 0)
        bench.committer.close()
        bench.committer.close()
        #expect(failure { try bench.commit(.upsert(document("b"))) }?.code == .unavailable)
    }

    @Test("a store that is open cannot be opened twice")
    func opensOnce() throws {
        let bench = try Bench()
        #expect(failure { _ = try DocumentStore(path: bench.store.path) }?.code == .failedPrecondition)
        bench.close()
    }

    @Test("random batches agree with a dictionary, over reopening and dropping")
    func oracle() throws {
        // Method: the same operations go to the store and to a dictionary of id → (version, text); after each round everything
        // the store says must follow from the dictionary.
        var random = SeededGenerator("oracle")
        let folder = TemporaryFolder()
        var model: [String: (version: SequenceNumber, text: String)] = [:]
        var last = SequenceNumber.zero
        for round in 0..<12 {
            let store = try DocumentStore(path: folder.path + "/s")
            let committer = Committer(store: store)
            for _ in 0..<20 {
                var operations: [WriteOperation] = []
                var expected: [OperationResult] = []
                for _ in 0..<Int.random(in: 0...12, using: &random) {
                    let id = "id\(Int.random(in: 0..<30, using: &random))"
                    let current = model[id]?.version
                    let guess = Bool.random(using: &random) ? current?.rawValue ?? 0 : UInt64.random(in: 0...50, using: &random)
                    let condition: WriteOperation.Condition =
                        [.none, .none, .insertOnly, .updateOnly, .ifVersion(guess)].randomElement(using: &random)!
                    let isDelete = condition != .insertOnly && Int.random(in: 0..<4, using: &random) == 0
                    let holds =
                        switch condition {
                        case .none: true
                        case .insertOnly: current == nil
                        case .updateOnly: current != nil || isDelete
                        case .ifVersion(let version): version == current?.rawValue ?? 0
                        }
                    let text = "text \(last) \(round)"
                    operations.append(isDelete ? .delete(id: id, condition: condition) : .upsert(document(id, text), condition: condition))
                    if !holds {
                        expected.append(.conditionFailed(current: current))
                    } else if isDelete && current == nil {
                        expected.append(.notFound)
                    } else {
                        last = last.next
                        expected.append(.applied(last))
                        model[id] = isDelete ? nil : (last, text)
                    }
                }
                let outcome = try committer.commit(WriteBatch(operations))
                #expect(outcome.results == expected)
                #expect(outcome.lastSequence == last)
            }
            if round % 3 == 2 { try store.dropSuperseded(through: SequenceNumber(UInt64.random(in: 0...last.rawValue, using: &random))) }
            #expect(store.liveDocumentCount == model.count)
            #expect(store.lastSequence == last)
            for (id, want) in model {
                let found = try #require(try store.document(id: id))
                #expect(found.version == want.version)
                #expect(found.document.texts[0].text == want.text)
            }
            let current = try store.page(after: .zero, limit: 10_000, currentOnly: true).operations
            #expect(current.map(\.sequence) == model.values.map(\.version).sorted())
            committer.close()
            store.close()
            let report = try DocumentStore.verify(store.path)
            #expect(report.problems == [])
            #expect(report.documents == model.count)
        }
    }
}
