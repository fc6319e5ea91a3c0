/// Documents made at random: valid ones, and ones that were damaged.
struct RandomJSON {
    var random: SeededRandom

    private static let numbers = [
        "0", "-0", "1", "-1", "0.0", "-0.5", "12.0", "12.50", "1e5", "1E+5", "1e-5", "-1.25e+10", "0e1", "0E-0",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "2147483648", "4294967296", "9007199254740993", "123456789012345678901234567890",
        "1e308", "1e309", "1e-400", "0.1", "3.141592653589793238462643", "9223372036854775807.0", "1719000000",
    ]
    private static let pieces = [
        "a", "token", " ", "é", "ü", "e\u{301}", "🌍", "👩‍👩‍👧", "\u{2028}", "\u{FFFD}", "\u{FFFF}", "\u{7F}", "\u{80}",
        "{", "}", "[", "]", ":", ",", "/", "'", "data: [DONE]", "0123456789abcdefghij",
        #"\""#, #"\\"#, #"\/"#, #"\b"#, #"\f"#, #"\n"#, #"\r"#, #"\t"#,
        #"\u0041"#, #"\u00e9"#, #"\u20AC"#, #"\u0000"#, #"\u001f"#, #"\uFFFF"#, #"\ud83c\udf0d"#, #"\uDBFF\uDFFF"#,
    ]
    private static let loneSurrogates = [#"\ud83c"#, #"\uDF0D"#, #"\udbff\ud83c"#, #"\udf0d\ud83c"#, #"\ud83c\n"#]
    private static let names = ["a", "b", "id", "choices", "", "é", #"\u0061"#, "usage", "x y", #"\""#]
    private static let space: [String] = ["", "", "", "", " ", "\n", "\t", "\r\n", "  "]
    /// What JSON's punctuation is made of, and what comes close.
    private static let alphabet = Array("{}[]\":,\\u0123456789.eE+-truefalsn \n\t/bD8'".utf8)

    /// A document that RFC 8259 allows, of up to some hundred bytes.
    ///
    /// - Parameter halves: how many of a hundred pieces of text are halves of surrogate pairs.
    mutating func document(halves: Int = 0) -> [UInt8] {
        var text = pick(Self.space)
        value(depth: Int.random(in: 0...6, using: &random), halves, into: &text)
        return Array((text + pick(Self.space)).utf8)
    }

    /// A value around another, so deep that nothing but depth is in it.
    mutating func tower(depth: Int) -> [UInt8] {
        let isObject = (0..<depth).map { _ in Bool.random(using: &random) }
        let opening = isObject.map { $0 ? #"{"a":"# : "[" }.joined()
        let closing = isObject.reversed().map { $0 ? "}" : "]" }.joined()
        return Array((opening + pick(Self.numbers) + closing).utf8)
    }

    /// A document with some bytes changed, removed, put in, doubled or cut off.
    mutating func damaged(_ document: [UInt8]) -> [UInt8] {
        var bytes = document
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard let index = bytes.indices.randomElement(using: &random) else { return bytes }
            let other = Int.random(in: index..<bytes.count, using: &random)
            switch Int.random(in: 0...7, using: &random) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 2, 3: bytes[index] = pick(Self.alphabet)
            case 4: bytes.insert(pick(Self.alphabet), at: index)
            case 5: bytes.remove(at: index)
            case 6: bytes.removeSubrange(index..<min(other, index + 8))
            default: bytes.insert(contentsOf: bytes[index..<min(other, index + 8)], at: index)
            }
        }
        return bytes
    }

    private mutating func value(depth: Int, _ halves: Int, into text: inout String) {
        switch Int.random(in: 0...(depth > 0 ? 9 : 5), using: &random) {
        case 0: text += pick(["null", "true", "false"])
        case 1: text += number()
        case 2...5: string(halves, into: &text)
        case 6, 7:
            text += "["
            list(depth, halves, hasNames: false, into: &text)
            text += "]"
        default:
            text += "{"
            list(depth, halves, hasNames: true, into: &text)
            text += "}"
        }
    }

    private mutating func list(_ depth: Int, _ halves: Int, hasNames: Bool, into text: inout String) {
        text += pick(Self.space)
        for position in 0..<Int.random(in: 0...4, using: &random) {
            if position > 0 { text += "," + pick(Self.space) }
            if hasNames { text += "\"" + pick(Self.names) + "\"" + pick(Self.space) + ":" + pick(Self.space) }
            value(depth: depth - 1, halves, into: &text)
            text += pick(Self.space)
        }
    }

    private mutating func number() -> String {
        Bool.random(using: &random)
            ? pick(Self.numbers)
            : String(Int.random(in: .min ... .max, using: &random) >> Int.random(in: 0...63, using: &random))
    }

    private mutating func string(_ halves: Int, into text: inout String) {
        text += "\""
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let isHalf = Int.random(in: 0..<100, using: &random) < halves
            text += pick(isHalf ? Self.loneSurrogates : Self.pieces)
        }
        text += "\""
    }

    private mutating func pick<T>(_ choices: [T]) -> T {
        choices[Int.random(in: choices.indices, using: &random)]
    }
}
