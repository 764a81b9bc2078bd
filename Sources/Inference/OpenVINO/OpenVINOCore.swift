import CLinux
import COpenVINO
import Glibc
import SearchCore

/// Number format of a model's arithmetic.
public enum InferencePrecision: String, Sendable, Hashable {
    /// bf16 where the processor multiplies it in hardware, else f32.
    case automatic
    /// 2.3 times as fast as f32 where it is native; cosines to f32 stay above .9999.
    case bf16
    case f32

    /// What ``automatic`` means on this machine.
    var resolved: InferencePrecision {
        self == .automatic ? (Self.machineHasBF16 ? .bf16 : .f32) : self
    }

    // OpenVINO lists BF16 for any AVX-512 machine, where it may be emulated and slow; so ask the processor.
    private static let machineHasBF16: Bool = {
        guard let file = fopen("/proc/cpuinfo", "re") else { return false }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0 {
            guard let line, strncmp(line, "flags", 5) == 0 else { continue }
            return String(cString: line).split(whereSeparator: \.isWhitespace)
                .contains { $0 == "avx512_bf16" || $0 == "amx_bf16" || $0 == "avx_ne_convert" }
        }
        return false
    }()
}

/// Owner of one `ov_core_t`: reads and compiles models. The C object is thread-safe.
final class OpenVINOCore: @unchecked Sendable {
    // SAFETY: set once; ov_core's functions may be called from any thread.
    private let core: OpaquePointer

    init() throws {
        var core: OpaquePointer?
        try OpenVINO.check(ov_core_create(&core), "ov_core_create", model: "none")
        guard let core else { throw TandemError(.internal, "OpenVINO gave no core") }
        self.core = core
    }

    deinit { ov_core_free(core) }

    /// Reads and compiles an IR for the processor.
    ///
    /// - Parameters:
    ///   - streams: batches that run at the same time, each on one thread. OpenVINO takes at most one per core.
    ///   - niceness: of the threads that will compute; they inherit it from the thread that compiles.
    ///   - cacheFolder: compiled models are kept there, which makes the next load about four times as fast.
    func compile(
        _ folder: ModelFolder, streams: Int, precision: InferencePrecision, niceness: Int32, cacheFolder: String?
    ) throws -> CompiledModel {
        var properties = [
            ("INFERENCE_PRECISION_HINT", precision.resolved.rawValue),
            ("NUM_STREAMS", "\(streams)"),
            ("INFERENCE_NUM_THREADS", "\(streams)"),
            // The daemon's other threads share the cores; the kernel places threads better than a fixed pinning.
            ("ENABLE_CPU_PINNING", "NO"),
        ]
        if let cacheFolder { properties.append(("CACHE_DIR", cacheFolder)) }
        let frozen = properties
        return try Self.onThread(niceness: niceness) { [core] in
            var compiled: OpaquePointer?
            let strings = frozen.map { (strdup($0.0)!, strdup($0.1)!) }
            defer {
                strings.forEach {
                    free($0.0); free($0.1)
                }
            }
            let list = strings.map { ov_property_t(key: $0.0, value: $0.1) }
            try OpenVINO.check(
                ov_core_compile_model_from_file_props(core, folder.modelPath, "CPU", list.count, list, &compiled),
                "ov_core_compile_model_from_file_props", model: folder.name)
            guard let compiled else { throw TandemError(.internal, "model '\(folder.name)': OpenVINO gave no compiled model") }
            return CompiledModel(compiled, core: self, folder: folder, streams: streams)
        }
    }

    private final class Box<T>: @unchecked Sendable {
        // SAFETY: written by the thread before it ends, read after it was joined.
        var work: (() throws -> T)?
        var result: Result<T, any Error>?
        var niceness: Int32 = 0
        func run() {
            // The model's threads inherit the processors of this one, and this one those of its maker, which may be a search thread with one of its own.
            _ = tandem_use_all_processors()
            // On Linux the niceness belongs to the thread; raising it needs no privilege.
            if niceness > 0 { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
            result = Result { try work!() }
        }
    }

    /// Runs `work` on a thread of its own, since a thread cannot take its niceness back.
    private static func onThread<T>(niceness: Int32, _ work: @escaping () throws -> T) throws -> T {
        let box = Box<T>()
        box.work = work
        box.niceness = niceness
        let erased: () -> Void = box.run
        let argument = Unmanaged.passRetained(ThreadBody(erased)).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { raw in
                Unmanaged<ThreadBody>.fromOpaque(raw!).takeRetainedValue().body()
                return nil
            }, argument)
        guard status == 0 else {
            Unmanaged<ThreadBody>.fromOpaque(argument).release()
            throw TandemError(.resourceExhausted, "no thread to load a model: \(String(cString: strerror(status)))", isRetryable: true)
        }
        pthread_join(thread, nil)
        return try box.result!.get()
    }

    private final class ThreadBody {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
}
