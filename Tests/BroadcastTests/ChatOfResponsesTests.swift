import Dialects
import Foundation
import NIOCore
import Testing

@testable import Broadcast

/// A chunk as OpenAI's own client library reads one: what is required there is required here.
private struct Chunk: Decodable {
    struct Choice: Decodable {
        var index: Int
        var delta: Delta
        var finish_reason: String?
    }

    struct Delta: Decodable {
        var role: String?
        var content: String?
        var reasoning_content: String?
        var refusal: String?
        var tool_calls: [ToolCall]?
        var annotations: [Annotation]?
    }

    struct ToolCall: Decodable {
        struct Function: Decodable {
            var name: String?
            var arguments: String?
        }

        var index: Int
        var id: String?
        var type: String?
        var function: Function?
    }

    struct Annotation: Decodable {
        struct Source: Decodable {
            var url: String
            var title: String
        }

        var type: String
        var url_citation: Source
    }

    struct Usage: Decodable {
        struct Details: Decodable {
            var cached_tokens: Int?
            var reasoning_tokens: Int?
        }

        var prompt_tokens: Int
        var completion_tokens: Int
        var total_tokens: Int
        var prompt_tokens_details: Details?
        var completion_tokens_details: Details?
    }

    var id: String
    var object: String
    var created: Int
    var model: String
    var choices: [Choice]
    var usage: Usage?
}

/// What a client makes of the chunks.
private struct Answer {
    var chunks: [Chunk] = []
    var content = ""
    var reasoning = ""
    var finishes: [String] = []
    var calls: [(id: String?, type: String?, name: String?, arguments: String)] = []
    var sources: [String] = []
    var error: [String: String] = [:]
    var terminals: [String] = []

    /// Reads an event stream whose events have one line of data each.
    init(_ text: String) throws {
        for line in text.split(separator: "\n") where line.hasPrefix("data: ") {
            let data = Data(line.dropFirst(6).utf8)
            if line == "data: [DONE]" {
                terminals.append("[DONE]")
            } else if let body = try? JSONDecoder().decode([String: [String: String?]].self, from: data) {
                error = (body["error"] ?? [:]).compactMapValues(\.self)
                terminals.append("error")
            } else {
                try add(JSONDecoder().decode(Chunk.self, from: data))
            }
        }
    }

    private mutating func add(_ chunk: Chunk) throws {
        chunks.append(chunk)
        for choice in chunk.choices {
            content += choice.delta.content ?? ""
            reasoning += choice.delta.reasoning_content ?? ""
            sources += choice.delta.annotations?.map(\.url_citation.url) ?? []
            if let finish = choice.finish_reason { finishes.append(finish) }
            for call in choice.delta.tool_calls ?? [] {
                // Clients make a list of the calls by their index, in which there may be no gap.
                try #require(call.index <= calls.count)
                if call.index == calls.count { calls.append((call.id, call.type, call.function?.name, "")) }
                calls[call.index].arguments += call.function?.arguments ?? ""
            }
        }
    }
}

/// Responses as chat completions: what clients of the one get of the other.
@Suite struct ChatOfResponsesTests {
    private let id = StreamID(String(repeating: "0", count: 35) + "1").unsafelyUnwrapped

    private func answer(_ events: [(String, String)], includesUsage: Bool = false) throws -> Answer {
        let body = events.map { type, members in
            "event: \(type)\ndata: {\"type\":\"\(type)\",\(members)}\n\n"
        }
        let bytes = Array(body.joined().utf8)
        var decoder = StreamDecoder(dialect: .openAIResponses)
        var content = EventBuffer()
        decoder.feed(bytes.span.bytes, into: &content)
        let end = decoder.finish(into: &content)
        content.append(.end(end))
        let fold = MessageFold(content.events)
        let info = StreamInfo(
            id: id,
            created: 1_700_000_000,
            dialect: "openai.responses",
            method: "POST",
            path: "/v1/responses",
            requestedModel: "m0",
            channel: nil,
            status: 200,
            start: try #require(fold.start)
        )
        let summary = StreamSummary(finish: fold.finishReason, usage: fold.usage)
        var list = SegmentList()
        list.append(EventBatch(info: info, content: content, offset: 0, summary: summary))
        let format = ViewFormat(view: .openai, transport: .plainEventStream, includesUsage: includesUsage)
        let piece = EventRenderer(format: format).render(list, from: 1, atMost: .max, epoch: id)
        return try Answer(String(buffer: piece.bytes))
    }

    private let created = ("response.created", #""response":{"id":"resp_1","model":"m1","status":"in_progress"}"#)

    private func piece(_ text: String) -> (String, String) {
        ("response.output_text.delta", #""output_index":1,"content_index":0,"delta":"\#(text)""#)
    }

    @Test("Text, reasoning and sources come as a chat's, with one finish and one [DONE]")
    func text() throws {
        let annotation = #"{"type":"url_citation","url":"https://a.example","title":"A","start_index":0,"end_index":2}"#
        let usage =
            #"{"input_tokens":9,"output_tokens":5,"total_tokens":14,"input_tokens_details":{"cached_tokens":4},"#
            + #""output_tokens_details":{"reasoning_tokens":3}}"#
        let answer = try answer(
            [
                created,
                ("response.reasoning_summary_text.delta", #""output_index":0,"summary_index":0,"delta":"hm""#),
                piece("Hel"), piece("lo"),
                ("response.output_text.annotation.added", #""output_index":1,"annotation":\#(annotation)"#),
                ("response.output_text.done", #""output_index":1,"content_index":0,"text":"Hello""#),
                ("response.completed", #""response":{"status":"completed","usage":\#(usage)}"#),
            ],
            includesUsage: true
        )
        #expect(answer.content == "Hello")
        #expect(answer.reasoning == "hm")
        #expect(answer.sources == ["https://a.example"])
        #expect(answer.finishes == ["stop"])
        #expect(answer.terminals == ["[DONE]"])
        #expect(answer.chunks.first?.choices.first?.delta.role == "assistant")
        #expect(answer.chunks.allSatisfy { $0.id == "resp_1" && $0.model == "m1" })
        #expect(answer.chunks.allSatisfy { $0.object == "chat.completion.chunk" && $0.created == 1_700_000_000 })
        let counts = try #require(answer.chunks.last)
        #expect(counts.choices.isEmpty)
        #expect(counts.usage?.prompt_tokens == 9)
        #expect(counts.usage?.completion_tokens == 5)
        #expect(counts.usage?.total_tokens == 14)
        #expect(counts.usage?.prompt_tokens_details?.cached_tokens == 4)
        #expect(counts.usage?.completion_tokens_details?.reasoning_tokens == 3)
        #expect(answer.chunks.dropLast().allSatisfy { $0.usage == nil })
    }

    @Test("Tool calls are numbered from 0 whatever their output index, and finish the answer as such")
    func toolCalls() throws {
        let item = { (output: Int, id: String) in
            (
                "response.output_item.added",
                #""output_index":\#(output),"item":{"type":"function_call","id":"fc_\#(id)","call_id":"\#(id)","name":"f\#(id)","arguments":""}"#
            )
        }
        let fragment = { (output: Int, text: String) in
            ("response.function_call_arguments.delta", #""output_index":\#(output),"delta":"\#(text)""#)
        }
        let answer = try answer([
            created, piece("Hm"), item(2, "a"), item(4, "b"), fragment(2, #"{\"x\""#), fragment(4, "{}"),
            fragment(2, ":1}"),
            ("response.completed", #""response":{"status":"completed","usage":null}"#),
        ])
        #expect(answer.content == "Hm")
        #expect(answer.calls.map(\.id) == ["a", "b"])
        #expect(answer.calls.map(\.type) == ["function", "function"])
        #expect(answer.calls.map(\.name) == ["fa", "fb"])
        #expect(answer.calls.map(\.arguments) == [#"{"x":1}"#, "{}"])
        #expect(answer.finishes == ["tool_calls"])
        #expect(answer.terminals == ["[DONE]"])
    }

    @Test(
        "What cut a response short is the finish that a chat has for it",
        arguments: [("max_output_tokens", "length"), ("content_filter", "content_filter")]
    )
    func incomplete(reason: String, finish: String) throws {
        let answer = try answer([
            created, piece("Hel"),
            (
                "response.incomplete",
                #""response":{"status":"incomplete","incomplete_details":{"reason":"\#(reason)"}}"#
            ),
        ])
        #expect(answer.content == "Hel")
        #expect(answer.finishes == [finish])
        #expect(answer.terminals == ["[DONE]"])
    }

    @Test("A failed response ends as an error, without [DONE]")
    func failed() throws {
        let error = #"{"code":"server_error","message":"m"}"#
        for last in [
            ("response.failed", #""response":{"status":"failed","error":\#(error)}"#), ("error", #""error":\#(error)"#),
            ("error", #""code":"server_error","message":"m","param":null"#),
        ] {
            let answer = try answer([created, piece("Hel"), last])
            #expect(answer.content == "Hel")
            #expect(answer.error == ["message": "m", "type": "stream_error", "code": "server_error"])
            #expect(answer.terminals == ["error"])
        }
    }
}
