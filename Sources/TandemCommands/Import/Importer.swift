import TandemClient

/// Sends the documents of a file to a collection: in order, a bounded number of batches under way, each once.
///
/// A stream that breaks is opened again and begins with the first batch without an acknowledgement, under the same
/// idempotency keys, so that nothing is applied twice. A batch that the daemon refuses is sent document by document, to
/// name the line. Not thread-safe; one run each.
package struct Importer: ~Copyable {
    package struct Settings: Sendable {
        package var inFlight: Int
        package var skipBad: Bool
        /// Begins the idempotency keys.
        package var run: String
        /// How long a daemon that does not answer, or has no room, is asked again.
        package var patience: Duration
        package var pauseMin: Duration

        package init(
            inFlight: Int = 4, skipBad: Bool = false, run: String, patience: Duration = .seconds(60), pauseMin: Duration = .milliseconds(250)
        ) {
            self.inFlight = inFlight
            self.skipBad = skipBad
            self.run = run
            self.patience = patience
            self.pauseMin = pauseMin
        }
    }

    private let target: any ImportTarget
    private let settings: Settings
    let ledger: ImportLedger
    private var feed: BatchFeed
    private var isFed = false
    private var ignoredKeys: Set<String> = []
    /// Called between batches with what has been reached, to keep it.
    private let checkpoint: @Sendable (ImportLedger.Position) throws -> Void
    private let notice: @Sendable (String) -> Void

    package init(
        _ feed: consuming BatchFeed, into target: any ImportTarget, ledger: ImportLedger, settings: Settings,
        checkpoint: @escaping @Sendable (ImportLedger.Position) throws -> Void = { _ in },
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.feed = feed
        self.target = target
        self.ledger = ledger
        self.settings = settings
        self.checkpoint = checkpoint
        self.notice = notice
    }

    /// The whole input.
    /// - Throws: ``BadLine`` for the first bad line, after everything before it was acknowledged; what the daemon answers.
    package mutating func run() async throws {
        var failingSince: ContinuousClock.Instant?
        var failures = 0
        while true {
            let before = ledger.position.offset
            do {
                if let bad = try await stream() { throw bad }
                return
            } catch let error as TandemClientError where error.code == .invalidArgument && !ledger.pending.isEmpty {
                if let bad = try await findCulprit(error) { throw bad }
            } catch let error as TandemClientError where error.isRetryable || error.code == .unavailable {
                if ledger.position.offset > before { (failingSince, failures) = (nil, 0) }
                let since = failingSince ?? .now
                failingSince = since
                failures += 1
                if since.duration(to: .now) > settings.patience { throw error }
                if failures == 1 { notice("waiting: \(error.message.isEmpty ? error.code.description : error.message)") }
                try checkpoint(ledger.position)
                try await Task.sleep(for: max(error.retryAfter ?? .zero, settings.pauseMin * (1 << min(failures - 1, 4))))
            }
        }
    }

    /// One stream: what is pending, then what follows.
    /// - Returns: the line at which reading stopped, with everything before it acknowledged.
    private mutating func stream() async throws -> BadLine? {
        var bad: BadLine?
        let number = ledger.beginStream()
        try await target.upload(
            inFlightMax: settings.inFlight, onAcknowledgement: { [ledger] in ledger.acknowledgeFirst($0, stream: number) }
        ) { sender in
            for batch in ledger.pending where !batch.operations.isEmpty { try await sender.send(batch.operations, key: key(of: batch)) }
            if let failure = failedAt {
                bad = failure
                return
            }
            while !isFed, let batch = try await feed.next() {
                report(batch)
                ledger.add(batch)
                if batch.failure != nil {
                    failedAt = batch.failure
                    isFed = true
                }
                if !batch.operations.isEmpty { try await sender.send(batch.operations, key: key(of: batch)) }
                try checkpoint(ledger.position)
            }
            bad = failedAt
            isFed = true
        }
        return bad
    }

    private var failedAt: BadLine?

    /// The positions of first and last byte name a batch: resumed with other settings it would hold other documents.
    private func key(of batch: ParsedBatch) -> String { "\(settings.run):\(batch.start)-\(batch.end)" }

    private mutating func report(_ batch: ParsedBatch) {
        for line in batch.skipped { notice("skipped \(line)") }
        let new = batch.ignoredKeys.subtracting(ignoredKeys)
        guard !new.isEmpty else { return }
        if ignoredKeys.isEmpty {
            let names = new.sorted().map { "'\($0)'" }.joined(separator: ", ")
            notice("ignored: \(names), since the collection has no such field (another name: --map FIELD=KEY)")
        }
        ignoredKeys.formUnion(new)
    }

    /// The daemon refused the first pending batch as a whole: sends its documents one by one.
    /// - Returns: the line that is refused by itself; nil where bad lines are skipped, or none is refused alone.
    private mutating func findCulprit(_ refusal: TandemClientError) async throws -> BadLine? {
        guard let batch = ledger.pending.first else { throw refusal }
        var applied = 0
        var unchanged = 0
        var skipped = 0
        var sequence: UInt64 = 0
        for (index, operation) in batch.operations.enumerated() {
            do {
                let response = try await target.write([operation], key: "\(key(of: batch))#\(index)")
                if response.results.first?.outcome == .conditionFailed { unchanged += 1 } else { applied += 1 }
                sequence = max(sequence, response.sequence)
            } catch let error as TandemClientError where error.code == .invalidArgument {
                let bad = BadLine(number: batch.lines[index].number, reason: error.message)
                // A fault of the call and not of a document, such as a missing collection, would refuse every one.
                guard settings.skipBad else {
                    ledger.settleFirst(documents: applied, unchanged: unchanged, sequence: sequence, upTo: (bad.number, batch.lines[index].offset), skipped: 0)
                    try checkpoint(ledger.position)
                    return bad
                }
                notice("skipped \(bad)")
                skipped += 1
            }
        }
        if applied + unchanged == 0, batch.operations.count > 1 { throw refusal }
        ledger.settleFirst(documents: applied, unchanged: unchanged, sequence: sequence, upTo: nil, skipped: skipped)
        try checkpoint(ledger.position)
        return nil
    }
}
