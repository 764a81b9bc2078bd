import Foundation
import LexicalIndex
import SearchCore
import Storage
import VectorIndex

/// What a generation's files cover; the payload of its MANIFEST, as JSON (docs/formats/manifest.md).
///
/// The manifest is replaced atomically; a file that it does not name is a leftover of an interrupted step and is removed
/// on opening. Of those that it names it knows the checksums, so that another file of the same name, whole in itself, is
/// noticed; they are nil in manifests of before there were checksums.
struct GenerationManifest: Codable, Sendable {
    struct Documents: Codable, Sendable {
        /// `<file>.lex` and `<file>.col`.
        var file: UInt64
        var appliedThrough: UInt64
        var lexicalChecksum: UInt32?
        var columnChecksum: UInt32?
    }

    struct Vectors: Codable, Sendable {
        /// `<file>.vec`.
        var file: UInt64
        /// Name of the vector field; nil in manifests of version 1, which speak of the schema's only one.
        var field: String?
        var appliedThrough: UInt64
        var checksum: UInt32?
        /// `<graph>.graph`; nil while there is none. It may be missing or damaged: it is built anew then.
        var graph: UInt64?
        var graphChecksum: UInt32?
        var graphCalibration: GraphCalibration?
    }

    var generation: UInt64
    var schema: CollectionSchema
    /// Fingerprint of the embedding model whose vectors these are; nil without a model.
    var modelFingerprint: String?
    /// The log is replayed after this sequence.
    var applied: UInt64
    var vectorApplied: UInt64
    var documents: [Documents]
    var vectors: [Vectors]
    /// `<live>.live`: live bitmap and dead counts; nil while there is no document.
    var live: UInt64?
    var liveChecksum: UInt32?
    /// Next number for a file; numbers are never used twice.
    var nextFile: UInt64

    static let kind = SectionFile.Kind("TGEN", version: 2)
    static let fileName = "MANIFEST"

    static func read(folder: String) throws -> GenerationManifest {
        let path = folder + "/" + fileName
        let payload = try ManifestFile.read(path, kind: kind).payload
        do {
            return try JSONDecoder().decode(GenerationManifest.self, from: Data(payload))
        } catch {
            throw TandemError.damaged(path, "its JSON does not decode as a generation manifest: \(error)")
        }
    }

    func write(folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try ManifestFile.write(folder + "/" + Self.fileName, kind: Self.kind, payload: [UInt8](encoder.encode(self)))
    }

    /// Every section file that the manifest speaks of and that there must be, and its checksum if it is known.
    var sectionFiles: [(name: String, checksum: UInt32?)] {
        documents.flatMap { [(Self.lexicalName($0.file), $0.lexicalChecksum), (Self.columnName($0.file), $0.columnChecksum)] }
            + vectors.map { (Self.vectorName($0.file), $0.checksum) } + (live.map { [(Self.liveName($0), liveChecksum)] } ?? [])
    }

    /// Names of every file that the manifest speaks of.
    var fileNames: Set<String> {
        Set(sectionFiles.map(\.name)).union([Self.fileName]).union(vectors.compactMap { $0.graph.map(Self.graphName) })
    }

    /// Maps a file that the manifest names. Whether its bytes are what was written is for the opening of its sections to find out.
    /// - Throws: `NOT_FOUND`; `DATA_LOSS` naming the file, when it is another one.
    /// - Complexity: O(1).
    static func map(_ name: String, checksum expected: UInt32?, folder: String) throws -> MappedFile {
        let file = try MappedFile(mapping: folder + "/" + name)
        if let expected, let found = SectionFile.checksum(of: file.bytes), found != expected {
            throw TandemError(
                .dataLoss,
                "\(file.name): is not the file that \(fileName) names: checksum 0x\(String(found, radix: 16)), expected 0x\(String(expected, radix: 16)); "
                    + "put the right one back or re-index")
        }
        return file
    }

    static func lexicalName(_ file: UInt64) -> String { name(file, "lex") }
    static func columnName(_ file: UInt64) -> String { name(file, "col") }
    static func vectorName(_ file: UInt64) -> String { name(file, "vec") }
    static func graphName(_ file: UInt64) -> String { name(file, "graph") }
    static func liveName(_ file: UInt64) -> String { name(file, "live") }

    private static func name(_ file: UInt64, _ suffix: String) -> String {
        let digits = String(file)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + "." + suffix
    }
}

/// The live bitmap and the dead counts of a checkpoint; a section file of kind LIVE (docs/formats/live.md).
package enum LiveFile {
    private static let kind = SectionFile.Kind("LIVE", version: 1)
    private static let bitmapSection: UInt32 = 1
    private static let countsSection: UInt32 = 2

    package static func encode(live: DocBitSet, dead: [DeadCounts]) -> [UInt8] {
        var bitmap = ByteWriter(capacity: live.words.count * 8 + 8)
        bitmap.append(UInt64(live.capacity))
        live.words.withUnsafeBytes { bitmap.append(bytes: $0) }
        var counts = ByteWriter()
        counts.append(UInt32(dead.count))
        for one in dead { one.encode(into: &counts) }
        var file = SectionFileWriter(kind: kind)
        file.append(section: bitmapSection, bitmap.bytes)
        file.append(section: countsSection, counts.bytes)
        return file.finish()
    }

    /// - Parameter segments: how many dead counts there must be.
    package static func decode(_ mapped: MappedFile, segments: Int) throws -> (live: DocBitSet, dead: [DeadCounts]) {
        let path = mapped.name
        let file = try SectionFile(mapped, kind: kind)
        var bitmap = ByteReader(try file.required(bitmapSection), name: path)
        let capacity: UInt64 = try bitmap.read()
        guard capacity <= UInt64(UInt32.max), bitmap.remaining == Int((capacity + 63) / 64) * 8 else {
            throw TandemError.damaged(path, "a live bitmap of \(capacity) documents in \(bitmap.remaining) bytes")
        }
        var words: [UInt64] = []
        words.reserveCapacity(bitmap.remaining / 8)
        while !bitmap.isAtEnd { words.append(try bitmap.read()) }
        var reader = ByteReader(try file.required(countsSection), name: path)
        let count: UInt32 = try reader.read()
        guard count == UInt32(segments) else {
            throw TandemError.damaged(path, "dead counts of \(count) segments, expected \(segments)")
        }
        var dead: [DeadCounts] = []
        for _ in 0..<segments { dead.append(try DeadCounts(from: &reader)) }
        return (DocBitSet(words: words, capacity: Int(capacity)), dead)
    }
}
