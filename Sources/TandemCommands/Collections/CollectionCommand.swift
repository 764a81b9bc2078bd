import ArgumentParser
import Foundation
import TandemClient

package struct CollectionCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "collection", abstract: "Create, list, show, rebuild and drop collections.",
        subcommands: [Create.self, List.self, Show.self, Rebuild.self, Merge.self, Drop.self])

    @OptionGroup var connection: ConnectionOptions

    package init() {}
}

/// `name:type` of `--attribute`.
struct AttributeArgument: Equatable, Sendable, ExpressibleByArgument {
    static let types: [ValueType] = [.keyword, .int64, .float64, .bool, .timestamp]

    var name: String
    var type: ValueType

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let type = Self.types.first(where: { $0.description == parts[1] }) else { return nil }
        name = String(parts[0])
        self.type = type
    }
}

/// `name[:dimension[:metric[:quantization]]]` of `--vector-field`.
struct VectorFieldArgument: Equatable, Sendable {
    var name: String
    /// Nil: the model's, or that of `--vector-dimension`.
    var dimension: Int?
    /// Nil: that of `--metric`, or cosine.
    var metric: MetricName?
    /// Nil: that of `--quantization`, or binary.
    var quantization: QuantizationName?

    /// - Throws: which part is wrong, and what it may be.
    init(_ argument: String) throws {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        func choice<Choice: RawRepresentable & CaseIterable>(_ what: String, _ text: String) throws -> Choice where Choice.RawValue == String {
            guard let choice = Choice(rawValue: text) else {
                throw ValidationError("unknown \(what) '\(text)'; there are \(Choice.allCases.map(\.rawValue).joined(separator: " and "))")
            }
            return choice
        }
        guard parts.count <= 4 else { throw ValidationError("\(parts.count) parts; expected at most 4: name:length:metric:quantization") }
        guard !parts[0].isEmpty else { throw ValidationError("the field has no name") }
        name = parts[0]
        if parts.count > 1 {
            guard let number = Int(parts[1]), (1...4096).contains(number) else {
                throw ValidationError("the length '\(parts[1])' of field '\(name)' is no whole number from 1 to 4096")
            }
            dimension = number
        }
        if parts.count > 2 { metric = try choice("metric", parts[2]) as MetricName }
        if parts.count > 3 { quantization = try choice("quantization", parts[3]) as QuantizationName }
    }
}

enum MetricName: String, ExpressibleByArgument, CaseIterable, Sendable {
    case cosine, dot
    var value: VectorMetric { self == .cosine ? .cosine : .dot }
}

enum QuantizationName: String, ExpressibleByArgument, CaseIterable, Sendable {
    case binary, int4
    var value: VectorQuantization { self == .binary ? .binary : .int4 }
}

extension CollectionCommand {
    package struct Create: AsyncParsableCommand, DaemonCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Create a collection.",
            discussion: """
                Without options: text fields title and text, an attribute lang (keyword), and the daemon's default models if it has \
                them. Attribute types: keyword, int64, float64, bool, timestamp.

                EXAMPLES:
                  tandem collection create papers
                  tandem collection create logs --model none --text-field message --attribute host:keyword --attribute time:timestamp
                  tandem collection create code --text-field path:code --text-field text
                  tandem collection create papers --text-field title:2 --text-field text --attribute year:int64 --alpha 0.6
                  tandem collection create images --model none --text-field caption --vector-dimension 512 --metric dot
                  tandem collection create shop --model none --vector-field words:768 --vector-field image:512:dot
                  tandem collection create books --vector-field embedding --vector-field cover:512
                  tandem collection create archive --quantization int4
                """)

        @OptionGroup var connection: ConnectionOptions
        var isChange: Bool { true }
        @Argument(help: "Letters, digits, - _ and dots inside.") var name: String
        @Option(
            help: ArgumentHelp(
                "Bi-encoder, or 'none' for keywords only. (default: the daemon's; none where you give the first vector field a dimension)", valueName: "model"))
        var model: String?
        @Option(help: ArgumentHelp("Cross-encoder, or 'none'. (default: the daemon's, unless --model is none)", valueName: "model"))
        var reranker: String?
        @Option(
            help: ArgumentHelp(
                "A text field, its weight, and the analyzer that makes its terms; repeatable. (default: title, text)", valueName: "name[:weight][:analyzer]"),
            transform: TextFieldArgument.init)
        var textField: [TextFieldArgument] = []
        @Option(
            help: ArgumentHelp("Analyzers of your own: a file of JSON, {\"name\": {\"tokenizer\": …}, …}; see docs/analysis.md.", valueName: "file"),
            transform: AnalyzerFile.init)
        var analyzers: AnalyzerFile?
        @Option(
            help: ArgumentHelp(
                "A field for filters; types are keyword, int64, float64, bool and timestamp; repeatable. (default: lang:keyword)", valueName: "name:type"))
        var attribute: [AttributeArgument] = []
        @Option(help: ArgumentHelp("Length of the vectors that you write yourself, of a single field; searches then bring theirs, too.", valueName: "n"))
        var vectorDimension: Int?
        @Option(
            help: ArgumentHelp(
                """
                A field of vectors, their length (1 to 4096), cosine or dot, and binary or int4; repeatable. The first is the model's, and needs no length then. \
                (default: embedding)
                """, valueName: "name[:n[:metric[:quantization]]]"), transform: VectorFieldArgument.init)
        var vectorField: [VectorFieldArgument] = []
        @Option(help: "How vectors of a single field are compared: cosine or dot. (default: cosine)") var metric: MetricName?
        @Option(
            help: ArgumentHelp(
                "Codes in graphs over vectors: binary is the fastest, int4 takes two fifths of the memory; for fields that say nothing else. (default: binary)",
                valueName: "binary|int4"))
        var quantization: QuantizationName?
        @Option(help: ArgumentHelp("Weight of the semantic leg, 0 to 1. (default: 0.5)", valueName: "a")) var alpha: Double?
        @Option(help: ArgumentHelp("BM25: saturation of term frequency. (default: 1.2)", valueName: "k1")) var k1: Double?
        @Option(help: ArgumentHelp("BM25: weight of the length, 0 to 1. (default: 0.75)", valueName: "b")) var b: Double?
        @Option(help: ArgumentHelp("Share of the reranker in the score, 0 to 1. (default: 0.3)", valueName: "w")) var rerankWeight: Double?
        @Option(
            help: ArgumentHelp(
                "Words are stemmed for this language, for example de; 'auto': for that of each passage; 'none': not at all. (default: auto)", valueName: "code")
        )
        var stemmer: String?
        @Option(
            help: ArgumentHelp("Language of short texts in Latin letters that do not show theirs, or 'none'. (default: en)", valueName: "code"))
        var fallbackLanguage: String?
        @Flag(help: "Print the collection as JSON.") var json = false

        package init() {}

        package func validate() throws {
            try Validation.share(alpha, "--alpha")
            try Validation.share(b, "--b")
            try Validation.share(rerankWeight, "--rerank-weight")
            if let k1, !(k1 >= 0 && k1.isFinite) { throw ValidationError("--k1 \(k1): expected 0 or more") }
            try Validation.range(vectorDimension, 1...4096, "--vector-dimension")
            try Validation.collection(name)
            let isPlain = name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || "-_.".utf8.contains(byte)
            }
            guard isPlain, !name.hasPrefix("."), name.utf8.count <= 128 else {
                throw ValidationError("collection name '\(name.prefix(80))': expected 1 to 128 of A-Z a-z 0-9 _ - . not beginning with a dot")
            }
            if vectorField.count > 1 || vectorField.first?.dimension != nil, vectorDimension != nil {
                throw ValidationError("--vector-dimension is for a single field without one: write --vector-field NAME:\(vectorDimension!)")
            }
            if vectorField.count > 1 || vectorField.first?.metric != nil, metric != nil {
                throw ValidationError("--metric is for a single field without one: write --vector-field NAME:DIMENSION:\(metric!.rawValue)")
            }
            if let field = vectorField.dropFirst().first(where: { $0.dimension == nil }) {
                throw ValidationError("--vector-field \(field.name): only the first field, which is the model's, may leave its length out")
            }
            if ownDimension == nil, model == "none", !vectorField.isEmpty || metric != nil || quantization != nil {
                throw ValidationError("--vector-field, --metric and --quantization need a length where there is no model: --vector-field NAME:LENGTH")
            }
            if model == "" || reranker == "" { throw ValidationError("an empty model name; 'none' says that there is none") }
        }

        /// Length of the first vector field, where it is not the model's.
        private var ownDimension: Int? { vectorField.first?.dimension ?? vectorDimension }

        /// What is sent.
        package func schema() -> CollectionSchema {
            var schema = CollectionSchema()
            schema.textFields =
                textField.isEmpty
                ? [TextFieldSchema(name: "title"), TextFieldSchema(name: "text")]
                : textField.map { TextFieldSchema(name: $0.name, weight: $0.weight, analyzer: $0.analyzer) }
            schema.attributes =
                attribute.isEmpty && !schema.textFields.contains { $0.name == "lang" }
                ? [AttributeSchema(name: "lang", type: .keyword)]
                : attribute.map { AttributeSchema(name: $0.name, type: $0.type) }
            // Dimension 0 stands for the model's.
            schema.vectorFields = vectorField.map {
                VectorFieldSchema(
                    name: $0.name, dimension: UInt32($0.dimension ?? vectorDimension ?? 0), metric: ($0.metric ?? metric ?? .cosine).value,
                    quantization: ($0.quantization ?? quantization)?.value)
            }
            if vectorField.isEmpty, vectorDimension != nil || metric != nil || quantization != nil {
                schema.vectorFields = [
                    VectorFieldSchema(
                        name: "embedding", dimension: UInt32(vectorDimension ?? 0), metric: (metric ?? .cosine).value, quantization: quantization?.value)
                ]
            }
            // The daemon reads the word "none" as we do, and fills in its default models where no name stands. Vectors of
            // one's own and the default model would fight over the field.
            schema.model = model ?? (ownDimension == nil ? nil : "none")
            schema.reranker = reranker
            schema.alpha = alpha
            schema.k1 = k1
            schema.b = b
            schema.rerankWeight = rerankWeight
            if stemmer != nil || fallbackLanguage != nil {
                func code(_ option: String?) -> String? { option == "none" ? "" : option }
                schema.analyzer = AnalyzerOptions(stemmer: code(stemmer), fallbackLanguage: code(fallbackLanguage))
            }
            schema.analyzers = analyzers?.definitions ?? []
            return schema
        }

        package func run() async throws {
            let created = try await connection.withClient { try await $0.createCollection(name, schema: schema(), defaultModels: true) }
            if json { return try CollectionJSON.value(created).print() }
            func chosen(_ name: String?, _ asked: String?) -> String {
                guard let name, !name.isEmpty else { return "none" }
                return asked == nil ? "\(name) (the daemon's default)" : name
            }
            let got = created.schema ?? CollectionSchema()
            Output.line(
                "created '\(created.name.isEmpty ? name : created.name)': model \(chosen(got.model, model)), reranker \(chosen(got.reranker, reranker))")
            if got.model?.isEmpty != false, model == nil, ownDimension == nil {
                Output.note(
                    "the daemon has no default model (all-MiniLM-L6-v2), so this collection searches keywords only; tools/fetch-models installs the default models"
                )
            }
        }
    }

    struct List: AsyncParsableCommand, DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "List the collections.")
        @OptionGroup var connection: ConnectionOptions
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let collections = try await connection.withClient { try await $0.listCollections() }
            if json {
                try JSONValue.array(
                    collections.map {
                        .members([
                            "name": .string($0.name), "documents": .number($0.documents), "model": $0.model.map { .string($0) },
                            "reranker": $0.reranker.map { .string($0) }, "problem": $0.problem.map { .string($0) },
                        ])
                    }
                ).print()
                return
            }
            if collections.isEmpty { return Output.note("no collections; 'tandem collection create NAME' makes one") }
            var table = TextTable([.init("name"), .init("documents", .right), .init("model"), .init("reranker"), .init("problem", isFlexible: true)])
            for collection in collections {
                table.add([
                    collection.name, NumberText.count(collection.documents), collection.model ?? "none", collection.reranker ?? "none",
                    collection.problem ?? "",
                ])
            }
            Output.raw(table.render(width: Terminal.width(of: STDOUT_FILENO)))
        }
    }

    struct Show: AsyncParsableCommand, DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "Show a collection's schema and state.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The collection.") var name: String
        @Flag(help: "Print one JSON object.") var json = false

        func run() async throws {
            let collection = try await connection.withClient { try await $0.describeCollection(name) }
            if json { try CollectionJSON.value(collection).print() } else { Output.raw(CollectionText.describe(collection)) }
        }
    }

    struct Drop: AsyncParsableCommand, DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a collection with everything in it.")
        @OptionGroup var connection: ConnectionOptions
        var isChange: Bool { true }
        @Argument(help: "The collection.") var name: String
        @Flag(help: "Do not ask.") var yes = false

        func run() async throws {
            try await connection.withClient { client in
                if !yes, Terminal.inputIsTerminal {
                    let documents = try await client.describeCollection(name).documents
                    Output.note("Delete collection '\(name)' with \(NumberText.count(documents)) documents? Type its name to confirm:")
                    guard readLine(strippingNewline: true) == name else { throw CommandFailure("nothing was deleted") }
                }
                try await client.dropCollection(name)
            }
            Output.line("dropped '\(name)'")
        }
    }

    struct Rebuild: AsyncParsableCommand, DaemonCommand {
        static let configuration = CommandConfiguration(
            abstract: "Build a collection's indexes anew, beside the present ones, and switch over.",
            discussion: """
                Removes what is dead, applies a newer analyzer, or changes the model or the vectors' quantization; searches go on meanwhile.

                EXAMPLES:
                  tandem collection rebuild papers --wait
                  tandem collection rebuild papers --model e5-small-v2
                  tandem collection rebuild papers --quantization int4
                """)
        @OptionGroup var connection: ConnectionOptions
        var isChange: Bool { true }
        @Argument(help: "The collection.") var name: String
        @Option(help: ArgumentHelp("Another bi-encoder, or 'none'. (default: the present one)", valueName: "model")) var model: String?
        @Option(help: ArgumentHelp("Codes in graphs over all fields' vectors. (default: the present ones)", valueName: "binary|int4"))
        var quantization: QuantizationName?
        @Flag(help: "Return after the switch.") var wait = false

        func run() async throws {
            // With --wait it lasts as long as it lasts, unless --timeout says otherwise.
            let generation = try await connection.withClient(timeout: wait ? .seconds(7 * 86_400) : .seconds(30)) { client in
                // What a rebuild's schema leaves out stays as it is.
                var schema = model.map { CollectionSchema(model: $0) }
                if let quantization {
                    let fields = try await client.describeCollection(name).schema?.vectorFields ?? []
                    guard !fields.isEmpty else { throw ValidationError("--quantization: collection '\(name)' has no vectors") }
                    schema = schema ?? CollectionSchema()
                    schema?.vectorFields = fields.map { VectorFieldSchema(name: $0.name, metric: $0.metric, quantization: quantization.value) }
                }
                return try await client.rebuildCollection(name, schema: schema, wait: wait)
            }
            Output.line(wait ? "generation \(generation) serves now" : "building generation \(generation); 'tandem status \(name)' shows how far it is")
        }
    }

    struct Merge: AsyncParsableCommand, DaemonCommand {
        static let configuration = CommandConfiguration(
            abstract: "Merge a collection's segments into one.",
            discussion: """
                Nobody has to: segments are merged as they come. It pays for a collection that is written once and searched often. Searches and \
                writes go on meanwhile.

                EXAMPLES:
                  tandem collection merge papers
                """)
        @OptionGroup var connection: ConnectionOptions
        var isChange: Bool { true }
        @Argument(help: "The collection.") var name: String

        func run() async throws {
            let response = try await connection.withClient(timeout: .seconds(86_400)) { try await $0.mergeCollection(name) }
            func change(_ before: UInt32, _ after: UInt32) -> String { before == after ? "\(after)" : "\(before) -> \(after)" }
            Output.line(
                "document segments \(change(response.lexicalSegmentsBefore, response.lexicalSegments)), "
                    + "vector segments \(change(response.vectorSegmentsBefore, response.vectorSegments)), "
                    + "\(NumberText.bytes(response.bytesBefore)) -> \(NumberText.bytes(response.bytes))")
        }
    }
}
