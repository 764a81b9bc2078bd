import FoundationEssentials

/// RFC 3339 text to and from microseconds since 1970, without loss.
///
/// Foundation knows the calendar; the fraction is handled here, because `Date` is a float that rounds microseconds away in far years.
public enum TimestampText {
    static let expected = "expected YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with up to six decimals, then Z or ±hh:mm"

    /// Foundation counts years before 1582 in the Julian calendar, RFC 3339 in the Gregorian. Its cycle is 400 years, so
    /// those years are computed 2000 years, five cycles of 146,097 days, later.
    private static let julianShiftYears = 2000
    private static let julianShiftSeconds = Int64(5 * 146_097 * 86_400)
    private static let secondsOf1600 = Int64(-11_676_096_000)
    /// 0000-01-01T00:00:00Z … 9999-12-31T23:59:59.999999Z.
    private static let representable = Int64(-62_167_219_200_000_000)...Int64(253_402_300_799_999_999)

    /// Years 0000 to 9999; a date alone is its midnight in UTC. Leap seconds and 24:00 are refused.
    /// - Returns: nil when `text` is not such a time.
    public static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 10, bytes.count <= 40, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        if bytes.count == 10 { return seconds(text + "T00:00:00").map { $0 * 1_000_000 } }
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") else { return nil }
        guard let whole = seconds(String(decoding: bytes[..<10] + [UInt8(ascii: "T")] + bytes[11..<19], as: UTF8.self)) else { return nil }

        var rest = bytes[19...]
        var fraction: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { isDigit($0) }
            guard (1...6).contains(digits.count) else { return nil }
            for digit in digits { fraction = fraction * 10 + Int64(digit - 0x30) }
            for _ in digits.count..<6 { fraction *= 10 }
            rest = rest.dropFirst(1 + digits.count)
        }
        guard let offset = offsetSeconds(Array(rest)) else { return nil }
        return (whole - offset) * 1_000_000 + fraction
    }

    /// - Returns: the time with `Z` and as many decimals as it needs, none or six; nil outside the years 0000 to 9999.
    public static func format(microseconds: Int64) -> String? {
        guard representable.contains(microseconds) else { return nil }
        let (floor, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let (seconds, fraction) = remainder < 0 ? (floor - 1, remainder + 1_000_000) : (floor, remainder)
        let shifted = seconds < secondsOf1600
        var text = Date(timeIntervalSince1970: Double(shifted ? seconds + julianShiftSeconds : seconds)).formatted(.iso8601)
        if shifted, let year = Int(text.prefix(4)) { text = padded(year - julianShiftYears, 4) + text.dropFirst(4) }
        return fraction == 0 ? text : text.dropLast() + "." + padded(Int(fraction), 6) + "Z"
    }

    /// Seconds of `YYYY-MM-DDThh:mm:ss`, taken as UTC.
    private static func seconds(_ text: String) -> Int64? {
        guard text.utf8.prefix(4).allSatisfy(isDigit), let year = Int(text.prefix(4)) else { return nil }
        let shifted = year < 1600
        let modern = (shifted ? padded(year + julianShiftYears, 4) + text.dropFirst(4) : text) + "Z"
        // Foundation rolls 30 February over into March; only a text that it would write itself is a date.
        guard let date = try? Date(modern, strategy: .iso8601), date.formatted(.iso8601) == modern else { return nil }
        return Int64(date.timeIntervalSince1970) - (shifted ? julianShiftSeconds : 0)
    }

    private static func offsetSeconds(_ zone: [UInt8]) -> Int64? {
        if zone == [UInt8(ascii: "Z")] || zone == [UInt8(ascii: "z")] { return 0 }
        guard zone.count == 6, zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"), zone[3] == UInt8(ascii: ":"),
            [zone[1], zone[2], zone[4], zone[5]].allSatisfy(isDigit)
        else { return nil }
        let hours = Int64(zone[1] - 0x30) * 10 + Int64(zone[2] - 0x30)
        let minutes = Int64(zone[4] - 0x30) * 10 + Int64(zone[5] - 0x30)
        guard hours < 24, minutes < 60 else { return nil }
        return (zone[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
