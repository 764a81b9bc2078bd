/// Type of an attribute field. On disk and on the wire: never renumber; 0 is invalid.
public enum ValueType: UInt8, Sendable, Hashable, CaseIterable {
    case keyword = 1
    case int64 = 2
    case float64 = 3
    case bool = 4
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestamp = 5
}

/// One value of an attribute field.
public enum FieldValue: Sendable, Hashable {
    case keyword(String)
    case int64(Int64)
    case float64(Double)
    case bool(Bool)
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestamp(microseconds: Int64)

    public var type: ValueType {
        switch self {
        case .keyword: .keyword
        case .int64: .int64
        case .float64: .float64
        case .bool: .bool
        case .timestamp: .timestamp
        }
    }
}
