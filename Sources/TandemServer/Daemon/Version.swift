/// Version of the daemon, and what it was built with.
public enum Version {
    public static let number = "0.1.0"
    public static let agent = "tandemd/\(number)"

    public static let build: String = {
        #if arch(x86_64)
            let architecture = "x86_64"
        #elseif arch(arm64)
            let architecture = "aarch64"
        #else
            let architecture = "other"
        #endif
        #if compiler(>=6.3)
            let compiler = "swift 6.3 or later"
        #else
            let compiler = "swift before 6.3"
        #endif
        #if DEBUG
            return "debug, \(compiler), \(architecture)"
        #else
            return "release, \(compiler), \(architecture)"
        #endif
    }()
}
