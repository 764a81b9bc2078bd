import TandemClient

/// A collection for people.
package enum CollectionText {
    package static func describe(_ collection: CollectionDescription) -> String {
        let schema = collection.schema ?? CollectionSchema()
        var rows: [(String, String)] = [("collection", collection.name)]
        func name(_ model: String?) -> String { model.flatMap { $0.isEmpty ? nil : $0 } ?? "none" }
        rows.append(("model", name(schema.model)))
        rows.append(("reranker", name(schema.reranker)))
        rows.append(("text fields", schema.textFields.map { $0.weight == 1 ? $0.name : "\($0.name) (weight \(number($0.weight)))" }.joined(separator: ", ")))
        if !schema.attributes.isEmpty { rows.append(("attributes", schema.attributes.map { "\($0.name) \($0.type)" }.joined(separator: ", "))) }
        if !schema.vectorFields.isEmpty {
            let models = name(schema.model) == "none" ? nil : schema.vectorFields.first?.name
            for field in schema.vectorFields {
                var line = "\(field.name), \(field.dimension) × f32, \(field.metric)"
                // A daemon of before there was a choice does not tell.
                if let quantization = field.quantization { line += ", \(quantization)" }
                if field.name == models, schema.vectorFields.count > 1 { line += ", the model's" }
                // A daemon of before there were several does not tell.
                if let held = collection.vectorFields.first(where: { $0.name == field.name }) {
                    line +=
                        "; \(NumberText.count(held.vectors)) \(held.vectors == 1 ? "vector" : "vectors")"
                        + (collection.deadDocuments > 0 ? " (those of dead documents included)" : "") + ", \(NumberText.count(held.segments)) "
                        + "\(held.segments == 1 ? "segment" : "segments"), \(NumberText.bytes(held.bytes))"
                    if held.graphs > 0 {
                        let searched = held.bytes + held.graphBytes - held.mappedRowBytes
                        line +=
                            "; \(NumberText.count(held.vectorsInGraphs)) in \(NumberText.count(held.graphs)) \(held.graphs == 1 ? "graph" : "graphs"), "
                            + "\(NumberText.bytes(searched)) to search in (\(NumberText.count(searched / max(1, held.vectors))) bytes a vector), "
                            + "\(NumberText.bytes(held.mappedRowBytes)) at full precision"
                    }
                    if let recall = held.recall {
                        line +=
                            "; recall \(NumberText.decimal(recall, 4)), estimated from \(NumberText.count(held.recallSamples)) \(held.recallSamples == 1 ? "search" : "searches")"
                            + (held.recallTarget.map { " that asked for \(NumberText.decimal($0, 4))" } ?? "")
                    }
                }
                rows.append((field.name == schema.vectorFields[0].name ? "vectors" : "", line))
            }
        }
        let settings: [(String, Double?)] = [("alpha", schema.alpha), ("k1", schema.k1), ("b", schema.b), ("rerank weight", schema.rerankWeight)]
        let given = settings.compactMap { name, value in value.map { "\(name) \(number($0))" } }
        if !given.isEmpty { rows.append(("settings", given.joined(separator: ", "))) }
        if let stemmer = schema.analyzer?.stemmer {
            rows.append(("stemmer", stemmer.isEmpty ? "none" : stemmer == "auto" ? "auto: for the language of each passage" : stemmer))
        }
        if collection.synonymRules > 0 { rows.append(("synonyms", "\(NumberText.count(collection.synonymRules)) rules (tandem synonyms show)")) }
        let chains = schema.textFields.compactMap { field in field.analyzer.map { "\(field.name) \($0)" } }
        if schema.textFields.contains(where: { $0.analyzer ?? "standard" != "standard" }) { rows.append(("analyzers", chains.joined(separator: ", "))) }
        rows.append(
            (
                "documents",
                NumberText.count(collection.documents)
                    + (collection.deadDocuments > 0 ? " (and \(NumberText.count(collection.deadDocuments)) dead ones in segments)" : "")
            ))
        rows.append(("writes", "\(NumberText.count(collection.lastSequence)); \(backlog(collection))"))
        rows.append(("segments", "\(collection.lexicalSegments) lexical, \(collection.vectorSegments) vector; \(NumberText.count(collection.vectors)) vectors"))
        rows.append(
            (
                "bytes",
                "\(NumberText.bytes(collection.storeBytes)) store, \(NumberText.bytes(collection.indexBytes)) indexes, \(NumberText.bytes(collection.memoryBytes)) in memory"
            ))
        var generation = "\(collection.generation)"
        if let building = collection.building {
            generation +=
                "; \(building.generation) is being built: \(NumberText.count(building.appliedSequence)) of \(NumberText.count(collection.lastSequence))"
        }
        rows.append(("generation", generation))
        if collection.textsCut > 0 {
            rows.append(
                (
                    "cut texts",
                    "\(NumberText.count(collection.textsCut)) longer than the model reads, \(NumberText.count(collection.tokensCut)) tokens fell away"
                ))
        }
        if collection.replayed > 0 { rows.append(("replayed", "\(NumberText.count(collection.replayed)) writes at the last start")) }
        if let problem = collection.problem { rows.append(("problem", DisplayWidth.plain(problem))) }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0 + String(repeating: " ", count: width - $0.count + 2) + $1 + "\n" }.joined()
    }

    /// Whether the legs know all writes.
    static func backlog(_ collection: CollectionDescription) -> String {
        func behind(_ applied: UInt64) -> UInt64 { collection.lastSequence > applied ? collection.lastSequence - applied : 0 }
        var parts: [String] = []
        let keywords = behind(collection.appliedSequence)
        if keywords > 0 { parts.append("keywords \(NumberText.count(keywords)) behind") }
        if hasVectors(collection) {
            let vectors = behind(collection.vectorAppliedSequence)
            if vectors > 0 { parts.append("vectors \(NumberText.count(vectors)) behind") }
        }
        return parts.isEmpty ? "all searchable" : parts.joined(separator: ", ")
    }

    /// What could not be opened has no schema to show.
    static func isOpen(_ collection: CollectionDescription) -> Bool { collection.schema != nil }

    static func hasVectors(_ collection: CollectionDescription) -> Bool {
        collection.schema.map { $0.model?.isEmpty == false || !$0.vectorFields.isEmpty } ?? false
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e6 ? String(Int(value)) : "\(value)"
    }
}

/// A collection for programs. The keys are those of the wire's messages.
package enum CollectionJSON {
    package static func value(_ collection: CollectionDescription) -> JSONValue {
        guard CollectionText.isOpen(collection) else {
            return .members(["name": .string(collection.name), "problem": collection.problem.map { .string($0) }])
        }
        return .members([
            "name": .string(collection.name),
            "schema": collection.schema.map(schema),
            "documents": .number(collection.documents),
            "dead_documents": .number(collection.deadDocuments),
            "last_sequence": .number(collection.lastSequence),
            "applied_sequence": .number(collection.appliedSequence),
            "vector_applied_sequence": .number(collection.vectorAppliedSequence),
            "checkpoint_sequence": .number(collection.checkpointSequence),
            "vector_checkpoint_sequence": .number(collection.vectorCheckpointSequence),
            "generation": .number(collection.generation),
            "building": collection.building.map {
                .object(["generation": .number($0.generation), "applied_sequence": .number($0.appliedSequence)])
            },
            "lexical_segments": .number(collection.lexicalSegments),
            "vector_segments": .number(collection.vectorSegments),
            "vectors": .number(collection.vectors),
            "vector_fields": .array(
                collection.vectorFields.map {
                    .members([
                        "name": .string($0.name), "vectors": .number($0.vectors), "segments": .number($0.segments), "bytes": .number($0.bytes),
                        "graphs": .number($0.graphs), "vectors_in_graphs": .number($0.vectorsInGraphs), "graph_bytes": .number($0.graphBytes),
                        "mapped_row_bytes": .number($0.mappedRowBytes), "recall": $0.recall.map { .double($0) },
                        "recall_target": $0.recallTarget.map { .double($0) }, "recall_samples": .number($0.recallSamples),
                        "graphs_built": .number($0.graphsBuilt), "vectors_in_graphs_built": .number($0.vectorsInGraphsBuilt),
                    ])
                }),
            "memory_bytes": .number(collection.memoryBytes),
            "index_bytes": .number(collection.indexBytes),
            "store_bytes": .number(collection.storeBytes),
            "texts_cut": .number(collection.textsCut),
            "tokens_cut": .number(collection.tokensCut),
            "replayed": .number(collection.replayed), "synonym_rules": .number(collection.synonymRules),
            "problem": collection.problem.map { .string($0) },
        ])
    }

    static func schema(_ schema: CollectionSchema) -> JSONValue {
        .members([
            "text_fields": .array(
                schema.textFields.map { .members(["name": .string($0.name), "weight": .double($0.weight), "analyzer": $0.analyzer.map { .string($0) }]) }),
            "attributes": .array(schema.attributes.map { .object(["name": .string($0.name), "type": .string($0.type.description)]) }),
            "vector_fields": .array(
                schema.vectorFields.map {
                    .members([
                        "name": .string($0.name), "dimension": .number($0.dimension), "metric": .string($0.metric.description),
                        "quantization": $0.quantization.map { .string($0.description) },
                    ])
                }),
            "model": schema.model.map { .string($0) },
            "reranker": schema.reranker.map { .string($0) },
            "analyzer": schema.analyzer.map {
                .members([
                    "stemmer": $0.stemmer.map { .string($0) }, "index_parts": $0.indexParts.map { .bool($0) },
                    "index_wholes": $0.indexWholes.map { .bool($0) }, "index_folded": $0.indexFolded.map { .bool($0) },
                    "index_bigrams": $0.indexBigrams.map { .bool($0) }, "fallback_language": $0.fallbackLanguage.map { .string($0) },
                    "version": $0.version.map { .number($0) },
                ])
            },
            "analyzers": schema.analyzers.isEmpty ? nil : .object(Dictionary(schema.analyzers.map { ($0.name, AnalyzerFile.json($0)) }) { first, _ in first }),
            "alpha": schema.alpha.map { .double($0) },
            "k1": schema.k1.map { .double($0) },
            "b": schema.b.map { .double($0) },
            "rerank_weight": schema.rerankWeight.map { .double($0) },
        ])
    }
}
