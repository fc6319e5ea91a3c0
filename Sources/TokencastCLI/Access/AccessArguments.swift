import ArgumentParser
import Tapes
import Tokencast

#if canImport(Glibc)
import Glibc
#endif

/// What arguments of `key` and `link` mean.
enum AccessArguments {
    static let scopes = "take of \(Configuration.Key.Scope.allCases.map(\.rawValue).joined(separator: ", "))"

    /// Seconds from now: `90s`, `10m`, `1h`, `90d`, `52w`.
    static func span(_ text: String) throws -> Int64 {
        // A hundred years; a time beyond the year 9999 couldn't be written.
        guard let seconds = Age.seconds(text), (1...3_155_760_000).contains(seconds) else {
            throw ValidationError("'\(text)' is no time from now: it is such as 90s, 10m, 1h, 90d or 52w.")
        }
        return seconds
    }

    /// Seconds since 1970.
    static func time(in seconds: Int64) -> Int { Int(Glibc.time(nil)) + Int(seconds) }

    /// A base URL, which goes before a path as it is.
    static func base(_ text: String) throws -> String {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        let host = ["http://", "https://"].first(where: text.lowercased().hasPrefix).map { text.dropFirst($0.count) }
        guard isPlain, let host, let first = host.first, first != "/", !host.contains(where: { "?#".contains($0) })
        else {
            throw ValidationError(
                "'\(text)' is no URL of a server: it is http://HOST or https://HOST, with a path at most."
            )
        }
        return text
    }
}
