import NIOHTTP1
import Tapes

@testable import Server

/// Keys for tests, by their texts.
enum TestKeys {
    static func key(
        _ name: String,
        _ scopes: Set<AccessScope>,
        channels: [String] = ["*"],
        expires: Int? = nil
    ) -> AccessKey {
        AccessKey(
            name: name,
            sha256: SHA256.hex(of: Array(text(name).utf8)),
            scopes: scopes,
            channels: channels,
            expires: expires
        )
    }

    /// What the caller shows for the key of that name.
    static func text(_ name: String) -> String { "tck_secret-of-\(name)" }
}

extension HTTPHeaders {
    /// As lines, to be compared.
    var lines: [String] { map { "\($0.name): \($0.value)" } }
}
