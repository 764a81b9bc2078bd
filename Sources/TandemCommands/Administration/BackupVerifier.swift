import Foundation

/// Has tandemd read a backup: only the engine knows what must be in it, and this program never links the engine.
enum BackupVerifier {
    /// - Throws: ``CommandFailure`` when the backup is damaged or incomplete, or when there is no tandemd to ask.
    static func verify(_ backup: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try daemonPath())
        process.arguments = ["--verify-backup", backup]
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        do { try process.run() } catch { throw CommandFailure("tandemd cannot be started to verify the backup: \(error.localizedDescription)") }
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let reason = said.split(separator: "\n").last.map(String.init)?.replacing("tandemd: ", with: "") ?? "tandemd ended without a word"
            throw CommandFailure("\(backup) cannot be restored, nothing was written: \(reason)")
        }
    }

    private static func daemonPath() throws -> String {
        var folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        if let own = ModelConverter.executablePath() { folders.insert((own as NSString).deletingLastPathComponent, at: 0) }
        for folder in folders where FileManager.default.isExecutableFile(atPath: folder + "/tandemd") { return folder + "/tandemd" }
        throw CommandFailure("tandemd is neither beside this program nor on the PATH; it is needed to verify the backup")
    }
}
