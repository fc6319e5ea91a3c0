import Dialects
import Testing

private let azureFirst = "azure_prompt_filter_first_chunk"

/// Recorded streams of OpenAI and of compatible servers: `TOKENCAST_CORPUS` names the folder with `streams/index.json`.
@Suite(.enabled(if: Recording.folder != nil, "TOKENCAST_CORPUS is not set"))
struct OpenAIChatCorpusTests {
    @Test("A recorded stream adds up to what its server said", arguments: Recording.of(.openAIChat))
    func content(_ recording: Recording) throws {
        let result = decode([try recording.body()])
        let fold = result.fold
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

    @Test("A recorded stream's usage is told once it is known", arguments: Recording.of(.openAIChat))
    func usage(_ recording: Recording) throws {
        let usage = decode([try recording.body()]).fold.usage
        guard let expected = recording.usage, expected != .null else {
            #expect(usage == nil)
            return
        }
        #expect(usage?.input == expected["prompt_tokens"]?.int)
        #expect(usage?.output == expected["completion_tokens"]?.int)
        #expect(usage?.total == expected["total_tokens"]?.int)
        #expect(usage?.cached == expected["prompt_tokens_details"]?["cached_tokens"]?.int)
        #expect(usage?.reasoning == expected["completion_tokens_details"]?["reasoning_tokens"]?.int)
        #expect(usage.flatMap { JSON($0.raw) } == expected)
    }

    @Test("A recorded stream ends as its last frame says", arguments: Recording.of(.openAIChat))
    func end(_ recording: Recording) throws {
        let end = decode([try recording.body()]).end
        if let error = recording.errors.first {
            #expect(end.state == .error)
            #expect(end.error?.message == error["message"]?.string)
            #expect(end.error?.type == error["type"]?.string)
            #expect(end.error?.code == error["code"]?.string)
        } else if recording.framing.done_marker == true {
            #expect(end == StreamEnd(state: .complete, terminal: "[DONE]"))
        } else {
            #expect(end == StreamEnd(state: .truncated))
        }
    }

    @Test("R2: a recorded stream gives the same events, cut anywhere", arguments: Recording.of(.openAIChat))
    func cuts(_ recording: Recording) throws {
        let whole = try recording.decoded()
        #expect(whole.events.first.map { if case .start = $0 { true } else { false } } == true)
        #expect(whole.frames.count == recording.frameCount)
        try recording.expectSameEventsHoweverCut()
    }
}
