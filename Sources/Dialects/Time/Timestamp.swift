#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Times as texts (RFC 3339), UTC, to the second unless something else is said.
package enum Timestamp {
    package static func now() -> String {
        string(secondsSince1970: Int(time(nil)))
    }

    /// The time of day's clock in seconds since 1970.
    package static func currentSeconds() -> Int64 { Int64(time(nil)) }

    package static func string(secondsSince1970 seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "" }
        let date = [(Int(parts.tm_year) + 1900, 4), (Int(parts.tm_mon) + 1, 2), (Int(parts.tm_mday), 2)]
        let clock = [(Int(parts.tm_hour), 2), (Int(parts.tm_min), 2), (Int(parts.tm_sec), 2)]
        return date.map(padded).joined(separator: "-") + "T" + clock.map(padded).joined(separator: ":") + "Z"
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
