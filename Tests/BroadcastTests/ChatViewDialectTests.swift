import Dialects
import NIOCore
import Testing

@testable import Broadcast

/// Streams of dialects that are little like OpenAI's, as its clients see them.
@Suite struct ChatViewDialectTests {
    private let id = StreamID(String(repeating: "0", count: 35) + "1").unsafelyUnwrapped

    private static let ollama = """
        {"model":"m1","created_at":"c","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}
        {"model":"m1","created_at":"c","message":{"role":"assistant","content":"Hi"},"done":false}
        {"model":"m1","created_at":"c","message":{"role":"assistant","content":"","tool_calls":[\
        {"function":{"index":0,"name":"f","arguments":{"x":"\\"1\\""}}},{"function":{"index":0,"name":"g","arguments":{}}}]},"done":false}
        {"model":"m1","created_at":"c","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",\
        "prompt_eval_count":3,"eval_count":5}

        """

    private static let cohere = #"""
        event: message-start
        data: {"id":"c1","type":"message-start","delta":{"message":{"role":"assistant","content":[]}}}

        data: {"type":"tool-plan-delta","delta":{"message":{"tool_plan":"hm"}}}

        data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hi"}}}}

        data: {"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"f_1","function":{"name":"f","arguments":""}}}}}

        data: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"x\":"}}}}}

        data: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"\"\\\"1\\\"\"}"}}}}}

        data: {"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"g_1","function":{"name":"g","arguments":"{}"}}}}}

        data: {"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"tokens":{"input_tokens":3,"output_tokens":5},"cached_tokens":1}}}

        data: [DONE]


        """#

    /// What a client of OpenAI's adds up.
    private struct Answer {
        var text = ""
        var reasoning = ""
        var calls: [(id: String?, name: String, arguments: String)] = []
        var finishes: [String] = []
        var usage: JSONValue?
        var doneCount = 0
        var error: String?
    }

    private func answer(_ body: String, _ dialect: Dialect) throws -> Answer {
        var decoder = StreamDecoder(dialect: dialect)
        var buffer = EventBuffer()
        decoder.feed(Array(body.utf8).span.bytes, into: &buffer)
        buffer.append(.end(decoder.finish(into: &buffer)))
        let fold = MessageFold(buffer.events)
        let summary = StreamSummary(finish: fold.finishReason, usage: fold.usage)
        var list = SegmentList()
        list.append(EventBatch(info: makeInfo(id), content: buffer, offset: 0, summary: summary))
        let format = ViewFormat(view: .openai, transport: .plainEventStream, includesUsage: true)
        let text = String(buffer: EventRenderer(format: format).render(list, from: 1, atMost: .max, epoch: id).bytes)
        var answer = Answer()
        for line in text.split(separator: "\n") where line.hasPrefix("data: ") {
            #expect(answer.doneCount == 0)
            if line == "data: [DONE]" { answer.doneCount += 1 } else { try add(line.dropFirst(6), to: &answer) }
        }
        return answer
    }

    private func add(_ line: Substring, to answer: inout Answer) throws {
        let chunk = try JSONValue(parsing: String(line))
        if let error = chunk["error"] {
            answer.error = error["message"]?.string
            return
        }
        if let usage = chunk["usage"], chunk["choices"]?.array?.isEmpty == true { answer.usage = usage }
        let delta = chunk.value(at: "/choices/0/delta")
        answer.text += delta?["content"]?.string ?? ""
        answer.reasoning += delta?["reasoning_content"]?.string ?? ""
        for call in delta?["tool_calls"]?.array ?? [] {
            let index = try #require(call["index"]?.int)
            if index == answer.calls.count {
                #expect(call["type"]?.string == "function")
                answer.calls.append((call["id"]?.string, call.value(at: "/function/name")?.string ?? "", ""))
            }
            // Arguments are a string of JSON, whatever they were on the wire.
            answer.calls[index].arguments += try #require(call.value(at: "/function/arguments")?.string)
        }
        if let word = chunk.value(at: "/choices/0/finish_reason")?.string { answer.finishes.append(word) }
    }

    @Test("Text, reasoning, tool calls, counts and one end are OpenAI's", arguments: [true, false])
    func whole(isOllama: Bool) throws {
        let answer = try answer(isOllama ? Self.ollama : Self.cohere, isOllama ? .ollamaChat : .cohereChat)
        #expect(answer.text == "Hi" && answer.reasoning == "hm")
        #expect(answer.calls.map(\.name) == ["f", "g"])
        #expect(answer.calls.map(\.arguments) == [#"{"x":"\"1\""}"#, "{}"])
        // Ollama's calls have no ids, but this format's have to.
        let ids = isOllama ? ["call_000000000001_0", "call_000000000001_1"] : ["f_1", "g_1"]
        #expect(answer.calls.map(\.id) == ids)
        #expect(answer.finishes == ["tool_calls"])
        #expect(answer.usage?["prompt_tokens"]?.int == 3 && answer.usage?["completion_tokens"]?.int == 5)
        #expect(answer.usage?["total_tokens"]?.int == 8)
        #expect(answer.usage?.value(at: "/prompt_tokens_details/cached_tokens")?.int == (isOllama ? nil : 1))
        #expect(answer.doneCount == 1 && answer.error == nil)
    }

    @Test("R11: a stream that failed ends with its error and no [DONE]")
    func failed() throws {
        let lines = Self.ollama.split(separator: "\n").prefix(2).joined(separator: "\n") + "\n"
        let failed = try answer(lines + #"{"error":"it broke"}"#, .ollamaChat)
        #expect(failed.error == "it broke" && failed.doneCount == 0 && failed.text == "Hi" && failed.finishes.isEmpty)
        let cut = try answer(lines, .ollamaChat)
        #expect(cut.error != nil && cut.doneCount == 0)
    }
}
