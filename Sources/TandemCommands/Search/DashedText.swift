/// A search text that begins with a dash, as `-vim editor` does.
///
/// The argument parser takes `-heart` for the options `-h -e -a -r -t`: help, and exit code 0. `search` has no option of one letter but `-h`, so
/// what begins with one dash and is longer is the text. It is put behind `--`, where the parser leaves it alone.
enum DashedText {
    private static let flags: Set<String> = ["--explain", "--json", "--count", "--highlight"]

    /// - Parameter arguments: of `tandem`, without the program's name.
    static func separated(_ arguments: [String]) -> [String] {
        guard let command = arguments.firstIndex(of: "search"), !arguments.contains("--") else { return arguments }
        for index in arguments.indices where index > command + 1 {
            let argument = arguments[index]
            let before = arguments[index - 1]
            // What stands behind an option is its value; numbers below 0 are for thresholds.
            guard argument.hasPrefix("-"), !argument.hasPrefix("--"), argument.count > 2, Double(argument) == nil,
                !before.hasPrefix("--") || before.contains("=") || flags.contains(before)
            else { continue }
            var rest = arguments
            rest.remove(at: index)
            return rest + ["--", argument]
        }
        return arguments
    }
}
