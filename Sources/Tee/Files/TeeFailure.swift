#if canImport(Glibc)
import Glibc
#endif

/// What keeps a tee from writing.
struct TeeFailure: Error {
    /// Nil where it was said for another stream.
    var message: String?

    /// What all streams share failed for one of them.
    static var echo: TeeFailure {
        var failure = TeeFailure("")
        failure.message = nil
        return failure
    }

    init(_ message: String) {
        self.message = message
    }

    /// - Parameter code: the number of the system's error.
    init(_ path: String, _ what: String, code: CInt = errno) {
        message = "\(path) \(what): \(strerror(code).map { String(cString: $0) } ?? "error \(code)")"
    }
}
