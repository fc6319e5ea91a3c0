import Testing

@testable import Dialects

/// A stream of InvokeModel whose chunks wrap these.
private func invoke(_ chunks: String...) throws -> [UInt8] {
    try chunks.flatMap {
        try Message.event("chunk", #"{"bytes":"\#(Base64.encode(Array($0.utf8)))","p":"abcdefgh"}"#)
    }
}

private let metrics =
    #""amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":7,"invocationLatency":6,"firstByteLatency":5}"#

/// One model family's way of saying "Hi there", in a stream.
struct ModelFormat: Sendable, CustomTestStringConvertible {
    var name: String
    var chunks: [String]
    var reason: FinishReason
    var usage = TokenUsage(input: 5, output: 7)
    var testDescription: String { name }

    static let all = [
        ModelFormat(
            name: "Titan",
            chunks: [
                #"{"outputText":"Hi ","index":0,"inputTextTokenCount":5.0,"completionReason":null}"#,
                #"{"outputText":"there","index":0.0,"totalOutputTextTokenCount":7.0,"completionReason":"FINISH"}"#,
            ],
            reason: FinishReason(raw: "FINISH", kind: .stop)
        ),
        ModelFormat(
            name: "Titan with metrics",
            chunks: [#"{"outputText":"Hi there","index":0,"completionReason":"LENGTH",\#(metrics)}"#],
            reason: FinishReason(raw: "LENGTH", kind: .length)
        ),
        ModelFormat(
            name: "Llama",
            chunks: [
                #"{"generation":"Hi ","prompt_token_count":5,"generation_token_count":1,"stop_reason":null}"#,
                #"{"generation":"there","prompt_token_count":null,"generation_token_count":2,"stop_reason":null}"#,
                #"{"generation":"","prompt_token_count":null,"generation_token_count":7,"stop_reason":"length"}"#,
            ],
            reason: FinishReason(raw: "length", kind: .length)
        ),
        ModelFormat(
            name: "Mistral",
            chunks: [
                #"{"outputs":[{"text":"Hi ","stop_reason":null}]}"#,
                #"{"outputs":[{"text":"there","stop_reason":"stop"}],\#(metrics)}"#,
            ],
            reason: FinishReason(raw: "stop", kind: .stop)
        ),
        ModelFormat(
            name: "Mistral's chat",
            chunks: [
                #"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi "},"stop_reason":null}]}"#,
                #"{"choices":[{"index":0,"message":{"content":"there"},"stop_reason":"length"}],\#(metrics)}"#,
            ],
            reason: FinishReason(raw: "length", kind: .length)
        ),
        ModelFormat(
            name: "DeepSeek",
            chunks: [
                #"{"choices":[{"index":0,"text":"Hi there","stop_reason":null}]}"#,
                #"{"choices":[{"index":0,"text":"","stop_reason":"stop"}],\#(metrics)}"#,
            ],
            reason: FinishReason(raw: "stop", kind: .stop)
        ),
        ModelFormat(
            name: "Command",
            chunks: [
                #"{"text":"Hi ","is_finished":false,"index":0}"#, #"{"text":"there","is_finished":false,"index":0}"#,
                #"{"is_finished":true,"finish_reason":"COMPLETE","index":0,\#(metrics)}"#,
            ],
            reason: FinishReason(raw: "COMPLETE", kind: .stop)
        ),
        ModelFormat(
            name: "Jamba",
            chunks: [
                #"{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
                #"{"id":"c","choices":[{"index":0,"delta":{"content":"Hi there"},"finish_reason":null}]}"#,
                #"{"id":"c","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],\#(metrics)}"#,
            ],
            reason: FinishReason(raw: "stop", kind: .stop)
        ),
        ModelFormat(
            name: "Nova",
            chunks: [
                #"{"messageStart":{"role":"assistant"}}"#,
                #"{"contentBlockDelta":{"delta":{"text":"Hi "},"contentBlockIndex":0}}"#,
                #"{"contentBlockStop":{"contentBlockIndex":0}}"#,
                #"{"contentBlockDelta":{"delta":{"text":"there"},"contentBlockIndex":1}}"#,
                #"{"messageStop":{"stopReason":"end_turn"}}"#,
                #"{"metadata":{"usage":{"inputTokens":5,"outputTokens":7},"metrics":{}},\#(metrics)}"#,
            ],
            reason: FinishReason(raw: "end_turn", kind: .stop)
        ),
        ModelFormat(
            name: "Claude",
            chunks: [
                #"{"type":"message_start","message":{"id":"m","model":"claude","usage":{"input_tokens":5,"output_tokens":1}}}"#,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi there"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}"#,
                // Its own counts are exact; the metrics count the text alone.
                #"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":3}}"#,
            ],
            reason: FinishReason(raw: "end_turn", kind: .stop)
        ),
    ]
}

@Suite struct BedrockInvokeTests {
    @Test("Each model's own format is known by its first chunk", arguments: ModelFormat.all)
    func formats(_ format: ModelFormat) throws {
        let body = try format.chunks.flatMap { try invoke($0) }
        let result = decode([body], .bedrockInvoke)
        #expect(decode(body.singleBytes, .bedrockInvoke) == result)
        #expect(result.fold.text == "Hi there")
        #expect(result.fold.choice(0)?.parts.count == 1)
        #expect(result.fold.choice(0)?.finish == format.reason)
        #expect(result.fold.usage?.input == format.usage.input)
        #expect(result.fold.usage?.output == format.usage.output)
        #expect(result.end.state == .complete)
    }

    @Test("R5: a stream without its last chunk is truncated, whatever the format", arguments: ModelFormat.all)
    func truncated(_ format: ModelFormat) throws {
        let body = try format.chunks.dropLast().flatMap { try invoke($0) }
        // Where Nova has said why it stops, only its usage is missing.
        #expect(decode([body], .bedrockInvoke).end.state == (format.name == "Nova" ? .complete : .truncated))
    }

    @Test("R20: a guardrail's refusal is complete, and no model counted tokens for it")
    func guardrail() throws {
        let body = try invoke(
            #"{"outputText":"Blocked","index":0.0,"totalOutputTextTokenCount":3.0,"inputTextTokenCount":6.0,"#
                + #""amazon-bedrock-guardrailAction":"INTERVENED"}"#
        )
        let result = decode([body], .bedrockInvoke)
        #expect(result.fold.text == "Blocked")
        #expect(result.fold.usage == nil)
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test("Thousands of Nova's blocks are one text, and its calls parts of their own")
    func novaBlocks() throws {
        var body = try (0..<3000).flatMap {
            try invoke(#"{"contentBlockDelta":{"delta":{"text":"x"},"contentBlockIndex":\#($0)}}"#)
        }
        body += try invoke(
            #"{"contentBlockStart":{"start":{"toolUse":{"toolUseId":"t","name":"f"}},"contentBlockIndex":3000}}"#,
            #"{"contentBlockDelta":{"delta":{"toolUse":{"input":"{}"}},"contentBlockIndex":3000}}"#,
            #"{"contentBlockDelta":{"delta":{"text":"y"},"contentBlockIndex":3001}}"#
        )
        let parts = try #require(decode([body], .bedrockInvoke).fold.choice(0)).parts
        #expect(parts.map(\.kind) == [.text, .toolCall, .text])
        #expect(parts.map(\.text) == [String(repeating: "x", count: 3000), "{}", "y"])
    }

    @Test("Several choices and their calls are kept apart")
    func choices() throws {
        let body = try invoke(
            #"{"choices":[{"index":0,"message":{"content":"a"}},{"index":1,"message":{"content":"b"}}]}"#,
            #"{"choices":[{"index":1,"message":{"tool_calls":[{"id":"t","function":{"name":"f","arguments":"{}"}}]},"#
                + #""stop_reason":"tool_calls"}]}"#
        )
        let fold = decode([body], .bedrockInvoke).fold
        #expect(fold.text(choice: 0) == "a")
        #expect(fold.text(choice: 1) == "b")
        #expect(fold.toolCalls(choice: 1) == [.init(id: "t", name: "f", arguments: "{}")])
        #expect(fold.choice(1)?.finish?.kind == .toolCalls)
        #expect(fold.choice(0)?.finish == nil)
    }

    @Test(
        "What isn't base64, or isn't a format, says nothing, and is kept",
        arguments: [
            #"{"bytes":"eA="}"#, #"{"bytes":"e\u0000=="}"#, #"{"bytes":7}"#, #"{"bytes":""}"#, "{}", "[]", "",
            #"{"bytes":"e30="}"#, #"{"bytes":"eyJjaG9pY2VzIjpbXX0="}"#,
        ]
    )
    func unknown(payload: String) throws {
        let body = try Message.event("chunk", payload) + Message.event("later", "{}")
        let result = decode([body], .bedrockInvoke)
        #expect(result.events == [.start(StreamStart()), .opaque])
        #expect(result.end == StreamEnd(state: .truncated))
    }

    @Test("Base64 that JSON has escaped is read")
    func escaped() throws {
        // "outputText" of three question marks has a slash in its base64.
        let text = Base64.encode(Array(#"{"outputText":"a???b"}"#.utf8))
        #expect(text.contains("/"))
        let escaped = text.split(separator: "/", omittingEmptySubsequences: false).joined(separator: #"\/"#)
        let body = try Message.event("chunk", #"{"bytes":"\#(escaped)"}"#)
        #expect(decode([body], .bedrockInvoke).fold.text == "a???b")
    }

    @Test("R14: an exception ends the stream, and an error of the model's own does")
    func failures() throws {
        var body = try invoke(#"{"outputText":"a"}"#)
        body += try Message.exception("modelStreamErrorException", "broke")
        body += try invoke(#"{"outputText":"b","completionReason":"FINISH"}"#)
        let result = decode([body], .bedrockInvoke)
        #expect(result.fold.text == "a")
        #expect(result.end.error == StreamError(message: "broke", code: "modelStreamErrorException", status: 424))
        let own = try invoke(#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#)
        #expect(decode([own], .bedrockInvoke).end.error?.message == "busy")
    }

    @Test(
        "A document is in the model's own format",
        arguments: [
            (
                #"{"inputTextTokenCount":5,"results":[{"tokenCount":7,"outputText":"Hi","completionReason":"FINISH"}]}"#,
                "stop"
            ),
            (
                #"{"generation":"Hi","prompt_token_count":5,"generation_token_count":7,"stop_reason":"stop"}"#, "stop"
            ),
            (
                #"{"output":{"message":{"content":[{"text":"Hi"}]}},"stopReason":"end_turn","usage":{"inputTokens":5,"outputTokens":7}}"#,
                "stop"
            ),
            (
                #"{"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"Hi"}],"stop_reason":"max_tokens","usage":{"input_tokens":5,"output_tokens":7}}"#,
                "length"
            ),
            (
                #"{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":7}}"#,
                "stop"
            ),
        ]
    )
    func documents(text: String, reason: String) {
        let result = decode(text, .bedrockInvoke, framing: .document)
        #expect(result.fold.text == "Hi")
        #expect(result.fold.usage?.input == 5)
        #expect(result.fold.usage?.output == 7)
        #expect(result.fold.choice(0)?.finish?.kind.rawValue == reason)
        #expect(result.end.state == .complete)
    }

    @Test("Documents without counts, of other things, and of errors")
    func otherDocuments() {
        for text in [
            #"{"outputs":[{"text":"Hi","stop_reason":"stop"}]}"#,
            #"{"generations":[{"text":"Hi","finish_reason":"COMPLETE"}]}"#,
            #"{"completions":[{"data":{"text":"Hi"},"finishReason":{"reason":"endoftext"}}]}"#,
        ] {
            let result = decode(text, .bedrockInvoke, framing: .document)
            #expect(result.fold.text == "Hi")
            #expect(result.fold.choice(0)?.finish?.kind == .stop)
            #expect(result.end.state == .complete)
        }
        #expect(decode(#"{"embedding":[1]}"#, .bedrockInvoke, framing: .document).end.state == .complete)
        #expect(decode(#"{"message":"no"}"#, .bedrockInvoke, framing: .document).end.error?.message == "no")
    }

    @Test(
        "Damaged chunks under right checksums are decoded somehow, the same however they are cut",
        arguments: 0..<4 as Range<UInt64>
    )
    func damaged(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<100 {
            let format = try #require(ModelFormat.all.randomElement(using: &random))
            let body = try format.chunks.flatMap { chunk -> [UInt8] in
                var bytes = Array(chunk.utf8)
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
                }
                return try Message.event("chunk", #"{"bytes":"\#(Base64.encode(bytes))"}"#)
            }
            let whole = decode([body], .bedrockInvoke)
            try #require(whole.frames.count <= format.chunks.count)
            try #require(decode(body.cut(upTo: 40, &random), .bedrockInvoke) == whole, "seed \(seed), round \(round)")
        }
    }
}
