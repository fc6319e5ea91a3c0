import Dialects
import Testing

/// What `Fuzzing/run` found, each with what it broke.
@Suite struct FuzzedInputTests {
    @Test("An element that is too long is that before it is malformed, however the array is cut")
    func longMalformedScalar() {
        let body = Array(("[n" + String(repeating: "9", count: 100) + "[_\"").utf8)
        let limits = StreamDecoder.Limits(line: 96, frame: 64)
        let whole = decode([body], .generic, framing: .jsonArray, limits: limits)
        #expect(whole.end.error?.code == "frame_too_large")
        #expect(decode(body.singleBytes, .generic, framing: .jsonArray, limits: limits) == whole)
        let short = decode("[n9[_\"", .generic, framing: .jsonArray)
        #expect(short.frames == ["n9"])
        #expect(short.end.error?.code == "malformed_array")
    }

    @Test(
        "Lines that are announced as a document are that even where all of them come at once",
        arguments: [0, 60, 200]
    )
    func linesBeyondTheLimitOfADocument(spaces: Int) {
        let blank = String(repeating: " ", count: spaces)
        let body = Array(("{}\n" + blank + "{\"a\":\"" + String(repeating: "x", count: 70) + "\"}\n{}\n").utf8)
        let limits = StreamDecoder.Limits(line: 300, frame: 64)
        let whole = decode([body], .generic, framing: .document, limits: limits)
        #expect(whole.frames.count == (spaces < 62 ? 3 : 0))
        #expect(whole.end.error?.code == (spaces < 62 ? nil : "frame_too_large"))
        #expect(decode(body.singleBytes, .generic, framing: .document, limits: limits) == whole)
        for index in body.indices {
            var decoder = StreamDecoder(dialect: .generic, framing: .document, limits: limits)
            var buffer = EventBuffer()
            decoder.feed(body.span.bytes.extracting(0..<index), into: &buffer)
            decoder.feed(body.span.bytes.extracting(index..<body.count), into: &buffer)
            #expect(decoder.finish(into: &buffer) == whole.end)
            #expect(buffer.events == whole.events)
        }
    }
}

/// Small streams that would fill memory.
@Suite struct AmplificationTests {
    @Test("Counts that come in many pieces don't add up to much more than the stream itself", arguments: [1, 50])
    func usage(restarts: Int) {
        let names = (0..<100).map { "\"member_\(String(repeating: "x", count: 120))\($0)\":1" }.joined(separator: ",")
        var body = ""
        for restart in 0..<restarts {
            let start = #"{"type":"message_start","message":{"id":"\#(restart)","usage":{\#(names)}}}"#
            body += "event: message_start\ndata: \(start)\n\n"
            for count in 0..<5000 / restarts {
                let piece = #"{"type":"message_delta","delta":{},"usage":{"output_tokens":\#(count)}}"#
                body += "event: message_delta\ndata: \(piece)\n\n"
            }
        }
        let result = decode(body, .anthropicMessages)
        let size = result.events.reduce(0) { sum, event in
            if case .usage(let usage) = event { sum + usage.raw.utf8.count } else { sum }
        }
        #expect(size < (17 << 20) + 2 * body.utf8.count)
        #expect(result.fold.usage?.output == 5000 / restarts - 1)
    }
}
