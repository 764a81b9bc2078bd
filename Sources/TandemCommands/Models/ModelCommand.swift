import ArgumentParser
import Foundation

struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Install and list models on this machine.", subcommands: [Add.self, List.self])

    /// `--models`, else `TANDEM_MODELS`, else the system's folder.
    static func folder(_ given: String?, environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        given ?? environment["TANDEM_MODELS"].flatMap { $0.isEmpty ? nil : $0 } ?? "/var/lib/tandem/models"
    }
}

extension ModelCommand {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Convert a Hugging Face folder and install it as a model.",
            discussion: """
                The folder holds config.json, tokenizer.json, and model.safetensors or onnx/model.onnx; also 1_Pooling and \
                modules.json for embedders. What the folder does not say can be said with options. docs/models.md tells which \
                models can be taken. The daemon finds a new model at once.

                EXAMPLES:
                  tandem model add ~/models/bge-small-en-v1.5
                  tandem model add ~/models/e5-small-v2 --name e5 --pooling mean --cosine-floor 0.7
                """)

        @Argument(help: "The Hugging Face folder.") var path: String
        @Option(help: ArgumentHelp("The model's name. (default: the folder's)", valueName: "name")) var name: String?
        @Option(help: ArgumentHelp("Folder of models. (default: $TANDEM_MODELS, else /var/lib/tandem/models)", valueName: "dir")) var models: String?
        @Option(help: "bi-encoder or cross-encoder. (default: as config.json says)") var kind: String?
        @Option(help: "mean, cls, max or mean_sqrt_len. (default: as 1_Pooling says)") var pooling: String?
        @Flag(inversion: .prefixedNo, help: "Bring vectors to length 1. (default: as modules.json says)") var normalize: Bool?
        @Option(parsing: .unconditional, help: ArgumentHelp("Put before every query.", valueName: "text")) var queryPrefix: String?
        @Option(parsing: .unconditional, help: ArgumentHelp("Put before every passage.", valueName: "text")) var passagePrefix: String?
        @Option(parsing: .unconditional, help: ArgumentHelp("Cosine of unrelated texts.", valueName: "cosine")) var cosineFloor: Double?
        @Option(help: ArgumentHelp("Cut texts here.", valueName: "n")) var maxTokens: Int?
        @Option(help: ArgumentHelp("Where the model came from, for the record.", valueName: "text")) var source: String?
        @Flag(help: "Replace a model of that name.") var replace = false

        func validate() throws {
            if let name, name.isEmpty || name.contains("/") || name.hasPrefix(".") {
                throw ValidationError("--name '\(name)': expected a name without slashes")
            }
        }

        func run() throws {
            let folder = URL(fileURLWithPath: path).standardizedFileURL
            var info = stat()
            guard stat(folder.path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { throw CommandFailure("\(path) is no folder") }
            let name = name ?? folder.lastPathComponent
            let target = ModelCommand.folder(models) + "/" + name
            var arguments = [folder.path, "--into", target, "--name", name]
            func add(_ option: String, _ value: String?) { if let value { arguments.append("\(option)=\(value)") } }
            add("--kind", kind)
            add("--pooling", pooling)
            if let normalize { arguments.append(normalize ? "--normalize" : "--no-normalize") }
            add("--query-prefix", queryPrefix)
            add("--passage-prefix", passagePrefix)
            add("--cosine-floor", cosineFloor.map { "\($0)" })
            add("--max-tokens", maxTokens.map { "\($0)" })
            add("--source", source)
            if replace { arguments.append("--replace") }
            try ModelConverter.find().run(arguments)
            Output.line("model '\(name)' is in \(target)")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the models of this machine.", discussion: "'tandem status' lists those that a daemon has.")
        @Option(help: ArgumentHelp("Folder of models. (default: $TANDEM_MODELS, else /var/lib/tandem/models)", valueName: "dir")) var models: String?
        @Flag(help: "Print a JSON array.") var json = false

        func run() throws {
            let folder = ModelCommand.folder(models)
            if models != nil, !FileManager.default.fileExists(atPath: folder) { throw CommandFailure("models folder \(folder) does not exist") }
            let (found, refused) = try ModelListing.read(folder)
            for problem in refused { Output.note("tandem: \(problem)") }
            if json { return try JSONValue.array(found.map(\.json)).print() }
            if found.isEmpty { return Output.note("no models in \(folder); tools/fetch-models installs the default ones, 'tandem model add FOLDER' yours") }
            var table = TextTable([
                .init("name"), .init("kind"), .init("vectors", .right), .init("tokens", .right), .init("pooling"), .init("source", isFlexible: true),
            ])
            for model in found {
                table.add([
                    model.name, model.kind, model.kind == "bi-encoder" ? String(model.dimension) : "", String(model.max_tokens), model.pooling ?? "",
                    model.source ?? "",
                ])
            }
            Output.raw(table.render(width: Terminal.width(of: STDOUT_FILENO)))
        }
    }
}
