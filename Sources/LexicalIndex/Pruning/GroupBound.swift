import CKernels

/// What one group of a query may add to a document's score: the lists of its forms and fields add up to x, which saturates as a whole.
///
/// ```
/// one list:       sums[slot] += table[tf][code]                       units of the score, saturation included
/// several lists:  x[slot]    += table[tf][code]   for each list        units of x
///                 sums[slot] += saturation[x[slot]]                    units of the score
/// ```
/// Saturating each list by itself would bound a word that has a stem beside it, or stands in two fields, by up to twice what it can
/// reach.
struct GroupBound {
    /// In the scorer's array of ``ListBound``, which is in query order.
    let lists: Range<Int>
    let boostedIdf: Double
    let k1: Double
    let greatest: Double
    /// `greatest` in units of the window's sums.
    private(set) var greatestUnits: UInt16 = 0
    /// Score of one unit of the window's sums, upside down, and rounded up.
    private(set) var scoreScale = 0.0
    /// Several lists: units of x in 1.
    private(set) var xScale = 0.0
    /// Several lists: [``saturationEntries``], by units of x; the last stands for any x beyond.
    let saturation: UnsafeMutablePointer<UInt16>
    /// In the present window.
    private(set) var inWindow = 0.0
    /// Several lists only.
    private(set) var xInWindow = 0.0
    private(set) var postings = 0

    /// One unit is then 1/32 of k1, a hundredth of the group's greatest score where frequencies are low.
    static let saturationEntries = 2048
    /// Sums of x have 16 bits, and each list may add all entries but one.
    static let listsMax = 32
    /// x in units of k1 beyond which the score is taken for the greatest: 98.5 % of it.
    private static let xMax = 64.0

    var isSingle: Bool { lists.count == 1 }

    init(_ lists: Range<Int>, _ bounds: UnsafeMutableBufferPointer<ListBound>, boostedIdf: Double, k1: Double, saturation: UnsafeMutablePointer<UInt16>) {
        self.lists = lists
        self.boostedIdf = boostedIdf
        self.k1 = k1
        self.saturation = saturation
        greatest = Self.score(lists.reduce(0) { $0 + bounds[$1].greatestX }, boostedIdf, k1)
    }

    /// Upper bound of the score, for an upper bound of x.
    @inline(__always) static func score(_ x: Double, _ boostedIdf: Double, _ k1: Double) -> Double {
        x < .infinity ? boostedIdf * (x / (k1 + x)) : boostedIdf
    }

    /// Fixes what a unit of the window's sums is, and fills the tables' last rows.
    mutating func scale(_ units: Double, _ bounds: UnsafeMutableBufferPointer<ListBound>) {
        greatestUnits = UInt16(greatest * units) + 1
        scoreScale = boostedIdf * units * ListBound.slack
        let lastRow = Int((TANDEM_BOUND_ROWS - 1) * TANDEM_BOUND_ROW)
        guard !isSingle else {
            (bounds[lists.lowerBound].table + lastRow).update(repeating: greatestUnits, count: Int(TANDEM_BOUND_ROW))
            return
        }
        let top = Self.saturationEntries - 1
        let greatestX = lists.reduce(0) { $0 + bounds[$1].greatestX }
        xScale = Double(top - 1) / min(Self.xMax * k1, greatestX)
        // k1 = 0: any x above 0 saturates.
        if !(xScale > 0 && xScale < 1e300) { xScale = 1 }
        tandem_saturation(Self.saturationEntries, ListBound.slack / xScale, k1, scoreScale, greatestUnits, saturation)
        for i in lists {
            let x = bounds[i].greatestX * xScale * ListBound.slack
            let units = x < Double(top) ? UInt16(x) + 1 : UInt16(top)
            (bounds[i].table + lastRow).update(repeating: min(units, UInt16(top)), count: Int(TANDEM_BOUND_ROW))
        }
    }

    /// Fills a list's table up to the row of a frequency.
    @inline(__always) func fill(_ bound: inout ListBound, _ frequency: UInt32) {
        let needed = Int(min(frequency, UInt32(TANDEM_BOUND_ROWS - 2)))
        while bound.rows < needed {
            bound.rows += 1
            let row = bound.table + bound.rows * Int(TANDEM_BOUND_ROW)
            let (low, high) = (bound.codeRange.lowerBound, bound.codeRange.upperBound)
            if isSingle {
                tandem_bound_row(bound.inverseOfCode, low, high, bound.weight * Double(bound.rows), k1, scoreScale, greatestUnits, row)
            } else {
                let scale = bound.weight * Double(bound.rows) * xScale * ListBound.slack
                tandem_x_row(bound.inverseOfCode, low, high, scale, UInt16(Self.saturationEntries - 1), row)
            }
        }
    }

    /// What the group may add in [low, high).
    @inline(__always)
    mutating func look(_ bounds: UnsafeMutableBufferPointer<ListBound>, _ low: UInt32, _ high: UInt32) {
        if isSingle {
            let list = bounds.baseAddress! + lists.lowerBound
            list.pointee.look(low, high)
            postings = list.pointee.postings
            inWindow = min(greatest, boostedIdf * list.pointee.saturatedInWindow)
            return
        }
        var x = 0.0
        postings = 0
        for i in lists {
            bounds[i].look(low, high)
            x += bounds[i].xInWindow
            postings += bounds[i].postings
        }
        xInWindow = x
        inWindow = min(greatest, Self.score(x, boostedIdf, k1))
    }

    /// The x without which the group's score stays below `score`; 0: none is needed.
    func x(of score: Double) -> Double {
        guard score > 0 else { return 0 }
        let s = score / boostedIdf * (1 - 1e-9)
        return s < 1 ? k1 * s / (1 - s) : .infinity
    }
}
