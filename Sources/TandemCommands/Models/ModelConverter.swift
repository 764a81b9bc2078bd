import Foundation

/// The program that turns a Hugging Face folder into a model: `tools/models/convert.py` and its Python. See docs/models.md.
package struct ModelConverter: Equatable {
    package var script: String
    package var python: String

    /// Looks in `TANDEM_CONVERTER`, then upwards from the executable for a checkout, then under the prefix.
    /// - Throws: ``CommandFailure`` that says what to run.
    package static func find(
        environment: [String: String] = ProcessInfo.processInfo.environment, executable: String? = ModelConverter.executablePath(),
        exists: (String) -> Bool = { access($0, R_OK) == 0 }
    ) throws -> ModelConverter {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let prefix = value("TANDEM_PREFIX") ?? "/usr/local"
        let python = "\(prefix)/lib/tandem/venv/bin/python3"
        var script: String
        if let given = value("TANDEM_CONVERTER") {
            guard exists(given) else { throw CommandFailure("TANDEM_CONVERTER names \(given), which is not there") }
            script = given
        } else {
            var candidates: [String] = []
            var folder = executable.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? "/"
            while folder != "/", folder.hasPrefix("/") {
                candidates.append("\(folder)/tools/models/convert.py")
                folder = URL(fileURLWithPath: folder).deletingLastPathComponent().path
            }
            candidates.append("\(prefix)/lib/tandem/models/convert.py")
            guard let found = candidates.first(where: exists) else {
                throw CommandFailure(
                    "the model converter (tools/models/convert.py) is not to be found near this program or under \(prefix); name it in TANDEM_CONVERTER")
            }
            script = found
        }
        guard exists(python) else {
            throw CommandFailure("the converter's Python is not at \(python); run tools/bootstrap, or name its prefix in TANDEM_PREFIX")
        }
        return ModelConverter(script: script, python: python)
    }

    package static func executablePath() -> String? { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") }

    /// Runs it; its progress goes to standard error.
    func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script] + arguments
        // It prints the folder's path there, which the caller knows.
        process.standardOutput = FileHandle.nullDevice
        do { try process.run() } catch { throw CommandFailure("\(python) cannot be started: \(error.localizedDescription)") }
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw CommandFailure("the model was not taken; the converter says above why")
        }
    }
}

/// What `tandem.json` of a model says to people.
package struct ModelListing: Decodable, Equatable {
    static let manifestName = "tandem.json"

    package var name: String
    var kind: String
    var dimension: Int
    var max_tokens: Int
    var pooling: String?
    var source: String?

    var json: JSONValue {
        .members([
            "name": .string(name), "kind": .string(kind), "dimension": .number(dimension), "max_tokens": .number(max_tokens),
            "pooling": pooling.map { .string($0) }, "source": source.map { .string($0) },
        ])
    }

    /// The models in a folder, by name, and a line for each that cannot be read.
    package static func read(_ folder: String) throws -> (models: [ModelListing], refused: [String]) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return ([], []) }
        var models: [ModelListing] = []
        var refused: [String] = []
        for name in names.sorted() {
            let path = "\(folder)/\(name)/\(manifestName)"
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            do { models.append(try JSONDecoder().decode(ModelListing.self, from: data)) } catch {
                refused.append("\(path) cannot be read; convert the model again")
            }
        }
        return (models, refused)
    }
}
