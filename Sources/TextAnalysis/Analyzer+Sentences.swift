extension Analyzer {
    /// Where sentences of a text begin (UAX #29, root locale), in bytes, ascending, without the first one's 0. White space behind a
    /// sentence belongs to it; a line break ends one. Abbreviations are not known: `Mr. Smith` is two.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8; may be empty. Ill-formed bytes count as U+FFFD. At most ``textBytesMax`` are read.
    ///   - starts: its content is replaced.
    /// - Complexity: O(bytes).
    package func sentenceStarts(utf8 bytes: UnsafeBufferPointer<UInt8>, into starts: inout [UInt32]) {
        withWorkspace { $0.sentenceStarts(Self.cut(bytes), into: &starts) }
    }
}
