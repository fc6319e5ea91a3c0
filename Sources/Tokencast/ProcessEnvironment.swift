#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The process's environment.
public enum ProcessEnvironment {
    /// Each variable with its value, as they are now.
    public static var variables: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let separator = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                variables[String(text[..<separator])] = String(text[text.index(after: separator)...])
            }
            next += 1
        }
        return variables
    }
}
