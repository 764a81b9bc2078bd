import ArgumentParser
import Foundation
import Synchronization
import TandemClient

struct ImportCommand: AsyncParsableCommand, DaemonCommand {
    enum Level: String, ExpressibleByArgument, CaseIterable { case logged, searchable, complete }

    /// `field=key` of `--map`.
    struct Pair: ExpressibleByArgument, Equatable {
        var field: String
        var key: String

        init?(argument: String) {
            guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
            field = String(argument[..<equals])
            key = String(argument[argument.index(after: equals)...])
            if key.isEmpty { return nil }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write the documents of a JSON Lines file.",
        discussion: """
            A line is one document: {"_id": "7", "title": "…", "text": "…", "lang": "en"}. A field of the collection is read from \
            the key of its name, attributes also from inside "metadata"; keys that no field takes are ignored. Documents that \
            exist are replaced, unless --insert-only says to leave them; --update-only writes no others.

            An interrupted import goes on where it stopped when it is run again. The first line that is no document ends it, \
            named by its number, after everything before it was written.

            --wait says when the import is done: 'logged', when all is safe on disk; 'searchable', when keyword search sees all; \
            'complete', when semantic search does, too.

            EXAMPLES:
              tandem import papers corpus.jsonl
              tandem import papers corpus.jsonl --wait complete
              tandem import papers dump.jsonl --map id=doi --map text=abstract --map year=meta.year
              zcat corpus.jsonl.gz | tandem import papers -
            """)

    @OptionGroup var connection: ConnectionOptions
    var isChange: Bool { true }
    @Argument(help: "The collection.") var name: String
    @Argument(help: "The file; '-' is standard input.") var file: String
    @Option(help: "logged, searchable or complete.") var wait: Level = .searchable
    @Option(
        help: ArgumentHelp("Read a field from another key, which may be a path with dots; 'id' is the document's id. Repeatable.", valueName: "field=key"))
    var map: [Pair] = []
    @Option(help: ArgumentHelp("Documents of a batch, which is logged as one.", valueName: "n")) var batch = 256
    @Option(help: ArgumentHelp("Batches under way at a time.", valueName: "n")) var inFlight = 4
    @Flag(name: .customLong("no-resume"), help: "Begin at the start of the file, and keep no position.") var noResume = false
    @Flag(help: "Leave out lines that are no documents, and name them.") var skipBad = false
    @Flag(help: "Write only documents whose id is new.") var insertOnly = false
    @Flag(help: "Write only documents whose id exists.") var updateOnly = false
    @Flag(help: "Print the summary as one JSON object.") var json = false

    func validate() throws {
        try Validation.range(batch, 1...100_000, "--batch")
        try Validation.range(inFlight, 1...64, "--in-flight")
        try Validation.collection(name)
        if insertOnly, updateOnly { throw ValidationError("--insert-only and --update-only leave nothing to write; give one of them") }
    }

    private var condition: Condition? {
        insertOnly ? Condition(kind: .insertOnly) : updateOnly ? Condition(kind: .updateOnly) : nil
    }

    func run() async throws {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure("\(file) cannot be opened: \(String(cString: strerror(errno)))") }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var info = stat()
        if fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { throw CommandFailure("\(file) is a folder, expected a file") }
        try await connection.withClient { client in
            try await importAll(from: descriptor, with: client)
        }
    }

    private func importAll(from descriptor: Int32, with client: TandemClient) async throws {
        let collection = try await client.describeCollection(name)
        let schema = collection.schema ?? CollectionSchema()
        let welcome = try await client.welcome()
        let limits = welcome.limits
        if wait == .complete, let model = schema.model, !model.isEmpty, !(try await client.info().models.contains { $0.name == model }) {
            throw CommandFailure(
                "'\(name)' cannot become complete: its model '\(model)' is not installed, so nothing is embedded; install it, or use --wait searchable")
        }
        let mapping = try DocumentMapping(
            schema: schema, pairs: map.map { ($0.field, $0.key) }, documentIDBytesMax: Int(limits?.documentIdBytes ?? 512))
        let identity = FileIdentity(descriptor: descriptor, path: file)
        let store = noResume ? nil : ResumeStore()
        let resumed = try await resumption(client, collection, identity, store)
        let seekable = identity != nil
        if let resumed, resumed.position > 0 {
            lseek(descriptor, off_t(resumed.position), SEEK_SET)
            Output.note("going on at line \(NumberText.count(resumed.line)), after \(NumberText.count(resumed.documents)) documents (--no-resume begins anew)")
        }
        let begin =
            resumed
            ?? identity.map {
                ResumeState(
                    address: connection.address, collection: name, collectionUUID: collection.uuid, file: $0, settings: settings,
                    run: UUID().uuidString)
            }

        let interruption = Interruption()
        var readLimits = LineReader.Limits()
        readLimits.lines = min(batch, Int(limits?.batchOperations ?? .max))
        let reader = LineReader(
            descriptor, offset: begin?.position ?? 0, line: begin?.line ?? 1, limits: readLimits, isStopped: { interruption.isRequested })
        let ledger = ImportLedger(offset: begin?.position ?? 0, line: begin?.line ?? 1)
        let keeper = PositionKeeper(store: seekable ? store : nil, begin: begin)
        let importer = Box(
            Importer(
                BatchFeed(reader, mapping: mapping, skipBad: skipBad, lineBytesMax: readLimits.lineBytes),
                into: CollectionTarget(client: client, collection: name, condition: condition), ledger: ledger,
                settings: .init(inFlight: inFlight, skipBad: skipBad, run: begin?.run ?? UUID().uuidString),
                checkpoint: { try keeper.keep($0) }, notice: { Output.note($0) }))

        let start = ContinuousClock.now
        let size = identity.map { Double(max(1, $0.size)) }
        let before = begin?.documents ?? 0
        do {
            try await ProgressDisplay("importing", unit: "documents").during(
                {
                    let position = ledger.position
                    return (position.documents, size.map { Double(position.offset) / $0 })
                }
            ) {
                try await interruption.during { try await importer.run() }
            }
        } catch {
            try keeper.keepNow(ledger.position)
            let written = before + ledger.position.documents
            let done = written == 1 ? "1 document is written" : "\(NumberText.count(written)) documents are written"
            let advice = keeper.isKeeping ? "; the same command goes on from there" : ""
            if interruption.isRequested { throw Interrupted(message: "interrupted: \(done)\(advice)") }
            if let bad = error as? BadLine {
                throw CommandFailure("\(file), \(bad); \(done) (all before that line). Mend the line, or leave such lines out with --skip-bad")
            }
            if error is CommandFailure { throw error }
            throw CommandFailure("\(FailureText.line(error, address: connection.address)); \(done)\(advice)")
        }
        let position = ledger.position
        do {
            try keeper.keepNow(position)
            try await interruption.during { try await waitUntilReached(position.sequence, schema, client) }
        } catch  where interruption.isRequested {
            keeper.finish()
            throw Interrupted(message: "all \(NumberText.count(position.documents)) documents are logged; they become \(wait) by themselves")
        }
        keeper.finish()
        try summarise(position, before: before, seconds: start.duration(to: .now).inSeconds)
    }

    /// Neither --batch nor --skip-bad is here: keys name the bytes of a batch, and those bytes give the same documents either way.
    private var settings: String {
        (map.map { "\($0.field)=\($0.key)" } + (insertOnly ? ["insert only"] : updateOnly ? ["update only"] : [])).joined(separator: "\n")
    }

    /// The kept position, if it is of this file, these settings, and a collection that still holds what was written.
    private func resumption(
        _ client: TandemClient, _ collection: CollectionDescription, _ identity: FileIdentity?, _ store: ResumeStore?
    ) async throws -> ResumeState? {
        guard let identity, let store, var state = store.load(address: connection.address, collection: name, file: identity) else { return nil }
        func refused(_ reason: String) -> ResumeState? {
            Output.note("an earlier import of this file was interrupted, but \(reason): beginning anew")
            return nil
        }
        state.file.path = identity.path
        guard state.file == identity else { return refused("the file has changed since") }
        guard state.collectionUUID == collection.uuid else { return refused("the collection is a new one of that name") }
        guard state.settings == settings else { return refused("it had other settings") }
        guard state.position > 0 else { return state }
        guard let id = state.lastID else { return nil }
        let found = try await client.get([id], from: name, fields: []).documents.first
        guard let found, found.version >= state.lastVersion else { return refused("the collection no longer holds what it wrote") }
        return state
    }

    /// Waits for the level asked for. Everything is logged already.
    private func waitUntilReached(_ sequence: UInt64, _ schema: CollectionSchema, _ client: TandemClient) async throws {
        if wait == .logged || sequence == 0 { return }
        let needsVectors = wait == .complete && (schema.model?.isEmpty == false || !schema.vectorFields.isEmpty)
        try await LevelWait.wait(for: sequence, in: name, vectors: needsVectors, client)
    }

    private func summarise(_ position: ImportLedger.Position, before: Int, seconds: Double) throws {
        let rate = Double(position.documents) / max(seconds, 1e-6)
        if json {
            try JSONValue.object([
                "documents": .number(position.documents), "unchanged": .number(position.unchanged), "documents_before": .number(before),
                "skipped_lines": .number(position.skippedLines),
                "seconds": .double((seconds * 1000).rounded() / 1000), "documents_per_second": .double(rate.rounded()),
                "acknowledgement": .string(wait.rawValue), "sequence": .number(position.sequence),
            ]).print()
            return
        }
        var line =
            "\(NumberText.count(position.documents)) \(position.documents == 1 ? "document" : "documents") in \(NumberText.decimal(seconds, 1)) s, \(NumberText.count(Int(rate))) documents/s, \(wait.rawValue)"
        if before > 0 { line += " (\(NumberText.count(before + position.documents)) with the earlier run)" }
        if position.unchanged > 0 {
            line += ", \(NumberText.count(position.unchanged)) left as they were (\(insertOnly ? "their ids exist" : "no such ids"))"
        }
        if position.skippedLines > 0 { line += ", \(NumberText.count(position.skippedLines)) bad lines left out" }
        Output.line(line)
    }
}

/// Lets a closure that may be called from another task use the importer, which is not copyable.
private final class Box: @unchecked Sendable {
    // SAFETY: `run` is called once, by one task.
    private var importer: Importer
    init(_ importer: consuming Importer) { self.importer = importer }
    func run() async throws { try await importer.run() }
}
