import HybridSearch
import SearchCore
import WireProtocol

/// Prometheus text (exposition format 0.0.4) about pools, collections and the process; ``TransportMetrics`` writes the rest.
struct MetricsText {
    private(set) var text = ""

    private mutating func family(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: String)]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        for sample in samples { text += "\(name)\(sample.labels) \(sample.value)\n" }
    }

    mutating func append(_ pools: ServicePools) {
        family(
            "tandem_pool_calls", "gauge", "Calls that wait for a thread or run on one, by pool.",
            pools.all.map { ("{pool=\"\($0.name)\"}", String($0.pool.depth)) })
    }

    mutating func append(_ collections: [CollectionStatus]) {
        func gauge(_ name: String, _ help: String, _ value: (CollectionStatus) -> Double) {
            // Names of collections hold nothing that a label would have to escape.
            family("tandem_collection_\(name)", "gauge", help, collections.map { ("{collection=\"\($0.name)\"}", Self.number(value($0))) })
        }
        func difference(_ a: SequenceNumber, _ b: SequenceNumber) -> Double { a > b ? Double(a.rawValue - b.rawValue) : 0 }
        gauge("documents", "Live documents.") { Double($0.documents) }
        gauge("dead_documents", "Superseded versions and deleted documents that segments still hold.") { Double($0.deadDocuments) }
        gauge("last_sequence", "Last write in the log.") { Double($0.lastSequence.rawValue) }
        gauge("backlog_operations", "Operations in the log that keyword search does not show yet.") { difference($0.lastSequence, $0.applied) }
        gauge("vector_backlog_operations", "Operations in the log that semantic search does not show yet.") {
            difference($0.lastSequence, $0.vectorApplied)
        }
        gauge("lexical_segments", "Segments of the keyword index.") { Double($0.lexicalSegments) }
        gauge("vector_segments", "Segments of the vector index.") { Double($0.vectorSegments) }
        gauge("vectors", "Vectors in the index.") { Double($0.vectors) }
        gauge("memory_bytes", "Bytes of unsealed segments in memory.") { Double($0.memoryBytes) }
        gauge("index_bytes", "Bytes of sealed segments on disk.") { Double($0.indexBytes) }
        gauge("store_bytes", "Bytes of the document store on disk.") { Double($0.storeBytes) }
        gauge("uncheckpointed_operations", "Operations that a restart would replay.") { difference($0.lastSequence, $0.checkpoint) }
        gauge("checkpoint_age_seconds", "Time since the index files were brought up to date; 0 where they are.") {
            $0.checkpoint >= $0.lastSequence ? 0 : $0.sinceCheckpoint.inSeconds
        }
        gauge("building", "1 while another generation is being built.") { $0.building == nil ? 0 : 1 }
        gauge("failing", "1 while a background task fails; the health call says why.") { $0.problem == nil ? 0 : 1 }
        family(
            "tandem_collection_texts_cut_total", "counter", "Texts longer than the model reads, since the daemon started.",
            collections.map { ("{collection=\"\($0.name)\"}", String($0.textsCut)) })
    }

    /// Of vector fields with graphs.
    mutating func append(vectorFieldsOf collections: [CollectionStatus]) {
        let fields = collections.flatMap { collection in
            // Names of fields hold nothing that a label would have to escape.
            collection.vectorFields.map { (labels: "{collection=\"\(collection.name)\",field=\"\($0.name)\"}", field: $0) }
        }
        func gauge(_ name: String, _ help: String, _ value: (VectorFieldStatus) -> Double?) {
            family("tandem_vector_field_\(name)", "gauge", help, fields.compactMap { one in value(one.field).map { (one.labels, Self.number($0)) } })
        }
        gauge("vectors", "Vectors in the index.") { Double($0.vectors) }
        gauge("graph_vectors", "Vectors that a search reaches through graphs; the others are compared one by one.") { Double($0.vectorsInGraphs) }
        gauge("graph_bytes", "Bytes of graphs.") { Double($0.graphBytes) }
        gauge("recall", "Share of the best hits that searches through graphs find, estimated by running some again exactly.") { $0.recall }
        gauge("recall_target", "What those searches had asked for, on average.") { $0.recallTarget }
        family(
            "tandem_vector_field_recall_samples_total", "counter", "Searches that were run again exactly.",
            fields.map { ($0.labels, String($0.field.recallSamples)) })
        family(
            "tandem_vector_field_graph_vectors_built_total", "counter",
            "Vectors in graphs built since the daemon started; over those written, the write amplification.",
            fields.map { ($0.labels, String($0.field.vectorsInGraphsBuilt)) })
    }

    mutating func append(unopened names: [String]) {
        family("tandem_collections_unopened", "gauge", "Collections that could not be opened; the health call says why.", [("", String(names.count))])
    }

    mutating func append(_ process: ProcessStatistics, uptime: Duration, version: String) {
        func single(_ name: String, _ type: String, _ help: String, _ value: Double) { family(name, type, help, [("", Self.number(value))]) }
        single("process_resident_memory_bytes", "gauge", "Resident memory, mapped files included.", Double(process.residentBytes))
        single("process_anonymous_memory_bytes", "gauge", "Resident memory without mapped files.", Double(process.anonymousBytes))
        single("process_cpu_seconds_total", "counter", "Processor time, user and system.", process.processorSeconds)
        single("process_open_fds", "gauge", "Open file descriptors.", Double(process.openFiles))
        single("process_max_fds", "gauge", "Open file descriptors allowed.", Double(process.openFilesMax))
        single("process_threads", "gauge", "Threads.", Double(process.threads))
        single("process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.", process.startedAtSeconds)
        single("tandem_uptime_seconds", "gauge", "Time since the daemon started.", uptime.inSeconds)
        family("tandem_build_info", "gauge", "Always 1; the label says the version.", [("{version=\"\(version)\"}", "1")])
    }

    /// Whole numbers without a fraction, as counters are read by people too.
    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? String(Int64(value)) : String(value)
    }
}
