import Foundation
import TandemClient

/// A file that is removed at the end.
final class ScratchFile {
    let folder: String
    let path: String

    init(_ content: String) { (folder, path) = Self.make(Array(content.utf8)) }
    init(bytes: [UInt8]) { (folder, path) = Self.make(bytes) }

    private static func make(_ bytes: [UInt8]) -> (String, String) {
        let folder = FileManager.default.temporaryDirectory.path + "/tandem-commands-" + UUID().uuidString
        try! FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/file"
        try! Data(bytes).write(to: URL(fileURLWithPath: path))
        return (folder, path)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

/// The schema that `collection create` makes by default, and a field of each type.
let everyType = CollectionSchema(
    textFields: [TextFieldSchema(name: "title"), TextFieldSchema(name: "text")],
    attributes: [
        AttributeSchema(name: "lang", type: .keyword), AttributeSchema(name: "year", type: .int64), AttributeSchema(name: "score", type: .float64),
        AttributeSchema(name: "open", type: .bool), AttributeSchema(name: "time", type: .timestamp),
    ],
    vectorFields: [VectorFieldSchema(name: "embedding", dimension: 2)])

/// The environment's seed, else a fresh one; printed, so that a failure can be repeated.
func testSeed() -> UInt64 {
    let seed = ProcessInfo.processInfo.environment["TANDEM_TEST_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
    print("TANDEM_TEST_SEED=\(seed)")
    return seed
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
