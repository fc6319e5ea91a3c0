import Testing

@testable import Dialects

/// A stream of Converse: each line is an event's name and its JSON.
private func converse(_ lines: String...) throws -> [UInt8] {
    try lines.flatMap { line -> [UInt8] in
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        return try parts[0].hasSuffix("Exception")
            ? Message.exception(parts[0], parts[1]) : Message.event(parts[0], parts.count > 1 ? parts[1] : "{}")
    }
}

@Suite struct BedrockConverseTests {
    @Test("Blocks become parts, in the order in which they came, tool calls with their input in pieces")
    func blocks() throws {
        let body = try converse(
            #"messageStart {"role":"assistant","p":"abcd"}"#,
            #"contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"#,
            #"contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"c2ln"}}}"#,
            #"contentBlockStop {"contentBlockIndex":0}"#,
            #"contentBlockDelta {"delta":{"text":"a"},"contentBlockIndex":1}"#,
            #"contentBlockDelta {"contentBlockIndex":1,"delta":{"text":""}}"#,
            #"contentBlockDelta {"contentBlockIndex":1,"delta":{"text":"b \" é"}}"#,
            #"contentBlockStart {"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"t1","name":"f"}}}"#,
            #"contentBlockDelta {"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"x\""}}}"#,
            #"contentBlockDelta {"contentBlockIndex":2,"delta":{"toolUse":{"input":":1}"}}}"#,
            #"contentBlockStart {"contentBlockIndex":3,"start":{"toolUse":{"toolUseId":"t2","name":"g"}}}"#,
            #"contentBlockStart {"contentBlockIndex":4,"start":{"toolResult":{"toolUseId":"t2"}}}"#,
            #"contentBlockDelta {"contentBlockIndex":4,"delta":{"toolResult":[{"text":"not the model's"}]}}"#,
            #"futureEvent {"contentBlockIndex":2,"delta":{"text":"no"}}"#,
            #"messageStop {"stopReason":"tool_use"}"#,
            #"metadata {"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":9}}"#
        )
        let result = decode([body], .bedrockConverse)
        #expect(decode(body.singleBytes, .bedrockConverse) == result)
        let parts = try #require(result.fold.choice(0)).parts
        #expect(parts.map(\.kind) == [.reasoning, .text, .toolCall, .toolCall])
        #expect(parts.map(\.number) == [0, 1, 2, 3])
        #expect(parts.map(\.text) == ["hm", "ab \" é", #"{"x":1}"#, ""])
        #expect(result.fold.toolCalls.map(\.id) == ["t1", "t2"])
        let calls = result.deltas.compactMap { if case .toolCall(let call) = $0.content { call } else { nil } }
        #expect(calls.map(\.index) == [0, 0, 0, 1])
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "tool_use", kind: .toolCalls))
        #expect(result.end == StreamEnd(state: .complete, terminal: "messageStop"))
        #expect(result.frames.count == 16)
    }

    @Test("A citation belongs to the text that it is for, or comes before")
    func citations() throws {
        let cited = #"{"title":"T","source":"S","location":{"web":{"url":"https://a.example/","domain":"a"}}}"#
        let body = try converse(
            #"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"one"}}"#,
            #"contentBlockDelta {"contentBlockIndex":0,"delta":{"citation":\#(cited)}}"#,
            #"contentBlockDelta {"contentBlockIndex":1,"delta":{"citation":{"source":"https://b.example/"}}}"#,
            #"contentBlockDelta {"contentBlockIndex":1,"delta":{"text":"two"}}"#
        )
        let parts = try #require(decode([body], .bedrockConverse).fold.choice(0)).parts
        #expect(parts.map(\.text) == ["one", "two"])
        #expect(parts[0].citations == [Citation(url: "https://a.example/", title: "T", raw: cited)])
        #expect(parts[1].citations.map(\.url) == ["https://b.example/"])
    }

    @Test(
        "R18: the usage behind the answer's end is never lost, nor waited for in vain",
        arguments: [
            (["messageStop", "metadata"], true), (["metadata", "messageStop"], true), (["messageStop"], false),
        ]
    )
    func endings(names: [String], hasUsage: Bool) throws {
        let payloads = [
            "messageStop": #"messageStop {"stopReason":"end_turn"}"#,
            "metadata": #"metadata {"usage":{"inputTokens":5,"outputTokens":0}}"#,
        ]
        let body = try names.flatMap { try converse(#require(payloads[$0])) }
        let result = decode([body], .bedrockConverse)
        #expect(result.end == StreamEnd(state: .complete, terminal: "messageStop"))
        #expect((result.fold.usage != nil) == hasUsage)
        // R13: with both, nobody needs to wait for the body's end.
        var decoder = StreamDecoder(dialect: .bedrockConverse)
        var buffer = EventBuffer()
        decoder.feed(body.span.bytes, into: &buffer)
        #expect(decoder.hasEnded == hasUsage)
    }

    @Test("R5: a stream without its messageStop is truncated, whatever else it had")
    func truncated() throws {
        let body = try converse(
            #"messageStart {"role":"assistant"}"#,
            #"metadata {"usage":{"inputTokens":5,"outputTokens":1}}"#
        )
        #expect(decode([body], .bedrockConverse).end == StreamEnd(state: .truncated))
        #expect(decode([], .bedrockConverse).end == StreamEnd(state: .truncated))
    }

    @Test(
        "R20: what a cache gave or took is part of the input, and a count that wasn't given isn't zero",
        arguments: [
            (#"{"inputTokens":3,"outputTokens":4,"totalTokens":7}"#, TokenUsage(input: 3, output: 4, total: 7)),
            (
                #"{"inputTokens":3,"outputTokens":4,"totalTokens":37,"cacheReadInputTokens":10,"cacheWriteInputTokens":20}"#,
                TokenUsage(input: 33, output: 4, total: 37, cached: 10, cacheCreation: 20)
            ),
            (
                #"{"inputTokens":33,"outputTokens":4,"totalTokens":37,"cacheReadInputTokens":30}"#,
                TokenUsage(input: 33, output: 4, total: 37, cached: 30)
            ),
            (
                #"{"inputTokens":3,"outputTokens":4,"cacheReadInputTokens":0}"#,
                TokenUsage(input: 3, output: 4, cached: 0)
            ),
            (
                #"{"inputTokens":9223372036854775807,"outputTokens":-4,"cacheReadInputTokens":9223372036854775807}"#,
                TokenUsage(input: .max, cached: .max)
            ),
            (#"{"inputTokens":9.0,"outputTokens":"x"}"#, TokenUsage(input: 9)),
        ]
    )
    func usage(json: String, expected: TokenUsage) throws {
        let body = try converse("metadata {\"usage\":\(json)}")
        var usage = try #require(decode([body], .bedrockConverse).fold.usage)
        #expect(usage.raw == json)
        usage.raw = expected.raw
        #expect(usage == expected)
    }

    @Test(
        "Reasons to finish are translated, and unknown ones pass",
        arguments: [
            ("end_turn", .stop), ("stop_sequence", .stop), ("tool_use", .toolCalls), ("max_tokens", .length),
            ("guardrail_intervened", .contentFilter), ("content_filtered", .contentFilter),
            ("model_context_window_exceeded", .length), ("malformed_tool_use", .error), ("later", .other),
        ] as [(String, FinishReason.Kind)]
    )
    func finishReasons(word: String, kind: FinishReason.Kind) throws {
        let body = try converse(#"messageStop {"stopReason":"\#(word)"}"#)
        #expect(decode([body], .bedrockConverse).fold.choice(0)?.finish == FinishReason(raw: word, kind: kind))
    }

    @Test(
        "R14: an exception within the stream is an error with its status, and nothing follows it",
        arguments: [
            ("throttlingException", 429), ("modelStreamErrorException", 424), ("internalServerException", 500),
            ("validationException", 400), ("serviceUnavailableException", 503), ("modelTimeoutException", 408),
            ("laterException", nil),
        ] as [(String, Int?)]
    )
    func exceptions(type: String, status: Int?) throws {
        let body = try converse("\(type) too many requests", #"messageStop {"stopReason":"end_turn"}"#, "metadata")
        for dialect in [Dialect.bedrockConverse, .bedrockInvoke, .generic] {
            let result = decode([body], dialect, framing: .awsEventStream)
            let error = StreamError(message: "too many requests", code: type, status: status)
            #expect(result.end == StreamEnd(state: .error, terminal: "exception", error: error))
            #expect(result.fold.finishReason == nil)
            #expect(result.frames.count == 1)
        }
    }

    @Test("R14: an error that the interface doesn't define is told by its headers")
    func undefined() throws {
        let message = AWSEventStreamMessage(headers: [
            AWSEventStreamHeader(":message-type", .string("error")),
            AWSEventStreamHeader(":error-code", .string("InternalFailure")),
            AWSEventStreamHeader(":error-message", .string("it broke")),
        ])
        let end = decode([try #require(message.bytes)], .bedrockConverse).end
        #expect(end.error == StreamError(message: "it broke", code: "InternalFailure", status: 500))
    }

    @Test("An exception says what the model's own server said, where it says nothing itself")
    func originalMessage() throws {
        let payload = #"{"originalStatusCode":500,"originalMessage":"the model broke"}"#
        var message = AWSEventStreamMessage.exception("modelStreamErrorException", message: "")
        message.payload = Array(payload.utf8)
        let end = decode([try #require(message.bytes)], .bedrockConverse).end
        #expect(end.error?.message == "the model broke")
        message.payload = Array("no JSON".utf8)
        let bare = decode([try #require(message.bytes)], .bedrockConverse).end
        #expect(bare.error?.message == "modelStreamErrorException")
    }

    @Test("Malformed payloads say nothing, and are kept")
    func malformed() throws {
        let body = try converse(
            "contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"text\":\"a\"",
            "contentBlockDelta [1]",
            "contentBlockDelta {\"delta\":\"text\"}",
            "contentBlockStart {\"start\":{\"toolUse\":7}}",
            "messageStop 3",
            "metadata {\"usage\":[]}"
        )
        let result = decode([body], .bedrockConverse)
        #expect(result.frames.count == 6)
        #expect(result.deltas.isEmpty)
        #expect(result.fold.finishReason == nil)
        #expect(result.fold.usage == nil)
    }

    @Test("A stream of endless blocks is taken as far as is sane")
    func endless() throws {
        let body = try (0..<3000).flatMap {
            try Message.event(
                "contentBlockStart",
                #"{"contentBlockIndex":\#($0),"start":{"toolUse":{"toolUseId":"t","name":"f"}}}"#
            )
        }
        #expect(decode([body], .bedrockConverse).fold.toolCalls.count == 1024)
    }

    @Test("The answer to a request that asked for no stream is read whole")
    func document() throws {
        let text = """
            {"metrics":{"latencyMs":1},"output":{"message":{"role":"assistant","content":[
              {"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},
              {"text":"hello"},
              {"citationsContent":{"content":[{"text":" there"}],"citations":[{"title":"T"}]}},
              {"toolUse":{"toolUseId":"t1","name":"f","input":{"x":1}}}]}},
             "stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}
            """
        let result = decode(text, .bedrockConverse, framing: .document)
        #expect(result.fold.reasoning == "hm")
        #expect(result.fold.text == "hello there")
        #expect(result.fold.citations.map(\.title) == ["T"])
        #expect(result.fold.toolCalls == [.init(id: "t1", name: "f", arguments: #"{"x":1}"#)])
        #expect(result.fold.usage?.total == 3)
        #expect(result.fold.choice(0)?.finish?.kind == .toolCalls)
        #expect(result.end == StreamEnd(state: .complete))
        let refused = decode(#"{"message":"no such model"}"#, .bedrockConverse, framing: .document)
        #expect(refused.end.error == StreamError(message: "no such model"))
        #expect(decode("{}", .bedrockConverse, framing: .document).end.state == .truncated)
    }
}

@Suite struct BedrockPathTests {
    @Test(
        "A path tells the dialect and the model, percent-encoded as it came",
        arguments: [
            ("/model/amazon.nova-micro-v1%3A0/converse-stream", "bedrock.converse", "amazon.nova-micro-v1%3A0"),
            ("/model/a:0/converse", "bedrock.converse", "a:0"),
            ("/bedrock/model/m/invoke-with-response-stream", "bedrock.invoke", "m"),
            (
                "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fx/invoke",
                "bedrock.invoke", "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fx"
            ),
            (
                "/model/arn:aws:bedrock:us-east-1:1:imported-model/x/invoke", "bedrock.invoke",
                "arn:aws:bedrock:us-east-1:1:imported-model/x"
            ),
            ("/model//invoke", "generic", nil), ("/model/invoke", "generic", nil), ("/invoke", "generic", nil),
            ("/models/m/invoke", "generic", nil), ("/model/m/count-tokens", "generic", nil),
        ] as [(String, String, String?)]
    )
    func paths(path: String, name: String, model: String?) {
        let dialect = Dialect.matching(path: path)
        #expect(dialect.name == name)
        #expect(dialect.model(path) == model)
    }
}
