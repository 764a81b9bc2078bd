import Synchronization

/// Writes the position down now and then, so that an interrupted import can go on.
package final class PositionKeeper: Sendable {
    static let intervalSeconds = 1.0

    private struct State {
        var resume: ResumeState
        let begin: ResumeState
        var lastKept = ContinuousClock.now
        var isKept: Bool
    }

    private let store: ResumeStore?
    private let state: Mutex<State?>

    /// - Parameters:
    ///   - store: nil: nothing is kept.
    ///   - begin: of this run; nil for what cannot be read again, such as a pipe.
    init(store: ResumeStore?, begin: ResumeState?) {
        self.store = store
        state = Mutex(begin.map { State(resume: $0, begin: $0, isKept: false) })
    }

    var isKeeping: Bool { store != nil && state.withLock { $0 != nil } }

    /// Called often; writes at the first call, since the run's name must survive a kill, and then once a second.
    func keep(_ position: ImportLedger.Position) throws {
        let isDue = state.withLock { state in
            guard let state else { return false }
            return !state.isKept || state.lastKept.duration(to: .now).inSeconds >= Self.intervalSeconds
        }
        if isDue { try keepNow(position) }
    }

    func keepNow(_ position: ImportLedger.Position) throws {
        guard let store else { return }
        let resume: ResumeState? = state.withLock { state in
            guard state != nil else { return nil }
            state!.resume.position = position.offset
            state!.resume.line = position.line
            state!.resume.documents = state!.begin.documents + position.documents
            state!.resume.skippedLines = state!.begin.skippedLines + position.skippedLines
            if let id = position.lastID { (state!.resume.lastID, state!.resume.lastVersion) = (id, position.lastVersion) }
            state!.lastKept = .now
            state!.isKept = true
            return state!.resume
        }
        if let resume { try store.save(resume) }
    }

    /// The import is done: forgets the position.
    func finish() {
        guard let store, let resume = state.withLock({ $0?.resume }) else { return }
        store.remove(resume)
    }
}
