import Dialects
import Testing

/// Recorded streams of Google's API and of Vertex AI.
@Suite(.enabled(if: Recording.folder != nil, "TOKENCAST_CORPUS is not set"))
struct GeminiCorpusTests {
    private static let recordings = Recording.of(.gemini)

    @Test("No recorded stream of Gemini's is left out")
    func count() {
        print("\(Self.recordings.count) recorded streams of gemini.generateContent")
        #expect(!Self.recordings.isEmpty)
    }

    @Test("A recorded Gemini stream adds up to what its server said", arguments: recordings)
    func content(_ recording: Recording) throws {
        let result = try recording.decoded()
        let fold = result.fold
        for (index, text) in recording.expected_choices ?? ["0": recording.expected_text ?? ""] {
            #expect(fold.text(choice: Int(index) ?? -1) == text)
        }
        #expect(fold.reasoning == recording.expected_reasoning ?? "")
        #expect(fold.start?.model == recording.model)
        for (index, reason) in recording.finish_reasons ?? ["0": recording.finish_reason] {
            #expect(fold.choice(Int(index) ?? -1)?.finishReason == reason)
        }
        if let count = recording.frameCount { #expect(result.frames.count == count) }
        #expect(Dialect.gemini.recognizesFirst(result.frames))
        let calls = fold.toolCalls
        if recording.features.contains("partial_args") {
            #expect(calls.map(\.name) == recording.tool_calls.map(\.name).filter { $0 != nil })
            #expect(calls.map { JSON($0.arguments) } == PartialArguments.calls(in: result.frames).map(Optional.some))
        } else {
            #expect(calls.map(\.id) == recording.tool_calls.map(\.id))
            #expect(calls.map(\.name) == recording.tool_calls.map(\.name))
            #expect(calls.map { JSON($0.arguments) } == recording.tool_calls.map { JSON($0.arguments ?? "") })
        }
        #expect(fold.choice(0)?.finish?.kind == (calls.isEmpty ? .stop : .toolCalls))
    }

    @Test("A recorded Gemini stream's usage is the last that was told", arguments: recordings)
    func usage(_ recording: Recording) throws {
        let usage = try recording.decoded().fold.usage
        let expected = try #require(recording.usage)
        let count = { (name: String) in expected[name]?.int }
        let sum = { (names: [String]) in
            names.allSatisfy { count($0) == nil } ? nil : names.reduce(0) { $0 + (count($1) ?? 0) }
        }
        #expect(usage?.input == sum(["promptTokenCount", "toolUsePromptTokenCount"]))
        #expect(usage?.output == sum(["candidatesTokenCount", "thoughtsTokenCount"]))
        #expect(usage?.total == count("totalTokenCount"))
        #expect(usage?.cached == count("cachedContentTokenCount"))
        #expect(usage?.reasoning == count("thoughtsTokenCount"))
        #expect(usage.flatMap { JSON($0.raw) } == expected)
        // What came in and what went out is all there is.
        #expect(usage.map { ($0.input ?? 0) + ($0.output ?? 0) } == usage?.total)
    }

    @Test("R5: a recorded Gemini stream is complete where its body ends", arguments: recordings)
    func end(_ recording: Recording) throws {
        let body = try recording.body()
        let result = try recording.decoded()
        if let error = recording.errors.first {
            #expect(result.end.state == .error)
            #expect(result.end.error?.message == error["message"]?.string)
        } else {
            #expect(result.end == StreamEnd(state: recording.finish_reason == nil ? .truncated : .complete))
        }
        // Its first half is not.
        let half = decode([Array(body[..<(body.count / 2)])], .gemini, framing: recording.bodyFraming)
        let isOver = half.frames.contains { $0.contains("finishReason") }
        #expect(half.end == StreamEnd(state: isOver ? .complete : .truncated))
    }

    @Test("R2: a recorded Gemini stream gives the same events, cut anywhere", arguments: recordings)
    func cuts(_ recording: Recording) throws {
        try recording.expectSameEventsHoweverCut()
    }

    @Test("A recorded stream's frames as a JSON array say the same, cut anywhere", arguments: recordings)
    func arrays(_ recording: Recording) throws {
        let whole = try recording.decoded()
        for isPretty in [false, true] {
            let array = JSONArrays.array(of: whole.frames, isPretty: isPretty)
            // Announced as what Google announces it as, and by its first byte known for what it is.
            let result = decode([array], .gemini, framing: .document)
            #expect(result.events.comparable == whole.events.comparable)
            #expect(result.end == whole.end)
            #expect(result.frames.map { JSON($0) } == whole.frames.map { JSON($0) })
            #expect(result.counts == whole.counts)
            #expect(decode(array.singleBytes, .gemini, framing: .document) == result)
            for index in JSONArrays.places(100, in: array) {
                try #require(decode(array, cutAt: index, .gemini, framing: .document) == result, "cut at \(index)")
            }
        }
    }
}

extension Dialect {
    fileprivate func recognizesFirst(_ frames: [String]) -> Bool {
        let bytes = Array((frames.first ?? "").utf8)
        return recognizes(RawSpan(), bytes.span.bytes)
    }
}

extension [TokenEvent] {
    /// The events, with what stands in them as it did on the wire read as JSON, whatever the space in it.
    fileprivate var comparable: [Comparable] {
        map { event in
            switch event {
            case .usage(var usage):
                let raw = JSON(usage.raw)
                usage.raw = ""
                return Comparable(event: .usage(usage), raw: raw)
            case .delta(var delta):
                guard case .citation(var citation) = delta.content else { return Comparable(event: event) }
                let raw = JSON(citation.raw)
                citation.raw = ""
                delta.content = .citation(citation)
                return Comparable(event: .delta(delta), raw: raw)
            default: return Comparable(event: event)
            }
        }
    }
}

private struct Comparable: Equatable {
    var event: TokenEvent
    var raw: JSON?
}
