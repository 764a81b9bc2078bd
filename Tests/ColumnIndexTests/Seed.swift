import Glibc

/// SplitMix64, so that a failing run can be repeated: the seed is printed, and taken from TANDEM_TEST_SEED where set.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ test: String = #function) {
        let seed = getenv("TANDEM_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0..<1 << 32)
        print("\(test): TANDEM_TEST_SEED=\(seed)")
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
