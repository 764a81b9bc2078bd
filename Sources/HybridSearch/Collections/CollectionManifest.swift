import Foundation
import SearchCore
import Storage

/// What makes a folder a collection: its schema and its serving generation; replaced atomically at a flip.
struct CollectionManifest: Codable, Sendable {
    var name: String
    /// Tells apart two collections that bore one name, in backups and logs.
    var uuid: String
    var schema: CollectionSchema
    var generation: UInt64
    /// Words that mean the same, in queries. Nil in manifests of before there were any.
    var synonyms: [SynonymRule]?

    /// 2: schemas may have several vector fields, of which a reader of version 1 would have served the first, in silence.
    static let kind = SectionFile.Kind("TCOL", version: 2)
    static let fileName = "COLLECTION"

    static func read(folder: String) throws -> CollectionManifest {
        let path = folder + "/" + fileName
        let payload = try ManifestFile.read(path, kind: kind).payload
        do {
            return try JSONDecoder().decode(CollectionManifest.self, from: Data(payload))
        } catch {
            throw TandemError.damaged(path, "its JSON does not decode as a collection manifest: \(error)")
        }
    }

    func write(folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try ManifestFile.write(folder + "/" + Self.fileName, kind: Self.kind, payload: [UInt8](encoder.encode(self)))
    }
}
