import ColumnIndex
import LexicalIndex
import SearchCore
import Storage
import VectorIndex

extension Collection {
    /// Copies the collection into a new folder, consistent as of some moment during the call, and verifies the copy.
    ///
    /// First the index files of the last checkpoint (hard links where the file system allows), then a checkpoint of the
    /// store, which is at least as new: opening the copy replays what lies between, as after a crash.
    func backup(to destination: String) throws {
        var attempts = 0
        while true {
            let (manifest, serving) = state.withLock { ($0.manifest, $0.serving) }
            // What the copied index files have yet to replay must not be trimmed before the store is copied.
            let pin = trimming.withLock { _ in
                let pin = serving.state.withLock { $0.checkpoint }
                pins.add(pin)
                return pin
            }
            defer { pins.remove(pin) }
            let generation = destination + "/generations/" + String(serving.number)
            try FileSystem.createFolder(generation)
            do {
                try serving.copyCheckpoint(to: generation)
            } catch let error as TandemError where error.code == .notFound && self.serving !== serving && attempts < 3 {
                // A flip has just removed this generation's files.
                attempts += 1
                try FileSystem.removeTree(generation)
                continue
            }
            try store.checkpoint(to: destination + "/store")
            try manifest.write(folder: destination)
            try FileSystem.sync(folder: destination)
            try Self.verifyBackup(destination)
            return
        }
    }

    /// Opens every file of a backup of one collection: checksums of the index files, every record of the store.
    /// - Throws: `DATA_LOSS` naming the file.
    static func verifyBackup(_ folder: String) throws {
        let manifest = try CollectionManifest.read(folder: folder)
        let generation = folder + "/generations/" + String(manifest.generation)
        if FileSystem.exists(generation + "/" + GenerationManifest.fileName) {
            _ = try Generation.load(folder: generation, schema: manifest.schema, fields: manifest.schema.attributeFields(), verifiedBytesMax: .max)
        }
        let report = try DocumentStore.verify(folder + "/store")
        if let index = try? GenerationManifest.read(folder: generation), SequenceNumber(index.applied) > report.lastSequence {
            throw TandemError(
                .dataLoss, "backup \(folder): its log ends at write \(report.lastSequence), its index files cover \(index.applied): writes are missing")
        }
        guard report.isWhole else {
            throw TandemError(.dataLoss, "backup \(folder): \(report.problemCount) problems in the store, the first: \(report.problems[0])")
        }
    }
}

extension Generation {
    /// Links or copies the files that the manifest names, and the manifest, while no checkpoint can change them.
    func copyCheckpoint(to destination: String) throws {
        try checkpointLock.withLock { _ in
            guard FileSystem.exists(folder + "/" + GenerationManifest.fileName) else { return }
            let manifest = try GenerationManifest.read(folder: folder)
            for name in manifest.fileNames.sorted() where name != GenerationManifest.fileName {
                try FileSystem.linkOrCopy(folder + "/" + name, to: destination + "/" + name)
            }
            try manifest.write(folder: destination)
        }
    }
}
