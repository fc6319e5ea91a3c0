import Dialects
import Tapes

/// A key that was just made: its text, which is to be seen once, and what the configuration has of it.
public struct NewKey: Sendable {
    /// `tck_` and 43 letters and digits, which is a little more than 256 bits.
    public let text: String
    public let key: Configuration.Key

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Makes one of the system's random bits.
    ///
    /// - Parameters:
    ///   - expires: seconds since 1970; nil for never.
    /// - Throws: ``ConfigurationError`` where the key couldn't stand in a configuration.
    public init(
        name: String,
        scopes: Set<Configuration.Key.Scope>,
        channels: [String] = ["*"],
        expires: Int? = nil
    ) throws(ConfigurationError) {
        var generator = SystemRandomNumberGenerator()
        let letters = (0..<43).map { _ in Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)] }
        text = "tck_" + String(decoding: letters, as: UTF8.self)
        key = Configuration.Key(
            name: name,
            sha256: SHA256.hex(of: Array(text.utf8)),
            scopes: scopes,
            channels: channels,
            expires: expires
        )
        if let problem = key.problem { throw ConfigurationError(problem.message) }
    }

    /// The element of `access.keys`, as JSON on one line.
    public var json: String {
        var members: [(String, JSONValue)] = [
            ("name", .string(key.name)), ("sha256", .string(key.sha256)),
            ("scopes", Self.list(Configuration.Key.Scope.allCases.filter(key.scopes.contains).map(\.rawValue))),
        ]
        if key.channels != ["*"] { members.append(("channels", Self.list(key.channels))) }
        if let expires = key.expires {
            members.append(("expires", .string(Timestamp.string(secondsSince1970: expires))))
        }
        return JSONValue.object(members).jsonText
    }

    private static func list(_ words: [String]) -> JSONValue { .array(words.map { .string($0) }) }
}
