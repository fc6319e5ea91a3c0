import Dialects
import Testing

/// Recorded streams of Ollama and of Cohere: `TOKENCAST_CORPUS` names the folder with `streams/index.json`.
@Suite(.enabled(if: Recording.folder != nil, "TOKENCAST_CORPUS is not set"))
struct OllamaCohereCorpusTests {
    private static let ollama = Recording.of(.ollamaChat) + Recording.of(.ollamaGenerate)
    private static let cohere = Recording.of(.cohereChat) + Recording.of(.cohereChatV1)

    @Test("There are recorded streams, each of which the tests below take")
    func count() {
        print("\(Self.ollama.count) recorded streams of Ollama, \(Self.cohere.count) of Cohere")
        #expect(!Self.ollama.isEmpty && !Self.cohere.isEmpty)
    }

    @Test("A recorded stream adds up to what its server said", arguments: ollama + cohere)
    func content(_ recording: Recording) throws {
        let fold = try recording.decoded().fold
        #expect(fold.text == recording.expected_text ?? "")
        #expect(fold.reasoning == recording.expected_reasoning ?? "")
        #expect(fold.refusal.isEmpty)
        #expect(fold.start?.model == recording.model)
        #expect(fold.finishReason == recording.finish_reason)
        let calls = fold.toolCalls.map { Recording.Call(id: $0.id, name: $0.name, arguments: $0.arguments) }
        #expect(calls == recording.tool_calls)
    }

    @Test("A recorded stream's counts of Ollama's are those of its last line", arguments: ollama)
    func ollamaUsage(_ recording: Recording) throws {
        let usage = try recording.decoded().fold.usage
        let expected = try #require(recording.usage)
        #expect(usage?.input == expected["prompt_eval_count"]?.int)
        #expect(usage?.output == expected["eval_count"]?.int)
        #expect(usage.flatMap { JSON($0.raw) } == expected)
    }

    @Test("A recorded stream's counts of Cohere's are its tokens, not those that are billed", arguments: cohere)
    func cohereUsage(_ recording: Recording) throws {
        let usage = try recording.decoded().fold.usage
        let expected = try #require(recording.usage)
        #expect(usage?.input == expected["tokens"]?["input_tokens"]?.int)
        #expect(usage?.output == expected["tokens"]?["output_tokens"]?.int)
        #expect(usage?.cached == expected["cached_tokens"]?.int)
        #expect(usage.flatMap { JSON($0.raw) } == expected)
    }

    @Test("R5: a recorded stream is complete by its own last frame", arguments: ollama + cohere)
    func end(_ recording: Recording) throws {
        let terminal = recording.bodyFraming == .ndjson ? "done" : "message-end"
        #expect(try recording.decoded().end == StreamEnd(state: .complete, terminal: terminal))
    }

    @Test("A recorded stream tells its dialect, whatever its path was", arguments: ollama + cohere)
    func recognized(_ recording: Recording) throws {
        let whole = try recording.decoded()
        for path in [Dialect.openAIChat, .generic, .ollamaChat, .ollamaGenerate, .cohereChatV1] {
            #expect(decode([try recording.body()], path, framing: recording.bodyFraming) == whole)
        }
    }

    @Test("R2: a recorded stream gives the same events, cut anywhere", arguments: ollama + cohere)
    func cuts(_ recording: Recording) throws {
        let whole = try recording.decoded()
        #expect(whole.events.first.map { if case .start = $0 { true } else { false } } == true)
        // What follows the end, `[DONE]`, is ignored.
        #expect(whole.frames.count == recording.frameCount.map { $0 - (recording.framing.done_marker == true ? 1 : 0) })
        try recording.expectSameEventsHoweverCut()
    }

    @Test("R10: a recorded stream is read in the same way under a wrong content type", arguments: ollama + cohere)
    func mislabelled(_ recording: Recording) throws {
        let body = try recording.body()
        let dialect = recording.dialect
        let whole = try recording.decoded()
        var random = SeededRandom(seed: 1)
        for framing in [nil, Dialect.Framing.document, .serverSentEvents, .ndjson] {
            #expect(decode(body.singleBytes, dialect, framing: framing) == whole)
            for _ in 0..<20 {
                #expect(decode(body.cut(upTo: 2000, &random), dialect, framing: framing) == whole)
            }
        }
    }
}
