import Glibc
import SearchCore

/// Files of a test, in the system's folder for temporary ones, with names of their own.
enum FileScratch {
    static func path(_ name: String) -> String {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        return "\(folder)/tandem-\(getpid())-\(UInt32.random(in: 0 ... .max))-\(name)"
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TandemError(.internal, "cannot create \(path)") }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let n = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written) }
            guard n > 0 else { throw TandemError(.internal, "cannot write \(path)") }
            written += n
        }
    }
}
