import Foundation
import Inference
import SearchCore
import Testing

@Suite struct ModelFolderTests {
    /// A folder with a manifest and three small files; nothing in it runs.
    static func write(_ folder: String, edit: (inout [String: Any]) -> Void = { _ in }) throws {
        try FileManager.default.createDirectory(atPath: folder + "/openvino", withIntermediateDirectories: true)
        let files = ["openvino/model.xml": "<net/>", "openvino/model.bin": "weights", "tokenizer.json": "{}"]
        for (name, text) in files { try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8) }
        var manifest: [String: Any] = [
            "format": 1, "name": "small", "kind": "bi-encoder", "dimension": 4, "pooling": "mean", "normalize": true, "max_tokens": 16,
            "query_prefix": "query: ", "passage_prefix": "passage: ", "cosine_floor": 0.25, "model": "openvino/model.xml",
            "inputs": ["input_ids", "attention_mask"], "input_type": "i32", "output": "sentence_embedding",
            "files": Dictionary(uniqueKeysWithValues: files.keys.map { ($0, String(repeating: "a1b2c3d4", count: 8)) }),
            "bytes": files.mapValues(\.utf8.count),
            "crc32": files.mapValues { text in Array(text.utf8).withUnsafeBytes { String(CRC32.checksum($0), radix: 16) } },
        ]
        edit(&manifest)
        try JSONSerialization.data(withJSONObject: manifest).write(to: URL(fileURLWithPath: folder + "/tandem.json"))
    }

    static func opened(_ edit: (inout [String: Any]) -> Void = { _ in }) throws -> ModelFolder {
        try Fixtures.withTemporaryFolder { folder in
            try write(folder, edit: edit)
            return try ModelFolder(path: folder)
        }
    }

    @Test("the manifest's values are read") func values() throws {
        let model = try Self.opened()
        #expect(model.name == "small")
        #expect(model.kind == .biEncoder)
        #expect(model.dimension == 4)
        #expect(model.maxTokens == 16)
        #expect(model.queryPrefix == "query: ")
        #expect(model.passagePrefix == "passage: ")
        #expect(model.cosineFloor == 0.25)
        #expect(model.isNormalized)
        #expect(model.fingerprint.count == 16)
    }

    @Test("CRC-32 equals gzip's check value") func crc32() {
        #expect(Array("123456789".utf8).withUnsafeBytes { CRC32.checksum($0) } == 0xCBF4_3926)
        #expect([UInt8]().withUnsafeBytes { CRC32.checksum($0) } == 0)
    }

    @Test("the fingerprint stays, and changes with what changes vectors")
    func fingerprint() throws {
        let original = try Self.opened().fingerprint
        #expect(try Self.opened().fingerprint == original)
        #expect(try Self.opened { $0["name"] = "renamed" }.fingerprint == original)
        let edits: [(inout [String: Any]) -> Void] = [
            { $0["max_tokens"] = 32 }, { $0["query_prefix"] = "" }, { $0["passage_prefix"] = "query: " }, { $0["pooling"] = "cls" },
            { $0["normalize"] = false }, { $0["dimension"] = 8 },
            { manifest in
                var files = manifest["files"] as! [String: String]
                files["openvino/model.bin"] = String(repeating: "0", count: 64)
                manifest["files"] = files
            },
            { manifest in
                var files = manifest["files"] as! [String: String]
                files["tokenizer.json"] = String(repeating: "0", count: 64)
                manifest["files"] = files
            },
        ]
        let changed = try edits.map { try Self.opened($0).fingerprint }
        #expect(Set(changed + [original]).count == edits.count + 1)
    }

    @Test(
        "a manifest that this build cannot use is refused, naming the field",
        arguments: [
            ("format", 2), ("kind", "generator"), ("dimension", 0), ("dimension", 1 << 20), ("max_tokens", 0), ("inputs", ["input_ids"]),
            ("inputs", ["input_ids", "attention_mask", "pixels"]), ("input_type", "f32"), ("model", "/etc/passwd"), ("model", "../a.xml"),
            ("model", "model.onnx"), ("name", ""), ("dimension", "many"), ("files", [String: String]()),
        ] as [(String, any Sendable)])
    func refused(field: String, value: any Sendable) {
        let error = #expect(throws: TandemError.self) { _ = try Self.opened { $0[field] = value } }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(field) == true || error?.message.contains("SHA-256") == true)
    }

    @Test("a missing field is named", arguments: ["format", "name", "kind", "dimension", "max_tokens", "model", "inputs", "output", "files", "bytes"])
    func missingField(field: String) {
        let error = #expect(throws: TandemError.self) { _ = try Self.opened { $0[field] = nil } }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("'\(field)'") == true)
    }

    @Test("a file that is missing, cut or changed is found", arguments: ["openvino/model.xml", "openvino/model.bin", "tokenizer.json"])
    func damaged(name: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            try Self.write(folder)
            let file = folder + "/" + name
            let model = try ModelFolder(path: folder)
            try model.verify()
            var bytes = try FileSystem.read(file)
            bytes[0] ^= 1
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            #expect(throws: TandemError(.dataLoss, "")) { try model.verify() }
            try Data(bytes.dropLast()).write(to: URL(fileURLWithPath: file))
            #expect(throws: TandemError(.dataLoss, "")) { _ = try ModelFolder(path: folder) }
            try FileManager.default.removeItem(atPath: file)
            #expect(throws: TandemError(.notFound, "")) { _ = try ModelFolder(path: folder) }
        }
    }

    @Test("no folder, no manifest, and a manifest that is not JSON are errors")
    func noManifest() throws {
        #expect(throws: TandemError(.notFound, "")) { _ = try ModelFolder(path: "/nonexistent") }
        try Fixtures.withTemporaryFolder { folder in
            #expect(throws: TandemError(.notFound, "")) { _ = try ModelFolder(path: folder) }
            for text in ["", "{", "[]", "\u{0}"] {
                try text.write(toFile: folder + "/tandem.json", atomically: false, encoding: .utf8)
                #expect(throws: TandemError(.invalidArgument, "")) { _ = try ModelFolder(path: folder) }
            }
        }
    }

    @Test("a list holds the usable models in order and says why others are refused")
    func list() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Self.write(folder + "/b") { $0["name"] = "b" }
            try Self.write(folder + "/a") { $0["name"] = "a" }
            try Self.write(folder + "/c") { $0["format"] = 7 }
            try FileManager.default.createDirectory(atPath: folder + "/empty", withIntermediateDirectories: true)
            let list = try ModelFolder.list(in: folder)
            #expect(list.models.map(\.name) == ["a", "b"])
            #expect(list.refused.map(\.code) == [.invalidArgument])
        }
    }

    @Test("a model that OpenVINO cannot read is an error with the model's name and the status, never a crash", arguments: [InferencePrecision.f32, .automatic])
    func unreadable(precision: InferencePrecision) throws {
        try Fixtures.withTemporaryFolder { folder in
            try Self.write(folder) { manifest in
                // A usable tokenizer, so that the graph is what fails.
                let tokenizer = try! Data(contentsOf: URL(fileURLWithPath: Fixtures.path("wordpiece-small.json")))
                try! tokenizer.write(to: URL(fileURLWithPath: folder + "/tokenizer.json"))
                manifest["bytes"] = [String: Int]()
                manifest["crc32"] = nil
            }
            let runtime = try InferenceRuntime(.init(threads: 1, precision: precision))
            let error = #expect(throws: TandemError.self) { _ = try Embedder(ModelFolder(path: folder), runtime: runtime) }
            #expect(error?.code == .internal)
            #expect(error?.message.contains("model 'small'") == true)
            #expect(error?.message.contains("status -1") == true)
        }
    }
}
