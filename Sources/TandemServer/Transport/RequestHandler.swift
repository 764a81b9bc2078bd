import WireProtocol

/// What answers calls. The transport knows nothing of collections; the handler knows nothing of sockets.
public protocol RequestHandler: Sendable {
    /// A call has come: a unary one with its ``ServerCall/request`` complete, a streaming one as soon as it began.
    ///
    /// Runs on an event loop, so it only hands the call over (see ``WorkerPool``); decoding, too, belongs to the worker.
    /// Every call must be ended once, by `respond`, `finish` or `fail`; a call that is dropped without ends as INTERNAL.
    func handle(_ call: ServerCall)
}
