import COpenSSL

/// A running SHA-256 digest.
///
/// Should libcrypto be unable to start one (it is out of memory), the digest is the empty text, which fits no body.
package struct SHA256: ~Copyable {
    private let context: OpaquePointer?

    package init() {
        let context = EVP_MD_CTX_new()
        if let context, EVP_DigestInit_ex(context, EVP_sha256(), nil) != 1 {
            EVP_MD_CTX_free(context)
            self.context = nil
        } else {
            self.context = context
        }
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    package mutating func update(_ bytes: [UInt8]) { update(bytes.span.bytes) }

    package mutating func update(_ bytes: RawSpan) {
        guard let context, !bytes.isEmpty else { return }
        bytes.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// The digest in lower-case hex; what follows begins a new one.
    package mutating func finish() -> String {
        guard let context else { return "" }
        var digest = [UInt8](repeating: 0, count: 32)
        guard digest.withUnsafeMutableBufferPointer({ EVP_DigestFinal_ex(context, $0.baseAddress, nil) }) == 1 else {
            return ""
        }
        _ = EVP_DigestInit_ex(context, EVP_sha256(), nil)
        return Hex.encode(digest)
    }

    package static func hex(of bytes: [UInt8]) -> String {
        var digest = SHA256()
        digest.update(bytes)
        return digest.finish()
    }
}
