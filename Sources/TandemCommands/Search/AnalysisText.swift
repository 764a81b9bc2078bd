import TandemClient

/// The steps of an analysis, for people and as JSON.
enum AnalysisText {
    static func page(_ response: AnalyzeResponse, of text: String, width: Int?) -> String {
        var parts = ["analyzer \(response.analyzer)\n"]
        for passage in response.passages where !passage.languages.isEmpty {
            parts.append("up to byte \(passage.end): \(passage.languages.joined(separator: " or "))\n")
        }
        for stage in response.stages {
            parts.append("\n\(DisplayWidth.plain(stage.name))\n")
            if let text = stage.text { parts.append("  \(DisplayWidth.plain(text))\n") }
            guard !stage.tokens.isEmpty else { continue }
            let bytes = Array(text.utf8)
            var table = TextTable([.init("position", .right), .init("form"), .init("token"), .init("bytes", .right), .init("of", isFlexible: true)])
            for token in stage.tokens {
                let range = Int(token.start)..<max(Int(token.start), min(Int(token.end), bytes.count))
                table.add([
                    String(token.position), token.form, DisplayWidth.plain(token.text), "\(token.start)–\(token.end)",
                    DisplayWidth.plain(String(decoding: bytes[range], as: UTF8.self)),
                ])
            }
            parts.append(table.render(width: width))
        }
        if !response.groups.isEmpty {
            parts.append("\nas a query" + (response.queryLanguages.isEmpty ? "" : ", in \(response.queryLanguages.joined(separator: " or "))") + "\n")
            var table = TextTable([.init("word"), .init("boost", .right), .init("forms (weight)", isFlexible: true)])
            for group in response.groups {
                let forms = group.forms.map { "\($0.form) \(DisplayWidth.plain($0.text)) (\(NumberText.decimal($0.weight, 2)))" }
                table.add([
                    DisplayWidth.plain(group.text) + (group.stopWord ? " (function word)" : ""), NumberText.decimal(group.boost, 2),
                    forms.joined(separator: ", "),
                ])
            }
            parts.append(table.render(width: width))
        }
        return parts.joined()
    }

    static func json(_ response: AnalyzeResponse) -> JSONValue {
        .members([
            "analyzer": .string(response.analyzer),
            "passages": .array(response.passages.map { .members(["end": .number($0.end), "languages": .strings($0.languages)]) }),
            "stages": .array(
                response.stages.map { stage in
                    .members([
                        "name": .string(stage.name), "text": stage.text.map { .string($0) },
                        "tokens": stage.text == nil
                            ? .array(
                                stage.tokens.map {
                                    .members([
                                        "text": .string($0.text), "form": .string($0.form), "position": .number($0.position), "start": .number($0.start),
                                        "end": .number($0.end),
                                    ])
                                }) : nil,
                    ])
                }),
            "groups": response.groups.isEmpty
                ? nil
                : .array(
                    response.groups.map { group in
                        .members([
                            "text": .string(group.text), "boost": .number(group.boost), "stop_word": .bool(group.stopWord),
                            "forms": .array(
                                group.forms.map { .members(["text": .string($0.text), "form": .string($0.form), "weight": .number($0.weight)]) }),
                        ])
                    }),
            "query_languages": response.queryLanguages.isEmpty ? nil : .strings(response.queryLanguages),
        ])
    }
}
