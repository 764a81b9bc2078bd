import RigSupport
import TandemClient

/// What the rig writes. Everything in a document follows from its word, which no other version of any document has: so a
/// search for the word tells which version is searchable, and how often.
struct Content: Sendable {
    /// Of these consonants alone: no stemmer changes such a word, and no two of them share a stem.
    private static let letters = Array("bcfghjklmnpqrtvwxz".utf8)
    private static let wordLength = 9
    private static let filler = [
        "harbour", "lantern", "meadow", "copper", "violet", "thunder", "marble", "orchard", "saddle", "pebble", "walnut", "glacier",
        "tunnel", "feather", "anchor", "bottle", "candle", "desert", "engine", "forest",
    ]
    /// In every document.
    static let everywhere = "everywhere"
    static let dimension = 24

    let hasVectors: Bool

    /// The word of number `n`: a bijection for the first 18^9 numbers of a data folder.
    static func word(_ n: UInt64) -> String {
        var range: UInt64 = 1
        for _ in 0..<wordLength { range *= UInt64(letters.count) }
        // 7,919 is prime to 18, so the multiplication keeps numbers apart and neighbours far from each other.
        var value = n % range &* 7919 % range
        var bytes: [UInt8] = []
        for _ in 0..<wordLength {
            bytes.append(letters[Int(value % UInt64(letters.count))])
            value /= UInt64(letters.count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func generator(_ word: String) -> SeededGenerator {
        SeededGenerator(seed: word.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
    }

    func document(_ id: String, word: String) -> Document {
        var random = Self.generator(word)
        // Mostly short, now and then long enough that memory fills and segments are sealed.
        let count = random.chance(1, in: 12) ? Int.random(in: 200...900, using: &random) : Int.random(in: 0...60, using: &random)
        var body = Self.everywhere
        for _ in 0..<count { body += " " + Self.filler[Int.random(in: 0..<Self.filler.count, using: &random)] }
        let texts = [TextField(name: "title", text: word), TextField(name: "text", text: body)]
        let attributes = [
            AttributeField(name: "owner", keywords: [Self.owner(id)]),
            AttributeField(name: "size", int64s: [Int64(count)]),
        ]
        return Document(
            id: id, texts: texts, attributes: attributes,
            vectors: hasVectors ? [VectorField(name: "v", values: vector(word))] + chunks(word).map { VectorField(name: Self.chunkField, values: $0) } : [])
    }

    func vector(_ word: String) -> [Float] {
        var random = Self.generator(word + "v")
        return Self.vector(&random)
    }

    /// A second vector field, in which a document has none to three.
    static let chunkField = "chunks"

    func chunks(_ word: String) -> [[Float]] {
        var random = Self.generator(word + "c")
        return (0..<Int.random(in: 0...3, using: &random)).map { _ in Self.vector(&random) }
    }

    private static func vector(_ random: inout SeededGenerator) -> [Float] {
        let values = (0..<Self.dimension).map { _ in Float.random(in: -1...1, using: &random) }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { $0 / length }
    }

    /// What the id begins with: `u3-17` belongs to `u3`.
    static func owner(_ id: String) -> String { String(id.prefix { $0 != "-" }) }

    func schema() -> CollectionSchema {
        CollectionSchema(
            textFields: [TextFieldSchema(name: "title"), TextFieldSchema(name: "text")],
            attributes: [AttributeSchema(name: "owner", type: .keyword), AttributeSchema(name: "size", type: .int64)],
            vectorFields: hasVectors
                ? ["v", Self.chunkField].map { VectorFieldSchema(name: $0, dimension: UInt32(Self.dimension), metric: .cosine) } : [])
    }

    /// Says in words in what a stored document differs from the one that was sent; nil: in nothing.
    func difference(_ stored: Document, _ sent: Document) -> String? {
        guard stored.id == sent.id else { return "id \(stored.id)" }
        guard stored.texts == sent.texts else { return "texts differ" }
        guard stored.attributes.sorted(by: { $0.name < $1.name }) == sent.attributes.sorted(by: { $0.name < $1.name }) else { return "attributes differ" }
        guard stored.vectors.map(\.name) == sent.vectors.map(\.name) else { return "vector fields differ" }
        for (a, b) in zip(stored.vectors, sent.vectors) {
            guard a.values.count == b.values.count, zip(a.values, b.values).allSatisfy({ abs($0 - $1) < 1e-5 }) else { return "vectors differ" }
        }
        return nil
    }
}
