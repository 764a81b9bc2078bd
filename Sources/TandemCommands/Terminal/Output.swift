import Foundation
import Synchronization

/// Standard output and error of the tool.
///
/// A reader that goes away (`tandem search … | head -1`) is no error: the tool then ends with exit code 0.
public enum Output {
    /// Writes to standard output, with a newline at the end.
    public static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes to standard output as it is.
    public static func raw(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a line for people to standard error; a progress bar that stands there makes room.
    public static func note(_ text: String) {
        errorLine.withLock { isDrawn in
            if isDrawn { write("\r\u{1B}[K", to: STDERR_FILENO) }
            isDrawn = false
            write(text + "\n", to: STDERR_FILENO)
        }
    }

    /// Draws over the present line of standard error, which must be a terminal; nil removes it.
    static func status(_ text: String?) {
        errorLine.withLock { isDrawn in
            if let text {
                write("\r" + text + "\u{1B}[K", to: STDERR_FILENO)
                isDrawn = true
            } else if isDrawn {
                write("\r\u{1B}[K", to: STDERR_FILENO)
                isDrawn = false
            }
        }
    }

    /// True while a progress bar stands on the last line.
    private static let errorLine = Mutex(false)

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Foundation.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count >= 0 {
                    written += count
                } else if errno == EPIPE {
                    // The reader has what it wanted.
                    exit(0)
                } else if errno == EAGAIN {
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wait, 1, -1)
                } else if errno != EINTR {
                    if descriptor == STDOUT_FILENO {
                        // A full disk under a redirection must not look like success.
                        let reason = String(cString: strerror(errno))
                        let message = Array("tandem: standard output cannot be written: \(reason)\n".utf8)
                        _ = Foundation.write(STDERR_FILENO, message, message.count)
                        exit(1)
                    }
                    return
                }
            }
        }
    }
}

/// What is known of the terminal.
public enum Terminal {
    public static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    public static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 && getenv("TERM").map { strcmp($0, "dumb") != 0 } != false }
    public static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Columns of the terminal on `descriptor`; nil where it is none.
    public static func width(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        if let text = getenv("COLUMNS"), let columns = Int(String(cString: text)), columns > 0 { return columns }
        return 80
    }
}
