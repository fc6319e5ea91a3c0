import TestSupport

@testable import Server
@testable import Tapes
@testable import Tokencast

/// A server with a key of each kind, for tests over sockets.
enum KeyedServer {
    static let secret = "a secret that signs links"

    /// What the caller shows for the key of a name.
    static func text(_ name: String) -> String { "tck_0123456789-secret-of-\(name)" }

    static func key(
        _ name: String,
        _ scopes: Set<Configuration.Key.Scope>,
        channels: [String] = ["*"],
        expires: Int? = nil
    ) -> Configuration.Key {
        Configuration.Key(
            name: name,
            sha256: SHA256.hex(of: Array(text(name).utf8)),
            scopes: scopes,
            channels: channels,
            expires: expires
        )
    }

    static let access = Configuration.Access(
        keys: [
            key("call", [.call]), key("subscribe", [.subscribe]), key("publish", [.publish]), key("admin", [.admin]),
            key("maker", [.call]), key("other", [.call, .subscribe, .publish], channels: ["other-*"]),
            key("expired", [.admin], expires: 1_000_000_000),
        ],
        linkSecrets: [secret]
    )

    static func bearer(_ name: String) -> Field { Field("Authorization", "Bearer \(text(name))") }

    /// Seconds since 1970, an hour from now.
    static var soon: Int { WallClock.seconds + 3600 }

    /// The query of a link to a path.
    static func link(_ path: String, expires: Int = soon) throws -> String {
        let target = try SubscribeLink(path: path, expires: expires).target(secret: secret)
        return String(target.drop { $0 != "?" }.dropFirst())
    }
}
