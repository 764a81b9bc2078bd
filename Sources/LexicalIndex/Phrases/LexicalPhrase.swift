/// Words that stand together: each in its place, up to a slop.
///
/// A document matches where, in one field, every slot has an occurrence of its group, no occurrence fills two slots, and the
/// occurrences less their slots' offsets differ by at most ``slop``: 0 asks for the phrase as it is, 1 lets one word stand between, 2 also
/// lets neighbours change places. Its score is a term's, with the sum of the slots' idfs, and as frequency the sum of 1 / (1 + difference)
/// over the matches: Lucene's PhraseQuery, so that both can be compared.
public struct LexicalPhrase: Sendable, Hashable {
    public struct Slot: Sendable, Hashable {
        /// Number of the group in the query: any of its forms may stand here. Groups without positions match nothing.
        public var group: Int
        /// Place in the phrase, counted in words from 0.
        public var offset: Int

        public init(group: Int, offset: Int) {
            self.group = group
            self.offset = offset
        }
    }

    /// As typed, for explanations only.
    public var text: String
    public var boost: Double
    /// 1 to ``slotsMax``, offsets not falling and at most 65,535; those of one group rise.
    public var slots: [Slot]
    /// 0 to 65,535.
    public var slop: Int

    public static let slotsMax = 64

    public init(text: String, boost: Double = 1, slots: [Slot], slop: Int = 0) {
        self.text = text
        self.boost = boost
        self.slots = slots
        self.slop = slop
    }

    /// What is wrong with it, if anything is.
    func defect(groupCount: Int) -> String? {
        guard (1...Self.slotsMax).contains(slots.count) else { return "a phrase of \(slots.count) words; expected 1 to \(Self.slotsMax)" }
        guard (0...65_535).contains(slop) else { return "a slop of \(slop); expected 0 to 65535" }
        guard boost >= 1e-30, boost <= 1e30 else { return "a boost of \(boost); expected 1e-30 to 1e30" }
        var last: [Int: Int] = [:]
        var previous = 0
        for slot in slots {
            guard (0..<groupCount).contains(slot.group) else { return "group \(slot.group) of \(groupCount) in a phrase" }
            guard (previous...65_535).contains(slot.offset), slot.offset > last[slot.group] ?? -1 else {
                return "a phrase's word at \(slot.offset) behind one at \(previous)"
            }
            previous = slot.offset
            last[slot.group] = slot.offset
        }
        return nil
    }
}
