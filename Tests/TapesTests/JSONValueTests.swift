import Dialects
import Testing

@Suite("A JSON value")
struct JSONValueTests {
    @Test(
        "is written as it was read",
        arguments: [
            #"null"#, #"true"#, #"[]"#, #"{}"#, #""""#, #"0"#, #"-0"#, #"1.50"#, #"1E+2"#, #"-12.5e-007"#,
            #"{"b":1,"a":[true,false,null,{"":""}]}"#, #""\"\\\b\f\n\r\t\u0000\u001f\u007f""#, #""café ✓ 😀""#,
            #"123456789012345678901234567890"#, #"[[[[1]],2],3]"#,
        ]
    )
    func isWrittenAsItWasRead(_ text: String) throws {
        #expect(try JSONValue(parsing: text).jsonText == text)
    }

    @Test("is written as it was read where its strings are long", arguments: [2047, 2048, 2049, 5000])
    func longStrings(_ length: Int) throws {
        let texts = ["x", "\"", "\u{1}", "é"].map { String(repeating: $0, count: length) }
        for text in texts { #expect(try JSONValue(parsing: JSONValue.string(text).jsonText).string == text) }
    }

    @Test(
        "undoes escapes",
        arguments: [
            (#""\u0041\/\u00e9""#, "A/é"), (#""\ud83d\ude00""#, "😀"), (#""\uD83D\uDE00!""#, "😀!"),
            (#""\u2028""#, "\u{2028}"), (#""a\u0000b""#, "a\0b"),
        ]
    )
    func undoesEscapes(_ text: String, _ expected: String) throws {
        #expect(try JSONValue(parsing: text).string == expected)
    }

    @Test(
        "refuses what isn't JSON",
        arguments: [
            "", " ", "nul", "nulll", "True", "+1", "01", "-", "-01", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity",
            "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}",
            "{'a':1}", "{\"a\" 1}", "{1:1}", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"",
            "\"\u{1}\"", "1 1", "[] {}", "// c\n1", "\u{FEFF}1", "\u{A0}1", "'a'", "[1}", "{\"a\":1]", "--1", "1.2.3",
            "1e1e1", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83dx\"", "\"\\ud83d\\u0041\"", "tru", "fals", "[tru]",
        ]
    )
    func refusesWhatIsNotJSON(_ text: String) {
        #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: text) }
    }

    @Test(
        "refuses what isn't UTF-8",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC3], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x82],
        ] as [[UInt8]]
    )
    func refusesWhatIsNotUTF8(_ bytes: [UInt8]) {
        for tail in [Array("\"".utf8), Array("\\n\"".utf8)] {
            #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: [UInt8(ascii: "\"")] + bytes + tail) }
        }
        #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: bytes) }
    }

    @Test("never traps on a text that is cut or has a byte changed")
    func neverTraps() {
        let text = Array(#"{"a":[1.5e-3,"x\u00e9\ud83d\ude00 é😀",{"b":null}],"c":true}"#.utf8)
        for cut in text.indices {
            #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: Array(text[..<cut])) }
            for byte in [0x00, 0x22, 0x2C, 0x5C, 0x7B, 0x80, 0xC3, 0xFF] as [UInt8] {
                var broken = text
                broken[cut] = byte
                _ = try? JSONValue(parsing: broken)
            }
        }
    }

    @Test("knows the line of each value and of each name")
    func knowsLines() throws {
        let value = try JSONValue(parsing: "{\n \"a\": 1,\r\n\n \"b\":\n  [2,\n 3]}")
        #expect(value.line == 1)
        #expect(value.members?.map(\.line) == [2, 4])
        #expect(value["b"]?.line == 5)
        #expect(value["b"]?[1]?.line == 6)
    }

    @Test("says where it went wrong")
    func saysWhere() throws {
        let error = try #require(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: "{\n  \"a\": x}") }
        #expect(error.line == 2)
        #expect(error.column == 8)
        #expect(error.reason == .unexpectedByte)
        #expect(error.description == "line 2, column 8: this byte can't stand here")
    }

    @Test("is nested as deep as it may be and no deeper")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONValue(parsing: nested(64))
        let error = try #require(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: nested(65)) }
        #expect(error.reason == .tooDeep)
        #expect(throws: JSONValue.SyntaxError.self) {
            try JSONValue(parsing: nested(1_000_000), options: .init(maximumDepth: .max))
        }
        _ = try JSONValue(parsing: nested(512), options: .init(maximumDepth: .max))
    }

    @Test("has no name twice, unless that is asked for", arguments: [2, 15, 16, 17, 40])
    func duplicates(_ count: Int) throws {
        let names = (0..<count - 1).map { "\"n\($0)\":\($0)" } + ["\"n0\":\"again\""]
        let text = "{" + names.joined(separator: ",") + "}"
        let error = try #require(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: text) }
        #expect(error.reason == .duplicateMember)
        #expect(try JSONValue(parsing: text, options: .lenient)["n0"]?.string == "again")
    }

    @Test("tells names apart by their bytes, not by what they look like")
    func bytes() throws {
        let value = try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{E9}"]?.int == 1)
        #expect(value["e\u{301}"]?.int == 2)
        #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
    }

    @Test("gives half a character a stand-in where that is asked for")
    func loneSurrogates() throws {
        let text = #"["\ud83d","\ude00x","\ud83d\u0041","\ud83d\ud83d\ude00"]"#
        let value = try JSONValue(parsing: text, options: .lenient)
        #expect(value.array?.map(\.string) == ["\u{FFFD}", "\u{FFFD}x", "\u{FFFD}A", "\u{FFFD}😀"])
    }

    @Test("gives out only what it is")
    func accessors() throws {
        let value = try JSONValue(parsing: #"{"s":"x","i":-7,"f":1.0,"b":false,"n":null,"big":1e400,"a":[1]}"#)
        #expect(value["s"]?.string == "x")
        #expect(value["i"]?.int == -7)
        #expect(value["f"]?.int == nil)
        #expect(value["f"]?.double == 1)
        #expect(value["big"]?.double == nil)
        #expect(value["big"]?.numberText == "1e400")
        #expect(value["b"]?.bool == false)
        #expect(value["n"]?.isNull == true)
        #expect(value["a"]?[0]?.int == 1)
        #expect(value["a"]?[1] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["x"] == nil)
        #expect(value["s"]?["x"] == nil)
    }

    @Test(
        "is found by the pointers of RFC 6901, section 5",
        arguments: [
            ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"),
            ("/e^f", "3"), ("/g|h", "4"), ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
        ]
    )
    func pointers(_ pointer: String, _ expected: String) throws {
        let document = #"""
            {"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}
            """#
        let value = try JSONValue(parsing: document)
        #expect(value.value(at: pointer)?.jsonText == expected)
        #expect(JSONValue.Pointer(pointer)?.description == pointer)
        #expect(value.value(at: "") == value)
    }

    @Test(
        "is not found by what is no pointer",
        arguments: ["foo", "/foo/2", "/foo/-", "/foo/00", "/foo/+1", "/~2", "/~"]
    )
    func noPointers(_ pointer: String) throws {
        #expect(try JSONValue(parsing: #"{"foo":[1,2]}"#).value(at: pointer) == nil)
    }
}
