/// Makes file names of texts that come from requests.
package enum PlainName {
    /// Bytes that every file system takes and no shell minds: ASCII letters, digits, `.`, `_`, `-`.
    package static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// At most so many bytes of a text, with `_` for each that isn't plain.
    package static func bytes(_ text: String, limit: Int) -> [UInt8] {
        text.utf8.prefix(limit).map { isPlain($0) ? $0 : UInt8(ascii: "_") }
    }
}
