import Foundation

/// Sizes and times of a generation's machinery; the defaults suit a daemon on a small machine.
public struct GenerationSettings: Sendable {
    /// Longest time between an applied write and its being searchable.
    public var refreshInterval: Duration = .milliseconds(200)
    /// Unsealed postings and columns beyond this are written to disk.
    public var sealBytes = 64 << 20
    /// Which sealed segments get a graph.
    public var graphWorth = GraphWorth(alone: 16_384, beside: 49_152)
    /// So many unsealed vectors of a field are written to disk: enough for a field's first graph.
    public var vectorSealCount = 16_384
    /// At a start, files of vectors up to this size are read and compared with their checksums before they serve; larger ones are compared in the
    /// background meanwhile, so that a start does not read gigabytes.
    public var verifiedBytesMax = 64 << 20
    /// Sealed vectors that wait for a graph beyond this number get it at a higher priority, and not at what searches leave.
    public var graphBacklogMax = 20_000
    /// While seals of vectors follow each other within this time, segments are merged only where there are too many. 2,000 vectors a second are sealed every eight seconds.
    public var vectorMergeDelay: Duration = .seconds(15)
    /// Graphs are copied from their files into memory of huge pages as long as all of the process take no more: a walk reads at random, and waits
    /// less then. 0: they stay mapped.
    public var graphMemoryBytesMax = Int(clamping: ProcessInfo.processInfo.physicalMemory / 4)
    /// Threads that build graphs.
    public var graphThreads = 1
    /// Indexing waits for the disk when unsealed bytes reach this.
    public var memoryBytesMax = 256 << 20
    /// Unsealed changes are sealed at the latest after this time, so that a restart replays little.
    public var checkpointInterval: Duration = .seconds(60)
    /// Documents that are embedded in one step, and one vector segment at least.
    public var embeddingBatch = 64
    /// Unapplied operations at which writers have to wait.
    public var backlogMax: UInt64 = 500_000

    /// A generation under construction that meets the same failure for so long is given up; the old one goes on serving.
    public var buildPatience: Duration = .seconds(120)

    /// Dead DocIDs at which a vacuum begins, if they also outnumber the live documents four to one. They keep no postings
    /// after merges, but eight bytes each in the sequence column and their place among 2³² numbers.
    public var vacuumDeadMin = 2_000_000

    public init() {}
}
