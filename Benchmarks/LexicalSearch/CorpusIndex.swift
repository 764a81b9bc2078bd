import Foundation
import LexicalIndex
import SearchCore
import TextAnalysis

/// The corpus, indexed into segments of equal size; one field, everything live; one form per word, or those of an analyzer.
struct CorpusIndex: Sendable {
    struct Build: Encodable, Sendable {
        var documents = 0
        var tokens = 0
        /// Of the one thread that reads, cuts, indexes and merges; 0 for a kept index.
        var processorSeconds = 0.0
        var documentsPerProcessorSecond = 0.0
        var bytes = 0
    }

    /// Documents of a segment before merging: about what the daemon's memory segment holds.
    private static let flushDocuments = 100_000

    let views: [LexicalSegmentView]
    let documentCount: Int
    private(set) var build = Build()

    init(folder: String, analyzer: Analyzer?, documents: Int?, segments: Int, kept: String?) throws {
        let names = kept.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
        let files = names.filter { $0.hasSuffix(".lex") }.sorted()
        if let kept, !files.isEmpty {
            views = try files.map { LexicalSegmentView(segment: try LexicalSegment(MappedFile(mapping: kept + "/" + $0))) }
            documentCount = views.reduce(0) { $0 + $1.segment.documentCount }
        } else {
            let begin = ThreadClock.microseconds()
            let text = try MappedFile(mapping: folder + "/docs.txt")
            let bytes = text.bytes
            let lineCount = bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
            let wanted = min(documents ?? .max, lineCount)
            let perSegment = (wanted + segments - 1) / segments
            var offset = 0
            var done = 0
            var tokens = 0
            var finished: [[UInt8]] = []
            var analyzed = AnalyzedText()
            var words: [LexicalToken] = []
            while done < wanted {
                var parts: [[UInt8]] = []
                let end = min(done + perSegment, wanted)
                while done < end {
                    let builder = LexicalSegmentBuilder(fieldCount: 1, firstDoc: DocID(UInt32(done)))
                    let stop = min(done + Self.flushDocuments, end)
                    while done < stop {
                        builder.beginDocument(DocID(UInt32(done)))
                        tokens += analyzer.map { Self.add(bytes, &offset, $0, &analyzed, to: builder) } ?? Self.add(bytes, &offset, &words, to: builder)
                        done += 1
                    }
                    parts.append(builder.finish())
                }
                finished.append(
                    parts.count == 1
                        ? parts[0]
                        : try LexicalMerge.merge(
                            parts.map { try LexicalSegment(MappedFile(copying: $0)) }, live: DocBitSet(capacity: wanted, full: true),
                            control: .unlimited))
            }
            if let kept {
                try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
                for (number, segment) in finished.enumerated() {
                    try Data(segment).write(to: URL(filePath: kept + String(format: "/%04d.lex", number)))
                }
            }
            build.processorSeconds = (ThreadClock.microseconds() - begin) * 1e-6
            build.tokens = tokens
            documentCount = wanted
            views = try finished.map { LexicalSegmentView(segment: try LexicalSegment(MappedFile(copying: $0))) }
        }
        build.documents = documentCount
        build.bytes = views.reduce(0) { $0 + $1.segment.byteCount }
        if build.processorSeconds > 0 { build.documentsPerProcessorSecond = Double(documentCount) / build.processorSeconds }
    }

    /// The same through an analyzer. - Returns: tokens of all forms.
    private static func add(
        _ bytes: UnsafeRawBufferPointer, _ offset: inout Int, _ analyzer: Analyzer, _ text: inout AnalyzedText, to builder: LexicalSegmentBuilder
    ) -> Int {
        let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
        analyzer.analyze(utf8: UnsafeRawBufferPointer(rebasing: bytes[offset..<end]).assumingMemoryBound(to: UInt8.self), into: &text)
        offset = end + 1
        text.termBytes.withUnsafeBytes { keys in
            builder.addField(0, length: text.length, termBytes: keys, tokenCount: text.tokens.count) {
                let token = text.tokens[$0]
                return LexicalToken(start: token.termStart, length: token.termLength, position: token.form == .part ? nil : token.position)
            }
        }
        return text.tokens.count
    }

    /// Adds the line at `offset`, which moves behind it; `tokens`: memory for its words. - Returns: its words.
    private static func add(
        _ bytes: UnsafeRawBufferPointer, _ offset: inout Int, _ tokens: inout [LexicalToken], to builder: LexicalSegmentBuilder
    ) -> Int {
        tokens.removeAll(keepingCapacity: true)
        let line = offset
        var start = offset
        var i = offset
        func add() {
            if i > start { tokens.append(LexicalToken(start: UInt32(start - line), length: UInt16(i - start), position: UInt32(tokens.count))) }
        }
        while i < bytes.count, bytes[i] != 0x0A {
            if bytes[i] == 0x20 {
                add()
                start = i + 1
            }
            i += 1
        }
        add()
        offset = i + 1
        builder.addField(
            0, length: tokens.count, termBytes: UnsafeRawBufferPointer(rebasing: bytes[line..<i]), tokenCount: tokens.count
        ) { tokens[$0] }
        return tokens.count
    }
}
