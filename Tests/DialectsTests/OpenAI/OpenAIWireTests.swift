import Dialects
import Testing

/// What servers and networks do to the bytes of a chat, which must not change what it says.
@Suite struct OpenAIWireTests {
    private static let stream =
        chunk(#"{"role":"assistant","content":""}"#) + chunk(#"{"content":"né 🌊"}"#)
        + chunk(#"{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":"{\"é\":1}"}}]}"#)
        + chunk("{}", finish: #""tool_calls""#)
        + #"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"# + "\n\n" + done

    @Test("R1: a character that is cut between two reads is neither lost nor replaced")
    func characters() throws {
        let body = Array(Self.stream.utf8)
        let whole = decode([body])
        #expect(whole.fold.text == "né 🌊")
        #expect(whole.fold.toolCalls.first?.arguments == #"{"é":1}"#)
        for index in body.indices where body[index] & 0xC0 == 0x80 {
            try #require(decode(body, cutAt: index, .openAIChat) == whole)
        }
        // What isn't UTF-8 at all becomes a replacement character, and the frame stays as it came.
        let head = Array(#"data: {"choices":[{"delta":{"content":"a"#.utf8)
        let broken = decode([head + [0xFF] + Array("\"}}]}\n\n".utf8)])
        #expect(broken.fold.text == "a\u{FFFD}")
    }

    @Test("R3: the space behind the colon may be missing")
    func noSpace() {
        #expect(decode(Self.stream.replacing("data: ", with: "data:")) == decode(Self.stream))
    }

    @Test("R4: lines end as they like, the same or mixed, cut or not")
    func lineEnds() throws {
        let whole = decode(Self.stream)
        var mixed = ""
        for (number, frame) in Self.stream.split(separator: "\n\n").enumerated() {
            mixed += frame + ["\r\n\r\n", "\r\r", "\n\r\n", "\n\n"][number % 4]
        }
        for stream in ["\r\n", "\r"].map({ Self.stream.replacing("\n", with: $0) }) + [mixed] {
            let body = Array(stream.utf8)
            #expect(decode(body.singleBytes) == whole)
            for index in body.indices { try #require(decode(body, cutAt: index, .openAIChat) == whole) }
        }
    }

    @Test(
        "R13: the end is known with its frame, not with the body's end",
        arguments: [done, "data: {\"error\":\"m\"}\n\n"]
    )
    func endAtOnce(last: String) {
        var decoder = StreamDecoder(dialect: .openAIChat)
        var events = EventBuffer()
        let head = Array(chunk(#"{"content":"a"}"#, finish: #""stop""#).utf8)
        decoder.feed(head.span.bytes, into: &events)
        #expect(decoder.end == nil)
        let tail = Array(last.utf8)
        decoder.feed(tail.span.bytes, into: &events)
        #expect(decoder.end != nil)
        #expect(decoder.finish(into: &events) == decoder.end)
    }

    @Test("R18: usage stands, whatever follows it: a chunk without choices, one with, null or none", arguments: 0..<3)
    func usageStays(place: Int) {
        let usage = #"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"# + "\n\n"
        let others = [
            #"data: {"choices":[]}"# + "\n\n", chunk(#"{"content":"a"}"#),
            #"data: {"choices":[],"usage":null,"x_groq":{"usage":null}}"# + "\n\n",
        ]
        let stream = others[..<place].joined() + usage + others[place...].joined()
        #expect(decode(stream + done).fold.usage?.output == 2)
    }
}
