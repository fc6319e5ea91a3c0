import Broadcast
import Server
import Tapes

extension Configuration {
    /// Who may do what; without keys everybody who reaches the address may do everything.
    public struct Access: Sendable, Hashable {
        /// The keys that callers may show. Default none.
        public var keys: [Key] = []
        /// What signed links are signed with, of 16 bytes at least: any verifies, the first signs. Default none.
        public var linkSecrets: [String] = []

        public init(keys: [Key] = [], linkSecrets: [String] = []) {
            self.keys = keys
            self.linkSecrets = linkSecrets
        }
    }

    /// A key that callers may show.
    public struct Key: Sendable, Hashable {
        /// What a key may be for.
        public enum Scope: String, Sendable, Hashable, CaseIterable {
            /// Sending requests upstream, and beginning streams that run without a caller.
            case call
            /// Reading channels, and the streams in them.
            case subscribe
            /// Putting events of one's own into channels.
            case publish
            /// Everything, metrics and tapes included.
            case admin
        }

        /// What logs and errors call it: 1 to 128 of letters, digits, `-`, `_` and `.`, and no other key's.
        public var name: String
        /// The SHA-256 of the key, in hex.
        public var sha256: String
        public var scopes: Set<Scope>
        /// Patterns for the channels that the scopes hold for; `*` stands for any text. Default all.
        public var channels: [String]
        /// Seconds since 1970 from which on it is void; nil, the default, for never.
        public var expires: Int?

        public init(
            name: String,
            sha256: String,
            scopes: Set<Scope>,
            channels: [String] = ["*"],
            expires: Int? = nil
        ) {
            self.name = name
            self.sha256 = sha256
            self.scopes = scopes
            self.channels = channels
            self.expires = expires
        }

        /// What is wrong with it: the member, and the words.
        var problem: (member: String, message: String)? {
            if !EventChannel.isValid(name: name) {
                return ("name", "'\(name)' can't name a key: 1 to 128 of letters, digits, '-', '_' and '.'")
            }
            if Hex.decode(sha256.lowercased())?.count != 32 {
                return ("sha256", "it takes the 64 hex digits of a key's SHA-256, as `tokencast key new` prints them")
            }
            if scopes.isEmpty { return ("scopes", "a key without a scope is good for nothing: \(Self.knownScopes)") }
            if channels.isEmpty { return ("channels", "a key for no channel: leave it out for all of them") }
            if let pattern = channels.first(where: { !AccessKey.isPattern($0) }) {
                return ("channels", "'\(pattern)' can't be a channel's name, nor a pattern for one")
            }
            return nil
        }

        static let knownScopes = "take of \(Scope.allCases.map(\.rawValue).joined(separator: ", "))"
    }
}

extension Configuration.Access {
    /// What a server takes of it.
    func control() throws(ConfigurationError) -> AccessControl {
        for (index, key) in keys.enumerated() {
            let place = "access.keys[\(index)]"
            if let problem = key.problem { throw ConfigurationError("\(place).\(problem.member): \(problem.message)") }
            if let problem = clash(at: index) {
                throw ConfigurationError("\(place).\(problem.member): \(problem.message)")
            }
        }
        if linkSecrets.contains(where: { $0.utf8.count < LinkSigner.shortestSecret }) {
            throw ConfigurationError("access.linkSecret: \(Self.secretForm)")
        }
        let known = keys.map { key in
            AccessKey(
                name: key.name,
                sha256: key.sha256,
                scopes: Set(key.scopes.compactMap { AccessScope(rawValue: $0.rawValue) }),
                channels: key.channels,
                expires: key.expires
            )
        }
        return AccessControl(keys: known, linkSecrets: linkSecrets)
    }

    /// What a key has in common with one before it.
    func clash(at index: Int) -> (member: String, message: String)? {
        let key = keys[index]
        for other in keys[..<index] {
            if other.name == key.name { return ("name", "there is another key '\(key.name)'") }
            if other.sha256.lowercased() == key.sha256.lowercased() {
                return ("sha256", "it is the same key as '\(other.name)'")
            }
        }
        return nil
    }

    static let secretForm = "a secret, which isn't shown, has less than \(LinkSigner.shortestSecret) bytes"
}
