extension JSONValue {
    /// A JSON Pointer (RFC 6901): `/messages/0/content`. The empty pointer is the whole document.
    public struct Pointer: Sendable, Hashable, CustomStringConvertible {
        /// The reference tokens, unescaped.
        public var tokens: [String]

        public init(tokens: [String] = []) {
            self.tokens = tokens
        }

        /// Reads a pointer; nil where it neither is empty nor starts with `/`, or has a `~` that is no `~0` or `~1`.
        public init?(_ text: String) {
            tokens = []
            guard !text.utf8.isEmpty else { return }
            guard text.utf8.first == UInt8(ascii: "/") else { return nil }
            for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
                guard let token = Self.unescape(part) else { return nil }
                tokens.append(token)
            }
        }

        public var description: String {
            var text = ""
            for token in tokens {
                text += "/"
                for scalar in token.unicodeScalars {
                    switch scalar {
                    case "~": text += "~0"
                    case "/": text += "~1"
                    default: text.unicodeScalars.append(scalar)
                    }
                }
            }
            return text
        }

        /// This pointer with one more token.
        public func appending(_ token: String) -> Pointer {
            Pointer(tokens: tokens + [token])
        }

        /// A token as an array index: digits without a leading zero (RFC 6901, section 4).
        public static func index(_ token: String) -> Int? {
            let digits = token.utf8
            guard let first = digits.first, digits.count <= 18,
                digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
                digits.count == 1 || first != UInt8(ascii: "0")
            else { return nil }
            return Int(token)
        }

        private static func unescape(_ part: Substring.UTF8View) -> String? {
            var bytes: [UInt8] = []
            var escaped = false
            for byte in part {
                if escaped {
                    switch byte {
                    case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
                    case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
                    default: return nil
                    }
                    escaped = false
                } else if byte == UInt8(ascii: "~") {
                    escaped = true
                } else {
                    bytes.append(byte)
                }
            }
            return escaped ? nil : String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The value that a pointer leads to, nil where there is none.
    public func value(at pointer: Pointer) -> JSONValue? {
        var value = self
        for token in pointer.tokens {
            let next: JSONValue? =
                switch value.kind {
                case .object: value[token]
                case .array: Pointer.index(token).flatMap { value[$0] }
                default: nil
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// The value that a pointer in its written form leads to.
    public func value(at pointer: String) -> JSONValue? {
        Pointer(pointer).flatMap { value(at: $0) }
    }
}
