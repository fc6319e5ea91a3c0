import COpenSSL
import Tapes

/// The keys of a server, and the search for the one that is shown.
public struct AccessKeys: Sendable {
    /// No key is longer; what is isn't looked at.
    static let longest = 4096

    private let keys: [(key: AccessKey, digest: [UInt8])]

    public init(_ keys: [AccessKey] = []) {
        self.keys = keys.map { ($0, Array($0.sha256.lowercased().utf8)) }
    }

    public var isEmpty: Bool { keys.isEmpty }

    /// The key whose digest is that of a text; nil for none.
    ///
    /// Every key is compared, and each to its last byte, so that the time tells nothing of them.
    func key(shownAs text: String) -> AccessKey? {
        guard !text.isEmpty, text.utf8.count <= Self.longest else { return nil }
        let digest = Array(SHA256.hex(of: Array(text.utf8)).utf8)
        var found: AccessKey?
        for (key, known) in keys where known.count == digest.count && !digest.isEmpty {
            if CRYPTO_memcmp(known, digest, digest.count) == 0 { found = key }
        }
        return found
    }
}
