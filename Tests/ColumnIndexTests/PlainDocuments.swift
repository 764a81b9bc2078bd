import ColumnIndex
import SearchCore

let schema = [
    AttributeField(name: "section", type: .keyword),
    AttributeField(name: "size", type: .int64),
    AttributeField(name: "rating", type: .float64),
    AttributeField(name: "free", type: .bool),
    AttributeField(name: "released", type: .timestamp),
    AttributeField(name: "unused", type: .keyword),
]

/// A document as plain values: what the slow, obvious evaluation reads.
struct PlainDocument {
    var id: DocID
    var sequence: SequenceNumber
    /// Empty: not known.
    var externalID = ""
    var attributes: [(name: String, values: [FieldValue])]

    func values(_ field: String) -> [FieldValue] { attributes.first { $0.name == field }?.values ?? [] }
}

/// Few distinct values, extremes among them, so that equal values, ties and empty ranges all come up.
func randomValue(_ type: ValueType, _ random: inout SeededGenerator) -> FieldValue {
    switch type {
    case .keyword:
        // The composed and the decomposed é are different keywords, though Swift calls the strings equal.
        .keyword(["", "a", "ab", "b", "net", "\u{E9}", "e\u{301}", "語", "🙂", "z\0"].randomElement(using: &random)!)
    case .int64: .int64([.min, -7, -1, 0, 1, 2, 3, 1000, .max].randomElement(using: &random)!)
    case .float64:
        .float64(
            [-.infinity, -1e300, -1.5, -.leastNonzeroMagnitude, -0.0, 0.0, .leastNonzeroMagnitude, 0.1, 3, .infinity].randomElement(using: &random)!)
    case .bool: .bool(.random(using: &random))
    case .timestamp: .timestamp(microseconds: Int64.random(in: -3...3, using: &random) * 86_400_000_000 + 1)
    }
}

func randomDocuments(_ count: Int, firstDoc: UInt32, _ random: inout SeededGenerator) -> [PlainDocument] {
    var sequence: UInt64 = 0
    return (0..<count).map { index in
        sequence += UInt64.random(in: 1...3, using: &random)
        var attributes: [(name: String, values: [FieldValue])] = []
        for field in schema.dropLast().shuffled(using: &random) where Int.random(in: 0..<4, using: &random) > 0 {
            let values = (0..<[0, 1, 1, 1, 2, 5].randomElement(using: &random)!).map { _ in randomValue(field.type, &random) }
            attributes.append((field.name, values))
        }
        let externalID = ["", "a", "é/\(index)", "document-\(index)"].randomElement(using: &random)!
        return PlainDocument(
            id: DocID(firstDoc + UInt32(index)), sequence: SequenceNumber(sequence), externalID: externalID, attributes: attributes)
    }
}

func build(_ documents: some Collection<PlainDocument>, fields: [AttributeField] = schema) throws -> [UInt8] {
    var builder = ColumnSegmentBuilder(fields: fields, firstDoc: documents.first?.id ?? DocID(0))
    for document in documents {
        try builder.add(doc: document.id, sequence: document.sequence, id: document.externalID, attributes: document.attributes)
    }
    return builder.finish()
}

func segment(_ documents: some Collection<PlainDocument>) throws -> ColumnSegment {
    try ColumnSegment(MappedFile(copying: try build(documents)), fields: schema)
}

/// Cuts documents into runs of random length, empty ones among them.
func randomSegments(_ documents: [PlainDocument], _ random: inout SeededGenerator) throws -> [ColumnSegment] {
    var segments: [ColumnSegment] = []
    var rest = documents[...]
    while !rest.isEmpty {
        let run = rest.prefix(Int.random(in: 1...max(1, documents.count / 2), using: &random))
        segments.append(try segment(run))
        rest = rest.dropFirst(run.count)
    }
    return segments
}

func randomLive(_ capacity: Int, _ random: inout SeededGenerator) -> DocBitSet {
    var live = DocBitSet(capacity: capacity, full: true)
    let deadOf10 = Int.random(in: 0...10, using: &random)
    for d in 0..<capacity where Int.random(in: 0..<10, using: &random) < deadOf10 { live.remove(DocID(UInt32(d))) }
    return live
}

/// Negative, zero, positive. Values of one type.
func compare(_ a: FieldValue, _ b: FieldValue) -> Int {
    func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }
    switch (a, b) {
    case (.keyword(let a), .keyword(let b)):
        return a.utf8.elementsEqual(b.utf8) ? 0 : a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
    case (.int64(let a), .int64(let b)), (.timestamp(let a), .timestamp(let b)): return order(a, b)
    case (.float64(let a), .float64(let b)): return order(a, b)
    case (.bool(let a), .bool(let b)): return order(a ? 1 : 0, b ? 1 : 0)
    default: fatalError("\(a) and \(b) do not compare")
    }
}

/// The slow oracle: one document, one stack of truth values.
func matches(_ filter: Filter, _ document: PlainDocument) -> Bool {
    var stack: [Bool] = []
    for node in filter.nodes {
        switch node {
        case .equal(let field, let value): stack.append(document.values(field).contains { compare($0, value) == 0 })
        case .in(let field, let values): stack.append(document.values(field).contains { v in values.contains { compare(v, $0) == 0 } })
        case .range(let field, let lower, let lowerInclusive, let upper, let upperInclusive):
            stack.append(
                document.values(field).contains { value in
                    (lower.map { compare(value, $0) > (lowerInclusive ? -1 : 0) } ?? true)
                        && (upper.map { compare(value, $0) < (upperInclusive ? 1 : 0) } ?? true)
                })
        case .exists(let field): stack.append(!document.values(field).isEmpty)
        case .all: stack.append(true)
        case .not: stack.append(!stack.removeLast())
        case .and(let count), .or(let count):
            let operands = stack.suffix(count)
            stack.removeLast(count)
            if case .and = node { stack.append(operands.allSatisfy { $0 }) } else { stack.append(operands.contains(true)) }
        }
    }
    return stack[0]
}

/// Appends a random condition, nested up to `depth`.
func appendRandomNodes(to nodes: inout [FilterNode], depth: Int, _ random: inout SeededGenerator) {
    let field = schema.randomElement(using: &random)!
    switch Int.random(in: 0..<(depth > 0 ? 12 : 7), using: &random) {
    case 0, 1: nodes.append(.equal(field.name, randomValue(field.type, &random)))
    case 2: nodes.append(.in(field.name, (0..<Int.random(in: 0...4, using: &random)).map { _ in randomValue(field.type, &random) }))
    case 3, 4:
        let side = Int.random(in: 0..<3, using: &random)
        nodes.append(
            .range(
                field.name, lower: side == 0 ? nil : randomValue(field.type, &random), lowerInclusive: side != 0 && Bool.random(using: &random),
                upper: side == 1 ? nil : randomValue(field.type, &random), upperInclusive: side != 1 && Bool.random(using: &random)))
    case 5: nodes.append(.exists(field.name))
    case 6: nodes.append(.all)
    case 7, 8:
        appendRandomNodes(to: &nodes, depth: depth - 1, &random)
        nodes.append(.not)
    default:
        let count = Int.random(in: 2...4, using: &random)
        for _ in 0..<count { appendRandomNodes(to: &nodes, depth: depth - 1, &random) }
        nodes.append(Bool.random(using: &random) ? .and(count) : .or(count))
    }
}

func randomFilter(_ random: inout SeededGenerator) -> Filter {
    var nodes: [FilterNode] = []
    appendRandomNodes(to: &nodes, depth: 3, &random)
    return Filter(nodes: nodes)
}
