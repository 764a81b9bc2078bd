import Foundation
import Testing

/// The design's borders, checked on the text of the sources: every finding names file and line.
@Suite struct ArchitectureTests {
    private func report(_ findings: [String]) {
        for finding in findings { Issue.record("\(finding)") }
    }

    @Test("the table of allowed imports says what Package.swift says")
    func tableMirrorsPackage() throws {
        let package = try SourceScanner.packageDependencies()
        report(
            Set(package.keys).union(allowedImports.keys).sorted().compactMap { target in
                package[target] == allowedImports[target]
                    ? nil
                    : "\(target): Package.swift has \(package[target].map { $0.sorted().description } ?? "no such target"), "
                        + "the table \(allowedImports[target].map { $0.sorted().description } ?? "no such target")"
            })
    }

    @Test("a target imports what its row allows, and nothing else")
    func importsAreAllowed() throws {
        var read = 0
        for target in try SourceScanner.targets() {
            guard let allowed = allowedImports[target] else {
                Issue.record("Sources/\(target): no row in the table of allowed imports")
                continue
            }
            for reference in try SourceScanner.imports(of: target) {
                read += 1
                if !allowed.contains(reference.module), !platformModules.contains(reference.module) {
                    Issue.record("\(reference.file):\(reference.line): \(target) may not import \(reference.module)")
                }
            }
        }
        // Guards the scanner: sources that it does not find would pass every rule.
        #expect(read > 50)
    }

    @Test("dependencies point one way: no target reaches itself")
    func noCycles() {
        func reach(_ target: String, _ path: [String]) {
            guard !path.contains(target) else {
                Issue.record("cycle: \((path + [target]).joined(separator: " → "))")
                return
            }
            for next in allowedImports[target] ?? [] { reach(next, path + [target]) }
        }
        for target in allowedImports.keys { reach(target, []) }
    }

    @Test("each C library has one importer")
    func cLibrariesHaveOneImporter() throws {
        for target in try SourceScanner.targets() {
            for reference in try SourceScanner.imports(of: target) {
                if let owners = moduleOwners[reference.module], !owners.contains(target) {
                    Issue.record("\(reference.file):\(reference.line): only \(owners.sorted().joined(separator: ", ")) may import \(reference.module)")
                }
            }
        }
    }

    @Test("headers of a C library are included by its own target only")
    func headersHaveOneTarget() throws {
        for target in try SourceScanner.targets() {
            for reference in try SourceScanner.includes(of: target) {
                for owner in headerOwners where reference.module.hasPrefix(owner.prefix) && !owner.targets.contains(target) {
                    Issue.record(
                        "\(reference.file):\(reference.line): only \(owner.targets.sorted().joined(separator: ", ")) may include <\(reference.module)>")
                }
            }
        }
    }

    @Test("the client and the wire never import the engine, the wire no sockets")
    func clientAndWireStandAlone() throws {
        for target in ["TandemClient", "WireProtocol", "tandem"] {
            for reference in try SourceScanner.imports(of: target) where engine.contains(reference.module) || reference.module == "TandemServer" {
                Issue.record("\(reference.file):\(reference.line): \(target) may not import the engine's \(reference.module)")
            }
        }
        for reference in try SourceScanner.imports(of: "WireProtocol") where reference.module.hasPrefix("NIO") {
            Issue.record("\(reference.file):\(reference.line): WireProtocol is bytes in, actions out; \(reference.module) belongs into server and client")
        }
    }

    @Test("the engine knows no network: neither wire nor NIO")
    func engineKnowsNoNetwork() throws {
        for target in engine where allowedImports[target] != nil {
            for reference in try SourceScanner.imports(of: target)
            where reference.module.hasPrefix("NIO") || ["WireProtocol", "TandemServer", "TandemClient"].contains(reference.module) {
                Issue.record("\(reference.file):\(reference.line): \(target) may not import \(reference.module)")
            }
        }
    }

    @Test("hot loops do without Foundation")
    func hotTargetsWithoutFoundation() throws {
        for target in ["SearchCore", "TextAnalysis", "LexicalIndex", "VectorIndex"] {
            for reference in try SourceScanner.imports(of: target) where reference.module.hasPrefix("Foundation") {
                Issue.record("\(reference.file):\(reference.line): \(target) does without Foundation")
            }
        }
    }
}

@Suite struct SourceScannerTests {
    @Test(
        "finds a line's imports in every spelling",
        arguments: [
            ("import NIOCore", ["NIOCore"]), ("  internal import CProtobufC // why", ["CProtobufC"]), ("@preconcurrency import NIOPosix", ["NIOPosix"]),
            ("@_exported public import SearchCore", ["SearchCore"]), ("@_spi(Testing) import Storage", ["Storage"]),
            ("import struct Foundation.Data", ["Foundation"]),
            ("import func Glibc.open", ["Glibc"]), ("import A; import B", ["A", "B"]), ("@_implementationOnly\timport\tCICU", ["CICU"]),
            ("import Glibc.stdio", ["Glibc"]),
            ("// import A", []), ("importer.run()", []), ("let x = \"import A\"", []), ("public func imports() {}", []), ("", []),
        ])
    func imports(_ line: String, _ modules: [String]) { #expect(SourceScanner.modules(importedBy: line) == modules) }

    @Test(
        "finds headers of C files and module maps",
        arguments: [
            ("#include <unicode/ubrk.h>", "unicode/ubrk.h"), ("  # include \"a.h\"", "a.h"), ("#import <x.h>", "x.h"), ("    header \"shim.h\"", "shim.h"),
            ("// #include <a.h>", nil), ("int include;", nil),
        ] as [(String, String?)])
    func headers(_ line: String, _ header: String?) { #expect(SourceScanner.header(includedBy: line) == header) }

    @Test("reads Package.swift")
    func package() throws {
        let package = try SourceScanner.packageDependencies()
        #expect(package["SearchCore"]?.contains("CISAL") == true)
        #expect(package["TandemServer"]?.isSuperset(of: ["WireProtocol", "NIOCore"]) == true)
        #expect(package.values.allSatisfy { !$0.contains("swift-nio") })
        #expect(package["CISAL"] == [])
    }
}
