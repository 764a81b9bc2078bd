import Glibc
import SearchCore

/// A converted model on disk: `tandem.json`, `tokenizer.json` and the OpenVINO IR, checked but not loaded.
///
/// Cheap to make (a few KB are read), so a list of models costs nothing. Immutable.
public struct ModelFolder: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// Text to vector.
        case biEncoder = "bi-encoder"
        /// Query and passage to a score.
        case crossEncoder = "cross-encoder"
    }

    public let path: String
    public let name: String
    public let kind: Kind
    /// Components of a vector; 1 for a cross-encoder.
    public let dimension: Int
    /// Longest sequence with its special tokens.
    public let maxTokens: Int
    /// Put before a query's text, as "query: " for E5; often empty.
    public let queryPrefix: String
    /// Put before a document's text.
    public let passagePrefix: String
    /// Lowest cosine that the model gives to unrelated texts: the floor of theoretical normalisation.
    public let cosineFloor: Double
    /// True if the vectors come out with length 1.
    public let isNormalized: Bool
    /// 16 hexadecimal digits that change with anything that changes a vector: weights, graph, tokenizer, prefixes, cut.
    public let fingerprint: String

    let modelPath: String
    var weightsPath: String { String(modelPath.dropLast(4)) + ".bin" }
    public var tokenizerPath: String { path + "/tokenizer.json" }
    let inputs: [String]
    let output: String
    private let sizes: [String: Int]
    private let checksums: [String: UInt32]
    private let relativeModel: String

    static let knownInputs = ["input_ids", "attention_mask", "token_type_ids"]

    /// - Throws: `NOT_FOUND` if the folder or a file of it is missing, `INVALID_ARGUMENT` if the manifest is not one that
    ///   this build reads, `DATA_LOSS` if a file has another size than the manifest says.
    public init(path: String) throws {
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let manifest = try ModelManifest.read(folder: folder)
        let file = folder + "/" + ModelManifest.fileName
        func check(_ condition: Bool, _ message: @autoclosure () -> String) throws {
            if !condition { throw TandemError.invalidArgument("\(file): \(message())") }
        }
        try check(
            manifest.format == ModelManifest.formatRead,
            "format \(manifest.format), this build reads \(ModelManifest.formatRead); convert the model again")
        guard let kind = Kind(rawValue: manifest.kind) else {
            throw TandemError.invalidArgument("\(file): kind '\(manifest.kind)', expected 'bi-encoder' or 'cross-encoder'")
        }
        try check(!manifest.name.isEmpty && manifest.name.utf8.count <= 256, "the name is empty or longer than 256 bytes")
        try check(
            (1...Limits.dimensionsMax).contains(manifest.dimension), "dimension \(manifest.dimension), expected 1 to \(Limits.dimensionsMax)")
        try check((8...8192).contains(manifest.max_tokens), "max_tokens \(manifest.max_tokens), expected 8 to 8192")
        try check(
            manifest.inputs.contains("input_ids") && manifest.inputs.contains("attention_mask")
                && manifest.inputs.allSatisfy(Self.knownInputs.contains),
            "inputs \(manifest.inputs), expected input_ids, attention_mask and maybe token_type_ids")
        try check(manifest.input_type ?? "i32" == "i32", "input_type '\(manifest.input_type ?? "")', expected 'i32'")
        try check(
            manifest.model.hasSuffix(".xml") && !manifest.model.hasPrefix("/") && !manifest.model.split(separator: "/").contains(".."),
            "model '\(manifest.model)', expected the path of an .xml file inside the folder")
        try check((manifest.cosine_floor ?? 0).magnitude < 1, "cosine_floor is not between -1 and 1")

        self.path = folder
        name = manifest.name
        self.kind = kind
        dimension = manifest.dimension
        maxTokens = manifest.max_tokens
        queryPrefix = manifest.query_prefix ?? ""
        passagePrefix = manifest.passage_prefix ?? ""
        cosineFloor = manifest.cosine_floor ?? 0
        isNormalized = manifest.normalize ?? false
        relativeModel = manifest.model
        modelPath = folder + "/" + manifest.model
        inputs = manifest.inputs
        output = manifest.output
        sizes = manifest.bytes
        checksums = (manifest.crc32 ?? [:]).compactMapValues { UInt32($0, radix: 16) }
        let relativeWeights = String(manifest.model.dropLast(4)) + ".bin"
        fingerprint = try Self.fingerprint(
            manifest, file: file, digests: [relativeWeights, manifest.model, "tokenizer.json"].map { ($0, manifest.files[$0]) })
        try verifySizes()
    }

    /// The models of a folder of model folders, in order of name; sub-folders without a `tandem.json` are passed over.
    /// - Returns: the usable ones, and for each other one why it is refused.
    public static func list(in folder: String) throws -> (models: [ModelFolder], refused: [TandemError]) {
        var models: [ModelFolder] = []
        var refused: [TandemError] = []
        for entry in try FileSystem.list(folder) where FileSystem.exists("\(folder)/\(entry)/\(ModelManifest.fileName)") {
            do {
                models.append(try ModelFolder(path: "\(folder)/\(entry)"))
            } catch let error as TandemError {
                refused.append(error)
            }
        }
        return (models.sorted { $0.name < $1.name }, refused)
    }

    private var loadedFiles: [String] { [relativeModel, String(relativeModel.dropLast(4)) + ".bin", "tokenizer.json"] }

    private func verifySizes() throws {
        for relative in loadedFiles {
            var info = stat()
            guard stat("\(path)/\(relative)", &info) == 0 else { throw FileSystem.error("model '\(name)': open", "\(path)/\(relative)") }
            let size = Int(info.st_size)
            if let expected = sizes[relative], expected != size {
                throw damaged(relative, "\(size) bytes, expected \(expected)")
            }
        }
    }

    /// Reads the graph, the weights and the tokenizer and compares their checksums with the manifest's.
    ///
    /// A model calculates happily with damaged weights, so this runs at every load. Files without a `crc32` in the
    /// manifest are compared by size only.
    /// - Throws: `DATA_LOSS` naming the first file that differs.
    /// - Complexity: O(bytes), about 5 GB/s when the files are cached.
    public func verify() throws {
        try verifySizes()
        for relative in loadedFiles {
            guard let expected = checksums[relative] else { continue }
            let file = try MappedFile(mapping: "\(path)/\(relative)")
            // The bytes are mapped only as long as the object lives.
            let found = withExtendedLifetime(file) { CRC32.checksum(file.bytes) }
            guard found == expected else {
                throw damaged(relative, "CRC-32 \(String(found, radix: 16)), expected \(String(expected, radix: 16))")
            }
        }
    }

    private func damaged(_ relative: String, _ what: String) -> TandemError {
        TandemError(.dataLoss, "model '\(name)': \(path)/\(relative): \(what); fetch or convert the model again")
    }

    /// The parts are SHA-256 digests already, so folding their prefixes keeps them apart; the settings are few bytes, for
    /// which a CRC does.
    private static func fingerprint(_ manifest: ModelManifest, file: String, digests: [(String, String?)]) throws -> String {
        var folded: UInt64 = 0
        for (name, digest) in digests {
            guard let digest, digest.count == 64, let prefix = UInt64(digest.prefix(16), radix: 16) else {
                throw TandemError.invalidArgument("\(file): 'files' holds no SHA-256 of \(name); convert the model again")
            }
            folded = (folded << 21 | folded >> 43) ^ prefix
        }
        let settings = [
            manifest.kind, "\(manifest.dimension)", "\(manifest.max_tokens)", manifest.pooling ?? "", "\(manifest.normalize ?? false)",
            manifest.query_prefix ?? "", manifest.passage_prefix ?? "",
        ].joined(separator: "\u{0}")
        folded ^= UInt64(CRC32C.checksum(Array(settings.utf8))) << 16
        let text = String(folded, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
