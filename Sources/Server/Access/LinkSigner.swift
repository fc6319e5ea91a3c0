import COpenSSL
import Dialects

/// Signs links to subscribe by, and checks them: HMAC-SHA256 over the path and the time it ends at.
package struct LinkSigner: Sendable {
    /// A shorter secret could be guessed.
    package static let shortestSecret = 16

    /// Why a link isn't taken.
    package enum Problem: Error, Hashable {
        case incomplete
        case notSigned
        case expired(Int)
    }

    private let secrets: [[UInt8]]

    /// - Parameter secrets: any of them verifies, the first signs; none is empty.
    package init(secrets: [String]) {
        self.secrets = secrets.map { Array($0.utf8) }.filter { !$0.isEmpty }
    }

    package var isEmpty: Bool { secrets.isEmpty }

    /// The path and the query of a link; nil where there is no secret.
    ///
    /// - Parameter expires: seconds since 1970.
    package func target(of resource: LinkResource, expires: Int) -> String? {
        guard let secret = secrets.first else { return nil }
        let signed = Self.signed(resource, expires)
        let signature = Self.base64URL(Self.code(signed, secret))
        return "\(signed)&signature=\(signature)"
    }

    /// Checks a link's two parameters.
    ///
    /// What is signed wrongly isn't told from what is long over, or the answer would say which ends were once signed.
    package func check(
        _ resource: LinkResource,
        expires: Int?,
        signature: String?,
        at now: Int
    ) throws(Problem) {
        guard let expires, let signature else { throw .incomplete }
        let given = Array(signature.utf8)
        let text = Self.signed(resource, expires)
        var isSigned = false
        for secret in secrets {
            let wanted = Array(Self.base64URL(Self.code(text, secret)).utf8)
            guard !wanted.isEmpty, wanted.count == given.count else { continue }
            if CRYPTO_memcmp(wanted, given, wanted.count) == 0 { isSigned = true }
        }
        guard isSigned else { throw .notSigned }
        guard expires > now else { throw .expired(expires) }
    }

    private static func signed(_ resource: LinkResource, _ expires: Int) -> String {
        "\(resource.path)?expires=\(expires)"
    }

    /// Empty should libcrypto fail, which no signature is.
    private static func code(_ text: String, _ secret: [UInt8]) -> [UInt8] {
        let text = Array(text.utf8)
        var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard HMAC(EVP_sha256(), secret, CInt(clamping: secret.count), text, text.count, &code, &length) != nil else {
            return []
        }
        return Array(code.prefix(Int(length)))
    }

    /// Base64 with the alphabet for URLs, without padding (RFC 4648, section 5).
    private static func base64URL(_ bytes: [UInt8]) -> String {
        String(
            decoding: Base64.encode(bytes).utf8.compactMap { byte -> UInt8? in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                case UInt8(ascii: "="): nil
                default: byte
                }
            },
            as: UTF8.self
        )
    }
}
