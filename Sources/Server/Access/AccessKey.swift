import Broadcast
import Tapes

/// A key that callers may show, known by its digest alone.
public struct AccessKey: Sendable, Hashable {
    /// What logs, errors and the owner of a stream call it.
    public var name: String
    /// The SHA-256 of the key, in lower-case hex.
    public var sha256: String
    public var scopes: Set<AccessScope>
    /// The channels that `call`, `subscribe` and `publish` hold for: patterns in which `*` stands for any text.
    public var channels: [String]
    /// Seconds since 1970 from which on it is void; nil for never.
    public var expires: Int?

    public init(
        name: String,
        sha256: String,
        scopes: Set<AccessScope>,
        channels: [String] = ["*"],
        expires: Int? = nil
    ) {
        self.name = name
        self.sha256 = sha256
        self.scopes = scopes
        self.channels = channels
        self.expires = expires
    }

    func has(_ scope: AccessScope) -> Bool { scopes.contains(scope) || scopes.contains(.admin) }

    func isExpired(at now: Int) -> Bool { expires.map { $0 <= now } ?? false }

    /// Whether its patterns give a channel.
    ///
    /// The channel `all` holds every stream, so it is no name like others: `a*` doesn't give it, `*` and `all` do.
    func covers(channel: String) -> Bool {
        if scopes.contains(.admin) { return true }
        return channels.contains { pattern in
            if channel == Hub.allChannel { return pattern == channel || pattern.utf8.allSatisfy { $0 == 0x2A } }
            return wildcard(pattern, matches: channel)
        }
    }

    /// Whether a text can be one of the patterns: of what channels' names are made of, and stars.
    public static func isPattern(_ text: String) -> Bool {
        EventChannel.isValid(name: text.split(separator: "*", omittingEmptySubsequences: false).joined(separator: "x"))
    }
}
