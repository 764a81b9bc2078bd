import Glibc
import SearchCore
import Storage
import Testing

/// Question: documents a second that become durable, in batches of 100 of 1 KB from four connections; and the memory that takes.
/// Tiny by default, so that it does not rot; TANDEM_BENCH_DOCUMENTS=1000000 measures an import.
@Suite("Commit throughput", .serialized)
struct CommitThroughputTests {
    static func anonymousMegabytes() -> Int {
        let status = (try? FileSystem.readStream("/proc/self/status")) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix("RssAnon:") {
            return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1024
        }
        return 0
    }

    @Test("batches of 100 documents of 1 KB become durable; all of them are there", arguments: [1, 4])
    func throughput(connections: Int) throws {
        let total = environmentValue("TANDEM_BENCH_DOCUMENTS").flatMap(Int.init) ?? 4000
        let bench = try Bench()
        let clock = ContinuousClock()
        // Words that compress about as text does; made beforehand, so that making them is not measured.
        let texts = (0..<4096).map { n in
            var text = ""
            var state = UInt64(n) &* 0x9E37_79B9_7F4A_7C15
            while text.utf8.count < 1000 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += String(state >> 44, radix: 36) + " "
            }
            return text
        }
        let took = clock.measure {
            onThreads(connections) { connection in
                for batch in 0..<(total / 100 / connections) {
                    let operations = (0..<100).map { n in
                        WriteOperation.upsert(document("document/\(connection)/\(batch)/\(n)", texts[(batch * 100 + n) & 4095]))
                    }
                    try! bench.committer.commit(WriteBatch(operations))
                }
            }
        }
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        print(
            "\(connections) connections: \(Int(Double(total) / seconds)) documents/s;",
            "anonymous memory \(Self.anonymousMegabytes()) MB, write buffers \(bench.store.memoryBytes >> 20) MB,",
            "cache \(BlockCache.shared.bytesUsed >> 20) MB, disk \(bench.store.diskBytes >> 20) MB")
        #expect(bench.store.liveDocumentCount == total)
        func read(_ state: String) throws {
            var random = SeededGenerator("reads")
            let start = clock.now
            for _ in 0..<200 {
                let versions = (0..<10).map { _ in SequenceNumber(UInt64.random(in: 1...UInt64(total), using: &random)) }
                let found = try bench.store.documents(at: versions)
                #expect(found.allSatisfy { $0 != nil })
            }
            print("\(state): a page of 10 documents by version: \(start.duration(to: clock.now) / 200)")
        }
        try read("as written")
        try bench.store.compact()
        try read("compacted")
        bench.close()
    }
}

extension FileSystem {
    /// A file of /proc, whose size is 0.
    static func readStream(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw error("open", path) }
        defer { fclose(file) }
        var text = ""
        while let c = Optional(fgetc(file)), c != EOF { text.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: c))) }
        return text
    }
}
