import Foundation
import Synchronization
import TandemClient
import TandemCommands
import Testing

/// Keeps what is written, as a daemon would: batches with a known key are not applied again. Can be told to fail.
final class FakeTarget: ImportTarget {
    struct State {
        var ids: [String] = []
        var keys: Set<String> = []
        var keysInOrder: [String] = []
        var sequence: UInt64 = 0
        var streams = 0
        /// Errors to throw at the n-th batch, counting from 0 over all streams; before or after it was applied.
        var failures: [Int: (error: TandemClientError, isApplied: Bool)] = [:]
        var batches = 0
    }

    let state = Mutex(State())
    let refused: @Sendable (String) -> Bool

    init(failures: [Int: (error: TandemClientError, isApplied: Bool)] = [:], refused: @escaping @Sendable (String) -> Bool = { _ in false }) {
        self.refused = refused
        state.withLock { $0.failures = failures }
    }

    func apply(_ operations: [UpsertOperation], key: String) throws -> UpsertResponse {
        let ids = operations.map { $0.document!.id }
        if let bad = ids.first(where: refused) { throw TandemClientError(.invalidArgument, "document '\(bad)': refused", didRun: false) }
        return state.withLock { state in
            var response = UpsertResponse()
            response.wasReplayed = !state.keys.insert(key).inserted
            if !response.wasReplayed {
                state.keysInOrder.append(key)
                state.ids += ids
            }
            for _ in ids {
                state.sequence += 1
                response.results.append(OperationResult(outcome: .applied, version: state.sequence))
            }
            response.sequence = state.sequence
            return response
        }
    }

    struct Sender: BatchSender {
        let target: FakeTarget
        let acknowledge: @Sendable (UpsertResponse) -> Void

        func send(_ operations: [UpsertOperation], key: String) async throws {
            let failure = target.state.withLock { state in
                defer { state.batches += 1 }
                return state.failures[state.batches]
            }
            if let failure {
                if failure.isApplied { _ = try target.apply(operations, key: key) }
                throw failure.error
            }
            acknowledge(try target.apply(operations, key: key))
        }
    }

    func upload(
        inFlightMax: Int, onAcknowledgement: @escaping @Sendable (UpsertResponse) -> Void, _ body: (any BatchSender) async throws -> Void
    ) async throws {
        state.withLock { $0.streams += 1 }
        try await body(Sender(target: self, acknowledge: onAcknowledgement))
    }

    func write(_ operations: [UpsertOperation], key: String) async throws -> UpsertResponse { try apply(operations, key: key) }
}

@Suite struct ImporterTests {
    /// Runs an import of `content` and returns its ledger, what it said, and the error that ended it.
    private func run(
        _ content: String, into target: FakeTarget, skipBad: Bool = false, lines: Int = 10, from offset: UInt64 = 0, line: Int = 1,
        patience: Duration = .seconds(20)
    ) async throws -> (position: ImportLedger.Position, notices: [String], error: (any Error)?) {
        let file = ScratchFile(content)
        let descriptor = open(file.path, O_RDONLY)
        defer { close(descriptor) }
        lseek(descriptor, off_t(offset), SEEK_SET)
        let notices = Mutex<[String]>([])
        let ledger = ImportLedger(offset: offset, line: line)
        let reader = LineReader(descriptor, offset: offset, line: line, limits: .init(lines: lines))
        var importer = Importer(
            BatchFeed(reader, mapping: try DocumentMapping(schema: everyType), skipBad: skipBad, lineBytesMax: 1000), into: target, ledger: ledger,
            settings: .init(skipBad: skipBad, run: "run", patience: patience, pauseMin: .milliseconds(1)),
            notice: { text in notices.withLock { $0.append(text) } })
        var failure: (any Error)?
        do { try await importer.run() } catch { failure = error }
        return (ledger.position, notices.withLock { $0 }, failure)
    }

    private func lines(_ numbers: some Sequence<Int>) -> [String] { numbers.map { #"{"_id": "d\#($0)", "text": "document \#($0)"}"# } }

    private let unavailable = TandemClientError(.unavailable, "gone", isRetryable: true)

    @Test("every document arrives once and in order", arguments: [0, 1, 9, 10, 11, 2345])
    func order(count: Int) async throws {
        let content = lines(0..<count).joined(separator: "\n")
        let target = FakeTarget()
        let result = try await run(content, into: target)
        #expect(result.error == nil)
        #expect(target.state.withLock { $0.ids } == (0..<count).map { "d\($0)" })
        #expect(result.position.documents == count)
        #expect(result.position.offset == UInt64(content.utf8.count))
        #expect(result.position.lastID == (count == 0 ? nil : "d\(count - 1)"))
        #expect(result.position.lastVersion == UInt64(count))
    }

    @Test("a stream that breaks is opened again; batches whose fate is unknown are sent under their old key, so nothing is written twice")
    func reconnect() async throws {
        var random = SeededGenerator(state: testSeed())
        for _ in 0..<20 {
            var failures: [Int: (error: TandemClientError, isApplied: Bool)] = [:]
            for _ in 0..<8 { failures[Int.random(in: 0..<60, using: &random)] = (unavailable, Bool.random(using: &random)) }
            let target = FakeTarget(failures: failures)
            let result = try await run(lines(0..<500).joined(separator: "\n"), into: target)
            #expect(result.error == nil)
            #expect(target.state.withLock { $0.ids } == (0..<500).map { "d\($0)" })
            #expect(result.position.documents == 500)
        }
    }

    @Test("a daemon that stays away ends the import, with what was acknowledged recorded")
    func givingUp() async throws {
        let failures = Dictionary(uniqueKeysWithValues: (3..<100_000).map { ($0, (error: unavailable, isApplied: false)) })
        let result = try await run(lines(0..<100).joined(separator: "\n"), into: FakeTarget(failures: failures), patience: .milliseconds(30))
        #expect(result.error as? TandemClientError == unavailable)
        #expect(result.position.documents == 30)
        #expect(result.position.line == 31)
    }

    @Test("the first bad line stops the import; everything before it is written; the position is that line's")
    func badLine() async throws {
        for position in [0, 1, 9, 10, 25] {
            var all = lines(0..<30)
            all.insert("{broken", at: position)
            let target = FakeTarget()
            let content = all.joined(separator: "\n")
            let result = try await run(content, into: target)
            let bad = try #require(result.error as? BadLine)
            #expect(bad.number == position + 1)
            #expect(bad.reason.contains("not JSON"))
            #expect(target.state.withLock { $0.ids } == (0..<position).map { "d\($0)" })
            #expect(result.position.line == position + 1)
            #expect(result.position.offset == UInt64(all[..<position].reduce(0) { $0 + $1.utf8.count + 1 }))
            // Run again from there without the fault, the rest arrives.
            let mended = content.replacingOccurrences(of: "{broken", with: "       ")
            let second = try await run(mended, into: target, from: result.position.offset, line: result.position.line)
            #expect(second.error == nil)
            #expect(target.state.withLock { $0.ids } == (0..<30).map { "d\($0)" })
        }
    }

    @Test("bad lines are left out on request, and named")
    func skipping() async throws {
        var all = lines(0..<30)
        all.insert("{broken", at: 12)
        all.insert("[]", at: 3)
        all.append(#"{"text": "no id"}"#)
        let target = FakeTarget()
        let result = try await run(all.joined(separator: "\n"), into: target, skipBad: true)
        #expect(result.error == nil)
        #expect(target.state.withLock { $0.ids } == (0..<30).map { "d\($0)" })
        #expect(result.position.skippedLines == 3)
        #expect(result.notices.filter { $0.hasPrefix("skipped line ") }.count == 3)
        #expect(result.notices.contains { $0.hasPrefix("skipped line 4: an array") })
    }

    @Test("a file of bad lines only comes to its end")
    func onlyBad() async throws {
        let content = String(repeating: "x\n", count: 25)
        let result = try await run(content, into: FakeTarget(), skipBad: true)
        #expect(result.error == nil && result.position.documents == 0 && result.position.skippedLines == 25 && result.position.offset == 50)
    }

    @Test("a document that the daemon refuses is named by its line; those before it are written")
    func refused() async throws {
        let target = FakeTarget(refused: { $0 == "d17" })
        let result = try await run(lines(0..<40).joined(separator: "\n"), into: target)
        let bad = try #require(result.error as? BadLine)
        #expect(bad.number == 18 && bad.reason.contains("d17"))
        #expect(target.state.withLock { $0.ids } == (0..<17).map { "d\($0)" })
        #expect(result.position.line == 18 && result.position.documents == 17)
    }

    @Test("a refused document is left out where bad lines are")
    func refusedAndSkipped() async throws {
        let target = FakeTarget(refused: { $0 == "d17" || $0 == "d39" })
        let result = try await run(lines(0..<40).joined(separator: "\n"), into: target, skipBad: true)
        #expect(result.error == nil)
        #expect(target.state.withLock { $0.ids } == (0..<39).filter { $0 != 17 }.map { "d\($0)" })
        #expect(result.position.skippedLines == 2 && result.position.documents == 38)
    }

    @Test("a refusal of everything is the call's fault and ends the import with the daemon's words")
    func allRefused() async throws {
        let result = try await run(lines(0..<40).joined(separator: "\n"), into: FakeTarget(refused: { _ in true }), skipBad: true)
        #expect((result.error as? TandemClientError)?.code == .invalidArgument)
        #expect(result.position.documents == 0)
    }

    @Test("unknown keys are named once")
    func ignoredKeys() async throws {
        let content = (0..<50).map { #"{"_id": "\#($0)", "url": 1, "b": 2}"# }.joined(separator: "\n")
        let result = try await run(content, into: FakeTarget())
        #expect(
            result.notices.filter { $0.hasPrefix("ignored") } == ["ignored: 'b', 'url', since the collection has no such field (another name: --map FIELD=KEY)"]
        )
    }

    @Test("reading and parsing keep up with 30,000 documents of 500 bytes a second")
    func speed() async throws {
        let text = String(repeating: "lorem ipsum dolor ", count: 24)
        let content = (0..<20_000).map { #"{"_id": "document-\#($0)", "title": "A title", "text": "\#(text)", "lang": "en"}"# }.joined(separator: "\n")
        let target = FakeTarget()
        let start = ContinuousClock.now
        let result = try await run(content, into: target, lines: 256)
        let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
        print("import without a daemon: \(Int(20_000 / seconds)) documents/s")
        #expect(result.position.documents == 20_000)
        // A machine that does other things at the same time gets a wide margin.
        #expect(20_000 / seconds > 6_000)
    }
}

@Suite struct ResumeStateTests {
    @Test("a state is found again for the same daemon, collection and file, and for no other")
    func roundTrip() throws {
        let file = ScratchFile("content")
        let descriptor = open(file.path, O_RDONLY)
        defer { close(descriptor) }
        let identity = try #require(FileIdentity(descriptor: descriptor, path: file.path))
        let store = ResumeStore(folder: file.folder + "/state")
        var state = ResumeState(address: "[::1]:7700", collection: "a.b", collectionUUID: "u", file: identity, settings: "s", run: "r")
        state.position = 1 << 40
        state.lastID = "ä/ü"
        try store.save(state)
        #expect(store.load(address: "[::1]:7700", collection: "a.b", file: identity) == state)
        #expect(store.load(address: "[::1]:7701", collection: "a.b", file: identity) == nil)
        #expect(store.load(address: "[::1]:7700", collection: "a", file: identity) == nil)
        // These two share a file name; what stands inside tells them apart.
        #expect(store.load(address: "[::1]_7700", collection: "a.b", file: identity) == nil)
        store.remove(state)
        #expect(store.load(address: "[::1]:7700", collection: "a.b", file: identity) == nil)
    }

    @Test("a damaged state counts as none")
    func damaged() throws {
        let file = ScratchFile("content")
        let descriptor = open(file.path, O_RDONLY)
        defer { close(descriptor) }
        let identity = try #require(FileIdentity(descriptor: descriptor, path: file.path))
        let store = ResumeStore(folder: file.folder)
        let state = ResumeState(address: "a", collection: "c", collectionUUID: "u", file: identity, settings: "", run: "r")
        try store.save(state)
        let path = store.path(address: "a", collection: "c", file: identity)
        let data = try #require(FileManager.default.contents(atPath: path))
        for length in [0, 1, data.count / 2, data.count - 1] {
            try data.prefix(length).write(to: URL(fileURLWithPath: path))
            #expect(store.load(address: "a", collection: "c", file: identity) == nil)
        }
    }

    @Test("a changed file has another identity; a pipe has none")
    func identity() throws {
        let file = ScratchFile("content")
        func identity() throws -> FileIdentity {
            let descriptor = open(file.path, O_RDONLY)
            defer { close(descriptor) }
            return try #require(FileIdentity(descriptor: descriptor, path: file.path))
        }
        let before = try identity()
        try Data("content and more".utf8).write(to: URL(fileURLWithPath: file.path))
        #expect(try identity() != before)
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        #expect(FileIdentity(descriptor: ends[0], path: "-") == nil)
        close(ends[0])
        close(ends[1])
    }

    @Test("the folder follows XDG, else the home")
    func folder() {
        #expect(ResumeStore(environment: ["XDG_STATE_HOME": "/s", "HOME": "/h"])?.folder == "/s/tandem/imports")
        #expect(ResumeStore(environment: ["XDG_STATE_HOME": "relative", "HOME": "/h"])?.folder == "/h/.local/state/tandem/imports")
        #expect(ResumeStore(environment: [:]) == nil)
    }
}
