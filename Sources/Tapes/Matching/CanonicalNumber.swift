/// Numbers in one way of writing, so that `1.0`, `1` and `10e-1` are the same; digits are moved, never calculated with.
enum CanonicalNumber {
    /// How many zeros are written out before an exponent is.
    private static let longestRun = 21

    /// The canonical form of a JSON number.
    static func normalise(_ text: String) -> String {
        let negative = text.utf8.first == UInt8(ascii: "-")
        let parts = text.utf8.dropFirst(negative ? 1 : 0)
            .split(maxSplits: 1) { $0 | 0x20 == UInt8(ascii: "e") }
        let mantissa = (parts.first ?? text.utf8[...]).split(
            separator: UInt8(ascii: "."),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let fraction = mantissa.count > 1 ? Array(mantissa[1]) : []
        var digits = Array(mantissa.first ?? text.utf8[...]) + fraction

        let trailing = digits.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeLast(trailing)
        guard !digits.isEmpty else { return "0" }
        digits.removeFirst(digits.prefix { $0 == UInt8(ascii: "0") }.count)

        // An exponent that no number of digits can bring back into range is kept as it is.
        guard let written = exponent(parts.count > 1 ? parts[1] : "0".utf8[...]) else { return text }
        let exponent = written + trailing - fraction.count
        return (negative ? "-" : "") + write(digits, exponent)
    }

    private static func exponent(_ text: Substring.UTF8View) -> Int? {
        let digits = text.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
            .drop { $0 == UInt8(ascii: "0") }
        guard digits.count <= 15 else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    /// Writes digits × 10^exponent; the digits have no zeros at either end.
    private static func write(_ digits: [UInt8], _ exponent: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        if exponent >= 0, digits.count + exponent <= longestRun {
            return text + String(repeating: "0", count: exponent)
        }
        guard exponent < 0, exponent >= -longestRun else { return "\(text)e\(exponent)" }
        let whole = digits.count + exponent
        if whole <= 0 { return "0." + String(repeating: "0", count: -whole) + text }
        return String(decoding: digits[..<whole], as: UTF8.self) + "."
            + String(decoding: digits[whole...], as: UTF8.self)
    }
}
