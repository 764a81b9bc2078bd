import SearchCore

/// One spelling under which a query term is looked up.
public struct LexicalForm: Sendable, Hashable {
    /// `Term.key`: form byte and UTF-8.
    public var key: [UInt8]
    /// Above 0: what an occurrence of this form counts for, 1 being the surface form's usual weight.
    public var weight: Double

    public init(key: [UInt8], weight: Double = 1) {
        self.key = key
        self.weight = weight
    }
}

/// A query term: a group of forms that count as one term, so that a word does not score twice for its stem.
public struct LexicalGroup: Sendable, Hashable {
    /// The word as typed, for explanations only.
    public var text: String
    /// Above 0: how much the term counts; repeated query words are one group with their number as boost.
    public var boost: Double
    public var forms: [LexicalForm]
    /// Text fields that it is looked up in, of those that the query searches; nil: all of them.
    public var fields: Set<Int>?

    public init(text: String, boost: Double = 1, forms: [LexicalForm], fields: Set<Int>? = nil) {
        self.text = text
        self.boost = boost
        self.forms = forms
        self.fields = fields
    }
}

/// A bag of term groups over weighted fields, with BM25's two parameters.
///
/// A document matches if it has any form of any group in any searched field. Groups beyond ``Limits/queryGroupsMax`` are left
/// out; so are groups, forms and fields whose boost or weight is not a number between 10⁻³⁰ and 10³⁰ (0 is the way to say
/// "not searched"), so that a match always scores above 0.
public struct LexicalQuery: Sendable, Hashable {
    public var groups: [LexicalGroup]
    /// Phrases of the groups, which clauses name by number.
    public var phrases: [LexicalPhrase] = []
    /// Phrases that add to the score of a bag of groups where they stand, and find nothing by themselves: for neighbours of a plain query. Their groups
    /// are the bag's. Not for queries with clauses.
    public var proximity: [LexicalPhrase] = []
    /// How the groups combine; empty: a document matches with any of them, and its score is their sum.
    public var clauses: [LexicalClause] = []
    /// Per text field; 0, or beyond the array's end: not searched.
    public var fieldWeights: [Double]
    /// Saturation of the term frequency, 0 (only presence counts) and up; clamped to 0 ... 10⁹.
    public var k1: Double
    /// Share of length normalisation, 0 (none) to 1 (full); clamped.
    public var b: Double

    // k1 = 1.2, b = 0.75: the defaults of Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
    public init(groups: [LexicalGroup], fieldWeights: [Double], k1: Double = 1.2, b: Double = 0.75) {
        self.groups = groups
        self.fieldWeights = fieldWeights
        self.k1 = k1
        self.b = b
    }
}

/// A query with its illegal parts dropped and its keys numbered, so that each distinct key is looked up once per segment
/// and field.
struct PreparedQuery: Sendable {
    struct Form: Sendable {
        /// Index into `keys`.
        var key: Int
        var weight: Double
    }

    /// Hashed as a whole, where `[UInt8]` would be byte by byte.
    private struct Key: Hashable {
        var bytes: [UInt8]

        func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
    }

    struct Group: Sendable {
        var text: String
        var boost: Double
        var forms: [Form]
        var fields: Set<Int>?

        func searches(_ field: Int) -> Bool { fields?.contains(field) ?? true }
    }

    struct Phrase: Sendable {
        var text: String
        var boost: Double
        /// Index into `groups`, and place in the phrase.
        var slots: [(group: Int, offset: Int)]
        var slop: Int
    }

    var groups: [Group] = []
    /// By number in the query; nil: a group of it was left out, and nothing matches.
    var phrases: [Phrase?] = []
    var proximity: [Phrase] = []
    /// By number in the query: its number here; nil where it was left out.
    var groupNumbers: [Int?] = []
    var keys: [[UInt8]] = []
    /// Searched fields in field order.
    var fields: [(field: Int, weight: Double)] = []
    let k1: Double
    let b: Double

    init(_ query: LexicalQuery) {
        func isUsable(_ weight: Double) -> Bool { weight >= 1e-30 && weight <= 1e30 }
        // A NaN has no order, so it would pass through min and max: take the defaults instead.
        k1 = query.k1.isNaN ? 1.2 : min(max(query.k1, 0), 1e9)
        b = query.b.isNaN ? 0.75 : min(max(query.b, 0), 1)
        for (field, weight) in query.fieldWeights.prefix(Limits.fieldsMax).enumerated() where isUsable(weight) {
            fields.append((field, weight))
        }
        var numbers: [Key: Int] = [:]
        let formCount = query.groups.reduce(0) { $0 + $1.forms.count }
        numbers.reserveCapacity(formCount)
        keys.reserveCapacity(formCount)
        groups.reserveCapacity(query.groups.count)
        for (number, group) in query.groups.enumerated() {
            groupNumbers.append(nil)
            guard number < Limits.queryGroupsMax, isUsable(group.boost) else { continue }
            var forms: [Form] = []
            forms.reserveCapacity(group.forms.count)
            for form in group.forms where isUsable(form.weight) && !form.key.isEmpty {
                let key = Key(bytes: form.key)
                let number = numbers[key] ?? keys.count
                if number == keys.count {
                    numbers[key] = number
                    keys.append(form.key)
                }
                forms.append(Form(key: number, weight: form.weight))
            }
            guard !forms.isEmpty else { continue }
            groupNumbers[number] = groups.count
            groups.append(Group(text: group.text, boost: group.boost, forms: forms, fields: group.fields))
        }
        phrases = query.phrases.map(prepared)
        if query.clauses.isEmpty { proximity = query.proximity.compactMap(prepared) }
    }

    private func prepared(_ phrase: LexicalPhrase) -> Phrase? {
        var slots: [(group: Int, offset: Int)] = []
        for slot in phrase.slots {
            guard groupNumbers.indices.contains(slot.group), let group = groupNumbers[slot.group] else { return nil }
            slots.append((group, slot.offset))
        }
        return Phrase(text: phrase.text, boost: phrase.boost, slots: slots, slop: phrase.slop)
    }
}
