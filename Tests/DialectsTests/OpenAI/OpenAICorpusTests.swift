import Dialects
import Testing

/// Chats and completions.
private let recordings = Recording.of(.openAIChat) + Recording.of(.openAICompletions)
private let azureFirst = "azure_prompt_filter_first_chunk"

/// Recorded streams of OpenAI and of compatible servers: `TOKENCAST_CORPUS` names the folder with `streams/index.json`.
@Suite(.enabled(if: Recording.folder != nil, "TOKENCAST_CORPUS is not set"))
struct OpenAICorpusTests {
    @Test("A recorded stream adds up to what its server said", arguments: recordings)
    func content(_ recording: Recording) throws {
        let fold = try recording.decoded().fold
        for (index, text) in recording.expected_choices ?? ["0": recording.expected_text ?? ""] {
            #expect(fold.text(choice: Int(index) ?? -1) == text)
        }
        #expect(fold.reasoning == recording.expected_reasoning ?? "")
        #expect(fold.refusal == recording.expected_refusal ?? "")
        // Azure's first frame has the model as an empty string, and the start says what the first frame does.
        #expect(fold.start?.model == (recording.features.contains(azureFirst) ? nil : recording.model))
        let calls = fold.toolCalls.map { Recording.Call(id: $0.id, name: $0.name, arguments: $0.arguments) }
        if calls.map(\.id).count > 1, recording.tool_calls.count == 1 {
            // Two answers recorded as one, which reuse an index: where the index alone counts, their calls run together.
            #expect(calls.compactMap(\.arguments).joined() == recording.tool_calls.first?.arguments)
        } else {
            #expect(calls == recording.tool_calls)
        }
        for (index, reason) in recording.finish_reasons ?? ["0": recording.finish_reason] {
            #expect(fold.choice(Int(index) ?? -1)?.finishReason == reason)
        }
    }

    @Test("A recorded stream's usage is told once it is known", arguments: recordings)
    func usage(_ recording: Recording) throws {
        let usage = try recording.decoded().fold.usage
        guard let expected = recording.usage, expected != .null else {
            #expect(usage == nil)
            return
        }
        #expect(usage?.input == expected["prompt_tokens"]?.int)
        #expect(usage?.output == expected.outputTokens)
        #expect(usage?.total == expected["total_tokens"]?.int)
        #expect(usage?.cached == expected["prompt_tokens_details"]?["cached_tokens"]?.int)
        #expect(usage?.reasoning == expected["completion_tokens_details"]?["reasoning_tokens"]?.int)
        #expect(usage.flatMap { JSON($0.raw) } == expected)
    }

    @Test("A recorded stream ends as its last frame says", arguments: recordings)
    func end(_ recording: Recording) throws {
        let end = try recording.decoded().end
        if let error = recording.errors.first {
            #expect(end.state == .error)
            #expect(end.error?.message == error["message"]?.string)
            #expect(end.error?.type == error["type"]?.string)
            #expect(end.error?.code == error["code"]?.string)
        } else if recording.framing.done_marker == true {
            #expect(end == StreamEnd(state: .complete, terminal: "[DONE]"))
        } else if recording.wire_format == "writer.completions.sse" {
            // Nothing ends these but the end of their body.
            #expect(end == StreamEnd(state: .complete))
        } else {
            #expect(end == StreamEnd(state: .truncated))
        }
    }

    @Test("R2: a recorded stream gives the same events, cut anywhere", arguments: recordings)
    func cuts(_ recording: Recording) throws {
        let whole = try recording.decoded()
        #expect(whole.events.first.map { if case .start = $0 { true } else { false } } == true)
        #expect(whole.frames.count == recording.frameCount)
        try recording.expectSameEventsHoweverCut()
    }
}

extension JSON {
    /// What a usage object counts as output, reasoning included: where its total says that it is counted apart, it is.
    fileprivate var outputTokens: Int? {
        guard let output = self["completion_tokens"]?.int else { return nil }
        guard let input = self["prompt_tokens"]?.int, let total = self["total_tokens"]?.int,
            let reasoning = self["completion_tokens_details"]?["reasoning_tokens"]?.int
        else { return output }
        return total == input + output + reasoning ? output + reasoning : output
    }
}
