import Dialects

/// Text in an HTTP header, as CloudEvents' HTTP protocol binding writes it (section 3.1.3.2): percent-encoded UTF-8.
enum HeaderText {
    /// Encodes what isn't printable ASCII, and spaces, double quotes and percent signs.
    static func encode(_ text: String) -> String {
        guard !text.utf8.allSatisfy(isPlain) else { return text }
        return String(decoding: text.utf8.percentEncoded(keeping: isPlain), as: UTF8.self)
    }

    /// Takes quotes off, as older senders put them (RFC 9110, section 5.6.4), then decodes once. A percent sign with no two
    /// hexadecimal digits behind it stands for itself.
    ///
    /// - Returns: nil where a quote is left open, or what was encoded isn't UTF-8.
    static func decode(_ text: String) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "%") }) else { return text }
        guard let bytes = unquoted(Array(text.utf8)) else { return nil }
        return String(validating: bytes.percentDecoded, as: UTF8.self)
    }

    private static func unquoted(_ bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var isQuoted = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                guard index < bytes.count else { return nil }
                result.append(bytes[index])
                index += 1
            } else {
                result.append(byte)
            }
        }
        return isQuoted ? nil : result
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "%")
    }
}
