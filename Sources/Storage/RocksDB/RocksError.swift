import CRocksDB
import SearchCore

/// Turns RocksDB's error strings into ``TandemError``.
///
/// The C API hands out a status only as text: "<kind>: <reason>[: <reason of the system>]". The kinds and the system's
/// reasons are stable (`Status::ToString`, `strerror`), so they are what is looked at.
enum RocksError {
    /// Runs a C call that reports through `errptr`.
    static func check<R>(_ store: String, _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R) throws -> R {
        var text: UnsafeMutablePointer<CChar>?
        let result = call(&text)
        if let text { throw take(text, store) }
        return result
    }

    /// Frees `text`.
    static func take(_ text: UnsafeMutablePointer<CChar>, _ store: String) -> TandemError {
        defer { rocksdb_free(text) }
        return translate(String(cString: text), store)
    }

    static func translate(_ text: String, _ store: String) -> TandemError {
        let noSpace = ["No space left on device", "Disk quota exceeded", "Read-only file system", "File too large"]
        if let reason = noSpace.first(where: { text.contains($0) }) {
            return TandemError(
                .resourceExhausted,
                "store \(store): the disk takes no more data (\(reason)); free space or make it writable: writes then resume by themselves, reads go on",
                isRetryable: true, detail: text, retryAfter: .seconds(1))
        }
        if text.contains("lock file") || text.contains("lock hold by current process") {
            return TandemError(.failedPrecondition, "store \(store): is open in another process or twice in this one; stop the other one first", detail: text)
        }
        if text.hasPrefix("Shutdown in progress") || text.contains("database is shutting down") {
            return TandemError(.unavailable, "store \(store): was being closed or reopened", isRetryable: true, detail: text)
        }
        if text.hasPrefix("Corruption") {
            // RocksDB's message names its file and block, never a document's content.
            return .damaged("store \(store)", text)
        }
        if text.contains("No such file or directory") || text.contains("does not exist") {
            return TandemError(.notFound, "store \(store): \(text)")
        }
        return TandemError(.internal, "store \(store): \(text)", isRetryable: text.hasPrefix("IO error"))
    }
}
