import Dialects
import Testing

/// What is asked of values that the scanner found, whatever they are.
@Suite struct JSONSliceTests {
    private static let text = #"""
        {"null":null,"bool":true,"number":12,"fraction":1.5,"huge":123456789012345678901234567890,"minus":-0,
         "string":"a","empty":"","escaped":"\u0061\ud83c","object":{"a":1,"b":{"a":[]},"\u0061":2},"array":[1,"a",{}],
         "sub":{},"\"":"quote","é":"e","\u212A":"Kelvin"}
        """#

    /// Every value of a document with its path, the document itself first.
    private func slices(_ bytes: RawSpan) -> [(String, JSONSlice)] {
        var scanner = JSONScanner(bytes)
        guard let whole = scanner.nextValue(in: bytes) else { return [] }
        var found = [("", whole)]
        var next = 0
        while next < found.count {
            let (path, slice) = found[next]
            next += 1
            var scanner = JSONScanner(bytes, slice)
            if scanner.enterObject(in: bytes) {
                while let key = scanner.nextKey(in: bytes), let value = scanner.nextValue(in: bytes) {
                    found.append(("\(path)/\(key.string(in: bytes) ?? "")", value))
                }
            } else if scanner.enterArray(in: bytes) {
                while scanner.nextElement(in: bytes), let value = scanner.nextValue(in: bytes) {
                    found.append(("\(path)/", value))
                }
            }
        }
        return found
    }

    /// Asks everything of a slice; what is found lies within the bytes.
    private func ask(_ slice: JSONSlice, _ bytes: RawSpan) {
        _ = slice.integer(in: bytes)
        _ = slice.string(in: bytes)
        _ = slice.nonEmptyString(in: bytes)
        _ = slice.raw(in: bytes)
        _ = slice.equals("a", in: bytes)
        let member = slice.member("a", in: bytes)
        #expect(member.range.upperBound <= bytes.byteCount)
        _ = member.raw(in: bytes)
        var scanner = JSONScanner(bytes, slice)
        _ = scanner.nextValue(in: bytes)
        #expect(scanner.index <= bytes.byteCount)
    }

    @Test("A value answers what it is asked, and nil or nothing to what it isn't")
    func answers() {
        let bytes = Array(Self.text.utf8)
        let span = bytes.span.bytes
        var values: [String: JSONSlice] = [:]
        for (path, slice) in slices(span) { values[path] = slice }
        func value(_ path: String) -> JSONSlice { values["/\(path)"] ?? .absent }

        for (path, kind) in [
            ("null", .null), ("bool", .bool), ("number", .number), ("string", .string), ("escaped", .escapedString),
            ("object", .object), ("array", .array), ("none", .absent),
        ] as [(String, JSONSlice.Kind)] {
            #expect(value(path).kind == kind)
            #expect(value(path).isPresent == (kind != .null && kind != .absent))
            #expect(value(path).isString == (kind == .string || kind == .escapedString))
            #expect((value(path).string(in: span) != nil) == value(path).isString)
            #expect((value(path).integer(in: span) != nil) == (kind == .number))
            #expect(kind == .object || value(path).member("a", in: span) == .absent)
        }
        #expect(value("huge").integer(in: span) == nil)
        #expect(value("huge").raw(in: span) == "123456789012345678901234567890")
        #expect(value("fraction").integer(in: span) == nil)
        #expect(value("minus").integer(in: span) == 0)
        #expect(value("empty").string(in: span) == "")
        #expect(value("empty").nonEmptyString(in: span) == nil)
        #expect(value("escaped").nonEmptyString(in: span) == "a\u{FFFD}")
        #expect(value("escaped").raw(in: span) == #""\u0061\ud83c""#)
        #expect(value("none").raw(in: span) == "")
        #expect(value("none").nonEmptyString(in: span) == nil)
    }

    @Test("A member is found by its name, however that is written, and the last one counts")
    func members() {
        let bytes = Array(Self.text.utf8)
        let span = bytes.span.bytes
        var scanner = JSONScanner(span)
        let whole = scanner.nextValue(in: span) ?? .absent
        #expect(whole.member("object", in: span).member("a", in: span).integer(in: span) == 2)
        #expect(whole.member("object", in: span).member("b", in: span).member("a", in: span).kind == .array)
        #expect(whole.member("\"", in: span).string(in: span) == "quote")
        #expect(whole.member("é", in: span).string(in: span) == "e")
        #expect(whole.member("sub", in: span).member("a", in: span) == .absent)
        // The sign of the kelvin is canonically equivalent to the letter, and yet another name.
        for name in ["", "nul", "nullx", "a", "K"] as [StaticString] {
            #expect(whole.member(name, in: span) == .absent)
        }
    }

    @Test("A value that is read from other bytes than its own is nothing, and never a trap")
    func otherBytes() {
        let bytes = Array(Self.text.utf8)
        let slices = slices(bytes.span.bytes)
        #expect(slices.count == 23)
        let others =
            (0...bytes.count).map { Array(bytes.prefix($0)) }
            + [0x22, 0x5C, 0x7B, 0x5B, 0x30, 0xFF].map { [UInt8](repeating: $0, count: bytes.count) }
            + (1...8).map { Array(bytes.dropFirst($0)) + [UInt8](repeating: 0x75, count: $0) }
        for other in others {
            for (_, slice) in slices { ask(slice, other.span.bytes) }
        }
    }

    @Test("Values of damaged documents answer, as far as they were found", arguments: 0..<2 as Range<UInt64>)
    func damaged(seed: UInt64) {
        var json = RandomJSON(random: SeededRandom(seed: seed))
        for _ in 0..<2000 {
            let bytes = json.damaged(json.document(halves: 5))
            for (_, slice) in slices(bytes.span.bytes) { ask(slice, bytes.span.bytes) }
        }
    }
}
