import TandemClient

/// Messages as JSON for programs. The keys are described in docs/command-line.md and stay; new ones may come.
package enum SearchJSON {
    package static func value(_ response: SearchResponse, collection: String, query: String) -> JSONValue {
        .members([
            "collection": .string(collection),
            "query": .string(query),
            "hits": .array(response.hits.map(hit)),
            "mode": .string(response.mode.description),
            "alpha": .double(response.alpha),
            "normalizer": .string(response.normalizer.description),
            "lexical_bounds": response.lexicalBounds.map(bounds),
            "semantic_bounds": response.semanticBounds.map(bounds),
            "pool_size": .number(response.poolSize),
            "lexical_matched": response.lexicalMatched.map { .number($0) },
            "lexical_matched_at_least": response.lexicalMatched == nil ? nil : .bool(response.lexicalMatchedAtLeast),
            "empty_legs": .strings(response.emptyLegs),
            "stages": .array(
                response.stages.map {
                    .object(["name": .string($0.name), "us": .number($0.durationMicroseconds), "seen": .number($0.seen), "dropped": .number($0.dropped)])
                }),
            "semantic": response.semantic.map {
                .object([
                    "exact": .bool($0.exact), "flat_segments": .number($0.flatSegments), "filtered_flat_segments": .number($0.filteredFlatSegments),
                    "graph_segments": .number($0.graphSegments), "abandoned_graphs": .number($0.abandonedGraphs), "estimated": .number($0.estimated),
                    "scanned": .number($0.scanned),
                    "visited": .number($0.visited), "refined": .number($0.refined),
                ])
            },
            "rerank": response.rerank.map {
                .object([
                    "requested": .number($0.requested), "reranked": .number($0.reranked), "stop": .string($0.stop.description),
                    "model": .string($0.model), "weight": .double($0.weight),
                ])
            },
            "spelling": response.spelling.map { spelling in
                .members([
                    "text": spelling.text.isEmpty ? nil : .string(spelling.text), "applied": .bool(spelling.applied),
                    "corrections": .array(
                        spelling.corrections.map {
                            .object([
                                "original": .string($0.original), "corrected": .string($0.corrected), "start": .number($0.start), "end": .number($0.end),
                                "original_documents": .number($0.originalDocuments), "corrected_documents": .number($0.correctedDocuments),
                            ])
                        }),
                ])
            },
            "degraded": .array(
                response.degraded.map {
                    .object(["stage": .string($0.stage), "reason": .string($0.reason), "reranked": .number($0.reranked)])
                }),
            "applied_sequence": .number(response.appliedSequence),
            "vector_applied_sequence": .number(response.vectorAppliedSequence),
            "generation": .number(response.generation),
            "approximate": .bool(response.approximate),
            "us": .number(response.durationMicroseconds),
        ])
    }

    package static func hit(_ hit: Hit) -> JSONValue {
        .members([
            "id": .string(hit.id),
            "version": .number(hit.version),
            "score": .double(hit.score),
            "fused": .double(hit.fused),
            "lexical": hit.lexical.map { .double($0) },
            "semantic": hit.semantic.map { .double($0) },
            "rerank": hit.rerank.map { .double($0) },
            "has_vector": hit.hasVector.map { .bool($0) },
            "fields": hit.document.map(DocumentJSON.fields),
            "explanation": hit.explanation.map(explanation),
            "highlights": hit.highlights.isEmpty ? nil : .array(hit.highlights.map(highlights)),
        ])
    }

    private static func highlights(_ highlighted: HighlightedField) -> JSONValue {
        .object([
            "field": .string(highlighted.field),
            "passages": .array(
                highlighted.passages.map { passage in
                    .object([
                        "start": .number(passage.start), "end": .number(passage.end), "text": .string(passage.text), "score": .double(passage.score),
                        "matches": .array(
                            passage.matches.map { .object(["start": .number($0.start), "end": .number($0.end), "terms": .strings($0.terms)]) }),
                    ])
                }),
        ])
    }

    static func explanation(_ explanation: Explanation) -> JSONValue {
        .members([
            "terms": .array(explanation.terms.map(term)),
            "lexical_normalized": explanation.lexicalNormalized.map { .double($0) },
            "semantic_normalized": explanation.semanticNormalized.map { .double($0) },
            "lexical_rank": explanation.lexicalRank.map { .number($0) },
            "semantic_rank": explanation.semanticRank.map { .number($0) },
            "rerank_normalized": explanation.rerankNormalized.map { .double($0) },
            "fused_normalized": explanation.fusedNormalized.map { .double($0) },
            "passage": explanation.passage.map { .string($0) },
            "summary": explanation.summary.isEmpty ? nil : .string(explanation.summary),
        ])
    }

    private static func term(_ term: TermMatch) -> JSONValue {
        .object([
            "term": .string(term.term), "boost": .double(term.boost), "idf": .double(term.idf),
            "document_frequency": .number(term.documentFrequency), "document_count": .number(term.documentCount),
            "frequency": .double(term.frequency), "score": .double(term.score),
            "matches": .array(
                term.matches.map {
                    .object([
                        "field": .string($0.field), "form": .string($0.form), "term": .string($0.term),
                        "frequency": $0.phraseFrequency.map { .double($0) } ?? .number($0.frequency),
                        "field_length": .number($0.fieldLength), "average_length": .double($0.averageLength), "weight": .double($0.weight),
                    ])
                }),
        ])
    }

    private static func bounds(_ bounds: ScoreBounds) -> JSONValue { .object(["floor": .double(bounds.floor), "ceiling": .double(bounds.ceiling)]) }
}

/// Documents as JSON.
package enum DocumentJSON {
    package static func value(_ stored: StoredDocument) -> JSONValue {
        .members([
            "id": .string(stored.document?.id ?? ""), "version": .number(stored.version), "fields": stored.document.map(fields),
        ])
    }

    /// Field to value: texts as strings, attributes as arrays in the order stored, timestamps as RFC 3339, vectors as arrays, several of a field as arrays of arrays.
    package static func fields(_ document: Document) -> JSONValue {
        var object: [String: JSONValue] = [:]
        for field in document.texts { object[field.name] = .string(field.text) }
        for field in document.attributes {
            var values: [JSONValue] = field.keywords.map { .string($0) }
            values += field.int64s.map { .int($0) }
            values += field.float64s.map { .double($0) }
            values += field.bools.map { .bool($0) }
            values += field.timestampsMicroseconds.map { .string(TimestampText.format(microseconds: $0)) }
            object[field.name] = .array(values)
        }
        for (name, chunks) in Dictionary(grouping: document.vectors, by: \.name) {
            let arrays = chunks.map { JSONValue.array($0.values.map { .double(Double($0)) }) }
            object[name] = arrays.count == 1 ? arrays[0] : .array(arrays)
        }
        return .object(object)
    }
}
