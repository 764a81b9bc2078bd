internal import CProtobufC

/// Holds the C structs of one message while protobuf-c packs it. Not thread-safe: one arena per encoding.
final class EncodingArena {
    private var chunks: [UnsafeMutableRawPointer] = []
    private var next: UnsafeMutableRawPointer?
    private var left = 0
    private var chunkBytes = 4096

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    private func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        let rounded = (max(size, 1) + 15) & ~15
        if rounded > left {
            let bytes = max(rounded, chunkBytes)
            let chunk = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
            chunks.append(chunk)
            next = chunk
            left = bytes
            chunkBytes = min(chunkBytes * 2, 1 << 20)
        }
        let result = next!
        next = result + rounded
        left -= rounded
        return result
    }

    private func allocate<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
        allocate(count * MemoryLayout<T>.stride).bindMemory(to: type, capacity: count)
    }

    func message<M: MappedMessage>(_ message: M) -> UnsafeMutablePointer<M.C> {
        let c = allocate(M.C.self, 1)
        M.prepare(c)
        message.write(c, self)
        return c
    }

    func message<M: MappedMessage>(_ message: M?) -> UnsafeMutablePointer<M.C>? {
        message.map { self.message($0) }
    }

    func messages<M: MappedMessage>(_ messages: [M]) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<M.C>?>?) {
        guard !messages.isEmpty else { return (0, nil) }
        let list = allocate(UnsafeMutablePointer<M.C>?.self, messages.count)
        for (index, message) in messages.enumerated() { (list + index).initialize(to: self.message(message)) }
        return (messages.count, list)
    }

    func text(_ text: String) -> ProtobufCBinaryData {
        var text = text
        return text.withUTF8 { data(UnsafeRawBufferPointer($0)) }
    }

    func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData { bytes.withUnsafeBytes { data($0) } }

    // Machines that Tandem runs on are little-endian, like the wire; `Fields.floats` says so too.
    func floats(_ values: [Float]) -> ProtobufCBinaryData { values.withUnsafeBytes { data($0) } }

    private func data(_ raw: UnsafeRawBufferPointer) -> ProtobufCBinaryData {
        let copy = allocate(UInt8.self, raw.count)
        if let base = raw.baseAddress { UnsafeMutableRawPointer(copy).copyMemory(from: base, byteCount: raw.count) }
        return ProtobufCBinaryData(len: raw.count, data: copy)
    }

    func texts(_ texts: [String]) -> (Int, UnsafeMutablePointer<ProtobufCBinaryData>?) {
        guard !texts.isEmpty else { return (0, nil) }
        let list = allocate(ProtobufCBinaryData.self, texts.count)
        for (index, text) in texts.enumerated() { (list + index).initialize(to: self.text(text)) }
        return (texts.count, list)
    }

    func scalars<T: BitwiseCopyable>(_ values: [T]) -> (Int, UnsafeMutablePointer<T>?) {
        guard !values.isEmpty else { return (0, nil) }
        let list = allocate(T.self, values.count)
        for (index, value) in values.enumerated() { (list + index).initialize(to: value) }
        return (values.count, list)
    }

    func bools(_ values: [Bool]) -> (Int, UnsafeMutablePointer<protobuf_c_boolean>?) {
        scalars(values.map { $0 ? 1 : 0 })
    }
}
