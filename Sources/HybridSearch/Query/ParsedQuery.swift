/// A query string's tree, and where in the string its clauses stand, for the words of an error that only comes up when the tree is compiled.
package struct ParsedQuery: Sendable {
    package let node: QueryNode
    /// The string, and the scalar with which each leaf of the tree begins: of one that is written more than once, the first.
    private let scalars: [Unicode.Scalar]
    private let places: [QueryNode: Int]

    init(_ node: QueryNode, places: [QueryNode: Int], in scalars: [Unicode.Scalar]) {
        self.node = node
        self.places = places
        self.scalars = scalars
    }

    /// The column at which a leaf of the tree begins, its operators aside; nil for anything else.
    func column(of leaf: QueryNode) -> Int? { places[leaf].map { Self.column(of: $0, in: scalars) } }

    /// Columns count characters, from 1, as the reader of a message does.
    static func column(of place: Int, in scalars: [Unicode.Scalar]) -> Int {
        var before = String.UnicodeScalarView()
        before.append(contentsOf: scalars.prefix(place))
        return String(before).count + 1
    }
}
