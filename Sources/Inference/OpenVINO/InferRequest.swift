import COpenVINO
import SearchCore

/// One infer request and the buffers of its inputs. Used by one call at a time.
///
/// Life: `start` fills the buffers and runs in the background, `finish` waits and hands out the result.
final class InferRequest: @unchecked Sendable {
    // SAFETY: a request is handed from owner to owner through a locked pool; one thread at a time uses it.
    private let request: OpaquePointer
    private let handle: CompiledModel.Handle
    private let folder: ModelFolder
    /// `input_ids`, `attention_mask`, `token_type_ids` back to back, each `capacity` elements.
    private var buffer: UnsafeMutablePointer<Int32>
    private var capacity: Int
    /// Written by OpenVINO's thread before it reports the end: monotonic clock in nanoseconds.
    private let finishedAt: UnsafeMutablePointer<UInt64>
    // OpenVINO keeps the pointer, not a copy.
    private let callback: UnsafeMutablePointer<ov_callback_t>
    private var startedAt: UInt64 = 0
    private var isRunning = false

    init(_ handle: CompiledModel.Handle, folder: ModelFolder) throws {
        var request: OpaquePointer?
        try OpenVINO.check(
            ov_compiled_model_create_infer_request(handle.pointer, &request), "ov_compiled_model_create_infer_request", model: folder.name)
        guard let request else { throw TandemError(.internal, "model '\(folder.name)': OpenVINO gave no infer request") }
        self.request = request
        self.handle = handle
        self.folder = folder
        capacity = 512
        buffer = .allocate(capacity: capacity * 3)
        finishedAt = .allocate(capacity: 1)
        finishedAt.initialize(to: 0)
        callback = .allocate(capacity: 1)
        callback.initialize(
            to: ov_callback_t(
                callback_func: { $0!.assumingMemoryBound(to: UInt64.self).pointee = monotonicNanoseconds() },
                args: UnsafeMutableRawPointer(finishedAt)))
        try OpenVINO.check(ov_infer_request_set_callback(request, callback), "ov_infer_request_set_callback", model: folder.name)
    }

    deinit {
        if isRunning { ov_infer_request_wait(request) }
        ov_infer_request_free(request)
        buffer.deallocate()
        finishedAt.deallocate()
        callback.deallocate()
    }

    /// Starts a batch: rows padded on the right to `length`.
    func start(_ rows: [TokenSequence], length: Int, padding: Int32) throws {
        let count = rows.count * length
        if count > capacity {
            buffer.deallocate()
            capacity = count
            buffer = .allocate(capacity: capacity * 3)
        }
        let ids = buffer
        let mask = buffer + capacity
        let types = buffer + capacity * 2
        for (row, sequence) in rows.enumerated() {
            let base = row * length
            precondition(sequence.ids.count <= length, "a row of \(sequence.ids.count) tokens in a batch of length \(length)")
            for column in 0..<sequence.ids.count {
                ids[base + column] = sequence.ids[column]
                mask[base + column] = 1
                types[base + column] = column >= sequence.secondStart ? 1 : 0
            }
            for column in sequence.ids.count..<length {
                ids[base + column] = padding
                mask[base + column] = 0
                types[base + column] = 0
            }
        }
        for input in folder.inputs {
            try setInput(input, input == "input_ids" ? ids : input == "attention_mask" ? mask : types, rows.count, length)
        }
        startedAt = monotonicNanoseconds()
        try OpenVINO.check(ov_infer_request_start_async(request), "ov_infer_request_start_async", model: folder.name)
        isRunning = true
    }

    private func setInput(_ name: String, _ data: UnsafeMutablePointer<Int32>, _ rows: Int, _ length: Int) throws {
        var dimensions = (Int64(rows), Int64(length))
        try withUnsafeMutableBytes(of: &dimensions) { raw in
            let shape = ov_shape_t(rank: 2, dims: raw.baseAddress!.assumingMemoryBound(to: Int64.self))
            var tensor: OpaquePointer?
            try OpenVINO.check(
                ov_tensor_create_from_host_ptr(I32, shape, data, &tensor), "ov_tensor_create_from_host_ptr", model: folder.name)
            // The request keeps a reference of its own to the tensor's memory description.
            defer { ov_tensor_free(tensor) }
            try OpenVINO.check(ov_infer_request_set_tensor(request, name, tensor), "ov_infer_request_set_tensor(\(name))", model: folder.name)
        }
    }

    /// Waits for the end and calls `body` with the output, [rows, width] f32.
    func finish(rows: Int, width: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
        let status = ov_infer_request_wait(request)
        isRunning = false
        try OpenVINO.check(status, "ov_infer_request_wait", model: folder.name)
        var tensor: OpaquePointer?
        try OpenVINO.check(
            ov_infer_request_get_tensor(request, folder.output, &tensor), "ov_infer_request_get_tensor(\(folder.output))", model: folder.name)
        defer { ov_tensor_free(tensor) }
        var type = ov_element_type_e(0)
        try OpenVINO.check(ov_tensor_get_element_type(tensor, &type), "ov_tensor_get_element_type", model: folder.name)
        var size = 0
        try OpenVINO.check(ov_tensor_get_size(tensor, &size), "ov_tensor_get_size", model: folder.name)
        guard type == F32, size == rows * width else {
            throw TandemError(
                .failedPrecondition,
                "model '\(folder.name)': output '\(folder.output)' has \(size) elements of type \(type.rawValue), expected \(rows) x \(width) of f32; convert the model again"
            )
        }
        var data: UnsafeMutableRawPointer?
        try OpenVINO.check(ov_tensor_data(tensor, &data), "ov_tensor_data", model: folder.name)
        guard let data else { throw TandemError(.internal, "model '\(folder.name)': OpenVINO gave no output") }
        try body(UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: size))
    }

    /// Nanoseconds of the last run, from start to end.
    var elapsed: UInt64 { finishedAt.pointee > startedAt ? finishedAt.pointee - startedAt : 0 }

    /// Waits for the end, whatever it is.
    func abandon() {
        guard isRunning else { return }
        ov_infer_request_wait(request)
        isRunning = false
    }
}
