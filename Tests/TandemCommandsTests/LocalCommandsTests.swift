import Foundation
import TandemCommands
import Testing

@Suite struct BackupRestorerTests {
    private func makeBackup(_ folder: String) throws {
        let files = [
            "collections/a/COLLECTION": "manifest", "collections/a/store/000001.sst": String(repeating: "x", count: 2_500_000),
            "collections/a/generations/1/empty": "", "collections/b/COLLECTION": "other",
        ]
        for (name, content) in files {
            let path = "\(folder)/\(name)"
            try FileManager.default.createDirectory(atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    private func failure(_ restorer: BackupRestorer) -> String? {
        do {
            _ = try restorer.run()
            return nil
        } catch { return "\(error)" }
    }

    @Test("a backup becomes a data folder, byte for byte; a second restore into it is refused")
    func restore() throws {
        let scratch = ScratchFile("")
        try makeBackup(scratch.folder + "/backup")
        let data = scratch.folder + "/new/data"
        let report = try BackupRestorer(backup: scratch.folder + "/backup/", data: data + "/").run()
        #expect(report.collections == ["a", "b"] && report.files == 4 && report.bytes == 2_500_013)
        #expect(FileManager.default.contentsEqual(atPath: scratch.folder + "/backup/collections", andPath: data + "/collections"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: data).sorted() == ["collections", "tandem.lock"])
        #expect(failure(BackupRestorer(backup: scratch.folder + "/backup", data: data))?.contains("not empty") == true)
    }

    @Test("what is no whole backup is refused before anything is made")
    func notABackup() throws {
        let scratch = ScratchFile("")
        let data = scratch.folder + "/data"
        #expect(failure(BackupRestorer(backup: scratch.folder, data: data))?.contains("no backup") == true)
        try makeBackup(scratch.folder + "/backup")
        try FileManager.default.removeItem(atPath: scratch.folder + "/backup/collections/b/COLLECTION")
        #expect(failure(BackupRestorer(backup: scratch.folder + "/backup", data: data))?.contains("not whole") == true)
        #expect(!FileManager.default.fileExists(atPath: data))
    }

    @Test("a folder that a daemon holds is refused")
    func inUse() throws {
        let scratch = ScratchFile("")
        try makeBackup(scratch.folder + "/backup")
        let data = scratch.folder + "/data"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let descriptor = open(data + "/tandem.lock", O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        #expect(failure(BackupRestorer(backup: scratch.folder + "/backup", data: data))?.contains("in use") == true)
    }

    @Test("a failed restore leaves nothing but the lock, and can be run again")
    func cleanUp() throws {
        let scratch = ScratchFile("")
        try makeBackup(scratch.folder + "/backup")
        let link = scratch.folder + "/backup/collections/b/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/etc/passwd")
        let data = scratch.folder + "/data"
        #expect(failure(BackupRestorer(backup: scratch.folder + "/backup", data: data))?.contains("neither a file nor a folder") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: data) == ["tandem.lock"])
        try FileManager.default.removeItem(atPath: link)
        #expect(failure(BackupRestorer(backup: scratch.folder + "/backup", data: data)) == nil)
    }
}

@Suite struct ModelConverterTests {
    private func find(_ environment: [String: String], _ executable: String?, there: Set<String>) -> Result<ModelConverter, any Error> {
        Result { try ModelConverter.find(environment: environment, executable: executable, exists: { there.contains($0) }) }
    }

    private let python = "/usr/local/lib/tandem/venv/bin/python3"

    @Test("the converter is looked for in the environment, the checkout above the program, the prefix")
    func places() throws {
        let checkout = "/src/tandem/tools/models/convert.py"
        let program = "/src/tandem/.build/x86_64-unknown-linux-gnu/release/tandem"
        #expect(try find([:], program, there: [checkout, python]).get().script == checkout)
        let installed = "/usr/local/lib/tandem/models/convert.py"
        #expect(try find([:], "/usr/local/bin/tandem", there: [installed, python]).get().script == installed)
        #expect(try find(["TANDEM_CONVERTER": "/c.py"], program, there: ["/c.py", checkout, python]).get().script == "/c.py")
        let own = "/opt/t/lib/tandem/venv/bin/python3"
        #expect(try find(["TANDEM_PREFIX": "/opt/t"], program, there: [checkout, own]).get().python == own)
    }

    @Test("what is missing is said with what to do")
    func missing() {
        func text(_ result: Result<ModelConverter, any Error>) -> String {
            if case .failure(let error) = result { "\(error)" } else { "found" }
        }
        #expect(text(find([:], "/a/b", there: [python])).contains("TANDEM_CONVERTER"))
        #expect(text(find([:], "/a/b", there: ["/a/tools/models/convert.py"])).contains("tools/bootstrap"))
        #expect(text(find(["TANDEM_CONVERTER": "/gone"], nil, there: [python])).contains("/gone"))
    }

    @Test("models are listed by name; a damaged manifest is named and leaves the others alone")
    func listing() throws {
        let scratch = ScratchFile("")
        for (name, manifest) in [
            ("b", #"{"name": "b", "kind": "bi-encoder", "dimension": 384, "max_tokens": 256, "pooling": "mean", "files": {}}"#),
            ("a", #"{"name": "a", "kind": "cross-encoder", "dimension": 1, "max_tokens": 512, "pooling": null}"#), ("c", "{"),
        ] {
            try FileManager.default.createDirectory(atPath: "\(scratch.folder)/\(name)", withIntermediateDirectories: true)
            try Data(manifest.utf8).write(to: URL(fileURLWithPath: "\(scratch.folder)/\(name)/tandem.json"))
        }
        let (models, refused) = try ModelListing.read(scratch.folder)
        #expect(models.map(\.name) == ["a", "b"])
        #expect(refused.count == 1 && refused[0].contains("/c/tandem.json"))
        #expect(try ModelListing.read(scratch.folder + "/none").models.isEmpty)
    }
}
