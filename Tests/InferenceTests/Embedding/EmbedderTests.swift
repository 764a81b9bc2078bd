import Foundation
import Inference
import SearchCore
import Synchronization
import Testing

@Suite(.serialized, .enabled(if: Fixtures.hasModels, Fixtures.needsModels))
struct EmbedderTests {
    let embedder: Embedder

    init() throws { embedder = try RealModels.embedder.get() }

    @Test("a paraphrase is near, an unrelated text is not: the model's own values")
    func knownCosines() throws {
        let question = try embedder.embedQuery("How many people live in Berlin?")
        #expect(question.count == 384)
        let paraphrase = try embedder.embedQuery("What is the population of Berlin?")
        #expect(abs(RealModels.cosine(question, paraphrase) - 0.906) < 0.005)
        let cat = try embedder.embedQuery("The cat sits on the mat.")
        let man = try embedder.embedQuery("A man is eating food.")
        #expect(abs(RealModels.cosine(cat, man) - 0.054) < 0.01)
    }

    @Test("vectors have length 1")
    func unitLength() throws {
        for text in RealModels.texts.prefix(5) {
            let length = try embedder.embedQuery(text).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(length - 1) < 1e-3)
        }
    }

    @Test("a text alone, in a batch, and as a query gives the same vector")
    func aloneAndInBatch() throws {
        let together = try embedder.embed(RealModels.texts)
        #expect(together.count == RealModels.texts.count)
        for (text, embedded) in zip(RealModels.texts, together) {
            let alone = try embedder.embed([text])[0]
            #expect(RealModels.cosine(alone.vector, embedded.vector) > 0.999)
            #expect(RealModels.cosine(try embedder.embedQuery(text), embedded.vector) > 0.999)
            #expect(alone.tokens == embedded.tokens)
        }
    }

    @Test("the empty text and no text are legal")
    func empty() throws {
        #expect(try embedder.embed([]).isEmpty)
        let embedded = try embedder.embed(["", " \u{0}\u{200B}"])
        #expect(embedded.map(\.tokens) == [2, 2])
        #expect(embedded[0].vector.count == 384)
        #expect(embedded[0].vector == embedded[1].vector)
    }

    @Test("a long text is cut at the limit and says how many tokens it lost")
    func cut() throws {
        let embedded = try embedder.embed([String(repeating: "word ", count: 254), String(repeating: "word ", count: 300), "short"])
        #expect(embedded.map(\.tokens) == [256, 256, 3])
        #expect(embedded.map(\.tokensCut) == [0, 46, 0])
        #expect(RealModels.cosine(embedded[0].vector, embedded[1].vector) > 0.999)
        #expect(embedder.countTokens(String(repeating: "word ", count: 300)) == 300)
    }

    @Test("a cancelled or late call stops with its error, and the next call works")
    func stops() throws {
        let cancelled = QueryControl()
        cancelled.cancel()
        #expect(throws: TandemError(.cancelled, "")) { try embedder.embedQuery("x", control: cancelled) }
        let many = (0..<400).map { "some text number \($0) " + String(repeating: "word ", count: 200) }
        #expect(throws: TandemError(.deadlineExceeded, "")) { try embedder.embed(many, control: QueryControl(timeout: .milliseconds(60))) }
        #expect(try embedder.embedQuery("x").count == 384)
        let load = try RealModels.runtime.get().load
        #expect(load.runningIngestion == 0 && load.runningQueries == 0)
    }

    @Test("queries are answered while two writers embed without pause, and all get right vectors")
    func concurrent() throws {
        let expected = try embedder.embedQuery("How many people live in Berlin?")
        let stop = QueryControl()
        let writers = Atomic<Int>(2)
        let wrong = Atomic<Int>(0)
        for _ in 0..<2 {
            Thread.detachNewThread { [embedder] in
                while !stop.isCancelled {
                    guard let out = try? embedder.embed(RealModels.texts, control: stop) else { continue }
                    if out.contains(where: { $0.vector.count != 384 }) { wrong.add(1, ordering: .relaxed) }
                }
                writers.subtract(1, ordering: .relaxed)
            }
        }
        var times: [Duration] = []
        let clock = ContinuousClock()
        for _ in 0..<50 {
            var vector: [Float] = []
            times.append(try clock.measure { vector = try embedder.embedQuery("How many people live in Berlin?") })
            #expect(RealModels.cosine(vector, expected) > 0.9999)
            usleep(2000)
        }
        stop.cancel()
        while writers.load(ordering: .relaxed) > 0 { usleep(1000) }
        #expect(wrong.load(ordering: .relaxed) == 0)
        times.sort()
        print("query embedding while documents are embedded: median \(times[25]), worst \(times[49])")
        // A batch of documents lasts 30 ms on an idle core: the median must not contain one. Other work may share the
        // machine, hence the margin.
        #expect(times[25] < .milliseconds(60))
    }

    @Test("one shared copy, f32 and a cache folder give the same vectors; a closed model says so")
    func variants() throws {
        let text = "How many people live in Berlin?"
        let expected = try embedder.embedQuery(text)
        try Fixtures.withTemporaryFolder { folder in
            for pass in 0..<2 {
                let runtime = try InferenceRuntime(.init(threads: 1, precision: .f32, cacheFolder: folder + "/cache"))
                let other = try Embedder(embedder.folder, runtime: runtime, sharesOneCopy: true)
                #expect(RealModels.cosine(try other.embedQuery(text), expected) > 0.9995, "pass \(pass)")
                #expect(RealModels.cosine(try other.embed([text])[0].vector, expected) > 0.9995)
                other.close()
                other.close()
                #expect(throws: TandemError(.unavailable, "")) { try other.embedQuery(text) }
            }
            #expect(try !FileSystem.list(folder + "/cache").isEmpty)
        }
    }

    @Test("a thousand calls leave no memory behind")
    func leaks() throws {
        func resident() -> Int {
            let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
            return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4096
        }
        for _ in 0..<100 { _ = try embedder.embedQuery("a query of some words") }
        let before = resident()
        for _ in 0..<1000 { _ = try embedder.embedQuery("a query of some words") }
        // Tests run side by side, so the bar leaves them room; 5,000 calls alone keep the same resident size.
        let growth = resident() - before
        #expect(growth < 32 << 20, "resident memory grew by \(growth) bytes")
    }

    @Test("a model of the other kind is refused")
    func wrongKind() throws {
        let runtime = try RealModels.runtime.get()
        #expect(throws: TandemError(.invalidArgument, "")) { _ = try Embedder(ModelFolder(path: Fixtures.crossEncoderFolder), runtime: runtime) }
        #expect(throws: TandemError(.invalidArgument, "")) { _ = try CrossEncoder(ModelFolder(path: Fixtures.embedderFolder), runtime: runtime) }
    }
}
