import WireProtocol

extension Duration {
    /// As the protocol counts times; negative ones become 0.
    var wireMicroseconds: UInt64 { UInt64(clamping: microseconds) }
    var wholeMilliseconds: Int64 { microseconds / 1000 }
    var inSeconds: Double { Double(microseconds) / 1e6 }
}
