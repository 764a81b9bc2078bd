/// RFC 3339 text to microseconds since 1970 and back, exact for the years 0000 to 9999.
package enum TimestampText {
    static let expected = "YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with up to six decimals, then Z or ±hh:mm"

    /// A date alone is its midnight in UTC. Leap seconds and 24:00 are refused, as in filters.
    package static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[range] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        func isAt(_ index: Int, _ character: Character) -> Bool { index < bytes.count && bytes[index] == character.asciiValue }

        guard bytes.count >= 10, bytes.count <= 40, let year = number(0..<4), isAt(4, "-"), let month = number(5..<7), isAt(7, "-"),
            let day = number(8..<10), (1...12).contains(month), day >= 1, day <= daysIn(month: month, of: year)
        else { return nil }
        let midnight = daysFromEpoch(year, month, day) * 86_400
        if bytes.count == 10 { return midnight * 1_000_000 }

        guard isAt(10, "T") || isAt(10, "t"), let hour = number(11..<13), isAt(13, ":"), let minute = number(14..<16), isAt(16, ":"),
            let second = number(17..<19), hour < 24, minute < 60, second < 60
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if isAt(index, ".") {
            let digits = bytes[(index + 1)...].prefix { $0 >= 0x30 && $0 <= 0x39 }.count
            guard (1...6).contains(digits), let value = number(index + 1..<index + 1 + digits) else { return nil }
            fraction = (digits..<6).reduce(value) { value, _ in value * 10 }
            index += 1 + digits
        }
        var offset: Int64 = 0
        if isAt(index, "Z") || isAt(index, "z") {
            index += 1
        } else {
            guard isAt(index, "+") || isAt(index, "-"), let hours = number(index + 1..<index + 3), isAt(index + 3, ":"),
                let minutes = number(index + 4..<index + 6), hours < 24, minutes < 60
            else { return nil }
            offset = (isAt(index, "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
            index += 6
        }
        guard index == bytes.count else { return nil }
        return (midnight + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction
    }

    /// With `Z` and as many decimals as it needs, none or six; outside the years 0000 to 9999 the number itself.
    package static func format(microseconds: Int64) -> String {
        guard (-62_167_219_200_000_000...253_402_300_799_999_999).contains(microseconds) else { return String(microseconds) }
        let seconds = floor(microseconds, by: 1_000_000)
        let fraction = microseconds - seconds * 1_000_000
        let days = floor(seconds, by: 86_400)
        let (year, month, day) = date(daysFromEpoch: days)
        let second = seconds - days * 86_400
        let text =
            "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return text + (fraction == 0 ? "Z" : ".\(padded(fraction, 6))Z")
    }

    private static func daysIn(month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : (month == 4 || month == 6 || month == 9 || month == 11) ? 30 : 31
    }

    /// Days since 1970-01-01 in the Gregorian calendar, also before it began.
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that the leap day is last.
    private static func daysFromEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floor(shifted, by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(daysFromEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floor(shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func floor(_ number: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
