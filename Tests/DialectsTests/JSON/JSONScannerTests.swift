import Dialects
import Testing

@Suite struct JSONScannerTests {
    private func isValue(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var scanner = JSONScanner(bytes.span.bytes)
        return scanner.nextValue(in: bytes.span.bytes) != nil && scanner.isAtEnd(in: bytes.span.bytes)
    }

    /// Reads the value that a text begins with.
    private func read<R>(_ bytes: [UInt8], _ body: (JSONSlice, RawSpan) -> R?) -> R? {
        let span = bytes.span.bytes
        var scanner = JSONScanner(span)
        guard let value = scanner.nextValue(in: span) else { return nil }
        return body(value, span)
    }

    @Test(
        "Values of all kinds are passed over",
        arguments: [
            "{}", "[]", "null", "true", "false", "0", "-1.5e+3", #""""#, #""a\"b""#, "[1,[2,{}],{\"a\":[]}]",
            " \t\r\n1 ",
            #"{"a":{"b":[1,2,{"c":null}]},"d":"}"}"#, #""\u00e9\\""#, "[ ]", "{ }", "[[[[]]]]",
            #"{ "a" : 1 , "b" : 2 }"#,
        ]
    )
    func values(text: String) {
        #expect(isValue(text))
        // Every beginning of it that isn't a number's is malformed.
        for count in 0..<text.utf8.count where !"0-1.5e+3 \t\r\n1 ".contains(text) {
            let head = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            #expect(!isValue(head))
        }
    }

    @Test(
        "Malformed text is told, and never traps",
        arguments: [
            "", " ", "{", "}", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}",
            "{1:2}", "{a:1}",
            "[}", "{]", "[1}", "{\"a\":1]", "nul", "tru", "nulll", "'a'", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"",
            "\"\\u12G4\"", "-",
            "e", "1 2", "{} {}", "\u{0}",
        ]
    )
    func malformed(text: String) {
        #expect(!isValue(text))
    }

    @Test("A value is passed over up to 64 levels deep, and no deeper")
    func depth() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = { (depth: Int) in
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            }
            #expect(isValue(nested(64)))
            #expect(!isValue(nested(65)))
        }
        #expect(!isValue(String(repeating: "[", count: 1_000_000)))
    }

    @Test("Members and elements are walked, nested ones with the same scanner")
    func walk() {
        let bytes = Array(#" {"a":[1, 2,[]],"b":{"c":"x"}, "d":{}} "#.utf8)
        let span = bytes.span.bytes
        var scanner = JSONScanner(span)
        var seen: [String] = []
        let isObject = scanner.enterObject(in: span)
        #expect(isObject)
        while let key = scanner.nextKey(in: span) {
            if key.equals("a", in: span), scanner.enterArray(in: span) {
                while scanner.nextElement(in: span), let value = scanner.nextValue(in: span) {
                    seen.append(value.raw(in: span))
                }
            } else if scanner.enterObject(in: span) {
                while let inner = scanner.nextKey(in: span), let value = scanner.nextValue(in: span) {
                    seen.append((inner.string(in: span) ?? "") + (value.string(in: span) ?? ""))
                }
            }
        }
        #expect(seen == ["1", "2", "[]", "cx"])
        let isAtEnd = scanner.isAtEnd(in: span)
        #expect(isAtEnd)
    }

    @Test(
        "Strings are unescaped, long and short",
        arguments: [
            (#""""#, ""), (#""a""#, "a"), (#""\b\f\n\r\t\/\\\"""#, "\u{8}\u{C}\n\r\t/\\\""),
            (#""\u0041\u00e9\u20ac""#, "Aé€"),
            (#""\ud83c\udf0d""#, "🌍"), (#""\ud83c""#, "\u{FFFD}"), (#""\udf0d""#, "\u{FFFD}"),
            (#""\ud83cx""#, "\u{FFFD}x"),
            (#""\ud83c\u0041""#, "\u{FFFD}A"), (#""\ud83c\ud83c\udf0d""#, "\u{FFFD}🌍"), (#""\uD83C\uDF0D""#, "🌍"),
            (#""0123456789\"0123456789\\""#, "0123456789\"0123456789\\"), (#""\u0000""#, "\u{0}"), ("\"é🌍\"", "é🌍"),
        ]
    )
    func strings(json: String, text: String) {
        let read = self.read(Array(json.utf8)) { $0.string(in: $1) }
        #expect(read == text)
    }

    @Test(
        "Whole numbers are read without a detour through fractions",
        arguments: [
            ("0", 0), ("-7", -7), ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e3", nil), ("1.0e0", nil), ("--1", nil),
            ("-0", 0), ("12.0", 12), ("-3.000", -3), ("0.0", 0), ("9223372036854775807.0", Int.max), ("1.5", nil),
            ("0.01", nil), ("9223372036854775808.0", nil),
            ("null", nil), ("\"1\"", nil),
        ] as [(String, Int?)]
    )
    func integers(json: String, number: Int?) {
        let read = self.read(Array(json.utf8)) { $0.integer(in: $1) }
        #expect(read == number)
    }

    @Test("What isn't UTF-8 becomes U+FFFD")
    func notUTF8() {
        let read = self.read([0x22, 0x61, 0xFF, 0x22]) { $0.string(in: $1) }
        #expect(read == "a\u{FFFD}")
    }

    @Test(
        "JSON strings are written with every escape that they need",
        arguments: [
            ("", #""""#), ("a", #""a""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
            ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""), ("é🌍\u{2028}", "\"é🌍\u{2028}\""),
            ("\nabc\n", #""\nabc\n""#),
        ]
    )
    func writing(text: String, json: String) {
        var bytes: [UInt8] = []
        bytes.appendJSON(string: text)
        #expect(String(decoding: bytes, as: UTF8.self) == json)
        let read = self.read(bytes) { $0.string(in: $1) }
        #expect(read == text)
    }

    @Test("Numbers, booleans and null are written")
    func scalars() {
        var bytes: [UInt8] = []
        bytes.appendJSON(integer: 0)
        bytes.appendJSON(integer: 42)
        bytes.appendJSON(integer: Int.min)
        bytes.appendJSON(integer: nil)
        bytes.appendJSON(string: nil)
        bytes.appendJSON(bool: true)
        #expect(String(decoding: bytes, as: UTF8.self) == "042-9223372036854775808nullnulltrue")
    }
}
