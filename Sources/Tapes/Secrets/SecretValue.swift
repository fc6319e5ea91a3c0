import Dialects

/// What a credential is made of, and how it may be written.
enum SecretValue {
    /// The parts of a header's value that are secret on their own: a token without its scheme, the values of a cookie.
    static func parts(of secret: String) -> [[UInt8]] {
        let text = Array(secret.utf8)
        // The scheme before a token is no secret, and the token may turn up without it.
        let words = text.split(separator: UInt8(ascii: " "))
        var parts = words.count == 2 && isScheme(words[0]) ? [Array(words[1])] : [text]
        if words.count == 2, isBasic(words[0]), let login = Base64.decode(String(decoding: words[1], as: UTF8.self)) {
            parts.append(login)
            let password = login.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            if password.count == 2 { parts.append(Array(password[1])) }
        }
        for pair in text.split(separator: UInt8(ascii: ";")) {
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, sides[0].allSatisfy(isTokenByte) else { continue }
            parts.append(Array(sides[1]))
        }
        return parts.filter { $0.count >= TapeSecrets.minimumLength }
    }

    /// The value of a cookie that an answer sets, without its name and attributes.
    static func cookie(_ setCookie: String) -> String {
        let pair = setCookie.utf8.prefix { $0 != UInt8(ascii: ";") }
        let value = pair.drop { $0 != UInt8(ascii: "=") }.dropFirst()
        return String(decoding: value, as: UTF8.self)
    }

    /// How a value may stand in a text: as it is, in each way that JSON within that text writes it, and in a URL.
    static func spellings(_ value: [UInt8]) -> Set<[UInt8]> {
        // Most are written in one way wherever they stand.
        if value.allSatisfy(isUnreserved) { return [value] }
        var quoted: [UInt8] = []
        JSONValue.writeString(String(decoding: value, as: UTF8.self), into: &quoted)
        let escaped = Array(quoted.dropFirst().dropLast())
        let slashed = escaped.flatMap { $0 == UInt8(ascii: "/") ? [UInt8(ascii: "\\"), $0] : [$0] }
        return [value, escaped, slashed, ascii(escaped), value.percentEncoded(keeping: isUnreserved)]
    }

    private static func isScheme(_ word: ArraySlice<UInt8>) -> Bool {
        word.count <= 20 && word.allSatisfy { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == UInt8(ascii: "-") }
    }

    private static func isBasic(_ scheme: ArraySlice<UInt8>) -> Bool {
        AllowList.lowercase(String(decoding: scheme, as: UTF8.self)).hasSameBytes(as: "basic")
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") }

    /// JSON text with all but ASCII escaped, as some encoders write it.
    private static func ascii(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(where: { $0 >= 0x80 }) else { return text }
        return String(decoding: text, as: UTF8.self).utf16.flatMap { unit -> [UInt8] in
            if unit < 0x80 { return [UInt8(unit)] }
            return Array("\\u".utf8) + Array(Hex.encode([UInt8(unit >> 8), UInt8(unit & 0xFF)]).utf8)
        }
    }

    /// What a URL needn't encode (RFC 3986, section 2.3).
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: CharacterClasses(of: byte).isAlphanumeric
        }
    }
}
