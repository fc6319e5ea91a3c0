import TestSupport
import Testing
import Tokencast

@testable import Dialects

/// Every provider's streams when they break off: its own error where a frame ends, nothing where one doesn't.
@Suite("Broken streams of every dialect")
struct BrokenDialectTests {
    /// A stream that has come as far as a frame's end.
    struct Stream: Sendable, CustomTestStringConvertible {
        var dialect: Dialect
        var path: String
        var type = "text/event-stream"
        var framing = Dialect.Framing.serverSentEvents
        var body: [UInt8]

        var testDescription: String { "\(dialect.name) \(framing.rawValue)" }

        init(
            _ dialect: Dialect,
            _ path: String,
            _ body: [UInt8],
            type: String = "text/event-stream",
            _ framing: Dialect.Framing = .serverSentEvents
        ) {
            self.dialect = dialect
            self.path = path
            self.body = body
            self.type = type
            self.framing = framing
        }

        init(
            _ dialect: Dialect,
            _ path: String,
            _ text: String,
            type: String = "text/event-stream",
            _ framing: Dialect.Framing = .serverSentEvents
        ) {
            self.init(dialect, path, Array(text.utf8), type: type, framing)
        }
    }

    private static let amazon = "application/vnd.amazon.eventstream"
    private static let piece = #"{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}]}"#

    private static func message(_ type: String, _ json: String) -> [UInt8] {
        AWSEventStreamMessage.event(type, json: Array(json.utf8)).bytes ?? []
    }

    static let streams: [Stream] = [
        Stream(.openAIChat, "/v1/chat/completions", Chat.frame("a")),
        Stream(
            .openAICompletions,
            "/v1/completions",
            "data: {\"id\":\"c\",\"object\":\"text_completion\",\"choices\":[{\"text\":\"a\",\"index\":0}]}\n\n"
        ),
        Stream(
            .openAIResponses,
            "/v1/responses",
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"item_id\":\"i\","
                + "\"output_index\":0,\"content_index\":0,\"delta\":\"a\",\"sequence_number\":4}\n\n"
        ),
        Stream(
            .anthropicMessages,
            "/v1/messages",
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\","
                + "\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":1}}}\n\n"
        ),
        Stream(
            .anthropicComplete,
            "/v1/complete",
            "event: completion\ndata: {\"type\":\"completion\",\"completion\":\"a\",\"stop_reason\":null}\n\n"
        ),
        Stream(.gemini, "/v1beta/models/m:streamGenerateContent", "data: \(piece)\r\n\r\n"),
        Stream(
            .gemini,
            "/v1beta/models/m:streamGenerateContent",
            "[\(piece)\r\n,\r\n\(piece)",
            type: "application/json",
            .jsonArray
        ),
        Stream(
            .ollamaChat,
            "/api/chat",
            #"{"model":"m","message":{"role":"assistant","content":"a"},"done":false}"# + "\n",
            type: "application/x-ndjson",
            .ndjson
        ),
        Stream(
            .ollamaGenerate,
            "/api/generate",
            #"{"model":"m","response":"a","done":false}"# + "\n",
            type: "application/x-ndjson",
            .ndjson
        ),
        Stream(
            .cohereChat,
            "/v2/chat",
            "event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":"
                + "{\"content\":{\"text\":\"a\"}}}}\n\n"
        ),
        Stream(
            .cohereChatV1,
            "/v1/chat",
            #"{"is_finished":false,"event_type":"text-generation","text":"a"}"# + "\n",
            type: "application/stream+json",
            .ndjson
        ),
        Stream(.llamaCppCompletion, "/completion", "data: {\"content\":\"a\",\"stop\":false}\n\n"),
        Stream(
            .bedrockConverse,
            "/model/m/converse-stream",
            message("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"text":"a"},"p":"abc"}"#),
            type: amazon,
            .awsEventStream
        ),
        Stream(
            .bedrockInvoke,
            "/model/m/invoke-with-response-stream",
            message("chunk", #"{"bytes":"e30="}"#),
            type: amazon,
            .awsEventStream
        ),
    ]

    @Test func everyDialectIsHere() {
        #expect(Set(Self.streams.map(\.dialect.name)).union(["generic"]) == Set(Dialect.all.map(\.name)))
    }

    @Test("At a frame's end the caller gets the provider's own error, and a clean end", arguments: streams)
    func atABoundary(_ stream: Stream) async throws {
        let upstream = try Self.upstream(stream, stream.body)
        try await withServer(to: upstream) { server async throws in
            let response = try await fetch(.post(stream.path, #"{"stream":true}"#), port: server.port)
            #expect(response.status == 200)
            #expect(response.end == .complete)
            #expect(response.body.starts(with: stream.body))
            var decoder = StreamDecoder(dialect: stream.dialect, isCertain: true, framing: stream.framing)
            var events = EventBuffer()
            decoder.feed(response.body.span.bytes, into: &events)
            let end = decoder.finish(into: &events)
            #expect(end.state == .error)
            #expect(end.error?.message.hasPrefix("the upstream 'test' failed: ") == true)
            if stream.framing == .jsonArray {
                let elements = try JSONValue(parsing: response.body).array ?? []
                #expect(elements.map { $0["error"]?["code"]?.int } == [nil, nil, 502])
            }
        }
    }

    @Test("Within a frame the connection is reset", arguments: streams)
    func insideAFrame(_ stream: Stream) async throws {
        let body = Array((stream.body + stream.body).dropLast(5))
        let upstream = try Self.upstream(stream, body)
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(.post(stream.path, #"{"stream":true}"#))
            let response = try await connection.response()
            #expect(response.end == .reset)
            #expect(response.body == body)
        }
    }

    @Test("An error that the upstream told isn't told again", arguments: streams)
    func toldAlready(_ stream: Stream) async throws {
        var decoder = StreamDecoder(dialect: stream.dialect, isCertain: true, framing: stream.framing)
        var events = EventBuffer()
        decoder.feed(stream.body.span.bytes, into: &events)
        let frame = decoder.errorFrame(StreamError(message: "its own"), status: 500, in: stream.dialect.errors)
        var body = stream.body + (try #require(frame))
        // An array goes on.
        if stream.framing == .jsonArray { body.removeLast() }
        let upstream = try Self.upstream(stream, body)
        try await withServer(to: upstream) { server async throws in
            let response = try await fetch(.post(stream.path, #"{"stream":true}"#), port: server.port)
            #expect(response.end == .complete)
            #expect(response.body == body)
        }
    }

    @Test("Before a status the error is the answer, in the provider's shape", arguments: streams)
    func beforeTheStatus(_ stream: Stream) async throws {
        let gone = try RefusingPort()
        let configuration = Configuration.test {
            $0.upstreams = [.init(name: "test", source: .url(gone.url))]
            $0.routes = [.init(upstream: "test")]
        }
        try await withServer(configuration) { server async throws in
            let response = try await fetch(.post(stream.path, #"{"stream":true}"#), port: server.port)
            #expect(response.status == 502)
            #expect(response.value("content-type") == "application/json")
            let body = try json(response.text)
            let message = body["message"] ?? body["error"]?["message"] ?? body["error"]
            #expect(message?.string?.hasPrefix("the upstream 'test' failed: ") == true)
            let isBedrock = stream.dialect.errors == .bedrock
            #expect(response.value("x-amzn-errortype") == (isBedrock ? "ServiceUnavailableException" : nil))
        }
    }

    private static func upstream(_ stream: Stream, _ body: [UInt8]) throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.head("200 OK", "Content-Type: \(stream.type)", "Transfer-Encoding: chunked")
            try connection.chunk(body)
            connection.rest(milliseconds: 20)
            connection.reset()
        }
    }
}
