import Inference

/// The default models, loaded once for all tests of this process.
enum RealModels {
    static let runtime = Result { try InferenceRuntime(threads: 2) }
    static let embedder = Result { try Embedder(ModelFolder(path: Fixtures.embedderFolder), runtime: runtime.get()) }
    static let crossEncoder = Result { try CrossEncoder(ModelFolder(path: Fixtures.crossEncoderFolder), runtime: runtime.get()) }

    static func cosine(_ a: [Float], _ b: [Float]) -> Double {
        var dot = 0.0, aa = 0.0, bb = 0.0
        for (x, y) in zip(a, b) {
            dot += Double(x) * Double(y)
            aa += Double(x) * Double(x)
            bb += Double(y) * Double(y)
        }
        return dot / (aa * bb).squareRoot()
    }

    /// Texts of many lengths.
    static let texts: [String] = {
        let words = ["daemon", "index", "vectors", "search", "hybrid", "über", "中文", "rerank"]
        return (0..<40).map { (n: Int) -> String in
            let count = n * n % 97 + 1
            return (0..<count).map { words[($0 * 7 + n) % 8] }.joined(separator: " ")
        }
    }()
}
