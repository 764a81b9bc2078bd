import Foundation
import TandemClient
import TandemCommands
import Testing

@Suite struct DocumentMappingTests {
    private func map(_ line: String, _ pairs: [(String, String)] = [], ignored: inout Set<String>) throws -> Document {
        let mapping = try DocumentMapping(schema: everyType, pairs: pairs.map { (field: $0.0, key: $0.1) })
        return try Array(line.utf8).withUnsafeBytes { try mapping.document($0, ignored: &ignored) }
    }

    private func map(_ line: String, _ pairs: [(String, String)] = []) throws -> Document {
        var ignored: Set<String> = []
        return try map(line, pairs, ignored: &ignored)
    }

    private func problem(_ line: String, _ pairs: [(String, String)] = []) -> String? {
        do {
            _ = try map(line, pairs)
            return nil
        } catch { return "\(error)" }
    }

    @Test("U+FEFF is a character like others, wherever it stands in a text")
    func byteOrderMarks() throws {
        for text in ["\u{FEFF}abc", "a\u{FEFF}b", "\u{FEFF}\u{FEFF}", "ab\u{FEFF}"] {
            #expect(try map("{\"_id\": \"d\", \"text\": \"\(text)\"}").texts.map(\.text) == [text])
        }
    }

    @Test("a BEIR line becomes a document; attributes are found inside metadata, too; unknown keys are collected")
    func beir() throws {
        var ignored: Set<String> = []
        let document = try map(
            #"{"_id": "7", "title": "Ä title", "text": "The text.", "metadata": {"lang": "de", "year": 1999}, "url": "x", "para": 3}"#, ignored: &ignored)
        #expect(document.id == "7")
        #expect(document.texts.map(\.name) == ["title", "text"])
        #expect(document.texts.map(\.text) == ["Ä title", "The text."])
        #expect(document.attributes.map(\.name) == ["lang", "year"])
        #expect(document.attributes[0].keywords == ["de"])
        #expect(document.attributes[1].int64s == [1999])
        #expect(ignored == ["url", "para"])
    }

    @Test("an id may be a number, under '_id' or 'id'")
    func ids() throws {
        #expect(try map(#"{"id": 42, "text": "x"}"#).id == "42")
        #expect(try map(#"{"id": "b", "_id": "a"}"#).id == "a")
        #expect(try map(#"{"doc": {"key": "d"}}"#, [("id", "doc.key")]).id == "d")
        #expect(try map(#"{"doc.key": "e"}"#, [("id", "doc.key")]).id == "e")
    }

    @Test("values of JSON become values of the schema's types")
    func types() throws {
        let document = try map(
            #"{"_id": "1", "lang": ["de", 3, true, null], "year": [1, -5, 2.0, "7", 9007199254740993, 9223372036854775807, -9223372036854775808], "score": [1, 2.5, "1e3"], "open": [true, false, "true"], "time": ["1970-01-01T00:00:01.5Z", "1970-01-02", 7], "embedding": [0.5, -1]}"#
        )
        func field(_ name: String) -> AttributeField? { document.attributes.first { $0.name == name } }
        #expect(field("lang")?.keywords == ["de", "3", "true"])
        #expect(field("year")?.int64s == [1, -5, 2, 7, 9_007_199_254_740_993, .max, .min])
        #expect(field("score")?.float64s == [1, 2.5, 1000])
        #expect(field("open")?.bools == [true, false, true])
        #expect(field("time")?.timestampsMicroseconds == [1_500_000, 86_400_000_000, 7])
        #expect(document.vectors[0].values == [0.5, -1])
    }

    @Test("vectors of chunks are arrays of arrays, or several keys; what is read back has their form")
    func chunks() throws {
        func vectors(_ line: String, _ pairs: [(field: String, key: String)] = []) throws -> [[Float]] { try map(line, pairs).vectors.map(\.values) }
        #expect(try vectors(#"{"_id": "1", "embedding": [[1, 2], [3, 4]]}"#) == [[1, 2], [3, 4]])
        #expect(try vectors(#"{"_id": "1", "embedding": [[1, 2]]}"#) == [[1, 2]])
        #expect(try vectors(#"{"_id": "1", "a": [1, 2], "b": [[3, 4], [5, 6]]}"#, [("embedding", "a"), ("embedding", "b")]) == [[1, 2], [3, 4], [5, 6]])
        let document = try map(#"{"_id": "1", "embedding": [[1, 2], [3, 4]]}"#)
        #expect(document.vectors.map(\.name) == ["embedding", "embedding"])
        #expect(try DocumentJSON.fields(document).text(pretty: false) == #"{"embedding":[[1,2],[3,4]]}"#)
        for (line, word) in [
            (#"[[1, 2], 3]"#, "got a number"), (#"[[1, 2], [3]]"#, "got 1 numbers, expected 2"), ("[1, [2, 3]]", "component 1 is an array"),
            ("[[]]", "got 0 numbers"),
        ] {
            do {
                _ = try map("{\"_id\": \"1\", \"embedding\": \(line)}")
                Issue.record("\(line) was taken")
            } catch let error as LineProblem {
                #expect(error.description.contains(word) && error.description.contains("embedding"), "\(error)")
            }
        }
    }

    @Test("null, empty text and empty arrays are no values")
    func absent() throws {
        let document = try map(#"{"_id": "1", "title": null, "text": "", "lang": null, "year": [], "embedding": null}"#)
        #expect(document == Document(id: "1"))
    }

    @Test("several keys of one field are put together")
    func severalKeys() throws {
        let document = try map(
            #"{"_id": "1", "head": "A", "body": ["B", "C"], "l1": "de", "m": {"l2": ["en", "fr"]}}"#,
            [("text", "head"), ("text", "body"), ("lang", "l1"), ("lang", "m.l2")])
        #expect(document.texts.map(\.text) == ["A\nB\nC"])
        #expect(document.attributes.map(\.keywords) == [["de", "en", "fr"]])
    }

    @Test(
        "what cannot be taken is refused in words that name the key",
        arguments: [
            (#"{"_id": "1""#, "not JSON"), ("[1]", "an array where an object"), ("7", "a number where an object"), (#""x""#, "a string where an object"),
            (#"{"text": "x"}"#, "no '_id' or 'id'"), (#"{"_id": ""}"#, "is empty"), (#"{"_id": {}}"#, "an object"), (#"{"_id": true}"#, "a boolean"),
            (#"{"_id": "1", "text": {"a": 1}}"#, "text field 'text' got an object"), (#"{"_id": "1", "text": true}"#, "text field 'text' got a boolean"),
            (#"{"_id": "1", "year": 1.5}"#, "int64 field 'year' got 1.5"), (#"{"_id": "1", "year": 18446744073709551615}"#, "int64 field 'year'"),
            (#"{"_id": "1", "year": "abc"}"#, "int64 field 'year' got \"abc\""), (#"{"_id": "1", "year": true}"#, "int64 field 'year' got a boolean"),
            (#"{"_id": "1", "score": "inf"}"#, "float64 field 'score'"), (#"{"_id": "1", "open": 1}"#, "bool field 'open' got 1"),
            (#"{"_id": "1", "time": "2024-02-30"}"#, "timestamp field 'time'"), (#"{"_id": "1", "lang": [["x"]]}"#, "keyword field 'lang' got an array"),
            (#"{"_id": "1", "embedding": [1]}"#, "vector field 'embedding' got 1 numbers, expected 2"),
            (#"{"_id": "1", "embedding": [1, "2"]}"#, "component 1 is a string"), (#"{"_id": "1", "embedding": [1, 1e39]}"#, "component 1 is beyond"),
            (#"{"_id": "1", "score": 1e999}"#, "not JSON"), ("{\"_id\": \"1\", \"text\": \"a\u{1}b\"}", "control character"),
            (#"{"_id": "1", "text": "\ud800"}"#, "not JSON"), (#"{"_id": "1"} x"#, "not JSON"), (#"{'_id': '1'}"#, "not JSON"),
            (String(repeating: "[", count: 100_000), "nested"), (#"{"_id": "1", "a": NaN}"#, "not JSON"),
        ])
    func refusals(line: String, reason: String) {
        let problem = problem(line)
        #expect(problem?.contains(reason) == true, "\(problem ?? "accepted")")
    }

    @Test("invalid UTF-8 is refused")
    func invalidUTF8() throws {
        let mapping = try DocumentMapping(schema: everyType)
        var ignored: Set<String> = []
        let line = Array(#"{"_id": ""#.utf8) + [0xFF, 0xC0] + Array(#""}"#.utf8)
        #expect(throws: LineProblem.self) { try line.withUnsafeBytes { try mapping.document($0, ignored: &ignored) } }
    }

    @Test("an id over the daemon's limit is refused here, so that the line can be named")
    func longID() {
        #expect(problem(#"{"_id": "\#(String(repeating: "x", count: 512))"}"#) == nil)
        #expect(problem(#"{"_id": "\#(String(repeating: "x", count: 513))"}"#)?.contains("513 bytes") == true)
    }

    @Test("a mapping of a field that the collection lacks is refused, naming those that it has")
    func unknownField() {
        #expect { try DocumentMapping(schema: everyType, pairs: [("titel", "t")]) } throws: { "\($0)".contains("'titel'") && "\($0)".contains("title") }
    }

    @Test("random bytes and mutated lines never crash")
    func hostileLines() throws {
        var random = SeededGenerator(state: testSeed())
        let mapping = try DocumentMapping(schema: everyType)
        let seeds = [#"{"_id": "1", "text": "hällo", "year": [1, 2.5], "metadata": {"lang": "de"}, "embedding": [0.1, 2e3]}"#, "{}", "[[[{}]]]", "\"\\u12\""]
        for _ in 0..<20_000 {
            var bytes = Array(seeds.randomElement(using: &random)!.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes.randomElement(using: &random)!, at: index)
                }
            }
            var ignored: Set<String> = []
            _ = try? bytes.withUnsafeBytes { try mapping.document($0, ignored: &ignored) }
        }
    }
}

@Suite struct TimestampTextTests {
    @Test(
        "times become microseconds",
        arguments: [
            ("1970-01-01", 0), ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00+02:00", 951_818_400_000_000), ("1969-12-31T23:59:59.999999Z", -1),
            ("2024-01-01T00:00:00.5z", 1_704_067_200_500_000), ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
        ] as [(String, Int64)])
    func parsing(text: String, microseconds: Int64) { #expect(TimestampText.parse(text) == microseconds) }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "2024", "2024-13-01", "2024-02-30", "1900-02-29", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00.1234567Z", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00+2", "2024-01-01T00:00:00Zx", "２０２４-01-01",
        ])
    func refusal(text: String) { #expect(TimestampText.parse(text) == nil) }

    @Test("what is written is read back")
    func roundTrip() {
        var random = SeededGenerator(state: testSeed())
        for _ in 0..<10_000 {
            let time = Int64.random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &random)
            #expect(TimestampText.parse(TimestampText.format(microseconds: time)) == time)
        }
        #expect(TimestampText.format(microseconds: .min) == "\(Int64.min)")
    }
}
