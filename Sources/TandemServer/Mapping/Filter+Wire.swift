import HybridSearch
import SearchCore
import WireProtocol

extension HybridSearch.SearchRequest.FilterInput {
    /// - Throws: `INVALID_ARGUMENT`: both forms at once, none of them, a node that says too much or too little.
    init(_ message: WireProtocol.Filter) throws {
        switch (message.nodes.isEmpty, message.expression) {
        case (true, let expression?): self = .expression(expression)
        case (false, nil):
            guard message.nodes.count <= Limits.filterNodesMax else {
                throw Mapping.refuse("filter", "\(message.nodes.count) nodes, at most \(Limits.filterNodesMax) are taken")
            }
            self = .nodes(
                HybridSearch.Filter(
                    nodes: try message.nodes.enumerated().map { index, node in
                        try HybridSearch.FilterNode(node, place: "filter, node \(index + 1)")
                    }))
        case (false, .some): throw Mapping.refuse("filter", "has nodes and an expression; give one of them")
        case (true, nil): throw Mapping.refuse("filter", "has neither nodes nor an expression; leave it out to search everything")
        }
    }

    private typealias Limits = SearchCore.Limits
}

extension HybridSearch.FilterNode {
    fileprivate init(_ node: WireProtocol.FilterNode, place: String) throws {
        let isRange = node.op == .range
        guard isRange || (node.lower == nil && node.upper == nil) else {
            throw Mapping.refuse(place, "\(node.op) takes no bounds")
        }
        guard [.equal, .in].contains(node.op) || node.values.isEmpty else {
            throw Mapping.refuse(place, "\(node.op) takes no values")
        }
        switch node.op {
        case .all: self = .all
        case .equal:
            guard node.values.count == 1 else { throw Mapping.refuse(place, "equal takes one value, here are \(node.values.count)") }
            self = .equal(node.field, try node.values[0].fieldValue(place))
        case .in: self = .in(node.field, try node.values.map { try $0.fieldValue(place) })
        case .range:
            self = .range(
                node.field, lower: try node.lower?.fieldValue(place), lowerInclusive: node.lowerInclusive,
                upper: try node.upper?.fieldValue(place), upperInclusive: node.upperInclusive)
        case .exists: self = .exists(node.field)
        case .and: self = .and(Int(node.count))
        case .or: self = .or(Int(node.count))
        case .not: self = .not
        default: throw Mapping.unknown("\(place).op", node.op)
        }
    }
}

extension Value {
    fileprivate func fieldValue(_ place: String) throws -> FieldValue {
        let values: [FieldValue] = [
            keywordValue.map(FieldValue.keyword), int64Value.map(FieldValue.int64), float64Value.map(FieldValue.float64),
            boolValue.map(FieldValue.bool), timestampMicroseconds.map { .timestamp(microseconds: $0) },
        ].compactMap(\.self)
        guard values.count == 1 else {
            throw Mapping.refuse(place, "a value has \(values.count) of its fields set; expected one")
        }
        return values[0]
    }
}
