/// Which modules each target may import: Package.swift's dependencies, written down a second time on purpose. SwiftPM lets a
/// target import a sibling that it never declared; this table does not, and a change of the design has to change it too.
let allowedImports: [String: Set<String>] = [
    "CISAL": [],
    "CLinux": [],
    "CRoaring": [],
    "CRocksDB": [],
    "CStemmer": [],
    "CProtobufC": [],
    "COpenVINO": [],

    "CKernels": [],
    "CICU": [],
    "CLanguageDetector": [],
    "CTandemMessages": ["CProtobufC"],

    "SearchCore": ["CISAL", "CLinux"],
    "TextAnalysis": ["SearchCore", "CICU", "CStemmer", "CLanguageDetector"],
    "LexicalIndex": ["SearchCore", "CKernels"],
    "VectorIndex": ["SearchCore", "CKernels"],
    "ColumnIndex": ["SearchCore", "CRoaring"],
    "Storage": ["SearchCore", "CRocksDB", "CLinux"],
    "Inference": ["SearchCore", "COpenVINO", "CLinux"],
    "HybridSearch": ["SearchCore", "TextAnalysis", "LexicalIndex", "VectorIndex", "ColumnIndex", "Storage", "Inference", "CLinux", "Logging"],

    "WireProtocol": ["CTandemMessages", "CProtobufC", "CISAL"],
    "TandemServer": ["CLinux", "WireProtocol", "HybridSearch", "SearchCore", "NIOCore", "NIOPosix", "Logging"],
    "TandemClient": ["WireProtocol", "NIOCore", "NIOPosix"],

    "tandemd": ["TandemServer", "HybridSearch", "SearchCore", "ArgumentParser", "Configuration", "Logging"],
    "TandemCommands": ["TandemClient", "ArgumentParser"],
    "tandem": ["TandemCommands"],

    "CAllocationCount": [],
    "RigSupport": ["WireProtocol"],
]

/// Open to every target: what comes with the toolchain.
let platformModules: Set<String> = ["Swift", "Synchronization", "Glibc", "Dispatch", "FoundationEssentials", "Foundation"]

/// The one target that may include headers whose path begins so.
let headerOwners: [(prefix: String, targets: Set<String>)] = [
    ("unicode/", ["CICU"]),
    ("libstemmer", ["CStemmer"]),
    ("cld2/", ["CLanguageDetector"]),
    ("roaring/", ["CRoaring"]),
    ("rocksdb/", ["CRocksDB"]),
    ("openvino/", ["COpenVINO"]),
    ("isa-l", ["CISAL"]),
    ("sys/syscall", ["CLinux"]),
    ("protobuf-c/", ["CProtobufC", "CTandemMessages"]),
]

/// The one Swift target that may import a C module. (WireProtocol and SearchCore share ISA-L's checksum.)
let moduleOwners: [String: Set<String>] = [
    "CICU": ["TextAnalysis"],
    "CStemmer": ["TextAnalysis"],
    "CLanguageDetector": ["TextAnalysis"],
    "CRocksDB": ["Storage"],
    "COpenVINO": ["Inference"],
    "CRoaring": ["ColumnIndex"],
    "CKernels": ["LexicalIndex", "VectorIndex"],
    "CISAL": ["SearchCore", "WireProtocol"],
    "CLinux": ["HybridSearch", "Inference", "SearchCore", "Storage", "TandemServer"],
    "CTandemMessages": ["WireProtocol"],
    "CProtobufC": ["WireProtocol", "CTandemMessages"],
]

/// Everything that knows of documents and indexes.
let engine: Set<String> = [
    "SearchCore", "TextAnalysis", "LexicalIndex", "VectorIndex", "ColumnIndex", "Storage", "Inference", "HybridSearch",
]
