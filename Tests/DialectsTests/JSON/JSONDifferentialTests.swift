import Dialects
import Testing

/// The scanner against Foundation's reader: whether a document is one, and what is in it.
@Suite struct JSONDifferentialTests {
    /// Compares one document.
    ///
    /// - Returns: the differences on purpose that it showed.
    private func compare(_ bytes: [UInt8], _ comment: @autoclosure () -> String) throws -> Set<JSONDifference> {
        let scanned = JSONTree.scanned(bytes)
        let reference = JSONTree.foundation(bytes)
        var text: String { "\(comment()): \(String(decoding: bytes, as: UTF8.self).debugDescription)" }
        // The package's other reader has to be of one mind with the scanner; it refuses what isn't UTF-8.
        let options = JSONValue.Options(duplicateMembers: .keep, loneSurrogates: .replace)
        let isValue = (try? JSONValue(parsing: JSONDifference.repaired(bytes).bytes, options: options)) != nil
        try #require((scanned != nil) == isValue, "\(text)")
        try #require(isWalkedToItsEnd(bytes) == isValue || JSONDifference.refusal(bytes) == .tooDeep, "\(text)")
        switch (scanned, reference) {
        case (nil, nil): return []
        case (let scanned?, let reference?):
            try #require(scanned.agrees(with: reference), "\(text): \(scanned), not \(reference)")
            return []
        case (let scanned?, nil):
            let (repaired, differences) = JSONDifference.repaired(bytes)
            let reference = try #require(JSONTree.foundation(repaired), "\(text): taken")
            try #require(scanned.agrees(with: reference), "\(text): \(scanned), not \(reference)")
            return differences
        case (nil, _?):
            return [try #require(JSONDifference.refusal(bytes), "\(text): refused")]
        }
    }

    @Test(
        "Documents made at random are read as Foundation reads them, damaged or not",
        arguments: 0..<4 as Range<UInt64>
    )
    func random(seed: UInt64) throws {
        var json = RandomJSON(random: SeededRandom(seed: seed))
        var valid = 0
        var seen: [JSONDifference: Int] = [:]
        let count = 10_000
        for round in 0..<count {
            let document = json.document(halves: round % 4 == 0 ? 10 : 0)
            let bytes = round % 3 == 0 ? document : json.damaged(document)
            for difference in try compare(bytes, "seed \(seed), round \(round)") { seen[difference, default: 0] += 1 }
            if JSONTree.scanned(bytes) != nil { valid += 1 }
            // What wasn't damaged is JSON, or the generator is at fault.
            if round % 3 == 0 { try #require(JSONTree.scanned(bytes) != nil) }
        }
        let differences = seen.map { "\($0.key): \($0.value)" }.sorted().joined(separator: ", ")
        print("seed \(seed): \(count) documents, \(valid) valid; on purpose \(differences)")
        #expect(valid > count / 3 && valid < count * 9 / 10)
    }

    @Test("Nesting is taken up to 64 levels deep, by every reader the same")
    func depth() throws {
        var json = RandomJSON(random: SeededRandom(seed: 64))
        for depth in 1...80 {
            let differences = try compare(json.tower(depth: depth), "depth \(depth)")
            #expect(differences == (depth > 64 ? [.tooDeep] : []))
        }
    }

    @Test(
        "What RFC 8259 allows is a document, what Foundation refuses of it aside",
        arguments: [
            ("0", []), ("-0", []), (" \t\r\n1\n", []), ("-9223372036854775808", []), ("18446744073709551616", []),
            ("1E-2", []), ("1e+2", []), ("0e0", []), ("1e999", []), ("-0.0e-0", []),
            ("{}", []), ("[]", []), (#""""#, []), ("[[],{}]", []), (#"{"":[]}"#, []), (#"{"a":1,"a":2}"#, []),
            ("\"\u{7F}\u{80}\u{2028}\u{10FFFF}\"", []), (#""\u0000\uffff\uD834\uDD1E""#, []), (#""\/\\\"""#, []),
            (#""\ud834""#, [.loneSurrogate]), (#""\udd1e\ud834""#, [.loneSurrogate]),
            (#"{"\ud834\u0041":"\ud834\\udd1e"}"#, [.loneSurrogate]),
        ] as [(String, Set<JSONDifference>)]
    )
    func allowed(text: String, differences: Set<JSONDifference>) throws {
        #expect(JSONTree.scanned(Array(text.utf8)) != nil)
        #expect(try compare(Array(text.utf8), "listed") == differences)
    }

    @Test(
        "What RFC 8259 forbids is no document, whatever Foundation takes of it",
        arguments: [
            ("", []), (" ", []), ("01", []), ("-01", []), ("00", []), ("1.", []), ("-", []), ("+1", []), (".5", []),
            ("-.5", []), ("1e", []), ("1e+", []), ("1.e1", []), ("1e1.5", []), ("1e1e1", []), ("1-", []), ("1-2", []),
            ("--1", []), ("0x1", []), ("1_000", []), ("NaN", []), ("-Infinity", []), ("[-]", []), ("[1.]", []),
            ("{\"a\":01}", []), ("[+1]", []), ("1 2", []), ("[1]]", []), ("[1}", []), ("{\"a\":1]", []), ("[1 2]", []),
            ("[,1]", []), ("[1,,2]", []), ("{,}", []), ("{\"a\"}", []), ("{\"a\":}", []),
            ("{a:1}", []),
            ("{1:2}", []), ("{'a':1}", []), ("'a'", []), ("[1,/**/2]", []), ("1//", []), ("True", []), ("nul", []),
            ("nullx", []), ("[1\u{A0}]", []), ("[1\u{C}]", []), ("\"\t\"", []), ("\"\n\"", []), ("\"a\u{0}\"", []),
            ("{\"a\u{1F}\":1}", []), (#""\x41""#, []), (#""\u12""#, []), (#""\u12G4""#, []), (#""\U0041""#, []),
            (#""\'""#, []), ("\"\\\t\"", []), ("\"\\\u{0}\"", []), ("\"a", []), (#""\""#, []), (#""\ud834\u""#, []),
            ("[1,]", [.trailingComma]), ("{\"a\":1,}", [.trailingComma]), ("[[1 , ] ]", [.trailingComma]),
            (#"{"a":1,"a":01}"#, [.unreadDuplicate]),
            ("\u{FEFF}1", [.otherEncoding]), ("1\u{0}", [.otherEncoding]),
        ] as [(String, Set<JSONDifference>)]
    )
    func forbidden(text: String, differences: Set<JSONDifference>) throws {
        #expect(JSONTree.scanned(Array(text.utf8)) == nil)
        #expect(try compare(Array(text.utf8), "listed") == differences)
    }

    @Test(
        "What isn't UTF-8 becomes U+FFFD within a string, and is no JSON outside",
        arguments: [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x8C], [0xF5, 0x80, 0x80, 0x80],
            [0x80, 0xC3],
            [0xE2, 0x82, 0x5C, 0x6E],
        ] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) throws {
        #expect(try compare([0x22] + bytes + [0x22], "in a string") == [.notUTF8])
        #expect(try compare([0x7B, 0x22] + bytes + [0x22, 0x3A, 0x31, 0x7D], "in a name") == [.notUTF8])
        #expect(try compare([0x5B] + bytes + [0x5D], "outside") == [])
        #expect(JSONTree.scanned([0x5B] + bytes + [0x5D]) == nil)
    }

    @Test("A control character in a string is found wherever in a word it stands")
    func controlCharacters() throws {
        for length in 0...40 {
            for position in 0..<length {
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: length + 2)
                text[0] = UInt8(ascii: "\"")
                text[length + 1] = UInt8(ascii: "\"")
                #expect(JSONTree.scanned(text) != nil)
                for byte in [0x00, 0x1F, 0x20, 0x21, 0x23, 0x7F, 0x80, 0x82, 0xA0, 0xA2, 0xFF] as [UInt8] {
                    text[position + 1] = byte
                    try #require(
                        (JSONTree.scanned(text) != nil) == (byte >= 0x20),
                        "\(byte) at \(position) of \(length)"
                    )
                }
            }
        }
    }
}
