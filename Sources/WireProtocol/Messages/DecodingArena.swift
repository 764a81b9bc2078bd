internal import CProtobufC

/// Bump allocator, given to protobuf-c while it unpacks one message; everything is freed at once.
///
/// protobuf-c amplifies: two bytes of an empty sub-message become a struct of a hundred bytes. So memory is capped at 24 times the
/// message plus 512 KB, and for long messages at 4 times plus 64 MB. The largest honest ratios in the schema are those of a
/// write's results (18) and of hits with nothing but scores (6); a filter of 1,024 nodes of four bytes is covered by the constant.
/// Beyond the cap `alloc` returns nil, and unpack returns NULL cleanly. Not thread-safe: one arena per decoding.
struct DecodingArena {
    private struct State {
        var next: UnsafeMutableRawPointer?
        var left = 0
        var allocated = 0
        var bytesMax = 0
        var isExhausted = false
        /// Chunks are linked through their first word.
        var lastChunk: UnsafeMutableRawPointer?
    }

    /// A chunk's first word is the link; 16 keeps what follows aligned.
    private static let chunkHeaderBytes = 16

    private let state: UnsafeMutablePointer<State>

    init(messageBytes: Int) {
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        state.pointee.bytesMax = min(512 << 10 + messageBytes * 24, 64 << 20 + messageBytes * 4)
        // One chunk serves most messages; pages that are never touched cost nothing.
        Self.grow(state, to: min(1024 + messageBytes * 4, state.pointee.bytesMax))
    }

    var bytesMax: Int { state.pointee.bytesMax }
    var isExhausted: Bool { state.pointee.isExhausted }

    /// Valid until ``free()``.
    var allocator: ProtobufCAllocator {
        ProtobufCAllocator(
            alloc: { data, size in
                // SAFETY: `allocator_data` below is always a State.
                DecodingArena.allocate(data!.assumingMemoryBound(to: State.self), size)
            },
            free: { _, _ in },
            allocator_data: UnsafeMutableRawPointer(state))
    }

    func free() {
        var chunk = state.pointee.lastChunk
        while let present = chunk {
            chunk = present.load(as: UnsafeMutableRawPointer?.self)
            present.deallocate()
        }
        state.deallocate()
    }

    private static func grow(_ state: UnsafeMutablePointer<State>, to bytes: Int) {
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: bytes + chunkHeaderBytes, alignment: 16)
        chunk.storeBytes(of: state.pointee.lastChunk, as: UnsafeMutableRawPointer?.self)
        state.pointee.lastChunk = chunk
        state.pointee.next = chunk + chunkHeaderBytes
        state.pointee.left = bytes
        state.pointee.allocated += bytes
    }

    private static func allocate(_ state: UnsafeMutablePointer<State>, _ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= 0, size <= state.pointee.bytesMax else {
            state.pointee.isExhausted = true
            return nil
        }
        // One byte at least, so that the pointer is never nil and never shared.
        let rounded = (max(size, 1) + 15) & ~15
        if rounded > state.pointee.left {
            let wanted = max(rounded, min(state.pointee.allocated, 1 << 20))
            let room = state.pointee.bytesMax - state.pointee.allocated
            guard room >= rounded else {
                state.pointee.isExhausted = true
                return nil
            }
            grow(state, to: min(wanted, room))
        }
        let result = state.pointee.next!
        state.pointee.next = result + rounded
        state.pointee.left -= rounded
        return result
    }
}
