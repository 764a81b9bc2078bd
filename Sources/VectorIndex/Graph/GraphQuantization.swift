/// What a graph's nodes hold to estimate similarities from. On disk: never renumber.
public enum GraphQuantization: UInt8, Sendable, Hashable, CaseIterable {
    /// Of each of its 32 neighbours the signs of a rotated residual: a visit reads one stretch of memory, which takes five
    /// times the int8 codes. The fastest.
    case binary = 0
    /// A 4-bit code of the node itself, so that a visit reads from all neighbours: a sixth of `binary`'s graph, and slower.
    case int4 = 1
}
