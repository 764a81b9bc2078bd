import Foundation

/// Number and bytes of the files below a folder; what vanishes while it looks is left out.
enum FolderSize {
    static func measure(_ folder: String) -> (files: Int, bytes: Int) {
        var files = 0
        var bytes = 0
        let keys: [URLResourceKey] = [.isRegularFileKey, .fileSizeKey]
        guard let walk = FileManager.default.enumerator(at: URL(filePath: folder, directoryHint: .isDirectory), includingPropertiesForKeys: keys) else {
            return (0, 0)
        }
        for case let file as URL in walk {
            guard let values = try? file.resourceValues(forKeys: Set(keys)), values.isRegularFile == true else { continue }
            files += 1
            bytes += values.fileSize ?? 0
        }
        return (files, bytes)
    }
}
