// swift-tools-version: 6.2
import PackageDescription

// Targets follow dependency borders (a C library, the wire, the engine), because crossing a Swift target costs speed in
// hot loops; folders inside a target follow the field's concepts. Tests/ArchitectureTests holds the table of allowed
// imports and fails when a source file departs from it.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
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
        .package(url: "https://github.com/apple/swift-atomics", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON", "YAML"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: C libraries
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CRoaring", providers: [.apt(["libroaring-dev"])]),
        .systemLibrary(name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
        .systemLibrary(name: "COpenVINO", pkgConfig: "tandem-openvino"),

        // MARK: C kernels and shims
        .target(name: "CKernels", cSettings: [.unsafeFlags([])]),
        .target(name: "CICU", linkerSettings: [.linkedLibrary("icuuc"), .linkedLibrary("icui18n"), .linkedLibrary("icudata")]),
        .target(name: "CTandemMessages", dependencies: ["CProtobufC"]),

        // MARK: The engine
        .target(name: "SearchCore", dependencies: ["CISAL"], swiftSettings: strict),
        .target(name: "TextAnalysis", dependencies: ["SearchCore", "CICU", "CStemmer"], swiftSettings: strict),
        .target(name: "LexicalIndex", dependencies: ["SearchCore", "CKernels"], swiftSettings: strict),
        .target(name: "VectorIndex", dependencies: ["SearchCore", "CKernels"], swiftSettings: strict),
        .target(name: "ColumnIndex", dependencies: ["SearchCore", "CRoaring"], swiftSettings: strict),
        .target(name: "Storage", dependencies: ["SearchCore", "CRocksDB"], swiftSettings: strict),
        .target(name: "Inference", dependencies: ["SearchCore", "COpenVINO"], swiftSettings: strict),
        .target(
            name: "HybridSearch",
            dependencies: [
                "SearchCore", "TextAnalysis", "LexicalIndex", "VectorIndex", "ColumnIndex", "Storage", "Inference",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // MARK: The wire
        .target(name: "WireProtocol", dependencies: ["CTandemMessages", "CProtobufC", "CISAL"], swiftSettings: strict),
        .target(
            name: "TandemServer",
            dependencies: [
                "WireProtocol", "HybridSearch", "SearchCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "TandemClient",
            dependencies: [
                "WireProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),

        // MARK: Executables
        .executableTarget(
            name: "tandemd",
            dependencies: [
                "TandemServer", "HybridSearch", "Inference", "SearchCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tandem",
            dependencies: [
                "TandemClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
