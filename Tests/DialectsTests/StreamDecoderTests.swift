import Dialects
import Testing

@Suite struct StreamDecoderTests {
    @Test("NDJSON is a frame a line, whatever ends it, wherever it is cut")
    func ndjson() {
        let body = Array("{\"a\":1}\r\n\n{\"b\":\"\\n\"}\n  \n{\"c\":3}".utf8)
        for index in body.indices {
            let result = decode(body, cutAt: index, .generic, framing: .ndjson)
            #expect(result.frames == [#"{"a":1}"#, #"{"b":"\n"}"#, #"{"c":3}"#])
            #expect(result.events == [.start(StreamStart()), .opaque, .opaque])
            #expect(result.end.state == .complete)
        }
        #expect(decode("{\"a\":1}\n{\"b\":", .generic, framing: .ndjson).frames == [#"{"a":1}"#])
    }

    @Test("An event's name is kept with its frame")
    func names() {
        #expect(decode("event: a\ndata: 1\ndata: 2\n\n", .generic).frames == ["a: 1\n2"])
    }

    @Test(
        "R6: what is longer than its limit ends the stream as an error, after what was complete",
        arguments: [
            (Dialect.Framing.serverSentEvents, "data: 1\n\ndata: 0123456789\n\n", 1),
            (.serverSentEvents, "data: 1\n\ndata: 01\ndata: 2345678\n\n", 1),
            (.ndjson, "1\n01234567890123456\n", 1), (.document, " 01234567890123456", 0),
        ]
    )
    func limits(framing: Dialect.Framing, body: String, frames: Int) {
        let limits = StreamDecoder.Limits(line: 15, frame: 9)
        for chunks in [[Array(body.utf8)], Array(body.utf8).singleBytes] {
            let result = decode(chunks, .generic, framing: framing, limits: limits)
            #expect(result.frames.count == frames)
            #expect(result.end.state == .error)
            #expect(result.end.error?.code == "frame_too_large")
            #expect(result.end.error?.message.contains("longer than") == true)
        }
    }

    @Test("R6: after a framing error nothing more is taken and nothing may be put in between")
    func broken() {
        var decoder = StreamDecoder(dialect: .openAIChat, limits: .init(line: 8, frame: 8))
        var buffer = EventBuffer()
        let bytes = Array("data: 0123456789".utf8)
        decoder.feed(bytes.span.bytes, into: &buffer)
        #expect(decoder.hasEnded)
        #expect(decoder.end?.state == .error)
        #expect(!decoder.isAtFrameBoundary)
        let more = Array("\n\ndata: 1\n\ndata: [DONE]\n\n".utf8)
        decoder.feed(more.span.bytes, into: &buffer)
        #expect(buffer.isEmpty)
        #expect(decoder.finish(into: &buffer).state == .error)
    }

    @Test("An end that was seen stands against a framing error behind it")
    func brokenAfterEnd() {
        let body = Array((done + "data: 01234567890123456789").utf8)
        let result = decode([body], .openAIChat, limits: .init(line: 15, frame: 15))
        #expect(result.end == StreamEnd(state: .complete, terminal: "[DONE]"))
    }

    @Test(
        "R10: a body that isn't framed as announced is read as what it is",
        arguments: [
            (Dialect.Framing.document, chunk(#"{"content":"a"}"#) + done),
            (.ndjson, ": ping\n\n" + chunk(#"{"content":"a"}"#) + done),
            (.document, "\n\nevent: x\n" + chunk(#"{"content":"a"}"#) + done),
            (.serverSentEvents, "\n\n{\"choices\":[{\"message\":{\"content\":\"a\"}}]}"),
        ]
    )
    func sniffed(framing: Dialect.Framing, body: String) {
        for chunks in [[Array(body.utf8)], Array(body.utf8).singleBytes] {
            let result = decode(chunks, framing: framing)
            #expect(result.fold.text == "a")
            #expect(result.end.state == .complete)
        }
    }

    @Test("The boundary between frames is known in every framing")
    func boundary() {
        func isAtBoundary(_ body: String, _ framing: Dialect.Framing) -> Bool {
            var decoder = StreamDecoder(dialect: .generic, framing: framing)
            var buffer = EventBuffer()
            let bytes = Array(body.utf8)
            decoder.feed(bytes.span.bytes, into: &buffer)
            return decoder.isAtFrameBoundary
        }
        for framing in [Dialect.Framing.serverSentEvents, .ndjson, .document] { #expect(isAtBoundary("", framing)) }
        #expect(isAtBoundary("data: 1\n\n", .serverSentEvents))
        #expect(!isAtBoundary("data: 1\n", .serverSentEvents))
        #expect(isAtBoundary("{}\n", .ndjson))
        #expect(!isAtBoundary("{}", .ndjson))
        #expect(!isAtBoundary("{}", .document))
        #expect(isAtBoundary(done + done, .serverSentEvents))
    }

    @Test("Finishing twice says the same, and nothing is taken in between")
    func finishedTwice() {
        var decoder = StreamDecoder(dialect: .openAIChat)
        var buffer = EventBuffer()
        #expect(decoder.end == nil)
        let end = decoder.finish(into: &buffer)
        let bytes = Array(done.utf8)
        decoder.feed(bytes.span.bytes, into: &buffer)
        #expect(decoder.finish(into: &buffer) == end)
        #expect(decoder.end == end)
        #expect(buffer.isEmpty)
    }

    @Test("The end is known as soon as the terminal frame is whole")
    func endAtOnce() {
        var decoder = StreamDecoder(dialect: .openAIChat)
        var buffer = EventBuffer()
        for byte in done.utf8.dropLast() {
            let bytes = [byte]
            decoder.feed(bytes.span.bytes, into: &buffer)
            #expect(decoder.end == nil)
        }
        let last = [UInt8(ascii: "\n")]
        decoder.feed(last.span.bytes, into: &buffer)
        #expect(decoder.end == StreamEnd(state: .complete, terminal: "[DONE]"))
        #expect(decoder.hasStarted)
    }
}
