import Dialects
import Testing

@Suite struct GeminiEndTests {
    @Test("R5: a body that ends without any reason to finish is truncated")
    func truncated() {
        #expect(decode(gemini(#"{"text":"a"}"#), .gemini).end == StreamEnd(state: .truncated))
        #expect(decode("", .gemini).end == StreamEnd(state: .truncated))
        let unspecified = gemini(#"{"text":"a"}"#, #","finishReason":"FINISH_REASON_UNSPECIFIED""#)
        #expect(decode(unspecified, .gemini).end == StreamEnd(state: .truncated))
        #expect(decode(unspecified, .gemini).fold.finishReason == nil)
    }

    @Test("R5: a reason with every response ends nothing, and is told once, behind all text")
    func everyResponse() {
        let result = decode(
            gemini(#"{"text":"a"}"#, stop) + gemini(#"{"text":"b"}"#, stop)
                + gemini(#"{"text":"c"}"#, #","finishReason":"MAX_TOKENS""#),
            .gemini
        )
        #expect(result.fold.text == "abc")
        #expect(result.events.last == .finish(choice: 0, FinishReason(raw: "MAX_TOKENS", kind: .length)))
        #expect(result.events.count(where: { if case .finish = $0 { true } else { false } }) == 1)
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test("R5: a last event counts without its line ends", arguments: ["", "\r", "\r\n"])
    func unterminated(tail: String) {
        let last = String(gemini(#"{"text":"b"}"#, stop).dropLast(1)) + tail
        let result = decode(gemini(#"{"text":"a"}"#) + last, .gemini)
        #expect(result.fold.text == "ab")
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test(
        "A reason to finish keeps its word and gets OpenAI's",
        arguments: [
            ("STOP", FinishReason.Kind.stop), ("MAX_TOKENS", .length), ("SAFETY", .contentFilter),
            ("RECITATION", .contentFilter), ("BLOCKLIST", .contentFilter), ("PROHIBITED_CONTENT", .contentFilter),
            ("SPII", .contentFilter), ("IMAGE_SAFETY", .contentFilter), ("MALFORMED_FUNCTION_CALL", .error),
            ("UNEXPECTED_TOOL_CALL", .error), ("LANGUAGE", .other), ("OTHER", .other), ("SOMETHING_NEW", .other),
        ]
    )
    func reasons(word: String, kind: FinishReason.Kind) {
        let result = decode(gemini("", #","finishReason":"\#(word)","finishMessage":"m""#), .gemini)
        #expect(result.fold.choices.first?.finish == FinishReason(raw: word, kind: kind))
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test("A blocked prompt is a whole answer that was withheld, as an event, an element and a document")
    func blocked() {
        let text = #"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":3}}"#
        let bodies: [(String, Dialect.Framing)] = [
            ("data: \(text)\r\n\r\n", .serverSentEvents), ("[\(text)\n]\n", .document), (text, .document),
        ]
        for (body, framing) in bodies {
            let result = decode(body, .gemini, framing: framing)
            #expect(result.fold.choices.first?.finish == FinishReason(raw: "PROHIBITED_CONTENT", kind: .contentFilter))
            #expect(result.fold.usage?.input == 3)
            #expect(result.end == StreamEnd(state: .complete))
        }
        // Where the answer has begun, its own reason goes first.
        let late = decode(gemini(#"{"text":"a"}"#) + "data: \(text)\r\n\r\n", .gemini)
        #expect(late.fold.finishReason == "PROHIBITED_CONTENT")
        let both = decode(gemini("", #","finishReason":"SAFETY""#) + "data: \(text)\r\n\r\n", .gemini)
        #expect(both.events.count(where: { if case .finish = $0 { true } else { false } }) == 1)
        #expect(both.fold.finishReason == "SAFETY")
        let passed = #"data: {"promptFeedback":{"safetyRatings":[]}}"# + "\r\n\r\n"
        #expect(decode(passed, .gemini).end == StreamEnd(state: .truncated))
    }

    private static let error = #"{"error":{"code":503,"message":"m","status":"UNAVAILABLE","details":[]}}"#
    private static let expected = StreamEnd(
        state: .error,
        terminal: "error",
        error: StreamError(message: "m", type: "UNAVAILABLE", code: "503", status: 503)
    )

    @Test(
        "R14: an error within the stream ends it, whatever its shape",
        arguments: [
            "data: \(error)", "data: [\(error)]",
            "data: [{\n\"error\":\n".replacing("\n", with: "\ndata: ")
                + #"{"code":503,"message":"m","status":"UNAVAILABLE"}}]"#,
            "event: error\ndata: {\"code\":503,\"message\":\"m\",\"status\":\"UNAVAILABLE\"}", error, "[\(error)]",
            "{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"m\",\n    \"status\": \"UNAVAILABLE\"\n  }\n}",
            "[{\r\n  \"error\": {\r\n    \"code\": 503,\r\n    \"message\": \"m\",\r\n    \"status\":\"UNAVAILABLE\"\r\n }}\r\n]",
        ]
    )
    func errors(frame: String) {
        for tail in ["\n\n", "\r\n\r\n\(gemini(#"{"text":"b"}"#, stop))"] {
            let result = decode(gemini(#"{"text":"a"}"#, stop) + frame + tail, .gemini)
            #expect(result.end == Self.expected)
            #expect(result.fold.text == "a")
            // R11: an early reason to finish isn't made good by a failure.
            #expect(result.fold.finishReason == nil)
        }
    }

    @Test("R15: an error is an error as a document, an array of one, and an array's last element")
    func errorDocuments() {
        for body in [Self.error, "[\(Self.error)]", "\n[\(Self.error)\n]\n", " [\(Self.error)]"] {
            #expect(decode(body, .gemini, framing: .document).end == Self.expected)
            #expect(decode(body, .gemini, framing: .serverSentEvents).end == Self.expected)
        }
        let first = #"[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#
        let result = decode("\(first)\r\n,\r\n\(Self.error)]", .gemini, framing: .document)
        #expect(result.end == Self.expected)
        #expect(result.fold.text == "a")
    }

    @Test("Lines that are no fields and no error change nothing, and cost no more than they are long")
    func strayLines() {
        let lines = "{\n\"a\": 1\n}\n{ x\n[1,2\n]\n{\"error\":null}\n{\"error\":{\"message\":\"unclosed\"\n"
        let many = "[" + String(repeating: "{},\n", count: 100_000)
        for text in [lines, many] {
            let result = decode(gemini(#"{"text":"a"}"#) + text + "\n" + gemini(#"{"text":"b"}"#, stop), .gemini)
            #expect(result.end == StreamEnd(state: .complete))
            #expect(result.fold.text == "ab")
        }
    }

    @Test("No error is an error that says nothing", arguments: ["null", "false", #""""#, "0"])
    func noError(value: String) {
        let frame = "data: {\"error\":\(value),\"candidates\":[{\"finishReason\":\"STOP\"}]}\r\n\r\n"
        #expect(decode(frame, .gemini).end == StreamEnd(state: .complete))
    }

    @Test("R12: an imitator's [DONE] ends what is complete, and nothing else")
    func doneMarker() {
        let whole = decode(gemini(#"{"text":"a"}"#, stop) + done + done + gemini(#"{"text":"b"}"#), .gemini)
        #expect(whole.end == StreamEnd(state: .complete, terminal: "[DONE]"))
        #expect(whole.fold.text == "a")
        #expect(whole.events.count(where: { if case .finish = $0 { true } else { false } }) == 1)
        let cut = decode(gemini(#"{"text":"a"}"#) + done, .gemini)
        #expect(cut.end == StreamEnd(state: .truncated))
        #expect(cut.fold.finishReason == nil)
    }

    @Test("R7: [DONE] inside content is not the end")
    func doneInContent() {
        let result = decode(gemini(#"{"text":"data: [DONE]\n\n"}"#, stop) + gemini(#"{"text":"!"}"#, stop), .gemini)
        #expect(result.fold.text.hasSuffix("!"))
        #expect(result.end == StreamEnd(state: .complete))
    }
}
