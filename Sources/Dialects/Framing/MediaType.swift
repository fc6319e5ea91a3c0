/// Reads media types (RFC 9110, section 8.3.1).
package enum MediaType {
    /// A media type without its parameters, in lower case and without white space; of several the first.
    package static func essence(_ type: String) -> String {
        var type = type
        return type.withUTF8 { bytes in
            // As nearly everybody writes it.
            if let end = bytes.firstIndex(where: { !isPlain($0) }) {
                return bytes[end] == UInt8(ascii: ";") ? String(decoding: bytes[..<end], as: UTF8.self) : cleaned(bytes)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: ";") && byte != UInt8(ascii: ",") && !(0x41...0x5A).contains(byte)
    }

    private static func cleaned(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count) { target in
            var count = 0
            for byte in bytes {
                if byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") { break }
                if byte == 0x20 || (0x09...0x0D).contains(byte) { continue }
                target[count] = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
                count += 1
            }
            return count
        }
    }
}
