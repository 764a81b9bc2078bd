import Foundation
import SearchCore

/// `tandem.json`: what the converter wrote about a model folder (fields: docs/models.md).
struct ModelManifest: Decodable {
    static let fileName = "tandem.json"
    static let formatRead = 1

    var format: Int
    var name: String
    var kind: String
    var dimension: Int
    var layers: Int?
    var pooling: String?
    var normalize: Bool?
    var max_tokens: Int
    var query_prefix: String?
    var passage_prefix: String?
    var cosine_floor: Double?
    var model: String
    var inputs: [String]
    var input_type: String?
    var output: String
    /// Path in the folder to SHA-256 in hexadecimal.
    var files: [String: String]
    /// Path in the folder to size.
    var bytes: [String: Int]
    /// Path in the folder to CRC-32 (ISO 3309, as in gzip) in hexadecimal; checked at load where it is given.
    var crc32: [String: String]?

    /// - Throws: `NOT_FOUND` without the file; `INVALID_ARGUMENT` with the field that is wrong.
    static func read(folder: String) throws -> ModelManifest {
        let path = folder + "/" + fileName
        let bytes: [UInt8]
        do {
            bytes = try FileSystem.read(path)
        } catch let error as TandemError where error.code == .notFound {
            throw TandemError(.notFound, "\(path): no such file; convert the model with tools/fetch-models or 'tandem model add'")
        }
        do {
            return try JSONDecoder().decode(ModelManifest.self, from: Data(bytes))
        } catch DecodingError.keyNotFound(let key, _) {
            throw TandemError.invalidArgument("\(path): lacks '\(key.stringValue)'; convert the model again")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let field = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw TandemError.invalidArgument("\(path): '\(field)' has the wrong type; convert the model again")
        } catch {
            throw TandemError.invalidArgument("\(path): not JSON; convert the model again")
        }
    }
}
