/// Constants of the framing, version 1. On the wire: never renumber. Every byte: docs/formats/wire-protocol.md.
public enum FrameFormat {
    /// `T`. A first byte that is anything else is not our protocol.
    public static let magic: UInt8 = 0x54
    public static let version: UInt8 = 1
    public static let headerBytes = 16
    /// Header bytes that the checksum covers, before the payload.
    public static let checkedHeaderBytes = 12
    /// Default and limits of a frame's payload. 64 KB: long enough that the header costs nothing, short enough that a
    /// small answer waits for a large one less than a tenth of a millisecond.
    public static let payloadBytesDefault = 64 << 10
    public static let payloadBytesLeast = 16 << 10
    public static let payloadBytesMost = 1 << 20
    /// No side takes longer messages than this, whatever it is told.
    public static let messageBytesMost = 256 << 20
    /// Credits of a window never exceed this.
    public static let windowMax = Int(Int32.max)
    /// Length of the count before the ``CallHeader`` in a REQUEST.
    public static let callHeaderCountBytes = 2
    /// Bytes of a ``CallHeader``; far more than its fields take.
    public static let callHeaderBytesMax = 4 << 10
}

/// Second word of a frame: what it is. Bit 7 says that a peer that does not know the type may skip the frame.
public struct FrameType: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let hello = FrameType(rawValue: 1)
    public static let welcome = FrameType(rawValue: 2)
    public static let request = FrameType(rawValue: 3)
    public static let data = FrameType(rawValue: 4)
    public static let end = FrameType(rawValue: 5)
    public static let cancel = FrameType(rawValue: 6)
    public static let window = FrameType(rawValue: 7)
    public static let ping = FrameType(rawValue: 8)
    public static let pong = FrameType(rawValue: 9)
    public static let goAway = FrameType(rawValue: 10)

    public var isIgnorable: Bool { rawValue & 0x80 != 0 }

    public var description: String {
        switch self {
        case .hello: "HELLO"
        case .welcome: "WELCOME"
        case .request: "REQUEST"
        case .data: "DATA"
        case .end: "END"
        case .cancel: "CANCEL"
        case .window: "WINDOW"
        case .ping: "PING"
        case .pong: "PONG"
        case .goAway: "GOAWAY"
        default: "type \(rawValue)"
        }
    }
}

/// Flags of REQUEST and DATA; every other frame has none, and undefined bits are 0.
public struct FrameFlags: OptionSet, Sendable, Hashable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The payload ends a message.
    public static let endMessage = FrameFlags(rawValue: 1)
    /// The sender sends nothing more on this stream.
    public static let endStream = FrameFlags(rawValue: 2)

    static let defined: FrameFlags = [.endMessage, .endStream]
}
