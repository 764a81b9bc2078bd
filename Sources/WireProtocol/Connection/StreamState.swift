/// One stream of a connection: half a message on its way in, messages waiting to go out, credits of both directions.
struct StreamState {
    /// The message that is being put together.
    var assembling: [UInt8] = []
    var isAssembling = false
    /// Complete messages handed over and not yet consumed.
    var unconsumed = 0
    /// Their bytes, and those of messages that stay with the call until its end.
    var deliveredBytes = 0
    var delivered = 0
    /// The peer has said that it sends nothing more.
    var isRemoteClosed = false
    /// Bytes that the peer may still send, and bytes received for which no credit has been given back.
    var receiveWindow: Int
    var withheld = 0

    /// Client: opens the stream; nil once it is written.
    var callHeader: [UInt8]?
    var outbound: [OutboundMessage] = []
    var outboundHead = 0
    var sendWindow: Int
    /// Client: the last message carries END_STREAM, or has been given that word.
    var closesAfterOutbound = false
    var isLocalClosed = false
    /// Server: END after the last message.
    var endPayload: [UInt8]?
    /// It stands in the queue of streams that have something to send.
    var isQueued = false
    /// Client: some of it is on its way, so the server may have run it.
    var isStarted = false

    struct OutboundMessage {
        var bytes: [UInt8]
        var offset = 0
    }

    init(receiveWindow: Int, sendWindow: Int) {
        self.receiveWindow = receiveWindow
        self.sendWindow = sendWindow
    }

    var hasOutbound: Bool { outboundHead < outbound.count }
    var bufferedBytes: Int { assembling.count + deliveredBytes }

    mutating func append(_ message: [UInt8]) {
        if outboundHead == outbound.count {
            outbound.removeAll(keepingCapacity: true)
            outboundHead = 0
        }
        outbound.append(OutboundMessage(bytes: message))
    }

    mutating func removeFirstOutbound() {
        outbound[outboundHead] = OutboundMessage(bytes: [])
        outboundHead += 1
        // Amortised: the list is cleared once half of it is gone.
        if outboundHead > 32, outboundHead * 2 > outbound.count {
            outbound.removeFirst(outboundHead)
            outboundHead = 0
        }
    }

    var outboundBytes: Int {
        outbound[outboundHead...].reduce(0) { $0 + $1.bytes.count - $1.offset }
    }
}
