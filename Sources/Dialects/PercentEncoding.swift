extension String {
    /// Percent-decoded; what isn't a valid escape stays as it is, and what isn't UTF-8 becomes U+FFFD.
    package var percentDecoded: String {
        guard utf8.contains(UInt8(ascii: "%")) else { return self }
        return String(decoding: Array(utf8).percentDecoded, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Percent-decoded; what isn't a valid escape stays as it is.
    package var percentDecoded: [UInt8] {
        var bytes: [UInt8] = []
        var index = 0
        while index < count {
            if self[index] == UInt8(ascii: "%"), index + 2 < count,
                let high = self[index + 1].hexValue, let low = self[index + 2].hexValue
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(self[index])
                index += 1
            }
        }
        return bytes
    }
}

extension Sequence<UInt8> {
    /// Percent-encoded, with upper-case digits (RFC 3986, section 2.1): all bytes but those for which `isKept` holds.
    package func percentEncoded(keeping isKept: (UInt8) -> Bool) -> [UInt8] {
        flatMap { byte in isKept(byte) ? [byte] : [UInt8(ascii: "%"), (byte >> 4).hexDigit, (byte & 15).hexDigit] }
    }
}

extension UInt8 {
    fileprivate var hexDigit: UInt8 { self < 10 ? UInt8(ascii: "0") + self : UInt8(ascii: "A") + self - 10 }

    fileprivate var hexValue: UInt8? {
        switch self {
        case 48...57: self - 48
        case 65...70: self - 55
        case 97...102: self - 87
        default: nil
        }
    }
}
