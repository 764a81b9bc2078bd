import Foundation

/// Numbers as people read them; independent of the locale, so that examples stay true.
public enum NumberText {
    /// 1234567 → 1,234,567
    public static func count(_ number: some BinaryInteger) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    public static func decimal(_ number: Double, _ places: Int) -> String {
        number.isFinite ? String(format: "%.\(places)f", locale: nil, number) : "–"
    }

    /// 0.83 → 83 %
    public static func percent(_ share: Double) -> String { decimal(min(max(share, 0), 1) * 100, 0) + " %" }

    /// 1536 → 1.5 KB (of 1024)
    public static func bytes(_ number: some BinaryInteger) -> String {
        var value = Double(number)
        var unit = 0
        let units = ["B", "KB", "MB", "GB", "TB"]
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return decimal(value, unit == 0 || value >= 100 ? 0 : 1) + " " + units[unit]
    }

    /// Seconds in the two largest units: 0.4 s, 12 s, 3 min 05 s, 2 h 10 min, 3 d 4 h.
    public static func seconds(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
        if seconds < 9.95 { return decimal(seconds, 1) + " s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
        if whole < 86_400 { return "\(whole / 3600) h \(padded(whole % 3600 / 60)) min" }
        return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
    }

    /// Microseconds as milliseconds: 1234 → 1.2 ms
    public static func milliseconds(_ microseconds: UInt64) -> String {
        decimal(Double(microseconds) / 1000, microseconds < 1000 ? 2 : 1) + " ms"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
