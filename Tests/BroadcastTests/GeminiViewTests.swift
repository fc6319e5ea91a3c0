import Dialects
import NIOCore
import TestSupport
import Testing

@testable import Broadcast

/// A Gemini stream as OpenAI's clients get it.
@Suite struct GeminiViewTests {
    private static let frames = [
        #"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}],"usageMetadata":{"promptTokenCount":3}}"#,
        #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"modelVersion":"m"}"#,
        #"{"candidates":[{"content":{"parts":[{"functionCall":{"id":"c","name":"f","args":{"x": 1}}}]},"finishReason":"STOP","#
            + #""groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"t"}}]}}],"#
            + #""usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"thoughtsTokenCount":1,"totalTokenCount":6}}"#,
    ]

    /// What a client gets of a body that the dialect has read.
    private func chunks(_ body: String, _ framing: Dialect.Framing) throws -> [String] {
        var decoder = StreamDecoder(dialect: .gemini, framing: framing)
        var events = EventBuffer()
        let bytes = Array(body.utf8)
        decoder.feed(bytes.span.bytes, into: &events)
        events.append(.end(decoder.finish(into: &events)))
        let fold = MessageFold(events.events)
        let id = try #require(StreamID(String(repeating: "0", count: 35) + "1"))
        let summary = StreamSummary(finish: fold.finishReason, usage: fold.usage)
        var list = SegmentList()
        list.append(EventBatch(info: makeInfo(id), content: events, offset: 0, summary: summary))
        let format = ViewFormat(view: .openai, transport: .plainEventStream, includesUsage: true)
        let piece = EventRenderer(format: format).render(list, from: 1, atMost: .max, epoch: id)
        return ServerSentEvent.parse(Array(piece.bytes.readableBytesView)).map(\.data)
    }

    @Test("One finish behind all deltas, calls, reasoning, sources, counts and one [DONE], in both framings")
    func openAI() throws {
        let bodies: [(String, Dialect.Framing)] = [
            (Self.frames.map { "data: \($0)\r\n\r\n" }.joined(), .serverSentEvents),
            ("[" + Self.frames.joined(separator: "\r\n,\r\n") + "]", .document),
        ]
        for (body, framing) in bodies {
            let chunks = try chunks(body, framing)
            #expect(chunks.last == "[DONE]")
            let values = try chunks.dropLast().map { try JSONValue(parsing: $0) }
            let deltas = values.map { $0.value(at: "/choices/0/delta")?.jsonText }
            #expect(
                deltas == [
                    #"{"role":"assistant","content":""}"#, #"{"reasoning_content":"hm"}"#, #"{"content":"a"}"#,
                    #"{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#,
                    #"{"annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t"}}]}"#, "{}", nil,
                ]
            )
            let reasons = values.map { $0.value(at: "/choices/0/finish_reason")?.string }
            #expect(reasons == [nil, nil, nil, nil, nil, "tool_calls", nil])
            #expect(
                values.last?["usage"]?.jsonText
                    == #"{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6,"#
                    + #""completion_tokens_details":{"reasoning_tokens":1}}"#
            )
        }
    }

    @Test("R11: a stream that broke off has an error and no finish")
    func brokenOff() throws {
        let chunks = try chunks("data: \(Self.frames[0])\r\n\r\n", .serverSentEvents)
        #expect(chunks.last?.contains("stream_truncated") == true)
        #expect(!chunks.contains { $0.contains(#""finish_reason":""#) })
        let error = #"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#
        let failed = try self.chunks("data: \(Self.frames[1])\r\n\r\ndata: \(error)\r\n\r\n", .serverSentEvents)
        #expect(failed.last == #"{"error":{"message":"m","type":"RESOURCE_EXHAUSTED","param":null,"code":"429"}}"#)
        #expect(!failed.contains { $0.contains(#""finish_reason":""#) })
    }
}
