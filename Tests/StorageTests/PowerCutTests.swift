import SearchCore
import Storage
import Testing

@Suite("Power-cut shim", .enabled(if: PowerCut.tools != nil, "needs make and a C compiler for tools/powercut"))
struct PowerCutTests {
    static let hasPython = (try? ChildProcess.run(["python3", "-c", "pass"])) == 0

    /// Runs a Python script under the shim in a folder that holds `old` ("old") and `sub/kept` ("kept"), rolls the folder back,
    /// and returns what is there: path → content.
    func after(_ script: String) throws -> [String: String] {
        let tools = PowerCut.tools!
        let folder = TemporaryFolder()
        let watched = folder.path + "/data"
        try FileSystem.createFolder(watched + "/sub")
        try FileSystem.writeAtomically(watched + "/old", Array("old".utf8))
        try FileSystem.writeAtomically(watched + "/sub/kept", Array("kept".utf8))
        let prelude = """
            import os
            os.chdir('\(watched)')
            def put(name, text, sync=False, flags=os.O_WRONLY | os.O_CREAT):
                fd = os.open(name, flags, 0o644)
                os.write(fd, text.encode())
                if sync: os.fsync(fd)
                os.close(fd)
            def sync(name):
                fd = os.open(name, os.O_RDONLY)
                os.fsync(fd)
                os.close(fd)

            """
        let status = ChildProcess.wait(
            try ChildProcess.start(
                ["python3", "-B", "-c", prelude + script], environment: ["LD_PRELOAD": tools.shim, "TANDEM_POWERCUT_DIR": watched]))
        #expect(status == 0)
        #expect(try ChildProcess.run([tools.rollback, watched]) == 0)
        #expect(!FileSystem.exists(watched + ".durable"))
        var found: [String: String] = [:]
        func walk(_ path: String, _ name: String) throws {
            for entry in try FileSystem.list(path) {
                if let bytes = try? FileSystem.read(path + "/" + entry) {
                    found[name + entry] = String(decoding: bytes, as: UTF8.self)
                } else {
                    found[name + entry + "/"] = ""
                    try walk(path + "/" + entry, name + entry + "/")
                }
            }
        }
        try walk(watched, "")
        return found
    }

    @Test(
        "what was fsynced stays, in files and in folders, and nothing else does",
        .enabled(if: hasPython, "needs python3"),
        arguments: [
            ("pass", ["old": "old"]),
            // A file needs its own fsync and its folder's.
            ("put('new', 'x', sync=True)", ["old": "old"]),
            ("put('new', 'x'); sync('.')", ["old": "old", "new": ""]),
            ("put('new', 'x', sync=True); sync('.')", ["old": "old", "new": "x"]),
            ("sync('.'); put('new', 'x', sync=True)", ["old": "old"]),
            // Later writes to a durable file.
            ("put('old', 'OLDER')", ["old": "old"]),
            ("put('old', 'OLDER', sync=True)", ["old": "OLDER"]),
            ("put('old', 'X', sync=True); put('old', 'YZ')", ["old": "Xld"]),
            ("put('old', '+1', sync=True, flags=os.O_WRONLY | os.O_APPEND); put('old', '+2', flags=os.O_WRONLY | os.O_APPEND)", ["old": "old+1"]),
            ("fd = os.open('old', os.O_RDWR); os.pwrite(fd, b'Z', 4); os.fdatasync(fd); os.pwrite(fd, b'Q', 0)", ["old": "old\0Z"]),
            ("put('old', 'S', flags=os.O_WRONLY | os.O_DSYNC)", ["old": "Sld"]),
            ("os.truncate('old', 1) if False else None; fd = os.open('old', os.O_RDWR); os.ftruncate(fd, 1)", ["old": "old"]),
            ("fd = os.open('old', os.O_RDWR); os.ftruncate(fd, 1); os.fsync(fd)", ["old": "o"]),
            // Renames and unlinks last from the folder's fsync on.
            ("os.rename('old', 'renamed')", ["old": "old"]),
            ("os.rename('old', 'renamed'); sync('.')", ["renamed": "old"]),
            ("os.unlink('old')", ["old": "old"]),
            ("os.unlink('old'); sync('.')", [:]),
            ("put('t', 'new', sync=True); os.rename('t', 'old')", ["old": "old"]),
            ("put('t', 'new', sync=True); os.rename('t', 'old'); sync('.')", ["old": "new"]),
            ("put('t', 'new'); os.rename('t', 'old'); sync('.')", ["old": ""]),
            // A name (and perhaps an inode) used again.
            ("os.unlink('old'); put('old', 'again', sync=True)", ["old": "old"]),
            ("os.unlink('old'); put('old', 'again', sync=True); sync('.')", ["old": "again"]),
            ("os.link('old', 'also'); sync('.')", ["old": "old", "also": "old"]),
        ] as [(String, [String: String])])
    func rules(script: String, expected: [String: String]) throws {
        let kept = ["sub/": "", "sub/kept": "kept"]
        #expect(try after(script) == expected.merging(kept) { $1 })
    }

    @Test(
        "sub-folders follow the same rules",
        .enabled(if: hasPython, "needs python3"),
        arguments: [
            ("os.mkdir('d'); put('d/f', 'x', sync=True); sync('d')", ["sub/": "", "sub/kept": "kept"]),
            ("os.mkdir('d'); put('d/f', 'x', sync=True); sync('.')", ["sub/": "", "sub/kept": "kept", "d/": ""]),
            ("os.mkdir('d'); put('d/f', 'x', sync=True); sync('d'); sync('.')", ["sub/": "", "sub/kept": "kept", "d/": "", "d/f": "x"]),
            ("os.rename('sub', 'bus'); put('bus/n', 'n', sync=True); sync('bus')", ["sub/": "", "sub/kept": "kept", "sub/n": "n"]),
            ("os.rename('sub', 'bus'); sync('.')", ["bus/": "", "bus/kept": "kept"]),
            ("os.unlink('sub/kept'); os.rmdir('sub'); os.mkdir('sub')", ["sub/": "", "sub/kept": "kept"]),
            ("os.unlink('sub/kept'); os.rmdir('sub'); sync('.')", [:]),
        ] as [(String, [String: String])])
    func folders(script: String, expected: [String: String]) throws {
        #expect(try after(script) == expected.merging(["old": "old"]) { $1 })
    }
}
