import HybridSearch
import SearchCore
import WireProtocol

extension HybridSearch.CollectionSchema {
    /// What a message says about a new collection, its models aside; absent fields take their defaults.
    /// - Throws: `INVALID_ARGUMENT` for a type or metric that is missing or not known. The rest is the engine's to judge.
    init(_ message: WireProtocol.CollectionSchema) throws {
        self.init()
        if !message.textFields.isEmpty {
            textFields = message.textFields.map {
                TextField(name: $0.name, weight: $0.weight, analyzer: $0.analyzer ?? HybridSearch.AnalyzerDefinition.standardName)
            }
        }
        attributes = try message.attributes.map { attribute in
            guard let type = Self.types[attribute.type] else {
                throw Mapping.unknown("attribute '\(attribute.name.prefix(64))', type", attribute.type)
            }
            return Attribute(name: attribute.name, type: type)
        }
        vectorFields = try message.vectorFields.map { field in
            guard let metric = Self.metrics[field.metric] else {
                throw Mapping.unknown("vector field '\(field.name.prefix(64))', metric", field.metric)
            }
            guard let quantization = Self.quantizations[field.quantization ?? .binary] else {
                throw Mapping.unknown("vector field '\(field.name.prefix(64))', quantization", field.quantization ?? .unspecified)
            }
            return VectorField(name: field.name, dimension: Int(field.dimension), metric: metric, quantization: quantization)
        }
        if let options = message.analyzer {
            if let stemmer = options.stemmer { analyzer.stemmer = stemmer.isEmpty ? nil : stemmer }
            if let value = options.indexParts { analyzer.indexParts = value }
            if let value = options.indexWholes { analyzer.indexWholes = value }
            if let code = options.fallbackLanguage { analyzer.fallbackLanguageCode = code.isEmpty ? nil : code }
            if let value = options.indexFolded { analyzer.indexFolded = value }
            if let value = options.indexBigrams { analyzer.indexBigrams = value }
            analyzer.foldedWeight = try Self.weight(options.foldedWeight, "folded_weight", analyzer.foldedWeight)
            analyzer.compoundWeight = try Self.weight(options.compoundWeight, "compound_weight", analyzer.compoundWeight)
            analyzer.bigramWeight = try Self.weight(options.bigramWeight, "bigram_weight", analyzer.bigramWeight)
            analyzer.variantWeight = try Self.weight(options.variantWeight, "variant_weight", analyzer.variantWeight)
            analyzer.surfaceWeight = try Self.weight(options.surfaceWeight, "surface_weight", analyzer.surfaceWeight)
            analyzer.stemWeight = try Self.weight(options.stemWeight, "stem_weight", analyzer.stemWeight)
            analyzer.partWeight = try Self.weight(options.partWeight, "part_weight", analyzer.partWeight)
            analyzer.wholeWeight = try Self.weight(options.wholeWeight, "whole_weight", analyzer.wholeWeight)
            analyzer.chainWeight = try Self.weight(options.chainWeight, "chain_weight", analyzer.chainWeight)
            analyzer.synonymWeight = try Self.weight(options.synonymWeight, "synonym_weight", analyzer.synonymWeight)
            analyzer.stopWordBoost = try Self.weight(options.stopWordBoost, "stop_word_boost", analyzer.stopWordBoost)
        }
        for definition in message.analyzers {
            guard analyzers.updateValue(try HybridSearch.AnalyzerDefinition(definition), forKey: definition.name) == nil else {
                throw Mapping.refuse("analyzers", "names '\(definition.name.prefix(64))' twice")
            }
        }
        languageAttribute = message.languageAttribute ?? languageAttribute
        alpha = message.alpha ?? alpha
        k1 = message.k1 ?? k1
        b = message.b ?? b
        rerankWeight = message.rerankWeight ?? rerankWeight
    }

    private static func weight(_ value: Double?, _ name: String, _ standard: Double) throws -> Double {
        guard let value else { return standard }
        guard value.isFinite, value >= 0 else { throw Mapping.refuse("analyzer.\(name)", "is \(value); expected a number ≥ 0") }
        return value
    }

    private static let types: [WireProtocol.ValueType: String] = [
        .keyword: "keyword", .int64: "int64", .float64: "float64", .bool: "bool", .timestamp: "timestamp",
    ]
    private static let metrics: [WireProtocol.VectorMetric: String] = [.cosine: "cosine", .dot: "dot"]
    private static let quantizations: [WireProtocol.VectorQuantization: String] = [.binary: "binary", .int4: "int4"]

    var wire: WireProtocol.CollectionSchema {
        var message = WireProtocol.CollectionSchema()
        message.textFields = textFields.map { TextFieldSchema(name: $0.name, weight: $0.weight, analyzer: $0.analyzer) }
        message.attributes = attributes.map { attribute in
            AttributeSchema(name: attribute.name, type: Self.types.first { $0.value == attribute.type }?.key ?? .unspecified)
        }
        message.vectorFields = vectorFields.map { field in
            VectorFieldSchema(
                name: field.name, dimension: UInt32(clamping: field.dimension),
                metric: Self.metrics.first { $0.value == field.metric }?.key ?? .unspecified,
                quantization: Self.quantizations.first { $0.value == field.quantization }?.key ?? .unspecified)
        }
        message.model = model
        message.reranker = reranker
        message.analyzer = AnalyzerOptions(
            stemmer: analyzer.stemmer ?? "", indexParts: analyzer.indexParts, indexWholes: analyzer.indexWholes,
            surfaceWeight: analyzer.surfaceWeight, stemWeight: analyzer.stemWeight, partWeight: analyzer.partWeight,
            wholeWeight: analyzer.wholeWeight, version: analyzer.version, chainWeight: analyzer.chainWeight,
            stopWordBoost: analyzer.stopWordBoost, fallbackLanguage: analyzer.fallbackLanguageCode ?? "", indexFolded: analyzer.indexFolded,
            indexBigrams: analyzer.indexBigrams, foldedWeight: analyzer.foldedWeight, bigramWeight: analyzer.bigramWeight,
            variantWeight: analyzer.variantWeight, compoundWeight: analyzer.compoundWeight, synonymWeight: analyzer.synonymWeight)
        message.analyzers = analyzers.sorted { $0.key < $1.key }.map { $1.wire(name: $0) }
        message.languageAttribute = languageAttribute
        message.alpha = alpha
        message.k1 = k1
        message.b = b
        message.rerankWeight = rerankWeight
        return message
    }
}

extension CollectionDescription {
    init(_ status: CollectionStatus) {
        self.init(name: status.name, schema: status.schema.wire)
        documents = UInt64(clamping: status.documents)
        deadDocuments = UInt64(clamping: status.deadDocuments)
        lastSequence = status.lastSequence.rawValue
        appliedSequence = status.applied.rawValue
        vectorAppliedSequence = status.vectorApplied.rawValue
        checkpointSequence = status.checkpoint.rawValue
        vectorCheckpointSequence = status.vectorCheckpoint.rawValue
        generation = status.generation
        building = status.building.map { BuildingGeneration(generation: $0.generation, appliedSequence: $0.applied.rawValue) }
        lexicalSegments = UInt32(clamping: status.lexicalSegments)
        vectorSegments = UInt32(clamping: status.vectorSegments)
        vectors = UInt64(clamping: status.vectors)
        vectorFields = status.vectorFields.map {
            VectorFieldDescription(
                name: $0.name, vectors: UInt64(clamping: $0.vectors), segments: UInt32(clamping: $0.segments), bytes: UInt64(clamping: $0.bytes),
                graphs: UInt32(clamping: $0.graphs), vectorsInGraphs: UInt64(clamping: $0.vectorsInGraphs), graphBytes: UInt64(clamping: $0.graphBytes),
                mappedRowBytes: UInt64(clamping: $0.mappedRowBytes), recallSamples: UInt64(clamping: $0.recallSamples), recall: $0.recall,
                graphsBuilt: UInt64(clamping: $0.graphsBuilt), vectorsInGraphsBuilt: UInt64(clamping: $0.vectorsInGraphsBuilt),
                recallTarget: $0.recallTarget)
        }
        memoryBytes = UInt64(clamping: status.memoryBytes)
        indexBytes = UInt64(clamping: status.indexBytes)
        storeBytes = UInt64(clamping: status.storeBytes)
        textsCut = UInt64(clamping: status.textsCut)
        tokensCut = UInt64(clamping: status.tokensCut)
        replayed = UInt64(clamping: status.replayed)
        problem = status.problem
        sinceCheckpointMicroseconds = status.sinceCheckpoint.wireMicroseconds
        uuid = status.uuid
        synonymRules = UInt32(clamping: status.synonymRules)
    }
}
