import Glibc

/// What the kernel knows of this process.
struct ProcessStatistics: Sendable {
    var residentBytes = 0
    /// Anonymous part of the resident memory: what is not just a page of a mapped file.
    var anonymousBytes = 0
    var threads = 0
    var openFiles = 0
    var openFilesMax = 0
    var processorSeconds = 0.0
    var startedAtSeconds = 0.0

    /// Zeros stand for what `/proc` does not tell.
    static func now() -> ProcessStatistics {
        var result = ProcessStatistics()
        for line in read("/proc/self/status").split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].split { $0 == "\t" || $0 == " " }.first.flatMap { Int($0) } ?? 0
            switch line[..<colon] {
            case "VmRSS": result.residentBytes = value * 1024
            case "RssAnon": result.anonymousBytes = value * 1024
            case "Threads": result.threads = value
            default: break
            }
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { result.openFilesMax = Int(clamping: limit.rlim_cur) }
        if let folder = opendir("/proc/self/fd") {
            // Less . and .., and the descriptor that reads them.
            var entries = -3
            while readdir(folder) != nil { entries += 1 }
            closedir(folder)
            result.openFiles = max(0, entries)
        }
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            result.processorSeconds =
                Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        }
        result.startedAtSeconds = startTime
        return result
    }

    /// Seconds since 1970 at which the process began: boot time plus field 22 of `/proc/self/stat` (clock ticks since boot).
    private static let startTime: Double = {
        // The name, field 2, is in parentheses and may hold anything: count from behind it.
        let afterName = read("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        let boot = read("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }?.split(separator: " ").last.flatMap { Double($0) }
        guard afterName.count > 19, let ticks = Double(afterName[19]), let boot else { return 0 }
        return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    /// Files of `/proc` say they are empty, so they are read to their end.
    private static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
