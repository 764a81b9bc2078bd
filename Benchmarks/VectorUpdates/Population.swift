import ArgumentParser

/// Which row of the file each document holds, after each step. All of it follows from a seed, so the processes need not tell each other.
struct Population {
    enum Stage: String, ExpressibleByArgument, CaseIterable {
        /// Document n holds row n.
        case filled
        /// A share is deleted.
        case thinned
        /// Of the rest, a share holds the rows of documents that were deleted: vectors unlike their old ones, and nobody else's.
        case replaced
    }

    /// In the order in which they are deleted.
    let deleted: [Int]
    /// In the order in which they are replaced.
    let replaced: [(document: Int, row: Int)]
    /// By document; nil: deleted.
    let rows: [Int?]

    init(documents: Int, share: Double, seed: UInt64, stage: Stage = .replaced) {
        var random = SplitMix(state: seed)
        let order = Array(0..<documents).shuffled(using: &random)
        let gone = Int(share * Double(documents))
        let changed = min(gone, Int(share * Double(documents - gone)))
        deleted = Array(order[..<gone])
        replaced = (0..<changed).map { (order[gone + $0], order[$0]) }
        var rows: [Int?] = Array(0..<documents)
        if stage != .filled { for document in deleted { rows[document] = nil } }
        if stage == .replaced { for (document, row) in replaced { rows[document] = row } }
        self.rows = rows
    }
}

/// Who is deleted and who is replaced.
struct PopulationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Documents before the first one was deleted.", valueName: "n")) var documents: Int
    @Option(help: ArgumentHelp("Share of the documents that is deleted, and of the rest that is replaced.", valueName: "x")) var share = 0.3
    @Option(help: ArgumentHelp("Seed of the choice.", valueName: "n")) var seed: UInt64 = 1

    func validate() throws {
        if documents < 1 { throw ValidationError("--documents \(documents): expected a number above 0") }
        if !(share > 0 && share <= 0.5) { throw ValidationError("--share \(share): expected 0 to 0.5") }
    }

    func population(_ stage: Population.Stage = .replaced) -> Population { Population(documents: documents, share: share, seed: seed, stage: stage) }
}

/// SplitMix64 (Steele, Lea, Flood, 2014): the same choices for the same seed on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// In [0, 1).
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
