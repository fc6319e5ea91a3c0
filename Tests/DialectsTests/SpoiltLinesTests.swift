import Dialects
import Testing

/// Damaged streams of Ollama and Cohere: what they mean is open, but they never trap, and any cut of them means the same.
@Suite struct SpoiltLinesTests {
    private static let ollama = """
        {"model":"m","created_at":"c","message":{"role":"assistant","content":"é","thinking":"\\u00e9"},"done":false}
        {"model":"m","created_at":"c","message":{"tool_calls":[{"id":"a","function":{"index":0,"name":"f",\
        "arguments":{"x":[1]}}}]},"done":false}
        {"model":"m","created_at":"c","response":"r","done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":2}
        """

    private static let cohere = """
        event: content-delta
        data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"é","thinking":"t"}}}}

        data: {"type":"tool-plan-delta","delta":{"message":{"tool_plan":"p"}}}

        data: {"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"a","function":{"name":"f"}}}}}

        data: {"type":"citation-start","delta":{"message":{"citations":[{"sources":[{"document":{"url":"u"}}]}]}}}

        data: {"type":"message-end","delta":{"finish_reason":"ERROR","error":"e","usage":{"tokens":{"input_tokens":1}}}}


        """

    private static let cohereV1 = """
        {"event_type":"stream-start","generation_id":"g","is_finished":false}
        {"event_type":"tool-calls-chunk","text":"p","tool_call_delta":{"index":0,"name":"f","parameters":"{}"}}
        {"event_type":"search-results","documents":[{"id":"d","url":"u","title":"t"}]}
        {"event_type":"citation-generation","citations":[{"document_ids":["d"]}]}
        {"event_type":"tool-calls-generation","tool_calls":[{"name":"f","parameters":{"x":1}},{"name":"g"}]}
        {"event_type":"stream-end","finish_reason":"COMPLETE","response":{"meta":{"tokens":{"input_tokens":1}}}}
        """

    private static let streams: [(Dialect, String)] = [
        (.ollamaChat, ollama), (.ollamaGenerate, ollama), (.cohereChat, cohere), (.cohereChatV1, cohereV1),
    ]
    private static let framings: [Dialect.Framing?] = [nil, .serverSentEvents, .ndjson, .document]

    @Test("A stream that breaks off anywhere is decoded as far as it goes", arguments: 0..<4)
    func truncated(number: Int) throws {
        let (dialect, text) = Self.streams[number]
        let body = Array(text.utf8)
        for count in body.indices {
            let head = Array(body[..<count])
            for framing in Self.framings {
                let whole = decode([head], dialect, framing: framing)
                try #require(decode(head.singleBytes, dialect, framing: framing) == whole, "\(count) bytes")
            }
            // R5: what was cut isn't complete.
            if count < body.count - 2 {
                #expect(decode([head], dialect).end.state == .truncated, "\(count) bytes")
            }
        }
    }

    @Test(
        "A stream with flipped bits is decoded somehow, the same however it is cut",
        arguments: 0..<8 as Range<UInt64>
    )
    func flipped(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<300 {
            let (dialect, text) = Self.streams[round % 4]
            var body = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: body.indices, using: &random)
                body[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            let framing = Self.framings[round / 4 % 4]
            let whole = decode([body], dialect, framing: framing)
            try #require(
                decode(body.cut(upTo: 30, &random), dialect, framing: framing) == whole,
                "seed \(seed), round \(round)"
            )
        }
    }
}
