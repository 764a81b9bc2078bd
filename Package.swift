// swift-tools-version: 6.2
import PackageDescription

// Targets follow dependency borders (a C library, the wire, the engine), because crossing a Swift target costs speed in
// hot loops; folders inside a target follow the field's concepts. Tests/ArchitectureTests holds the table of allowed
// imports and fails when a source file departs from it.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny")
]

let package = Package(
    name: "tandem",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "tandemd", targets: ["tandemd"]),
        .executable(name: "tandem", targets: ["tandem"]),
        .library(name: "TandemClient", targets: ["TandemClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON", "YAML"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // MARK: C libraries
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CRoaring", providers: [.apt(["libroaring-dev"])]),
        .systemLibrary(name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
        .systemLibrary(name: "COpenVINO", pkgConfig: "tandem-openvino"),

        // MARK: C kernels and shims
        .target(name: "CKernels", exclude: ["README.md"]),
        .target(
            name: "CICU", exclude: ["README.md"],
            linkerSettings: [.linkedLibrary("icuuc"), .linkedLibrary("icui18n"), .linkedLibrary("icudata"), .linkedLibrary("stdc++")]),
        .target(name: "CLanguageDetector", exclude: ["README.md"], linkerSettings: [.linkedLibrary("cld2"), .linkedLibrary("stdc++")]),
        .target(name: "CTandemMessages", dependencies: ["CProtobufC"], exclude: ["README.md"]),

        // MARK: The engine
        .target(name: "SearchCore", dependencies: ["CISAL", "CLinux"], exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "TextAnalysis", dependencies: ["SearchCore", "CICU", "CStemmer", "CLanguageDetector"], exclude: ["README.md"], swiftSettings: strict),
        .target(name: "LexicalIndex", dependencies: ["SearchCore", "CKernels"], exclude: ["README.md"], swiftSettings: strict),
        .target(name: "VectorIndex", dependencies: ["SearchCore", "CKernels"], exclude: ["README.md"], swiftSettings: strict),
        .target(name: "ColumnIndex", dependencies: ["SearchCore", "CRoaring"], exclude: ["README.md"], swiftSettings: strict),
        .target(name: "Storage", dependencies: ["SearchCore", "CRocksDB", "CLinux"], exclude: ["README.md"], swiftSettings: strict),
        .target(name: "Inference", dependencies: ["SearchCore", "COpenVINO", "CLinux"], exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "HybridSearch",
            dependencies: [
                "SearchCore", "TextAnalysis", "LexicalIndex", "VectorIndex", "ColumnIndex", "Storage", "Inference", "CLinux",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["README.md"],
            swiftSettings: strict),

        // MARK: The wire
        .target(
            name: "WireProtocol", dependencies: ["CTandemMessages", "CProtobufC", "CISAL"], exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "TandemServer",
            dependencies: [
                "CLinux", "WireProtocol", "HybridSearch", "SearchCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["README.md"],
            swiftSettings: strict),
        .target(
            name: "TandemClient",
            dependencies: [
                "WireProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["README.md"],
            swiftSettings: strict),

        // MARK: Executables
        .executableTarget(
            name: "tandemd",
            dependencies: [
                "TandemServer", "HybridSearch", "SearchCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["README.md"],
            swiftSettings: strict),
        .target(
            name: "TandemCommands",
            dependencies: [
                "TandemClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["README.md"],
            swiftSettings: strict),
        .executableTarget(name: "tandem", dependencies: ["TandemCommands"], swiftSettings: strict),

        // MARK: Benchmarks
        .executableTarget(
            name: "bench-vectors",
            dependencies: ["VectorIndex", "SearchCore", "CKernels", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Benchmarks/VectorScan", swiftSettings: strict),
        .executableTarget(
            name: "bench-dense",
            dependencies: ["VectorIndex", "SearchCore", "CKernels", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Benchmarks/DenseSearch", swiftSettings: strict),
        .executableTarget(
            name: "embed-passages",
            dependencies: ["Inference", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Benchmarks/PassageEmbedding", swiftSettings: strict),
        .executableTarget(
            name: "bench-lexical",
            dependencies: ["LexicalIndex", "SearchCore", "TextAnalysis", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Benchmarks/LexicalSearch", swiftSettings: strict),
        .executableTarget(
            name: "bench-analysis",
            dependencies: ["TextAnalysis", "RigSupport", "CAllocationCount", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Benchmarks/TextAnalysis", swiftSettings: strict),
        .executableTarget(
            name: "bench-queries",
            dependencies: [
                "HybridSearch", "SearchCore", "TextAnalysis", .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/QueryCost", swiftSettings: strict),
        .executableTarget(
            name: "bench-load",
            dependencies: [
                "TandemClient",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/LoadGenerator", swiftSettings: strict),
        .executableTarget(
            name: "bench-vector-updates",
            dependencies: [
                "TandemClient", "WireProtocol",
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/VectorUpdates", swiftSettings: strict),
        .target(name: "CAllocationCount", path: "Benchmarks/AllocationCount"),

        // MARK: Rigs
        .target(name: "RigSupport", dependencies: ["WireProtocol"], path: "Rigs/RigSupport", swiftSettings: strict),
        .executableTarget(
            name: "crash-rig",
            dependencies: ["RigSupport", "TandemClient", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Rigs/CrashRig", swiftSettings: strict),
        .executableTarget(
            name: "analysis-fuzz",
            dependencies: ["RigSupport", "TextAnalysis", "SearchCore", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Rigs/AnalysisFuzz", swiftSettings: strict),
        .executableTarget(
            name: "frame-fuzz",
            dependencies: ["RigSupport", "WireProtocol", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Rigs/FrameFuzz", swiftSettings: strict),
        .executableTarget(
            name: "protocol-rig",
            dependencies: ["RigSupport", "TandemClient", "WireProtocol", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Rigs/ProtocolRig", swiftSettings: strict),

        // MARK: Tests
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(name: "CKernelsTests", dependencies: ["CKernels"], swiftSettings: strict),
        .testTarget(name: "SearchCoreTests", dependencies: ["SearchCore"], swiftSettings: strict),
        .testTarget(name: "TextAnalysisTests", dependencies: ["TextAnalysis", "SearchCore"], swiftSettings: strict),
        .testTarget(name: "LexicalIndexTests", dependencies: ["LexicalIndex", "SearchCore", "CKernels"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(name: "VectorIndexTests", dependencies: ["VectorIndex", "SearchCore", "CKernels"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(name: "ColumnIndexTests", dependencies: ["ColumnIndex", "SearchCore"], swiftSettings: strict),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "SearchCore"], swiftSettings: strict),
        .testTarget(
            name: "InferenceTests", dependencies: ["Inference", "SearchCore"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "HybridSearchTests",
            dependencies: [
                "HybridSearch", "LexicalIndex", "SearchCore", "Storage", "TextAnalysis", "CLinux", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(name: "WireProtocolTests", dependencies: ["WireProtocol"], swiftSettings: strict),
        .testTarget(
            name: "TandemClientTests",
            dependencies: [
                "TandemClient", "TandemServer", "WireProtocol", "SearchCore", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TandemServerTests",
            dependencies: [
                "CLinux", "TandemServer", "TandemClient", "WireProtocol", "HybridSearch", "SearchCore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        // The executable is named so that it is built beside the tests that start it.
        .testTarget(name: "tandemdTests", dependencies: ["tandemd", "TandemClient"], swiftSettings: strict),
        .testTarget(
            name: "TandemCommandsTests",
            dependencies: [
                "TandemCommands", "TandemClient", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
