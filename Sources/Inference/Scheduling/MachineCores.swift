import Foundation

enum MachineCores {
    /// Cores that this process may use: those of its affinity, or fewer if a control group (a container's limit) gives
    /// less time than that. At least 1.
    static let usable: Int = {
        let affinity = max(ProcessInfo.processInfo.activeProcessorCount, 1)
        // "max 100000" or "150000 100000": microseconds of processor time in each period.
        guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8) else { return affinity }
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2, let quota = Double(fields[0]), let period = Double(fields[1]), quota > 0, period > 0 else { return affinity }
        return max(1, min(affinity, Int((quota / period).rounded(.up))))
    }()
}
