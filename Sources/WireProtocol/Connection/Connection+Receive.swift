/// What comes from the socket: cut into frames, checked, and taken frame by frame.
extension Connection {
    /// Takes bytes as they came from the socket, cut anywhere.
    ///
    /// Never traps and never throws: whatever the bytes are, the answer is a list of actions. A broken rule queues a GOAWAY that says which,
    /// and ends in ``ConnectionAction/close(_:)``; what breaks only one call ends that call.
    /// - Complexity: O(n).
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) -> [ConnectionAction] {
        var actions: [ConnectionAction] = []
        guard phase != .closed else { return actions }
        if input.isEmpty {
            let used = takeFrames(bytes, &actions)
            if phase != .closed, used < bytes.count { input.append(contentsOf: bytes[used...]) }
        } else {
            // The rest of a cut frame: at most one frame long, so the copy is bounded by what the limits allow.
            input.append(contentsOf: bytes)
            let whole = input
            input = []
            let used = whole.withUnsafeBytes { takeFrames($0, &actions) }
            if phase != .closed, used < whole.count { input = [UInt8](whole[used...]) }
        }
        return actions
    }

    public mutating func receive(_ bytes: [UInt8]) -> [ConnectionAction] {
        bytes.withUnsafeBytes { receive($0) }
    }

    /// - Returns: bytes used.
    private mutating func takeFrames(_ bytes: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]) -> Int {
        var offset = 0
        while phase != .closed, offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            // Before the whole header is here: a peer that speaks something else is told so at its first byte.
            guard rest[0] == FrameFormat.magic else {
                fail(.protocolError, "not a Tandem frame: it begins with byte \(rest[0]), expected \(FrameFormat.magic)", &actions)
                break
            }
            if rest.count > 1, rest[1] != FrameFormat.version {
                fail(.unsupportedVersion, "frame version \(rest[1]), expected \(FrameFormat.version)", &actions)
                break
            }
            guard rest.count >= FrameFormat.headerBytes else { break }
            let header = FrameHeader(parsing: rest)
            guard header.payloadBytes <= settings.frameBytesMax else {
                fail(
                    .frameTooLarge, "\(header.type) frame of \(header.payloadBytes) bytes, the limit is \(settings.frameBytesMax)",
                    &actions)
                break
            }
            let end = FrameFormat.headerBytes + header.payloadBytes
            guard rest.count >= end else { break }
            let payload = UnsafeRawBufferPointer(rebasing: rest[FrameFormat.headerBytes..<end])
            guard FrameChecksum.of(header: rest, payload: payload) == header.checksum else {
                fail(.checksumMismatch, "\(header.type) frame on stream \(header.stream) has a wrong checksum", &actions)
                break
            }
            offset += end
            framesReceived += 1
            take(header, payload, &actions)
            if controlOverflowed {
                fail(.slowReader, "the answers to PING and refused calls are not being read", &actions)
            }
        }
        return offset
    }

    private mutating func take(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]) {
        func isAllowed(flags: FrameFlags, onStream: Bool?) -> Bool {
            header.flags.isSubset(of: flags) && onStream.map { $0 == (header.stream != 0) } ?? true
        }
        func misplaced(_ this: inout Connection, _ why: String) {
            this.fail(.protocolError, "\(header.type) frame on stream \(header.stream): \(why)", &actions)
        }
        if phase == .awaitingPeer, header.type != (role == .server ? .hello : .welcome), header.type != .goAway,
            !header.type.isIgnorable
        {
            return misplaced(&self, "expected \(role == .server ? "HELLO" : "WELCOME") first")
        }
        switch header.type {
        case .request, .data:
            guard isAllowed(flags: .defined, onStream: true) else { return misplaced(&self, "undefined flags or no stream") }
        case .end, .cancel:
            guard isAllowed(flags: [], onStream: true) else { return misplaced(&self, "flags or no stream") }
        case .window:
            guard isAllowed(flags: [], onStream: nil) else { return misplaced(&self, "flags") }
        case .hello, .welcome, .ping, .pong, .goAway:
            guard isAllowed(flags: [], onStream: false) else { return misplaced(&self, "flags or a stream") }
        default:
            if header.type.isIgnorable { return }
            return misplaced(&self, "unknown type, and not marked as ignorable")
        }
        switch (header.type, role) {
        case (.hello, .server): takeHello(payload, &actions)
        case (.welcome, .client): takeWelcome(payload, &actions)
        case (.request, .server): takeRequest(header, payload, &actions)
        case (.data, _): takeData(header, payload, &actions)
        case (.end, .client): takeEnd(header, payload, &actions)
        case (.cancel, .server): takeCancel(header, payload, &actions)
        case (.window, _): takeWindow(header, payload, &actions)
        case (.ping, _):
            guard payload.count == 8 else { return misplaced(&self, "\(payload.count) bytes instead of 8") }
            appendControl(.pong, payload: [UInt8](payload))
        case (.pong, _):
            guard payload.count == 8 else { return misplaced(&self, "\(payload.count) bytes instead of 8") }
            actions.append(.pong([UInt8](payload)))
        case (.goAway, _): takeGoAway(payload, &actions)
        default: misplaced(&self, "not for a \(role) to receive")
        }
    }

    // MARK: Handshake and farewell

    private mutating func takeHello(_ payload: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]) {
        guard phase == .awaitingPeer else { return fail(.protocolError, "a second HELLO", &actions) }
        let hello: Hello
        do throws(MessageError) { hello = try Hello(decoding: payload) } catch { return fail(.protocolError, "\(error)", &actions) }
        guard hello.versionMin <= UInt32(FrameFormat.version), hello.versionMax >= UInt32(FrameFormat.version) else {
            return fail(
                .unsupportedVersion,
                "the client speaks versions \(hello.versionMin) to \(hello.versionMax), this server \(FrameFormat.version)", &actions)
        }
        guard adopt(hello.limits, hello.streamWindow, hello.connectionWindow, &actions) else { return }
        if let refusal = settings.refuse?(hello) { return fail(refusal.reason, refusal.message, &actions) }
        phase = .open
        let welcome = Welcome(
            version: UInt32(FrameFormat.version), agent: settings.agent, build: settings.build, models: settings.models,
            streamWindow: UInt32(settings.streamWindow), connectionWindow: UInt32(settings.connectionWindow),
            limits: settings.statedLimits)
        appendControl(.welcome, payload: welcome.encode())
        actions.append(.opened(hello))
    }

    private mutating func takeWelcome(_ payload: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]) {
        guard phase == .awaitingPeer else { return fail(.protocolError, "a second WELCOME", &actions) }
        let welcome: Welcome
        do throws(MessageError) { welcome = try Welcome(decoding: payload) } catch {
            return fail(.protocolError, "\(error)", &actions)
        }
        guard welcome.version == UInt32(FrameFormat.version) else {
            return fail(.unsupportedVersion, "the server chose version \(welcome.version), which was not offered", &actions)
        }
        guard adopt(welcome.limits, welcome.streamWindow, welcome.connectionWindow, &actions) else { return }
        phase = .open
        actions.append(.welcomed(welcome))
    }

    /// Takes over what the peer accepts and grants.
    private mutating func adopt(
        _ limits: Limits?, _ streamWindow: UInt32, _ connectionWindow: UInt32, _ actions: inout [ConnectionAction]
    ) -> Bool {
        guard Int(streamWindow) <= FrameFormat.windowMax, Int(connectionWindow) <= FrameFormat.windowMax else {
            fail(.flowControl, "initial credits over \(FrameFormat.windowMax)", &actions)
            return false
        }
        let frameBytes = Int(limits?.frameBytes ?? UInt32(FrameFormat.payloadBytesDefault))
        guard (FrameFormat.payloadBytesLeast...FrameFormat.payloadBytesMost).contains(frameBytes) else {
            fail(
                .protocolError,
                "frame limit of \(frameBytes) bytes, expected \(FrameFormat.payloadBytesLeast) to \(FrameFormat.payloadBytesMost)",
                &actions)
            return false
        }
        peerStreamWindow = Int(streamWindow)
        sendWindow = Int(connectionWindow)
        // Never longer than our own limit either: frames are what keeps a connection fair.
        peerFrameBytesMax = min(frameBytes, settings.frameBytesMax)
        peerMessageBytesMax = Int(limits?.messageBytes ?? UInt32.max)
        peerStreamsMax = Int(limits?.streams ?? 1)
        return true
    }

    private mutating func takeGoAway(_ payload: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]) {
        let farewell: GoAway
        do throws(MessageError) { farewell = try GoAway(decoding: payload) } catch {
            return fail(.protocolError, "\(error)", &actions)
        }
        actions.append(.goAway(farewell))
        guard farewell.reason == .shutdown else {
            // The peer closes at once; so do we, without a farewell of our own.
            phase = .closed
            peerGoAway = farewell
            actions += dropStreams("\(farewell.reason): \(farewell.message)")
            actions.append(.close(farewell))
            return
        }
        peerGoAway = farewell
        guard role == .client else { return }
        for id in streams.keys.filter({ $0 > farewell.lastStreamId }).sorted() {
            remove(id)
            actions.append(.ended(stream: id, .refused(.unavailable, farewell.message)))
        }
        returnConnectionCredits(&actions)
    }

    // MARK: Streams

    private mutating func takeRequest(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]
    ) {
        let id = header.stream
        guard id > lastStream, id <= UInt32(Int32.max) else {
            return fail(.protocolError, "REQUEST on stream \(id) after stream \(lastStream)", &actions)
        }
        guard payload.count >= FrameFormat.callHeaderCountBytes else {
            return fail(.protocolError, "REQUEST of \(payload.count) bytes", &actions)
        }
        let headerBytes = Int(payload[0]) << 8 | Int(payload[1])
        let bodyStart = FrameFormat.callHeaderCountBytes + headerBytes
        guard headerBytes <= FrameFormat.callHeaderBytesMax, bodyStart <= payload.count else {
            return fail(.protocolError, "REQUEST of \(payload.count) bytes with a call header of \(headerBytes)", &actions)
        }
        let body = UnsafeRawBufferPointer(rebasing: payload[bodyStart...])
        lastStream = id
        // Refused calls use the connection's credits too: their bytes were on the way.
        func refuse(_ this: inout Connection, _ status: Status) {
            this.appendControl(.end, stream: id, payload: status.encode())
            if this.takeCredits(id, body.count, &actions) { this.returnConnectionCredits(&actions) }
        }
        if phase == .draining { return refuse(&self, .refused(.unavailable, "the server is shutting down")) }
        guard streams.count < settings.streamsMax else {
            return refuse(&self, .refused(.resourceExhausted, "\(settings.streamsMax) calls are open on this connection", retryAfter: .milliseconds(50)))
        }
        let call: CallHeader
        do throws(MessageError) {
            call = try CallHeader(decoding: UnsafeRawBufferPointer(rebasing: payload[FrameFormat.callHeaderCountBytes..<bodyStart]))
        } catch { return refuse(&self, .invalid("\(error)")) }
        streams[id] = StreamState(receiveWindow: settings.streamWindow, sendWindow: peerStreamWindow)
        actions.append(.call(stream: id, call))
        takeBody(id, header.flags, body, &actions)
    }

    private mutating func takeData(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]
    ) {
        guard header.stream <= lastStream else {
            return fail(.protocolError, "DATA on stream \(header.stream), which is not open", &actions)
        }
        guard !payload.isEmpty || !header.flags.isEmpty else {
            return fail(.protocolError, "DATA on stream \(header.stream) with neither bytes nor flags", &actions)
        }
        takeBody(header.stream, header.flags, payload, &actions)
    }

    /// Takes `count` bytes off the peer's credits.
    /// - Returns: false where it had none left; the connection is then closed.
    private mutating func takeCredits(_ id: UInt32, _ count: Int, _ actions: inout [ConnectionAction]) -> Bool {
        receiveWindow -= count
        withheld += count
        guard receiveWindow >= 0 else {
            fail(.flowControl, "\(-receiveWindow) bytes more than the connection's credits", &actions)
            return false
        }
        if let stream = streams[id] {
            guard stream.receiveWindow >= count else {
                fail(.flowControl, "\(count - stream.receiveWindow) bytes more than the credits of stream \(id)", &actions)
                return false
            }
            streams[id]!.receiveWindow -= count
            streams[id]!.withheld += count
        }
        return true
    }

    private mutating func takeBody(
        _ id: UInt32, _ flags: FrameFlags, _ body: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]
    ) {
        // No local copy of the stream's state here: it would make every fragment copy what has been assembled so far.
        guard streams[id]?.isRemoteClosed != true else {
            return fail(.protocolError, "DATA on stream \(id) after its end", &actions)
        }
        guard takeCredits(id, body.count, &actions) else { return }
        // A call that is over, or has been given up: the bytes were on their way, nobody wants them.
        guard let isInside = streams[id]?.isAssembling else { return returnConnectionCredits(&actions) }
        let endsMessage = flags.contains(.endMessage)
        if flags.contains(.endStream), !endsMessage, isInside || !body.isEmpty {
            return fail(.protocolError, "stream \(id) ends inside a message", &actions)
        }
        guard streams[id]!.assembling.count + body.count <= settings.messageBytesMax else {
            refuse(
                id,
                Status(
                    code: .resourceExhausted,
                    message: "a message is longer than \(settings.messageBytesMax) bytes; send it in parts",
                    didRun: streams[id]!.delivered == 0 && role == .server ? false : nil),
                &actions)
            return returnConnectionCredits(&actions)
        }
        if !body.isEmpty || endsMessage { streams[id]!.isAssembling = !endsMessage }
        // Once a call is answered, the rest of its input has no reader.
        if streams[id]!.endPayload == nil {
            streams[id]!.assembling.append(contentsOf: body)
            bufferedBytes += body.count
            if endsMessage {
                var message: [UInt8] = []
                swap(&streams[id]!.assembling, &message)
                streams[id]!.deliveredBytes += message.count
                streams[id]!.delivered += 1
                streams[id]!.unconsumed += 1
                unconsumedMessages += 1
                actions.append(.message(stream: id, message))
            }
        }
        if flags.contains(.endStream) {
            streams[id]!.isRemoteClosed = true
            if role == .server { actions.append(.halfClosed(stream: id)) }
        }
        returnStreamCredits(id)
        returnConnectionCredits(&actions)
    }

    private mutating func takeEnd(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]
    ) {
        guard header.stream <= lastStream else {
            return fail(.protocolError, "END on stream \(header.stream), which is not open", &actions)
        }
        guard let stream = streams[header.stream] else { return }
        guard !stream.isAssembling else {
            return fail(.protocolError, "stream \(header.stream) ends inside a message", &actions)
        }
        let status: Status
        do throws(MessageError) { status = payload.isEmpty ? .ok : try Status(decoding: payload) } catch {
            return fail(.protocolError, "\(error)", &actions)
        }
        remove(header.stream)
        actions.append(.ended(stream: header.stream, status))
        returnConnectionCredits(&actions)
    }

    private mutating func takeCancel(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]
    ) {
        guard header.stream <= lastStream, payload.isEmpty else {
            return fail(.protocolError, "CANCEL of stream \(header.stream), which is not open, or with a payload", &actions)
        }
        guard streams[header.stream] != nil else { return }
        remove(header.stream)
        actions.append(.cancelled(stream: header.stream))
        returnConnectionCredits(&actions)
    }

    private mutating func takeWindow(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, _ actions: inout [ConnectionAction]
    ) {
        guard payload.count == 4 else { return fail(.protocolError, "WINDOW of \(payload.count) bytes instead of 4", &actions) }
        let credits = Int(UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self)))
        guard credits > 0 else { return fail(.protocolError, "WINDOW without credits", &actions) }
        if header.stream == 0 {
            guard sendWindow + credits <= FrameFormat.windowMax else {
                return fail(.flowControl, "the connection's credits exceed \(FrameFormat.windowMax)", &actions)
            }
            sendWindow += credits
            return
        }
        guard header.stream <= lastStream else {
            return fail(.protocolError, "WINDOW for stream \(header.stream), which is not open", &actions)
        }
        guard let stream = streams[header.stream] else { return }
        guard stream.sendWindow + credits <= FrameFormat.windowMax else {
            return fail(.flowControl, "the credits of stream \(header.stream) exceed \(FrameFormat.windowMax)", &actions)
        }
        streams[header.stream]!.sendWindow += credits
        enqueue(header.stream)
    }
}
