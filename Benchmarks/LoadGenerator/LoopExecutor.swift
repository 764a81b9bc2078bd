import NIOCore

/// Runs a task on an event loop, so that its calls and their answers cross no thread border in the client.
///
/// What is left of a round trip is then the wire's: two sockets, the server's event loop, its hops to a search thread and back.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
