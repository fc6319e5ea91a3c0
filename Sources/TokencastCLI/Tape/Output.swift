import ArgumentParser
import TapeTools
import Tokencast

#if canImport(Glibc)
import Glibc
#endif

/// Standard output and standard error, and what may be sent there.
enum Output {
    /// What standard output can show.
    static var appearance: Appearance {
        let environment = ProcessEnvironment.variables
        let isTerminal = isatty(1) == 1
        return Appearance(
            width: isTerminal ? width(environment) : nil,
            hasColours: isTerminal && usesColours(environment),
            isUnicode: isUnicode(environment)
        )
    }

    static var isTerminal: Bool { isatty(1) == 1 }

    /// Writes to standard output.
    ///
    /// - Throws: the code to leave with, where the disk is full or the like. A reader that has seen enough (`| head`) is
    ///   no failure.
    static func write(_ text: String) throws { try write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) throws {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress.map { $0 + start }, bytes.count - start) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EPIPE { throw ExitCode.success }
            guard count > 0 else {
                throw Exit.fail("standard output can't be written: \(String(cString: strerror(errno)))", .failure)
            }
            start += count
        }
    }

    /// Says something on standard error, a line each.
    static func say(_ lines: [String]) {
        if !lines.isEmpty { Exit.write(2, lines.joined(separator: "\n") + "\n") }
    }

    /// NO_COLOR, see https://no-color.org: set to anything, it means what it says.
    private static func usesColours(_ environment: [String: String]) -> Bool {
        environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    private static func isUnicode(_ environment: [String: String]) -> Bool {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let locale = names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let encoding = locale.lowercased()
        return encoding.contains("utf-8") || encoding.contains("utf8")
    }

    private static func width(_ environment: [String: String]) -> Int {
        var size = winsize()
        if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        return 80
    }
}
