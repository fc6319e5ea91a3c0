import Dialects
import Testing

@Suite struct JSONArrayTests {
    private static let elements = [
        #"{"a":[1,{"b":"]},{"}],"c":"\\\"]"}"#, "[]", #""x,\"]\\""#, "-1.5e3", "true", "null", "{}", #"[["["]]"#,
    ]

    @Test("Each element of an array is a frame, wherever it is cut", arguments: [",", "\r\n,\r\n", " ,\n  "])
    func elements(separator: String) {
        for (open, close) in [("[", "]"), ("\r\n[ \n", "\r\n]\r\n"), ("[", "\n")] {
            let body = Array((open + Self.elements.joined(separator: separator) + close).utf8)
            let whole = decode([body], .generic, framing: .jsonArray)
            #expect(whole.frames == Self.elements)
            #expect(whole.end == StreamEnd(state: .complete))
            #expect(decode(body.singleBytes, .generic, framing: .jsonArray) == whole)
            for index in body.indices {
                #expect(decode(body, cutAt: index, .generic, framing: .jsonArray) == whole)
            }
        }
    }

    @Test("An element is there with its last byte, before the comma behind it")
    func promptness() {
        var decoder = StreamDecoder(dialect: .gemini, framing: .document)
        var buffer = EventBuffer()
        let body = Array(#"[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#.utf8)
        let head = Array(body.dropLast())
        let tail = Array(body.suffix(1))
        decoder.feed(head.span.bytes, into: &buffer)
        #expect(buffer.frames.isEmpty)
        decoder.feed(tail.span.bytes, into: &buffer)
        #expect(buffer.frames.count == 1)
        #expect(buffer.events.count == 2)
    }

    @Test("Blank arrays and bodies have no frames", arguments: ["[]", " [ ]\n", "", "\r\n", "["])
    func blank(body: String) {
        let result = decode(body, .gemini, framing: .jsonArray)
        #expect(result.frames.isEmpty)
        #expect(result.end == StreamEnd(state: .truncated))
    }

    @Test(
        "R5: half an element at the end of the body is none",
        arguments: [#"{"b":"#, #""b"#, "12", "nul", #"{"b":1"#]
    )
    func half(tail: String) {
        #expect(decode(#"[{"a":1},"# + tail, .generic, framing: .jsonArray).frames == [#"{"a":1}"#])
    }

    @Test("What follows the array is ignored", arguments: ["x", ",{}", "]", "[{}]", "\u{0}"])
    func trailing(tail: String) {
        let result = decode("[{},{}]\(tail)", .generic, framing: .jsonArray)
        #expect(result.frames == ["{}", "{}"])
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test(
        "R5: what can't stand between elements ends the stream as an error, after what was whole",
        arguments: [
            ("[{} {}]", 1), ("[{}x,{}]", 1), ("[{},,{}]", 1), ("[,{}]", 0), ("[{},upstream failed", 1), ("{}", 0),
            ("[1 2]", 1), ("[1{}]", 1), ("[{},}{}]", 1), ("[{}:{}]", 1),
        ]
    )
    func garbage(body: String, count: Int) {
        for chunks in [[Array(body.utf8)], Array(body.utf8).singleBytes] {
            let result = decode(chunks, .generic, framing: .jsonArray)
            #expect(result.frames.count == count)
            #expect(result.end.state == .error)
            #expect(result.end.error?.code == "malformed_array")
            #expect(result.end.error?.type == "upstream_error")
        }
    }

    @Test("A comma before the array's end is let pass")
    func trailingComma() {
        let result = decode("[{},\n]", .generic, framing: .jsonArray)
        #expect(result.frames == ["{}"])
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test("R6: an element that is longer than the limit ends the stream as an error")
    func limit() {
        let limits = StreamDecoder.Limits(line: 4, frame: 9)
        for body in [#"[{"a":1},"12345678"]"#, #"[{"a":1},{"a":{"b":2"#, "[{\"a\":1},1234567890"] {
            for chunks in [[Array(body.utf8)], Array(body.utf8).singleBytes] {
                let result = decode(chunks, .generic, framing: .jsonArray, limits: limits)
                #expect(result.frames == [#"{"a":1}"#])
                #expect(result.end.error?.code == "frame_too_large")
                #expect(result.end.error?.message.contains("longer than 9") == true)
            }
        }
        // However much space there is between them.
        let wide = Array(
            ("[" + String(repeating: "\n", count: 100) + "{}" + String(repeating: " ", count: 100) + "]").utf8
        )
        #expect(decode([wide], .generic, framing: .jsonArray, limits: limits).frames == ["{}"])
    }

    @Test("R9: an element of ours may stand between elements, with a comma where one is needed")
    func boundaries() {
        var decoder = StreamDecoder(dialect: .gemini, framing: .document)
        var buffer = EventBuffer()
        let body = #"[{"a":"b"},3 ,{}]"#
        let places = body.utf8.map { byte -> String in
            let bytes = [byte]
            decoder.feed(bytes.span.bytes, into: &buffer)
            return decoder.isAtFrameBoundary ? decoder.needsComma ? "," : "+" : "-"
        }
        #expect(places.joined() == "+--------,+-,+-,-")
        #expect(decoder.framing == .jsonArray)
    }

    @Test("R10: an array is found by its first byte, whatever it is announced as", arguments: Dialect.Framing.allCases)
    func sniffed(announced: Dialect.Framing) {
        guard announced != .awsEventStream else { return }
        let body = #"[{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}]"#
        let result = decode("\n" + body, .gemini, framing: announced)
        #expect(result.fold.text == "a")
        #expect(result.end == StreamEnd(state: .complete))
        // Only the dialects that stream arrays read them so; to others they are documents.
        #expect(decode(body, .generic, framing: .document).frames == [body])
    }

    @Test("Growing elements are looked at once: a long one in many chunks costs no more than in one")
    func growth() {
        let text = String(repeating: "x{[\\\"", count: 100_000)
        let body = Array("[{\"a\":\"\(text)\"}]".utf8)
        let clock = ContinuousClock()
        let time = clock.measure {
            #expect(decode(body.singleBytes, .generic, framing: .jsonArray).frames.count == 1)
        }
        // Half a megabyte, byte by byte: were the element looked at again with each, it would take hours.
        #expect(time < .seconds(60))
    }

    @Test("Arrays with flipped bits are read somehow, the same however they are cut", arguments: 0..<8 as Range<UInt64>)
    func flipped(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let text =
            #"[{"candidates":[{"content":{"parts":[{"text":"é \ud83c\udf0d"}]}}]},"# + "\r\n"
            + #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true}}]}}]},"#
            + #"{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.a[0]['b']","#
            + #""stringValue":"x"}],"willContinue":true}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}}]"#
        for round in 0..<250 {
            var body = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                body[Int.random(in: body.indices, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            let framing: Dialect.Framing = round % 2 == 0 ? .jsonArray : .document
            let whole = decode([body], .gemini, framing: framing)
            let chunks = body.cut(upTo: 30, &random)
            try #require(decode(chunks, .gemini, framing: framing) == whole, "seed \(seed), round \(round)")
        }
    }
}
