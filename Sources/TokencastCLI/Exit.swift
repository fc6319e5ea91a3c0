import ArgumentParser
import Tokencast

#if canImport(Glibc)
import Glibc
#endif

/// Exit codes as sysexits.h has them.
enum Exit {
    static let unavailable = ExitCode(69)
    static let configuration = ExitCode(78)

    /// Says what is wrong on standard error, and gives the code to end with.
    static func fail(_ message: String, _ code: ExitCode) -> ExitCode {
        write(2, "error: \(message)\n")
        return code
    }

    /// Writes all of a text to a file descriptor, past any buffer.
    static func write(_ descriptor: CInt, _ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
