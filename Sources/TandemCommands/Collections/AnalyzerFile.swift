import ArgumentParser
import Foundation
import TandemClient

/// Analyzers of a collection's own, as JSON: by name, each with `character_filters`, `normalizer`, `tokenizer`, `filters`, `language`.
struct AnalyzerFile: Equatable, Sendable {
    var definitions: [AnalyzerDefinition]

    private struct Definition: Decodable {
        struct Filter: Decodable {
            var type: String
            var pattern: String?
            var replacement: String?
        }

        struct Tokenizer: Decodable {
            var type: String
            var min: UInt32?
            var max: UInt32?

            private enum CodingKeys: CodingKey { case type, min, max }

            init(from decoder: any Decoder) throws {
                if let name = try? decoder.singleValueContainer().decode(String.self) {
                    type = name
                } else {
                    let fields = try decoder.container(keyedBy: CodingKeys.self)
                    type = try fields.decode(String.self, forKey: .type)
                    min = try fields.decodeIfPresent(UInt32.self, forKey: .min)
                    max = try fields.decodeIfPresent(UInt32.self, forKey: .max)
                }
            }
        }

        var characterFilters: [Filter]?
        var normalizer: String?
        var tokenizer: Tokenizer?
        var filters: [String]?
        var language: String?
    }

    /// - Throws: what is wrong with the file.
    init(_ path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else { throw ValidationError("the file '\(path)' cannot be read") }
        try Self.checkKeys(data, path)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let named: [String: Definition]
        do { named = try decoder.decode([String: Definition].self, from: data) } catch let error as DecodingError {
            throw ValidationError("the file '\(path)' is no JSON of analyzers: \(Self.what(error))")
        }
        definitions = try named.sorted { $0.key < $1.key }.map { name, definition in
            var message = AnalyzerDefinition(name: name)
            message.characterFilters = try (definition.characterFilters ?? []).map { filter in
                switch filter.type {
                case "html": return CharacterFilter(kind: .html)
                case "pattern":
                    guard let pattern = filter.pattern else { throw ValidationError("analyzer '\(name)': a character filter of type pattern has no pattern") }
                    return CharacterFilter(kind: .pattern, pattern: pattern, replacement: filter.replacement ?? "")
                default: throw ValidationError("analyzer '\(name)': unknown character filter '\(filter.type)'; there are html and pattern")
                }
            }
            message.normalizer = definition.normalizer
            message.tokenizer = definition.tokenizer?.type
            (message.gramMin, message.gramMax) = (definition.tokenizer?.min, definition.tokenizer?.max)
            message.filters = definition.filters ?? []
            message.language = definition.language
            return message
        }
    }

    /// A key that is not known is a typing mistake, which would be found after the import at best.
    private static func checkKeys(_ data: Data, _ path: String) throws {
        guard let named = try? JSONSerialization.jsonObject(with: data) as? [String: [String: Any]] else { return }
        func check(_ object: [String: Any], _ known: Set<String>, _ place: String) throws {
            if let unknown = object.keys.filter({ !known.contains($0) }).min() {
                throw ValidationError("the file '\(path)', \(place): unknown key '\(unknown.prefix(64))'; there are \(known.sorted().joined(separator: ", "))")
            }
        }
        for (name, definition) in named.sorted(by: { $0.key < $1.key }) {
            let place = "analyzer '\(name.prefix(64))'"
            try check(definition, ["character_filters", "normalizer", "tokenizer", "filters", "language"], place)
            for filter in definition["character_filters"] as? [[String: Any]] ?? [] {
                let isPattern = filter["type"] as? String == "pattern"
                try check(filter, isPattern ? ["type", "pattern", "replacement"] : ["type"], "\(place), character filter")
            }
            if let tokenizer = definition["tokenizer"] as? [String: Any] {
                try check(tokenizer, tokenizer["type"] as? String == "ngram" ? ["type", "min", "max"] : ["type"], "\(place), tokenizer")
            }
        }
    }

    private static func what(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String { context.codingPath.map(\.stringValue).joined(separator: ".") }
        return switch error {
        case .keyNotFound(let key, let context): "'\(path(context))' has no '\(key.stringValue)'"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): "\(path(context)): \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }

    /// As such a file has it.
    static func json(_ definition: AnalyzerDefinition) -> JSONValue {
        .members([
            "character_filters": .array(
                definition.characterFilters.map {
                    $0.kind == .html
                        ? .object(["type": .string("html")])
                        : .object(["type": .string("pattern"), "pattern": .string($0.pattern), "replacement": .string($0.replacement)])
                }),
            "normalizer": definition.normalizer.map { .string($0) },
            "tokenizer": definition.gramMin == nil
                ? definition.tokenizer.map { .string($0) }
                : .members([
                    "type": definition.tokenizer.map { .string($0) }, "min": definition.gramMin.map { .number($0) },
                    "max": definition.gramMax.map { .number($0) },
                ]),
            "filters": .strings(definition.filters), "language": definition.language.map { .string($0) },
        ])
    }
}
