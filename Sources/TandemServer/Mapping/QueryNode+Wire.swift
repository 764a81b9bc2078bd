import HybridSearch
import WireProtocol

extension QueryNode {
    /// From a postfix list.
    /// - Throws: `INVALID_ARGUMENT` naming the clause, counted from 1: operators that are not known or pop what is not there, a list that leaves
    ///   more than one set. Ranges are the engine's to judge.
    init(_ clauses: [QueryClause]) throws {
        guard clauses.count <= QueryCompiler.nodesMax else {
            throw Mapping.refuse("clauses", "\(clauses.count) clauses, at most \(QueryCompiler.nodesMax) are taken")
        }
        var stack: [QueryNode] = []
        for (index, clause) in clauses.enumerated() {
            let place = "clauses, clause \(index + 1)"
            func pop(_ count: Int) throws -> [QueryNode] {
                guard count > 0, count <= stack.count else { throw Mapping.refuse(place, "pops \(count) of \(stack.count)") }
                defer { stack.removeLast(count) }
                return Array(stack.suffix(count))
            }
            func words(_ match: Match) throws -> QueryNode {
                guard !clause.text.isEmpty else { throw Mapping.refuse(place, "\(clause.op) without text") }
                return .words(clause.text, field: clause.field, match: match)
            }
            let node: QueryNode
            switch clause.op {
            case .any: node = try words(.any)
            case .allWords: node = try words(.all)
            case .exact: node = try words(.exact)
            case .prefix:
                guard !clause.text.isEmpty else { throw Mapping.refuse(place, "prefix without text") }
                node = .prefix(clause.text, field: clause.field)
            case .phrase:
                guard !clause.text.isEmpty else { throw Mapping.refuse(place, "phrase without text") }
                node = .phrase(clause.text, field: clause.field, slop: Int(clause.slop))
            case .fuzzy:
                guard !clause.text.isEmpty else { throw Mapping.refuse(place, "fuzzy without text") }
                node = .fuzzy(clause.text, field: clause.field, distance: clause.distance.map(Int.init), prefixLength: Int(clause.prefixLength))
            case .matchAll: node = .all
            case .exists:
                guard let field = clause.field else { throw Mapping.refuse(place, "exists without field") }
                node = .exists(field: field)
            case .constant: node = .constant(clause.value, try pop(1)[0])
            case .boost: node = .boost(clause.value, try pop(1)[0])
            case .best: node = .best(try pop(Int(clause.count)), tieBreaker: clause.value)
            case .boolean:
                var rest = try pop(Int(clause.must) + Int(clause.should) + Int(clause.filter) + Int(clause.mustNot))[...]
                func next(_ count: UInt32) -> [QueryNode] {
                    defer { rest = rest.dropFirst(Int(count)) }
                    return Array(rest.prefix(Int(count)))
                }
                node = .boolean(
                    Boolean(
                        must: next(clause.must), should: next(clause.should), filter: next(clause.filter), mustNot: next(clause.mustNot),
                        minimumShouldMatch: clause.minimumShouldMatch.map(Int.init)))
            default: throw Mapping.unknown("\(place).op", clause.op)
            }
            stack.append(node)
        }
        guard stack.count == 1 else { throw Mapping.refuse("clauses", "leave \(stack.count) sets; expected 1") }
        self = stack[0]
    }
}
