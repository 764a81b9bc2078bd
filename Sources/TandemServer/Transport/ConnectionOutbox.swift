import NIOCore
import Synchronization
import WireProtocol

/// Collects what calls of one connection have to say, from any thread, and hops to the connection's event loop once for all
/// of it: a hop and a flush for each answer would cost ten times the throughput.
final class ConnectionOutbox: Sendable {
    enum Event: Sendable {
        /// The only answer, and OK.
        case respond(UInt32, [UInt8])
        case message(UInt32, [UInt8])
        case finish(UInt32, Status)
        /// A streamed request was taken in.
        case consumed(UInt32)
    }

    private let eventLoop: any EventLoop
    private let events = Mutex<[Event]>([])
    /// Touched on the event loop only. Nil once the connection is gone: what is posted then has no reader.
    private let handler: NIOLoopBoundBox<ServerConnectionHandler?>

    /// On the event loop.
    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        handler = NIOLoopBoundBox(nil, eventLoop: eventLoop)
    }

    /// On the event loop.
    func attach(_ handler: ServerConnectionHandler?) { self.handler.value = handler }

    func post(_ event: Event) {
        let isFirst = events.withLock { events in
            events.append(event)
            return events.count == 1
        }
        if isFirst { eventLoop.execute { self.deliver() } }
    }

    private func deliver() {
        let batch = events.withLock { events in
            let batch = events
            events.removeAll(keepingCapacity: true)
            return batch
        }
        handler.value?.take(batch)
    }
}
