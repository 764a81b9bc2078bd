import COpenVINO
import SearchCore
import Synchronization

/// A model ready to run, with its infer requests. Thread-safe.
///
/// Requests are made when first needed and kept: a request holds its input buffers and OpenVINO's plan of memory.
final class CompiledModel: Sendable {
    /// Frees the C object after the last request is gone.
    final class Handle: @unchecked Sendable {
        // SAFETY: set once; OpenVINO allows creating requests from any thread.
        let pointer: OpaquePointer
        // Keeps the core alive as long as the model.
        private let core: OpenVINOCore

        init(_ pointer: OpaquePointer, core: OpenVINOCore) {
            self.pointer = pointer
            self.core = core
        }

        deinit { ov_compiled_model_free(pointer) }
    }

    private let handle: Handle
    private let idle = Mutex<[InferRequest]>([])
    let folder: ModelFolder
    let streams: Int

    init(_ pointer: OpaquePointer, core: OpenVINOCore, folder: ModelFolder, streams: Int) {
        handle = Handle(pointer, core: core)
        self.folder = folder
        self.streams = streams
    }

    /// A request that nobody else uses until it is given back.
    func take() throws -> InferRequest {
        if let request = idle.withLock({ $0.popLast() }) { return request }
        return try InferRequest(handle, folder: folder)
    }

    /// - Precondition: the request does not run.
    func giveBack(_ request: InferRequest) {
        // More idle ones than streams come only from a burst; let those go.
        let surplus: InferRequest? = idle.withLock {
            if $0.count >= streams * 2 { return request }
            $0.append(request)
            return nil
        }
        _ = surplus
    }
}
