/// Switches of Hugging Face's `BertNormalizer`.
struct BertNormalizerFlags: Sendable, Hashable {
    /// Drop controls, make every kind of white space a space.
    var cleanText = true
    /// Make each ideograph a word.
    var handleChineseCharacters = true
    /// Decompose (NFD) and drop the marks.
    var stripAccents = true
    var lowercase = true
}

/// What `BertNormalizer` and `BertPreTokenizer` do to one scalar, for one setting of the flags, in one look-up.
///
/// Layout: two stages, 4,352 page numbers, then pages of 256 entries of 32 bits; equal pages are stored once.
///
///     31              16 15      8 7      6         5       4            3     2          1      0
///     +-----------------+---------+------+----------+-------+------------+-----+----------+------+--------+
///     | index of mapping|  ccc    |lowers|decomposes| Hangul| punctuation| mark| ideograph| space| removed|
///     +-----------------+---------+------+----------+-------+------------+-----+----------+------+--------+
///
/// Bits that the flags switch off are 0, so the tokenizer's loop asks for no flag. Immutable, so safe to share.
final class BertTextRules: @unchecked Sendable {
    static let removed: UInt32 = 1 << 0
    static let space: UInt32 = 1 << 1
    static let ideograph: UInt32 = 1 << 2
    static let mark: UInt32 = 1 << 3
    static let punctuation: UInt32 = 1 << 4
    static let hangul: UInt32 = 1 << 5
    static let decomposes: UInt32 = 1 << 6
    static let lowers: UInt32 = 1 << 7
    static let combiningClassMask: UInt32 = 0xFF00

    /// Class of an ASCII byte in the fast path; a byte that is not ASCII has ``otherByte``.
    static let wordByte: UInt8 = 0, spaceByte: UInt8 = 1, punctuationByte: UInt8 = 2, removedByte: UInt8 = 3, otherByte: UInt8 = 4

    // SAFETY: filled in init, freed in deinit, never mutated between; hence @unchecked Sendable is sound.
    private let pages: UnsafeMutableBufferPointer<UInt16>
    private let rows: UnsafeMutableBufferPointer<UInt32>
    /// Start in `mappings` of the n-th decomposition or lower case; its end is the next one's start.
    private let mappingStarts: UnsafeMutableBufferPointer<UInt32>
    private let mappings: UnsafeMutableBufferPointer<UInt32>
    /// Class of each byte value.
    let byteClass: UnsafeMutableBufferPointer<UInt8>
    /// Each ASCII byte after lower-casing (if on).
    let byteFolded: UnsafeMutableBufferPointer<UInt8>

    /// - Complexity: about 2 ms, once per tokenizer.
    init(_ flags: BertNormalizerFlags) {
        typealias Tables = BertUnicodeTables
        var table = [UInt32](repeating: 0, count: 0x110000)
        func mark(_ ranges: [UInt32], _ bit: UInt32) {
            for i in stride(from: 0, to: ranges.count, by: 2) {
                for scalar in ranges[i]...ranges[i + 1] { table[Int(scalar)] |= bit }
            }
        }
        var starts: [UInt32] = []
        var targets: [UInt32] = []
        func addMapping(_ scalar: UInt32, _ bit: UInt32, _ values: some Sequence<UInt32>) {
            table[Int(scalar)] |= bit | UInt32(starts.count) << 16
            starts.append(UInt32(targets.count))
            targets.append(contentsOf: values)
        }

        mark(Tables.spaces, Self.space)
        mark(Tables.punctuation, Self.punctuation)
        if flags.handleChineseCharacters { mark(Tables.ideographs, Self.ideograph) }
        if flags.cleanText {
            mark(Tables.blanked, Self.space)
            // Removal comes first: U+0085 is white space to the splitter, but a control to clean_text.
            for i in stride(from: 0, to: Tables.removed.count, by: 2) {
                for scalar in Tables.removed[i]...Tables.removed[i + 1] { table[Int(scalar)] = Self.removed }
            }
        }
        if flags.stripAccents {
            mark(Tables.marks, Self.mark)
            mark([0xAC00, 0xD7A3], Self.hangul)
            for i in stride(from: 0, to: Tables.combiningClasses.count, by: 3) {
                for scalar in Tables.combiningClasses[i]...Tables.combiningClasses[i + 1] {
                    table[Int(scalar)] |= Tables.combiningClasses[i + 2] << 8
                }
            }
            var i = 0
            while i < Tables.decompositions.count {
                let count = Int(Tables.decompositions[i + 1])
                addMapping(Tables.decompositions[i], Self.decomposes, Tables.decompositions[(i + 2)..<(i + 2 + count)])
                i += 2 + count
            }
        }
        if flags.lowercase {
            func addLower(_ scalar: UInt32, _ values: [UInt32]) {
                // A scalar that decomposes is lower-cased after that, part by part.
                if table[Int(scalar)] & Self.decomposes == 0 { addMapping(scalar, Self.lowers, values) }
            }
            for i in stride(from: 0, to: Tables.lower.count, by: 4) {
                for scalar in stride(from: Tables.lower[i], through: Tables.lower[i + 1], by: Int(Tables.lower[i + 2])) {
                    addLower(scalar, [scalar &+ Tables.lower[i + 3]])
                }
            }
            for i in stride(from: 0, to: Tables.lowerPairs.count, by: 3) {
                addLower(Tables.lowerPairs[i], Array(Tables.lowerPairs[(i + 1)...(i + 2)]))
            }
        }
        starts.append(UInt32(targets.count))
        // 2,060 decompositions and 1,400 lower cases: the index fits 16 bits.
        precondition(starts.count <= 1 << 16, "\(starts.count) mappings do not fit the entry's 16 bits")

        var pageOf: [[UInt32]: UInt16] = [:]
        var pageNumbers: [UInt16] = []
        var rowValues: [UInt32] = []
        for page in 0..<0x1100 {
            let values = Array(table[(page * 256)..<(page * 256 + 256)])
            if let known = pageOf[values] {
                pageNumbers.append(known)
            } else {
                let number = UInt16(rowValues.count / 256)
                pageOf[values] = number
                pageNumbers.append(number)
                rowValues.append(contentsOf: values)
            }
        }
        pages = Self.copy(pageNumbers)
        rows = Self.copy(rowValues)
        mappingStarts = Self.copy(starts)
        mappings = Self.copy(targets)
        byteClass = .allocate(capacity: 256)
        byteFolded = .allocate(capacity: 256)
        byteClass.initialize(repeating: Self.otherByte)
        byteFolded.initialize(repeating: 0)
        for byte in 0..<128 {
            let entry = table[byte]
            byteClass[byte] =
                entry & Self.removed != 0
                ? Self.removedByte
                : entry & Self.space != 0 ? Self.spaceByte : entry & Self.punctuation != 0 ? Self.punctuationByte : Self.wordByte
            byteFolded[byte] = entry & Self.lowers != 0 ? UInt8(targets[Int(starts[Int(entry >> 16)])]) : UInt8(byte)
        }
    }

    deinit {
        pages.deallocate()
        rows.deallocate()
        mappingStarts.deallocate()
        mappings.deallocate()
        byteClass.deallocate()
        byteFolded.deallocate()
    }

    private static func copy<T: BitwiseCopyable>(_ values: [T]) -> UnsafeMutableBufferPointer<T> {
        let buffer = UnsafeMutableBufferPointer<T>.allocate(capacity: max(values.count, 1))
        _ = buffer.initialize(from: values)
        return buffer
    }

    @inline(__always)
    func entry(_ scalar: UInt32) -> UInt32 { rows[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)] }

    /// Scalars that an entry with ``decomposes`` or ``lowers`` stands for.
    @inline(__always)
    func mapping(_ entry: UInt32) -> UnsafeBufferPointer<UInt32> {
        let index = Int(entry >> 16)
        let start = Int(mappingStarts[index])
        return UnsafeBufferPointer(rebasing: UnsafeBufferPointer(mappings)[start..<Int(mappingStarts[index + 1])])
    }
}
