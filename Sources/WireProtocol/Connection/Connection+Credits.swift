/// Flow control: which credits go back to the peer, and when.
extension Connection {
    /// Room below which the connection's credits are withheld: what the peer may already have on its way still fits.
    var isNearlyFull: Bool { bufferedBytes > settings.bufferedBytesMax - settings.connectionWindow }

    /// Gives a stream's credits back once half its window is used, unless a message waits to be consumed.
    mutating func returnStreamCredits(_ id: UInt32) {
        guard let stream = streams[id], stream.unconsumed == 0, !stream.isRemoteClosed,
            stream.withheld * 2 >= settings.streamWindow
        else { return }
        sendWindowFrame(id, stream.withheld)
        streams[id]!.receiveWindow += stream.withheld
        streams[id]!.withheld = 0
    }

    /// Gives the connection's credits back once half the window is used and there is room. Where nothing that is held can be
    /// consumed, waiting would last for ever: the longest unfinished message is refused.
    mutating func returnConnectionCredits(_ actions: inout [ConnectionAction]) {
        while isNearlyFull, unconsumedMessages == 0, refuseLongest(&actions) {}
        guard withheld * 2 >= settings.connectionWindow, !isNearlyFull else { return }
        sendWindowFrame(0, withheld)
        receiveWindow += withheld
        withheld = 0
    }

    /// Gives memory back where the owner, who sees all connections, has too little: refuses the call with the longest unfinished
    /// message. Nothing happens where there is none.
    public mutating func relieve() -> [ConnectionAction] {
        var actions: [ConnectionAction] = []
        if phase != .closed { _ = refuseLongest(&actions) }
        return actions
    }

    /// - Returns: false where no message is unfinished.
    private mutating func refuseLongest(_ actions: inout [ConnectionAction]) -> Bool {
        guard
            let longest = streams.max(by: { ($0.value.assembling.count, $0.key) < ($1.value.assembling.count, $1.key) }),
            longest.value.assembling.count > 0
        else { return false }
        refuse(
            longest.key,
            Status(
                code: .resourceExhausted,
                message: "too many unfinished messages at a time; send fewer, or smaller ones", retryable: true,
                retryAfterMicroseconds: 200_000, didRun: longest.value.delivered == 0 ? false : nil),
            &actions)
        return true
    }

    /// Ends a call that is at fault (server), or gives it up (client).
    mutating func refuse(_ id: UInt32, _ status: Status, _ actions: inout [ConnectionAction]) {
        guard let stream = streams[id] else { return }
        switch role {
        case .server:
            // The END overtakes answers that were queued: they belong to a call that has failed.
            remove(id)
            appendControl(.end, stream: id, payload: status.encode())
            actions.append(.cancelled(stream: id))
        case .client:
            if stream.isStarted { appendControl(.cancel, stream: id, payload: []) }
            remove(id)
            actions.append(.ended(stream: id, status))
        }
    }

    private mutating func sendWindowFrame(_ id: UInt32, _ credits: Int) {
        appendControl(.window, stream: id, payload: withUnsafeBytes(of: UInt32(credits).bigEndian) { [UInt8]($0) })
    }
}
