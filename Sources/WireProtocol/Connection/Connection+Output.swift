/// What goes to the socket: frames of the connection first, then one frame of each stream in turn.
extension Connection {
    /// Appends frames that may be sent now, until `output` holds `bytesMax` bytes or nothing is left; the last frame may
    /// exceed it. Call it while the socket takes more, so that what waits here, waits in fair order.
    ///
    /// A stream with a large message writes one frame, then it is the next one's turn: a 10 MB batch never holds up a search.
    /// - Complexity: O(bytes written + streams that wait for credits).
    public mutating func output(into output: inout [UInt8], bytesMax: Int) {
        if !control.isEmpty {
            if output.isEmpty { swap(&output, &control) } else { output += control }
            control.removeAll(keepingCapacity: control.capacity <= 64 << 10)
        }
        guard phase != .closed else { return }
        // Streams that found the connection's credits used up go to the back; after a whole round of them we stop.
        var stalled = 0
        while output.count < bytesMax, queueHead < queue.count, stalled < queue.count - queueHead {
            let id = queue[queueHead]
            queueHead += 1
            if queueHead > 64, queueHead * 2 > queue.count {
                queue.removeFirst(queueHead)
                queueHead = 0
            }
            guard streams[id] != nil else { continue }
            switch writeFrame(id, &output) {
            case .more:
                queue.append(id)
                stalled = 0
            case .done:
                streams[id]?.isQueued = false
                stalled = 0
            case .noStreamCredits:
                // A WINDOW frame puts it back.
                streams[id]!.isQueued = false
            case .noConnectionCredits:
                queue.append(id)
                stalled += 1
            }
        }
    }

    private enum Progress { case more, done, noStreamCredits, noConnectionCredits }

    private mutating func writeFrame(_ id: UInt32, _ output: inout [UInt8]) -> Progress {
        var stream = streams.removeValue(forKey: id)!
        // Taken out of the table while it changes, so that its buffers are not copied; put back unless it is over.
        var isOver = false
        defer { if !isOver { streams[id] = stream } }

        if let header = stream.callHeader { return writeRequest(id, header, &stream, &output) }
        if stream.hasOutbound {
            let message = stream.outbound[stream.outboundHead]
            let left = message.bytes.count - message.offset
            let credits = min(stream.sendWindow, sendWindow)
            let count = min(left, credits, peerFrameBytesMax)
            if left > 0, count == 0 { return stream.sendWindow == 0 ? .noStreamCredits : .noConnectionCredits }
            writeData(.data, id, &stream, prefix: [], count, &output)
            return stream.hasOutbound || stream.endPayload != nil ? .more : .done
        }
        if let payload = stream.endPayload {
            append(.end, [], id, [], payload, &output)
            isOver = true
            // It holds no input any more: `finish` has let go of that.
            return .done
        }
        if stream.closesAfterOutbound, !stream.isLocalClosed {
            stream.isLocalClosed = true
            append(.data, .endStream, id, [], [], &output)
        }
        return .done
    }

    /// The first frame of a call: its header, and as much of the first message as fits.
    private mutating func writeRequest(
        _ id: UInt32, _ header: [UInt8], _ stream: inout StreamState, _ output: inout [UInt8]
    ) -> Progress {
        let prefix = withUnsafeBytes(of: UInt16(header.count).bigEndian) { [UInt8]($0) } + header
        stream.callHeader = nil
        stream.isStarted = true
        guard stream.hasOutbound else {
            var flags: FrameFlags = []
            if stream.closesAfterOutbound {
                flags = .endStream
                stream.isLocalClosed = true
            }
            append(.request, flags, id, prefix, [], &output)
            return .done
        }
        let left = stream.outbound[stream.outboundHead].bytes.count
        let count = min(left, stream.sendWindow, sendWindow, peerFrameBytesMax - prefix.count)
        writeData(.request, id, &stream, prefix: prefix, count, &output)
        return stream.hasOutbound ? .more : .done
    }

    /// Writes `count` bytes of the stream's first outbound message.
    private mutating func writeData(
        _ type: FrameType, _ id: UInt32, _ stream: inout StreamState, prefix: [UInt8], _ count: Int, _ output: inout [UInt8]
    ) {
        let message = stream.outbound[stream.outboundHead]
        let end = message.offset + count
        var flags: FrameFlags = []
        if end == message.bytes.count {
            flags.insert(.endMessage)
            if stream.closesAfterOutbound, stream.outboundHead + 1 == stream.outbound.count {
                flags.insert(.endStream)
                stream.isLocalClosed = true
            }
        }
        message.bytes.withUnsafeBytes { raw in
            FrameWriter.append(
                type, flags, stream: id, prefix: prefix, payload: UnsafeRawBufferPointer(rebasing: raw[message.offset..<end]),
                to: &output)
        }
        framesSent += 1
        stream.sendWindow -= count
        sendWindow -= count
        pendingMessageBytes -= count
        if flags.contains(.endMessage) {
            stream.removeFirstOutbound()
        } else {
            stream.outbound[stream.outboundHead].offset = end
        }
    }

    private mutating func append(
        _ type: FrameType, _ flags: FrameFlags, _ id: UInt32, _ prefix: [UInt8], _ payload: [UInt8], _ output: inout [UInt8]
    ) {
        payload.withUnsafeBytes { FrameWriter.append(type, flags, stream: id, prefix: prefix, payload: $0, to: &output) }
        framesSent += 1
    }
}
