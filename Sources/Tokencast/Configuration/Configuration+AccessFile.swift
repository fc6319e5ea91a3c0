import Dialects
import Server
import Tapes

/// What a file says of access.
extension Configuration {
    mutating func readAccess(
        _ root: ConfigurationReader,
        _ environment: [String: String]
    ) throws(ConfigurationError) {
        guard let reader = try root.object("access") else { return }
        try reader.allow(["keys", "linkSecret"])
        for entry in try reader.objects("keys") {
            let key = try Key(entry)
            access.keys.append(key)
            if let problem = key.problem ?? access.clash(at: access.keys.count - 1) {
                throw entry.problem(problem.member, problem.message)
            }
        }
        for secret in try reader.secrets("linkSecret") {
            let (name, value) = try secret.variable(in: environment, of: "a link secret")
            guard let value else {
                notices.append("access.linkSecret: the environment variable \(name) is not set")
                continue
            }
            guard value.utf8.count >= LinkSigner.shortestSecret else {
                throw secret.problem("env", "the environment variable \(name): \(Access.secretForm)")
            }
            access.linkSecrets.append(value)
        }
    }

    /// What an operator should know of it, beside what is wrong.
    var accessNotices: [String] {
        let now = WallClock.seconds
        var notices = access.keys.filter { $0.expires.map { $0 <= now } ?? false }.map { key in
            "the key '\(key.name)' expired at \(Timestamp.string(secondsSince1970: key.expires ?? 0))"
        }
        if access.keys.isEmpty, !access.linkSecrets.isEmpty {
            notices.append(
                "access.linkSecret without access.keys: everybody may read everything, with a link or without"
            )
        }
        if !RequestPolicy.isLoopback(host: host) {
            notices.append(
                "listening on \(host) without TLS: keys and streams can be read on the way, unless a proxy before it "
                    + "encrypts them"
            )
        }
        return notices
    }
}

extension Configuration.Key {
    fileprivate init(_ reader: ConfigurationReader) throws(ConfigurationError) {
        try reader.allow(["name", "sha256", "scopes", "channels", "expires"])
        guard let name = try reader.string("name") else { throw reader.problem(nil, "a key needs a name") }
        guard let sha256 = try reader.string("sha256") else { throw reader.problem(nil, "a key needs its sha256") }
        guard let words = try reader.strings("scopes") else {
            throw reader.problem(nil, "a key needs scopes: \(Self.knownScopes)")
        }
        var scopes: Set<Scope> = []
        for word in words {
            guard let scope = Scope(rawValue: word) else {
                let nearest = suggestion(for: word, among: Scope.allCases.map(\.rawValue))
                throw reader.problem("scopes", "'\(word)' is no scope\(nearest): \(Self.knownScopes)")
            }
            scopes.insert(scope)
        }
        var expires: Int?
        if let text = try reader.string("expires") {
            guard let seconds = Timestamp.seconds(rfc3339: text) else {
                throw reader.problem("expires", "'\(text)' is no time as RFC 3339 has it: 2027-01-31T12:00:00Z")
            }
            expires = seconds
        }
        self.init(
            name: name,
            sha256: sha256,
            scopes: scopes,
            channels: try reader.strings("channels") ?? ["*"],
            expires: expires
        )
    }
}

extension ConfigurationReader {
    /// `{"env": NAME}`, or an array of those.
    fileprivate func secrets(_ key: String) throws(ConfigurationError) -> [ConfigurationReader] {
        guard let found = value[key] else { return [] }
        if found.array != nil { return try objects(key) }
        return try object(key).map { [$0] } ?? []
    }
}
