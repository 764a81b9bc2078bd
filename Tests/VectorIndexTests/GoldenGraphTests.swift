import Foundation
import SearchCore
import Testing
import VectorIndex

/// Goal: bytes that a release has written are read the same for ever, or refused by name. Method: a small segment and its graph of each
/// format version are kept under Fixtures; `TANDEM_WRITE_GOLDEN=1` writes those of the present version where there are none yet.
@Suite("Golden segments and graphs")
struct GoldenGraphTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

    @Test(
        "a vector segment of version 1 and its graphs of version 1 are read, and written, as they were",
        arguments: [(GraphQuantization.binary, "vgrf-1.bin"), (.int4, "vgrf-1-int4.bin")])
    func version1(quantization: GraphQuantization, file: String) throws {
        var random = SeededRandom(20_261_128)
        let vectors = makeVectors(.mixed, count: 120, dimension: 10, metric: .dot, rowsPerDocument: 1...2, docStep: 3, random: &random)
        let built = try vectors.segment(0..<vectors.rows.count)
        let graphBytes = try VectorGraph.build(over: built, options: GraphBuildOptions(quantization: quantization))
        let (segmentPath, graphPath) = (Self.folder.appendingPathComponent("vecs-1.bin").path, Self.folder.appendingPathComponent(file).path)
        if ProcessInfo.processInfo.environment["TANDEM_WRITE_GOLDEN"] != nil, !FileManager.default.fileExists(atPath: graphPath) {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            var builder = VectorSegmentBuilder(dimension: 10, metric: .dot)
            for row in vectors.rows { try builder.append(doc: DocID(row.doc), row.vector) }
            try Data(builder.finish()).write(to: URL(fileURLWithPath: segmentPath))
            try Data(graphBytes).write(to: URL(fileURLWithPath: graphPath))
        }
        let segment = try VectorSegment(MappedFile(mapping: segmentPath))
        try segment.validate()
        #expect(segment.checksum == built.checksum)
        let graph = try VectorGraph(MappedFile(mapping: graphPath), over: segment)
        try graph.validate()
        #expect(try FileSystem.read(graphPath) == graphBytes)
        #expect(graph.neighbours(of: 0).count == 32)
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        for number in 0..<5 {
            let query = vectors.rows[number * 20].vector
            let found = try VectorSearcher([IndexedVectors(segment, graph: graph)], query: query)
                .topK(5, accept: accept, minScore: nil, effort: .breadth(5), control: .unlimited)
            #expect(found.hits.first == vectors.bruteForce(query, k: 5, accept: accept).hits.first)
        }
    }
}
