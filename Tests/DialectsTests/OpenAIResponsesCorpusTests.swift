import Dialects
import Foundation
import Testing

/// Recorded responses of OpenAI, Azure, xAI, OpenRouter and DeepSeek.
@Suite(.enabled(if: Recording.folder != nil, "TOKENCAST_CORPUS is not set"))
struct OpenAIResponsesCorpusTests {
    /// The answers of a recording: one recording has those of several requests, one after another.
    private func answers(_ recording: Recording) throws -> [Decoded] {
        let body = String(decoding: try recording.body(), as: UTF8.self)
        let first = "event: response.created\n"
        let answers = body.components(separatedBy: first).filter { !$0.isEmpty }
        guard answers.count > 1 else { return [try recording.decoded()] }
        return answers.map { decode(first + $0, .openAIResponses) }
    }

    @Test("A recorded response adds up to what its server said", arguments: Recording.of(.openAIResponses))
    func content(_ recording: Recording) throws {
        let answers = try answers(recording)
        let folds = answers.map(\.fold)
        #expect(folds.map(\.text).joined() == recording.expected_text ?? "")
        #expect(folds.map(\.reasoning).joined() == recording.expected_reasoning ?? "")
        #expect(folds.map(\.refusal).joined() == recording.expected_refusal ?? "")
        #expect(folds.last?.finishReason == recording.finish_reason)
        for fold in folds {
            #expect(fold.start?.id != nil)
            // What is taken up behind its first event counts as without a model there, though the next one names it.
            if let model = recording.model { #expect(fold.start?.model == model) }
        }
        let calls = folds.flatMap(\.toolCalls).map { Recording.Call(id: $0.id, name: $0.name, arguments: $0.arguments) }
        if folds.count > 1 {
            // Where several answers have a call at the same place, the last one was expected of them.
            #expect(recording.tool_calls.allSatisfy(calls.contains))
        } else {
            #expect(calls == recording.tool_calls)
        }
        for (answer, fold) in zip(answers, folds) where answer.end.state == .complete {
            #expect(fold.choice(0)?.finish?.kind == (fold.toolCalls.isEmpty ? .stop : .toolCalls))
        }
    }

    @Test("R19: a recorded response's usage comes with its last event", arguments: Recording.of(.openAIResponses))
    func usage(_ recording: Recording) throws {
        let usage = try answers(recording).last?.fold.usage
        guard let expected = recording.usage, expected != .null else {
            #expect(usage == nil)
            return
        }
        #expect(usage?.input == expected["input_tokens"]?.int)
        #expect(usage?.output == expected["output_tokens"]?.int)
        #expect(usage?.total == expected["total_tokens"]?.int)
        #expect(usage?.cached == expected["input_tokens_details"]?["cached_tokens"]?.int)
        #expect(usage?.reasoning == expected["output_tokens_details"]?["reasoning_tokens"]?.int)
        #expect(usage.flatMap { JSON($0.raw) } == expected)
    }

    @Test("R5: a recorded response ends as its last event says", arguments: Recording.of(.openAIResponses))
    func end(_ recording: Recording) throws {
        for answer in try answers(recording) {
            if let error = recording.errors.first {
                #expect(answer.end.state == .error)
                #expect(answer.end.error?.message == error["message"]?.string)
                #expect(answer.end.error?.type == error["type"]?.string)
                #expect(answer.end.error?.code == error["code"]?.string)
            } else {
                #expect(answer.end == StreamEnd(state: .complete, terminal: "response.completed"))
            }
        }
    }

    @Test("R2: a recorded response gives the same events, cut anywhere", arguments: Recording.of(.openAIResponses))
    func cuts(_ recording: Recording) throws {
        let answers = try answers(recording)
        // What comes behind the end makes no frame; the recording that has an error has one event more.
        let ignored = recording.errors.isEmpty ? recording.framing.done_marker == true ? 1 : 0 : 1
        #expect(answers.map(\.frames.count).reduce(ignored, +) == recording.frameCount)
        try recording.expectSameEventsHoweverCut()
    }

    @Test(
        "A recorded response is recognised by its first frame, whatever the path",
        arguments: Recording.of(.openAIResponses)
    )
    func recognized(_ recording: Recording) throws {
        for dialect in [Dialect.generic, .openAIChat, .anthropicMessages] {
            #expect(decode([try recording.body()], dialect) == (try recording.decoded()))
        }
    }

    @Test(
        "What a recorded response told in pieces is in its last event too, and is the same when that is all there is",
        arguments: Recording.of(.openAIResponses)
    )
    func lastEventAlone(_ recording: Recording) throws {
        for answer in try answers(recording) where answer.end.state == .complete {
            let last = try #require(answer.frames.last { $0.contains(#""type":"response.completed""#) })
            let data = try #require(last.firstIndex(of: "{").map { last[$0...] })
            let alone = decode("data: \(data)\n\n", .openAIResponses)
            #expect(alone.end == answer.end)
            #expect(alone.fold.text == answer.fold.text)
            #expect(alone.fold.reasoning == answer.fold.reasoning)
            #expect(alone.fold.toolCalls == answer.fold.toolCalls)
            #expect(alone.fold.citations.map(\.url) == answer.fold.citations.map(\.url))
            #expect(alone.fold.usage == answer.fold.usage)
            #expect(alone.fold.choice(0)?.finish == answer.fold.choice(0)?.finish)
        }
    }
}
