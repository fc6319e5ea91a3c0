extension JSONValue.Parser {
    /// Reads a number (RFC 8259, section 6) and gives back its text.
    mutating func parseNumber(_ bytes: Span<UInt8>) throws(JSONValue.SyntaxError) -> String {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        // A leading zero stands alone.
        if index < bytes.count, bytes[index] == UInt8(ascii: "0") {
            index += 1
        } else {
            try skipDigits(bytes)
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            try skipDigits(bytes)
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            try skipDigits(bytes)
        }
        if index < bytes.count, Self.isDigit(bytes[index]) { throw error(.invalidNumber, at: start) }
        return bytes.extracting(start..<index).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    private mutating func skipDigits(_ bytes: Span<UInt8>) throws(JSONValue.SyntaxError) {
        let start = index
        while index < bytes.count, Self.isDigit(bytes[index]) { index += 1 }
        guard index > start else { throw error(index < bytes.count ? .invalidNumber : .unexpectedEnd) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// Reads a string; the index is on its opening quote.
    mutating func parseString(_ bytes: Span<UInt8>) throws(JSONValue.SyntaxError) -> String {
        let start = index
        index += 1
        var run = index
        // Filled from the first escape on only: most strings have none and are taken from the input whole.
        var unescaped: [UInt8]?
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                let tail = bytes.extracting(run..<index)
                index += 1
                if var unescaped {
                    tail.withUnsafeBufferPointer { unescaped.append(contentsOf: $0) }
                    return try validated(unescaped.span, start)
                }
                return try validated(tail, start)
            } else if byte == UInt8(ascii: "\\") {
                var text = unescaped.take() ?? []
                bytes.extracting(run..<index).withUnsafeBufferPointer { text.append(contentsOf: $0) }
                try parseEscape(bytes, into: &text)
                unescaped = text
                run = index
            } else if byte < 0x20 {
                throw error(.controlCharacter)
            } else {
                index += 1
            }
        }
        throw error(.unexpectedEnd)
    }

    private func validated(_ utf8: Span<UInt8>, _ start: Int) throws(JSONValue.SyntaxError) -> String {
        do {
            return String(copying: try UTF8Span(validating: utf8))
        } catch {
            throw self.error(.invalidUTF8, at: start)
        }
    }

    /// Reads an escape; the index is on its backslash.
    private mutating func parseEscape(
        _ bytes: Span<UInt8>,
        into text: inout [UInt8]
    ) throws(JSONValue.SyntaxError) {
        let start = index
        guard index + 1 < bytes.count else { throw error(.unexpectedEnd) }
        let letter = bytes[index + 1]
        index += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try parseUnicodeEscape(bytes, start)
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error(.invalidEscape, at: start)
        }
    }

    /// Reads the digits behind `\u`, and the second half of a surrogate pair with them.
    private mutating func parseUnicodeEscape(
        _ bytes: Span<UInt8>,
        _ start: Int
    ) throws(JSONValue.SyntaxError) -> Unicode.Scalar {
        let unit = try parseFourDigits(bytes, start)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // What isn't a scalar is a surrogate. A first half may have its second behind it.
        if unit < 0xDC00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        {
            let rewind = index
            index += 2
            let second = try parseFourDigits(bytes, rewind)
            if second >= 0xDC00, second <= 0xDFFF,
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
            index = rewind
        }
        guard options.loneSurrogates == .replace else { throw error(.loneSurrogate, at: start) }
        return "\u{FFFD}"
    }

    private mutating func parseFourDigits(
        _ bytes: Span<UInt8>,
        _ start: Int
    ) throws(JSONValue.SyntaxError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw error(.unexpectedEnd) }
        var unit: UInt32 = 0
        for offset in index..<index + 4 {
            guard let digit = Self.hexValue(bytes[offset]) else { throw error(.invalidEscape, at: start) }
            unit = unit << 4 | UInt32(digit)
        }
        index += 4
        return unit
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
