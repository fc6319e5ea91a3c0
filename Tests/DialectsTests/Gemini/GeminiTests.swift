import Dialects
import Testing

/// A response with one candidate, as an event.
func gemini(_ parts: String, _ more: String = "") -> String {
    #"data: {"candidates":[{"content":{"role":"model","parts":[\#(parts)]}\#(more)}]}"# + "\r\n\r\n"
}

let stop = #","finishReason":"STOP","index":0"#

@Suite struct GeminiTests {
    @Test("Text and thoughts become parts in order; signatures, code, images and what is new stay opaque")
    func parts() {
        let result = decode(
            gemini(#"{"text":"so","thought":true}"#) + gemini(#"{"thought":true,"text":" what"}"#)
                + gemini(#"{"text":"a"},{"text":"b"}"#) + gemini(#"{"text":"c","thought":false}"#)
                + gemini(#"{"thoughtSignature":"EpYS","text":""}"#)
                + gemini(#"{"executableCode":{"language":"PYTHON","code":"text"}}"#)
                + gemini(#"{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}}"#)
                + gemini(#"{"inlineData":{"mimeType":"image/png","data":"AAAA"}}"#)
                + gemini(#"{"toolCall":{"toolType":"X","args":{"text":"no"}}},7,"x",null"#) + gemini("", stop),
            .gemini
        )
        #expect(
            result.deltas == [
                TokenDelta(choice: 0, part: 0, content: .reasoning("so")),
                TokenDelta(choice: 0, part: 0, content: .reasoning(" what")),
                TokenDelta(choice: 0, part: 1, content: .text("a")),
                TokenDelta(choice: 0, part: 1, content: .text("b")),
                TokenDelta(choice: 0, part: 1, content: .text("c")),
            ]
        )
        #expect(result.events.count(where: { $0 == .opaque }) == 6)
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test("The start tells the response's id and the model that answers, in whatever order members come")
    func start() {
        let text = #"{"responseId":"r1","usageMetadata":{},"modelVersion":"gemini-2.5-flash","candidates":[]}"#
        #expect(decode("data: \(text)\r\n\r\n", .gemini).fold.start == StreamStart(id: "r1", model: "gemini-2.5-flash"))
        let turned =
            #"{"candidates":[{"finishReason":"STOP","index":1,"content":{"parts":[{"thought":true,"text":"a"}]}}]}"#
        let result = decode("data: \(turned)\r\n\r\n", .gemini)
        #expect(result.fold.reasoning(choice: 1) == "a")
        #expect(result.fold.choice(1)?.finishReason == "STOP")
    }

    @Test("Several candidates are choices, each with its own parts and end")
    func candidates() {
        let frame = { (first: String, second: String) in
            #"data: {"candidates":[{"content":{"parts":[{"text":"\#(first)"}]},"index":0},"#
                + #"{"index":1,"content":{"parts":[{"text":"\#(second)"}]},"finishReason":"MAX_TOKENS"}]}"# + "\r\n\r\n"
        }
        let result = decode(frame("a", "x") + frame("b", "y") + gemini("", stop), .gemini)
        #expect(result.fold.text(choice: 0) == "ab")
        #expect(result.fold.text(choice: 1) == "xy")
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "STOP", kind: .stop))
        #expect(result.fold.choice(1)?.finish == FinishReason(raw: "MAX_TOKENS", kind: .length))
        // Vertex AI leaves out an index of 0; where none has one, their order tells them apart.
        let bare = #"data: {"candidates":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]}"#
        #expect(decode(bare, .gemini).fold.text(choice: 1) == "b")
    }

    @Test("Calls come whole, one a part, and a stop with calls is a stop for them")
    func calls() {
        let result = decode(
            gemini(#"{"functionCall":{"name":"f","args":{"a": [1, 2.50], "b":"x: \"y\" "},"id":"c1"}}"#)
                + gemini(#"{"functionCall":{"name":"f","args":{}}},{"functionCall":{"name":"g"}}"#, stop),
            .gemini
        )
        #expect(
            result.fold.toolCalls == [
                .init(id: "c1", name: "f", arguments: #"{"a":[1,2.50],"b":"x: \"y\" "}"#),
                .init(name: "f", arguments: "{}"), .init(name: "g", arguments: "{}"),
            ]
        )
        #expect(result.deltas.map(\.part) == [0, 1, 2])
        #expect(result.fold.choices[0].finish == FinishReason(raw: "STOP", kind: .toolCalls))
    }

    @Test("R21: parallel calls of one name, even with one id, are calls of their own")
    func parallel() {
        let call = #"{"functionCall":{"id":"same","name":"f","args":{}}}"#
        #expect(decode(gemini("\(call),\(call)") + gemini(call, stop), .gemini).fold.toolCalls.count == 3)
    }

    @Test("Sources are told once, with the text that they are for")
    func sources() {
        let chunk = { (name: String, uri: String) in #"{"\#(name)":{"uri":"\#(uri)","title":"T \#(uri)"}}"# }
        let web = chunk("web", "u1")
        let grounding = { (chunks: String) in
            #","groundingMetadata":{"webSearchQueries":[],"groundingChunks":[\#(chunks)]}"#
        }
        let result = decode(
            gemini(#"{"text":"th","thought":true},{"text":"a"}"#, grounding(web))
                + gemini(
                    #"{"functionCall":{"name":"f","args":{}}}"#,
                    grounding("\(web),\(chunk("retrievedContext", "u2"))")
                )
                + gemini("", #","groundingMetadata":{"groundingChunks":[{"maps":{"placeId":"p"}},1,{}]}"# + stop),
            .gemini
        )
        #expect(result.fold.citations.map(\.url) == ["u1", "u2", nil, nil])
        #expect(result.fold.citations.map(\.title) == ["T u1", "T u2", nil, nil])
        #expect(
            result.fold.citations.map(\.raw) == [
                web, chunk("retrievedContext", "u2"), #"{"maps":{"placeId":"p"}}"#, "{}",
            ]
        )
        let parts = result.deltas.compactMap { if case .citation = $0.content { $0.part } else { nil } }
        #expect(parts == [1, 1, 1, 1])
        #expect(result.fold.text == "a")
    }

    @Test("Quoted sources are found under both of their names", arguments: ["citationSources", "citations"])
    func quotations(name: String) {
        let source = #"{"startIndex":1,"endIndex":9,"uri":"https://a.example","license":"MIT"}"#
        let more = #","citationMetadata":{"\#(name)":[\#(source)]}"#
        let result = decode(gemini(#"{"text":"a"}"#, more) + gemini(#"{"text":"b"}"#, more + stop), .gemini)
        #expect(result.fold.citations == [Citation(url: "https://a.example", raw: source)])
        #expect(result.fold.text == "ab")
    }

    @Test("R18: counts are told with any response, and the last ones count")
    func usage() {
        let usage = { (text: String) in "data: {\"usageMetadata\":{\(text)}}\r\n\r\n" }
        let result = decode(
            usage(#""trafficType":"ON_DEMAND""#)
                + usage(#""promptTokenCount":9,"candidatesTokenCount":21,"totalTokenCount":30"#)
                + usage(
                    #""promptTokenCount":87,"thoughtsTokenCount":78,"cachedContentTokenCount":50,"#
                        + #""toolUsePromptTokenCount":5,"totalTokenCount":170"#
                ) + usage(#""trafficType":"ON_DEMAND""#) + gemini("", stop),
            .gemini
        )
        let last = result.fold.usage
        #expect(last?.input == 92)
        // A count that is left out is 0: thoughts are all that came.
        #expect(last?.output == 78)
        #expect(last?.reasoning == 78)
        #expect(last?.cached == 50)
        #expect(last?.total == 170)
        #expect(last.flatMap { JSON($0.raw) }?["toolUsePromptTokenCount"]?.int == 5)
        #expect(result.events.count(where: { if case .usage = $0 { true } else { false } }) == 2)
    }

    @Test("R20: a count of 0 isn't a missing one, and nonsense is none")
    func zero() {
        let usage = { (text: String) in decode("data: {\"usageMetadata\":\(text)}\r\n\r\n", .gemini).fold.usage }
        #expect(usage(#"{"promptTokenCount":0}"#)?.input == 0)
        #expect(usage(#"{"promptTokenCount":0}"#)?.output == nil)
        #expect(usage(#"{"candidatesTokenCount":9223372036854775807,"thoughtsTokenCount":1}"#)?.output == nil)
        #expect(usage(#"{"promptTokenCount":"x"}"#) == nil)
        #expect(usage("[1]") == nil)
    }

    @Test("Cloud Code's wrapping is taken off")
    func wrapped() {
        let inner = #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"modelVersion":"m"}"#
        let result = decode("data: {\"traceId\":\"t\",\"response\":\(inner)}\r\n\r\n", .gemini)
        #expect(result.fold.text == "a")
        #expect(result.fold.start?.model == "m")
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test("A document is an answer, whole by being one", arguments: ["", #","finishReason":"STOP""#])
    func document(finish: String) {
        let text =
            #"{"candidates":[{"content":{"parts":[{"text":"a"},{"functionCall":{"name":"f","args":{"x":1}}}]}\#(finish)}],"#
            + #""usageMetadata":{"promptTokenCount":1}}"#
        let result = decode(text, .gemini, framing: .document)
        #expect(result.frames.count == 1)
        #expect(result.fold.text == "a")
        #expect(result.fold.toolCalls == [.init(name: "f", arguments: #"{"x":1}"#)])
        #expect(result.fold.usage?.input == 1)
        #expect(result.end == StreamEnd(state: .complete))
        #expect(decode(String(text.dropLast()), .gemini, framing: .document).end == StreamEnd(state: .truncated))
    }

    @Test("A malformed response says nothing, and others around it still do")
    func malformed() {
        let result = decode(
            gemini(#"{"text":"a"}"#) + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}\r\n\r\n"
                + #"data: {"candidates":{"content":{"parts":[{"text":"x"}]}}}"# + "\r\n\r\n"
                + #"data: {"candidates":[{"content":[],"index":"x"},5,{"content":{"parts":{"text":"x"}}}]}"#
                + "\r\n\r\n"
                + gemini(#"{"text":7},{"functionCall":"f"},{"text":"b"}"#, stop),
            .gemini
        )
        #expect(result.fold.text == "ab")
        #expect(result.frames.count == 5)
    }
}
