import SearchCore

/// The analyzers of a collection's text fields: one for each different chain.
public final class FieldAnalyzers: Sendable {
    public struct Chain: Sendable {
        public let analyzer: Analyzer
        /// Numbers of the fields whose terms it makes; nil: all there are.
        public let fields: Set<Int>?
    }

    /// At least one, in the order of their first fields.
    public let chains: [Chain]
    private let byField: [Int]

    /// - Parameter definitions: by field.
    /// - Throws: as ``Analyzer/init(_:_:)``.
    public init(_ configuration: AnalyzerConfiguration, _ definitions: [AnalyzerDefinition]) throws {
        var different: [AnalyzerDefinition] = []
        var byField: [Int] = []
        for definition in definitions {
            if let known = different.firstIndex(of: definition) {
                byField.append(known)
            } else {
                byField.append(different.count)
                different.append(definition)
            }
        }
        if different.isEmpty { different = [AnalyzerDefinition()] }
        chains = try different.enumerated().map { number, definition in
            let fields = Set(byField.indices.filter { byField[$0] == number })
            return Chain(analyzer: try Analyzer(configuration, definition), fields: different.count == 1 ? nil : fields)
        }
        self.byField = byField
    }

    public subscript(field field: Int) -> Analyzer { byField.indices.contains(field) ? chains[byField[field]].analyzer : main }

    /// For text that belongs to no field, or to several: that of the first field.
    public var main: Analyzer { chains[0].analyzer }

    /// The chains that make terms of one of these fields; nil: of any.
    public func chains(of fields: Set<Int>?) -> [Chain] {
        guard let fields, chains.count > 1 else { return fields.map { [Chain(analyzer: main, fields: $0)] } ?? chains }
        return chains.compactMap { chain in
            let common = chain.fields?.intersection(fields) ?? fields
            return common.isEmpty ? nil : Chain(analyzer: chain.analyzer, fields: common)
        }
    }
}
