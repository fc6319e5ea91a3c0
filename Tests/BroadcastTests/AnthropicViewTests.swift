import Dialects
import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import Broadcast

/// What OpenAI's clients see of a stream of Anthropic's.
@Suite struct AnthropicViewTests {
    private struct Chunk: Decodable {
        var object: String?
        var model: String?
        var choices: [Choice]?
        var usage: Usage?
        var error: Failure?

        struct Choice: Decodable {
            var index: Int
            var delta: Delta
            var finish_reason: String?
        }
        struct Delta: Decodable {
            var role: String?
            var content: String?
            var reasoning_content: String?
            var tool_calls: [Call]?
            var annotations: [Annotation]?
        }
        struct Call: Decodable {
            var index: Int
            var id: String?
            var type: String?
            var function: Function
        }
        struct Function: Decodable {
            var name: String?
            var arguments: String
        }
        struct Annotation: Decodable {
            var type: String
        }
        struct Usage: Decodable, Equatable {
            var prompt_tokens: Int
            var completion_tokens: Int
            var total_tokens: Int
        }
        struct Failure: Decodable {
            var message: String
            var type: String
        }
    }

    private func event(_ type: String, _ members: String = "") -> String {
        "event: \(type)\ndata: {\"type\":\"\(type)\"\(members)}\n\n"
    }

    private func block(_ index: Int, _ block: String, _ deltas: String...) -> String {
        event("content_block_start", ",\"index\":\(index),\"content_block\":\(block)")
            + deltas.map { event("content_block_delta", ",\"index\":\(index),\"delta\":\($0)") }.joined()
            + event("content_block_stop", ",\"index\":\(index)")
    }

    private func message(_ blocks: String, reason: String = "end_turn", last: String? = nil) -> String {
        event(
            "message_start",
            #","message":{"id":"m1","model":"claude","usage":{"input_tokens":2,"cache_read_input_tokens":3,"#
                + #""output_tokens":1}}"#
        ) + event("ping") + blocks
            + event("message_delta", #","delta":{"stop_reason":"\#(reason)"},"usage":{"output_tokens":7}"#)
            + (last ?? event("message_stop"))
    }

    /// The data of the `openai` view's events, with the body in one piece or in many.
    private func view(_ body: String, chunk: Int = .max) throws -> [String] {
        let loop = EmbeddedEventLoop()
        let generation = Hub(eventLoops: [loop]).makeGeneration(
            .init(method: "POST", path: "/v1/messages"),
            dialect: .anthropicMessages,
            on: loop
        )
        generation.responded(status: 200, framing: .serverSentEvents)
        var rest = ByteBuffer(string: body)
        while let piece = rest.readSlice(length: min(chunk, rest.readableBytes)), piece.readableBytes > 0 {
            generation.feed(piece, offset: 0)
            generation.seal()
        }
        generation.bodyEnded(offset: 1)
        generation.seal()
        let list = generation.log.home.list
        let format = ViewFormat(view: .openai, transport: .plainEventStream, includesUsage: true)
        let piece = EventRenderer(format: format).render(list, from: 1, atMost: .max, epoch: generation.id)
        return String(buffer: piece.bytes).split(separator: "\n").filter { $0.hasPrefix("data: ") }.map {
            String($0.dropFirst(6))
        }
    }

    private func chunks(_ data: some Sequence<String>) throws -> [Chunk] {
        try data.map { try JSONDecoder().decode(Chunk.self, from: Data($0.utf8)) }
    }

    @Test("Thoughts, text, sources and tool calls are those of a chat completion", arguments: [Int.max, 1, 64])
    func whole(chunk: Int) throws {
        let body = message(
            block(
                0,
                #"{"type":"thinking","thinking":""}"#,
                #"{"type":"thinking_delta","thinking":"hm"}"#,
                #"{"type":"signature_delta","signature":"s"}"#
            )
                + block(
                    1,
                    #"{"type":"text","text":""}"#,
                    #"{"type":"citations_delta","citation":{"url":"https://a.b","title":"T"}}"#,
                    #"{"type":"text_delta","text":"Hi"}"#
                )
                + block(2, #"{"type":"web_search_tool_result","content":[]}"#)
                + block(
                    4,
                    #"{"type":"tool_use","id":"t1","name":"f","input":{}}"#,
                    #"{"type":"input_json_delta","partial_json":"{\"a\""}"#,
                    #"{"type":"input_json_delta","partial_json":":1}"}"#
                )
                + block(9, #"{"type":"tool_use","id":"t2","name":"g","input":{}}"#),
            reason: "tool_use"
        )
        let data = try view(body, chunk: chunk)
        #expect(data.last == "[DONE]")
        #expect(data.count { $0 == "[DONE]" } == 1)
        let all = try chunks(data.dropLast())
        #expect(all.allSatisfy { $0.object == "chat.completion.chunk" && $0.model == "claude" })
        let choices = all.flatMap { $0.choices ?? [] }
        #expect(choices.allSatisfy { $0.index == 0 })
        #expect(choices.first?.delta.role == "assistant")
        #expect(choices.compactMap(\.delta.content).joined() == "Hi")
        #expect(choices.compactMap(\.delta.reasoning_content) == ["hm"])
        #expect(choices.flatMap { $0.delta.annotations ?? [] }.map(\.type) == ["url_citation"])
        #expect(choices.compactMap(\.finish_reason) == ["tool_calls"])
        #expect(choices.last?.finish_reason == "tool_calls")

        let calls = choices.flatMap { $0.delta.tool_calls ?? [] }
        #expect(Set(calls.map(\.index)) == [0, 1])
        for (index, id, name, arguments) in [(0, "t1", "f", #"{"a":1}"#), (1, "t2", "g", "{}")] {
            let pieces = calls.filter { $0.index == index }
            #expect(pieces.compactMap(\.id) == [id] && pieces.first?.id == id)
            #expect(pieces.compactMap(\.type) == ["function"])
            #expect(pieces.compactMap(\.function.name) == [name])
            #expect(pieces.map(\.function.arguments).joined() == arguments)
        }

        let counts = all.filter { $0.usage != nil }
        #expect(counts.map(\.usage) == [.init(prompt_tokens: 5, completion_tokens: 7, total_tokens: 12)])
        #expect(counts.first?.choices?.isEmpty == true)
        #expect(all.last?.usage != nil)
    }

    @Test(
        "A reason to stop is one of OpenAI's",
        arguments: [
            ("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("refusal", "content_filter"),
            ("model_context_window_exceeded", "length"), ("pause_turn", "pause_turn"),
        ]
    )
    func reasons(word: String, expected: String) throws {
        let data = try view(message("", reason: word))
        let all = try chunks(data.dropLast())
        #expect(all.compactMap { $0.choices?.first?.finish_reason } == [expected])
    }

    @Test("R11: a stream that fails or breaks off ends with an error, without [DONE]")
    func broken() throws {
        let error = event("error", #","error":{"type":"overloaded_error","message":"Overloaded"}"#)
        for (last, type, message) in [
            (error, "overloaded_error", "Overloaded"), ("", "stream_truncated", "the upstream's stream was truncated"),
        ] {
            let data = try view(self.message(block(0, #"{"type":"text","text":"Hi"}"#), last: last))
            #expect(!data.contains("[DONE]"))
            let failure = try #require(try chunks(data).last?.error)
            #expect(failure.type == type)
            #expect(failure.message == message)
        }
    }
}
