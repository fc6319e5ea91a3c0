import Dialects

/// Where the scanner and Foundation differ on purpose. Every other difference is a defect of the scanner's.
enum JSONDifference: String, CaseIterable {
    /// The scanner takes bytes in a string that aren't UTF-8 for U+FFFD, as browsers and most HTTP clients do: one bad
    /// byte of a token shouldn't cost the whole chunk.
    case notUTF8
    /// So with half a surrogate pair, which servers in JavaScript write where they cut a string within an emoji.
    case loneSurrogate
    /// The scanner's limit of 64 levels is far beyond any provider's chunk; Foundation's is 512.
    case tooDeep
    /// JSON that is exchanged between systems is UTF-8 without a byte order mark (RFC 8259, section 8.1); Foundation
    /// guesses at UTF-16 and UTF-32 too, from marks and zeros.
    case otherEncoding
    /// Foundation takes a comma behind the last element or member, which the grammar hasn't.
    case trailingComma
    /// Foundation reads scalars when they are asked for, so never those of a name's second mention.
    case unreadDuplicate
}

extension JSONDifference {
    /// The document as Foundation would take it: all that is lenient in the scanner, done by hand.
    static func repaired(_ bytes: [UInt8]) -> (bytes: [UInt8], by: Set<JSONDifference>) {
        var differences: Set<JSONDifference> = []
        let text = Array(String(decoding: bytes, as: UTF8.self).utf8)
        if text != bytes { differences.insert(.notUTF8) }
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            var length = text[index] == UInt8(ascii: "\\") ? min(2, text.count - index) : 1
            var isHalf = false
            if let unit = escapedUnit(text, at: index) {
                length = 6
                isHalf = 0xD800...0xDFFF ~= unit
                if 0xD800...0xDBFF ~= unit, let low = escapedUnit(text, at: index + 6), 0xDC00...0xDFFF ~= low {
                    length = 12
                    isHalf = false
                }
            }
            result += isHalf ? Array(#"\ufffd"#.utf8) : Array(text[index..<index + length])
            if isHalf { differences.insert(.loneSurrogate) }
            index += length
        }
        return (result, differences)
    }

    /// Why Foundation may take a document that the scanner refuses, or nil if there is no reason.
    static func refusal(_ bytes: [UInt8]) -> JSONDifference? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) || bytes.starts(with: [0xFE, 0xFF])
            || bytes.starts(with: [0xFF, 0xFE])
            || bytes.prefix(4).contains(0)
        {
            return .otherEncoding
        }
        do {
            _ = try JSONValue(parsing: repaired(bytes).bytes, options: .init(duplicateMembers: .keep))
            return nil
        } catch {
            switch error.reason {
            case .tooDeep: return .tooDeep
            case .unexpectedByte where hasTrailingComma(bytes): return .trailingComma
            case .invalidNumber, .invalidEscape, .controlCharacter, .unexpectedByte:
                return hasRepeatedName(bytes) ? .unreadDuplicate : nil
            default: return nil
            }
        }
    }

    private static func escapedUnit(_ text: [UInt8], at index: Int) -> UInt16? {
        guard index + 6 <= text.count, text[index...].starts(with: Array(#"\u"#.utf8)),
            text[index + 2..<index + 6].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else { return nil }
        return UInt16(String(decoding: text[index + 2..<index + 6], as: UTF8.self), radix: 16)
    }

    private static func hasTrailingComma(_ bytes: [UInt8]) -> Bool {
        let dense = bytes.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return zip(dense, dense.dropFirst()).contains { $0 == UInt8(ascii: ",") && "]}".utf8.contains($1) }
    }

    /// Whether anything in quotes before a colon is there twice, whatever object it belongs to.
    private static func hasRepeatedName(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: repaired(bytes).bytes, as: UTF8.self).filter { !$0.isWhitespace }
        let names = text.split(separator: "\":", omittingEmptySubsequences: false).dropLast().map { piece in
            let name = piece.split(separator: "\"", omittingEmptySubsequences: false).last ?? ""
            guard case .string(let text) = JSONTree.foundation(Array("\"\(name)\"".utf8)) else { return String(name) }
            return text
        }
        return Set(names).count < names.count
    }
}
