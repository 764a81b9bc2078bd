import ArgumentParser
import Foundation
import TandemClient

/// Names of the normalisers on the command line.
enum NormalizerName: String, ExpressibleByArgument, CaseIterable, Sendable {
    case minMax = "min_max"
    case theoretical, dbsf, rrf

    var value: Normalizer {
        switch self {
        case .minMax: .minMax
        case .theoretical: .theoretical
        case .dbsf: .dbsf
        case .rrf: .rrf
        }
    }
}

enum SyntaxName: String, ExpressibleByArgument, CaseIterable, Sendable {
    case plain, strict, lenient

    var value: QuerySyntax {
        switch self {
        case .plain: .plain
        case .strict: .strict
        case .lenient: .lenient
        }
    }
}

enum SpellingName: String, ExpressibleByArgument, CaseIterable, Sendable {
    case off, suggest, retry

    var value: SpellingMode {
        switch self {
        case .off: .off
        case .suggest: .suggest
        case .retry: .retry
        }
    }
}

enum ModeName: String, ExpressibleByArgument, CaseIterable, Sendable {
    case lexical, semantic, hybrid

    var value: SearchMode {
        switch self {
        case .lexical: .lexical
        case .semantic: .semantic
        case .hybrid: .hybrid
        }
    }
}

/// `--rerank-budget`: milliseconds, or `none`.
enum RerankBudget: Equatable, Sendable, ExpressibleByArgument {
    case milliseconds(Double)
    case unbounded

    init?(argument: String) {
        if argument == "none" {
            self = .unbounded
        } else if let number = Double(argument), number >= 0, number <= 1e9 {
            self = .milliseconds(number)
        } else {
            return nil
        }
    }
}

/// `--vector`: numbers with commas or blanks between, in brackets or not; or `@` and the name of a file of them.
struct VectorArgument: Equatable, Sendable {
    var values: [Float]

    /// - Throws: which component is wrong, or which file cannot be read.
    init(_ argument: String) throws {
        var text = argument
        if text.hasPrefix("@") {
            let path = String(text.dropFirst())
            guard let data = FileManager.default.contents(atPath: path) else { throw ValidationError("the file '\(path)' cannot be read") }
            text = String(decoding: data, as: UTF8.self)
        }
        values = []
        for part in text.split(whereSeparator: { $0.isWhitespace || ",[]".contains($0) }) {
            guard let number = Float(part) else { throw ValidationError("component \(values.count + 1), '\(part.prefix(40))', is no number") }
            guard number.isFinite else { throw ValidationError("component \(values.count + 1), '\(part.prefix(40))', is no finite 32-bit number") }
            values.append(number)
        }
        if values.isEmpty { throw ValidationError("there are no numbers in it") }
    }
}

/// `id` or `id=weight` of `--recommend`. The weight is what stands behind the last '=', if that is a number.
struct ExampleArgument: Equatable, Sendable, ExpressibleByArgument {
    var id: String
    var weight = 1.0

    init?(argument: String) {
        id = argument
        if let equals = argument.lastIndex(of: "="), let number = Double(argument[argument.index(after: equals)...]) {
            guard number.isFinite else { return nil }
            id = String(argument[..<equals])
            weight = number
        }
        if id.isEmpty { return nil }
    }
}

/// `name[:weight][:analyzer]`.
struct TextFieldArgument: Equatable, Sendable {
    var name: String
    var weight = 1.0
    var analyzer: String?

    /// - Throws: which part is wrong.
    init(_ argument: String) throws {
        var parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        name = parts.removeFirst()
        guard !name.isEmpty else { throw ValidationError("the field has no name") }
        if let first = parts.first, let number = Double(first) {
            guard number >= 0, number.isFinite else { throw ValidationError("the weight '\(first)' of field '\(name)' is below 0, or not finite") }
            weight = number
            parts.removeFirst()
        }
        if let last = parts.first {
            guard !last.isEmpty, Double(last) == nil else { throw ValidationError("'\(last)' is no analyzer of field '\(name)'; write name:weight:analyzer") }
            analyzer = last
            parts.removeFirst()
        }
        guard parts.isEmpty else { throw ValidationError("too many parts; write name:weight:analyzer") }
    }
}

/// `name` or `name:weight`.
struct WeightedField: Equatable, Sendable, ExpressibleByArgument {
    var name: String
    var weight: Double

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
        name = String(parts[0])
        weight = 1
        if parts.count == 2 {
            guard let number = Double(parts[1]), number >= 0, number.isFinite else { return nil }
            weight = number
        }
    }
}

enum Validation {
    static func share(_ value: Double?, _ option: String) throws {
        if let value, !(0...1).contains(value) { throw ValidationError("\(option) \(value): expected 0 to 1") }
    }

    /// A number, if any: 'nan' and 'inf' parse as numbers, too.
    static func finite(_ value: Double?, _ option: String) throws {
        if let value, !value.isFinite { throw ValidationError("\(option) \(value): expected a number") }
    }

    static func collection(_ name: String) throws {
        if name.isEmpty { throw ValidationError("the collection's name is empty") }
    }

    static func range<T: Comparable>(_ value: T?, _ range: ClosedRange<T>, _ option: String) throws {
        if let value, !range.contains(value) {
            throw ValidationError("\(option) \(value): expected \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
