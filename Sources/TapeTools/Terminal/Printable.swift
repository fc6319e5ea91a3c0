/// Text from a tape made fit for a terminal: what could move the cursor, change colours or turn the writing direction
/// is shown, not sent.
public enum Printable {
    /// A text on one line: line breaks and tabs are escaped too.
    public static func line(_ text: String) -> String { escape(text, keepsLines: false) }

    /// A text that may have many lines: line breaks and tabs stay.
    public static func text(_ text: String) -> String { escape(text, keepsLines: true) }

    /// Bytes on one line: text where they are UTF-8, `\xc3` where they aren't.
    public static func line(_ bytes: [UInt8]) -> String { mixed(bytes, keepsLines: false) }

    /// Bytes that may have many lines.
    public static func text(_ bytes: [UInt8]) -> String { mixed(bytes, keepsLines: true) }

    private static func mixed(_ bytes: [UInt8], keepsLines: Bool) -> String {
        var output = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            var decoder = UTF8()
            var iterator = rest.makeIterator()
            var count = 0
            var run = String.UnicodeScalarView()
            var isCut = false
            decoding: while true {
                switch decoder.decode(&iterator) {
                case .scalarValue(let scalar):
                    run.append(scalar)
                    count += UTF8.width(scalar)
                case .emptyInput: break decoding
                case .error:
                    isCut = true
                    break decoding
                }
            }
            output += escape(String(run), keepsLines: keepsLines)
            rest = rest.dropFirst(count)
            if isCut, let byte = rest.popFirst() { output += "\\x" + hex(UInt32(byte), digits: 2) }
        }
        return output
    }

    private static func escape(_ text: String, keepsLines: Bool) -> String {
        // Most text needs nothing.
        guard text.unicodeScalars.contains(where: { isUnsafe($0) && !(keepsLines && isLayout($0)) }) else {
            return text
        }
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if !isUnsafe(scalar) || keepsLines && isLayout(scalar) {
                output.append(scalar)
            } else {
                output.append(contentsOf: escaped(scalar).unicodeScalars)
            }
        }
        return String(output)
    }

    private static func isLayout(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\t" }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16))}"
        }
    }

    /// Controls, line and paragraph separators, and what is invisible and changes the order or the look of its
    /// surroundings. The joiners that emoji and many scripts are written with are harmless.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        case .format: return scalar.value != 0x200C && scalar.value != 0x200D && scalar.value != 0xAD
        default: return false
        }
    }

    static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
