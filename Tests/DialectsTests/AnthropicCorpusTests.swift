import Dialects
import Testing

/// Recorded streams of Anthropic's APIs: `TOKENCAST_CORPUS` names the folder with `streams/index.json`.
@Suite(.enabled(if: Recording.folder != nil, "TOKENCAST_CORPUS is not set"))
struct AnthropicCorpusTests {
    private static let messages = Recording.of(.anthropicMessages)
    private static let completions = Recording.of(.anthropicComplete)

    @Test("There are recorded streams, each of which the tests below take")
    func count() {
        print(
            "\(Self.messages.count) recorded streams of anthropic.messages, \(Self.completions.count) of anthropic.complete"
        )
        #expect(!Self.messages.isEmpty && !Self.completions.isEmpty)
    }

    @Test("A recorded stream adds up to what its server said", arguments: messages + completions)
    func content(_ recording: Recording) throws {
        // Some recordings are several answers, one behind the other: each of them is a stream.
        let dialect = recording.dialect
        let folds = try Self.answers(recording).map { decode([$0], dialect).fold }
        let last = try #require(folds.last)
        #expect(folds.map(\.text).joined() == recording.expected_text ?? "")
        #expect(folds.map(\.reasoning).joined() == recording.expected_reasoning ?? "")
        #expect(folds.allSatisfy { $0.refusal.isEmpty })
        #expect(folds[0].start?.model == recording.model)
        #expect(last.finishReason == recording.finish_reason)
        let calls = folds.flatMap(\.toolCalls)
        if folds.count == 1 {
            #expect(calls.map { "\($0.id ?? "") \($0.name ?? "")" } == recording.tool_calls.map(\.title))
        }
        // Of joined answers the index has the last call with each number, each call else.
        for expected in recording.tool_calls {
            let call = try #require(calls.first { $0.id == expected.id })
            #expect(call.name == expected.name)
            #expect(call.arguments == expected.arguments || JSON(call.arguments) == JSON(expected.arguments ?? ""))
        }
    }

    @Test("R19: a recorded stream's counts are the last ones, with those that only its start has", arguments: messages)
    func usage(_ recording: Recording) throws {
        let answers = try Self.answers(recording)
        let usage = try #require(decode([answers[answers.count - 1]], .anthropicMessages).fold.usage)
        let expected = try #require(recording.usage)
        let counts = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"].map {
            expected[$0]?.int
        }
        #expect(usage.input == counts.reduce(0) { $0 + ($1 ?? 0) })
        #expect(usage.cacheCreation == counts[1])
        #expect(usage.cached == counts[2])
        #expect(usage.output == expected["output_tokens"]?.int)
        #expect(usage.reasoning == expected["output_tokens_details"]?["thinking_tokens"]?.int)
        #expect(usage.total == nil && !usage.isEstimated)
        if answers.count == 1 { #expect(JSON(usage.raw) == expected) }
    }

    @Test("R5: a recorded stream is complete by its last event, though that lacks its blank line", arguments: messages)
    func end(_ recording: Recording) throws {
        for answer in try Self.answers(recording) {
            #expect(decode([answer], .anthropicMessages).end == StreamEnd(state: .complete, terminal: "message_stop"))
        }
    }

    @Test("A recorded completion ends with its stop reason", arguments: completions)
    func completionEnd(_ recording: Recording) throws {
        let result = decode([try recording.body()], .anthropicComplete)
        #expect(result.end == StreamEnd(state: .complete, terminal: "stop_reason"))
        #expect(result.fold.usage == nil)
    }

    @Test("A recorded stream tells its dialect, whatever its path was", arguments: messages + completions)
    func recognized(_ recording: Recording) throws {
        let body = try recording.body()
        let whole = decode([body], recording.dialect)
        // Where the first event is one that nobody knows there is nothing to tell it by.
        guard !recording.features.contains("comments") else { return }
        #expect(decode([body], .openAIChat) == whole)
        #expect(decode([body], .generic) == whole)
    }

    @Test("R2: a recorded stream gives the same events, cut anywhere", arguments: messages + completions)
    func cuts(_ recording: Recording) throws {
        let dialect = recording.dialect
        let body = try recording.body()
        let whole = decode([body], dialect)
        #expect(whole.events.first.map { if case .start = $0 { true } else { false } } == true)
        #expect(decode(body.singleBytes, dialect) == whole)
        if body.count <= 2000 {
            for index in body.indices {
                try #require(decode(body, cutAt: index, dialect) == whole, "cut at \(index)")
            }
            return
        }
        var random = SeededRandom(seed: 1)
        for _ in 0..<500 {
            let index = Int.random(in: body.indices, using: &random)
            try #require(decode(body, cutAt: index, dialect) == whole, "cut at \(index)")
        }
    }

    /// The answers in a recording.
    private static func answers(_ recording: Recording) throws -> [[UInt8]] {
        let body = String(decoding: try recording.body(), as: UTF8.self)
        let name = "event: message_start\n"
        let pieces = body.split(separator: name, omittingEmptySubsequences: false)
        guard pieces.count > 2 else { return [Array(body.utf8)] }
        #expect(pieces[0].isEmpty)
        return pieces.dropFirst().map { Array((name + $0).utf8) }
    }
}

extension Recording.Call {
    fileprivate var title: String { "\(id ?? "") \(name ?? "")" }
}
