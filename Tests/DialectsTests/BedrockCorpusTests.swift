import Dialects
import Testing

/// Recorded streams of Amazon Bedrock: `TOKENCAST_CORPUS` names the folder with `streams/index.json`.
@Suite(.enabled(if: Recording.folder != nil, "TOKENCAST_CORPUS is not set"))
struct BedrockCorpusTests {
    private static let converse = Recording.of(.bedrockConverse)
    private static let invoke = Recording.of(.bedrockInvoke)

    @Test("There are recorded streams, each of which the tests below take")
    func count() {
        print("\(Self.converse.count) recorded streams of bedrock.converse, \(Self.invoke.count) of bedrock.invoke")
        #expect(!Self.converse.isEmpty && !Self.invoke.isEmpty)
    }

    private func decoded(_ recording: Recording) throws -> Decoded {
        decode([try recording.body()], recording.dialect)
    }

    @Test("A recorded stream adds up to what its model said", arguments: converse + invoke)
    func content(_ recording: Recording) throws {
        let fold = try decoded(recording).fold
        #expect(fold.text == recording.expected_text ?? "")
        #expect(fold.reasoning == recording.expected_reasoning ?? "")
        #expect(fold.start?.model == recording.model)
        #expect(fold.finishReason == recording.finish_reason)
        let calls = fold.toolCalls
        if recording.tool_calls.isEmpty {
            // The index leaves out the calls of Nova's own format, whose streams say that they end with them.
            #expect(calls.isEmpty == (recording.finish_reason != "tool_use"))
            return
        }
        #expect(
            calls.map { Recording.Call(id: $0.id, name: $0.name, arguments: $0.arguments) } == recording.tool_calls
        )
    }

    @Test("The calls of Nova's own format are whole", arguments: invoke.filter { $0.file.contains("nova") })
    func novaCalls(_ recording: Recording) throws {
        for call in try decoded(recording).fold.toolCalls {
            #expect(call.id?.isEmpty == false && call.name?.isEmpty == false)
            #expect(JSON(call.arguments) != nil)
        }
    }

    @Test("A recorded stream's usage is told", arguments: converse + invoke)
    func usage(_ recording: Recording) throws {
        let usage = try decoded(recording).fold.usage
        guard let expected = recording.usage, expected != .null else {
            #expect(usage == nil)
            return
        }
        func expectedCount(_ names: String...) -> Int? { names.lazy.compactMap { expected[$0]?.int }.first }
        #expect(usage?.input == expectedCount("inputTokens", "inputTokenCount", "input_tokens"))
        #expect(usage?.output == expectedCount("outputTokens", "outputTokenCount", "output_tokens"))
        #expect(usage?.total == expected["totalTokens"]?.int)
        #expect(usage?.cached == expected["cacheReadInputTokenCount"]?.int)
        #expect(usage.flatMap { JSON($0.raw) } == expected)
    }

    @Test("R5: a recorded stream is complete, and without its last messages it isn't", arguments: converse + invoke)
    func end(_ recording: Recording) throws {
        #expect(recording.errors.isEmpty)
        let whole = try decoded(recording)
        #expect(whole.end.state == .complete)
        let body = try recording.body()
        #expect(decode([Array(body.dropLast())], recording.dialect).end.state == .error)
        guard whole.frames.count > 3 else { return }
        let head = try Array(body[..<#require(Self.offsets(body).dropLast(3).last)])
        #expect(decode([head], recording.dialect).end.state == .truncated)
    }

    /// Where each message ends.
    private static func offsets(_ body: [UInt8]) -> [Int] {
        var ends: [Int] = []
        var index = 0
        while index + 4 <= body.count {
            index += body[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
            ends.append(index)
        }
        return ends
    }

    @Test("A recorded stream tells its dialect, whatever its path was", arguments: converse + invoke)
    func recognized(_ recording: Recording) throws {
        let whole = try decoded(recording)
        let body = try recording.body()
        for dialect in [Dialect.generic, .openAIChat, .bedrockConverse, .bedrockInvoke] {
            #expect(decode([body], dialect, framing: .awsEventStream) == whole)
        }
    }

    @Test("R2: a recorded stream gives the same events, cut anywhere", arguments: converse + invoke)
    func cuts(_ recording: Recording) throws {
        let dialect = recording.dialect
        let body = try recording.body()
        let whole = decode([body], dialect)
        #expect(whole.events.first.map { if case .start = $0 { true } else { false } } == true)
        #expect(whole.frames.count == Self.offsets(body).count)
        #expect(decode(body.singleBytes, dialect) == whole)
        var random = SeededRandom(seed: 1)
        let places =
            body.count <= 2000
            ? Array(body.indices) : (0..<500).map { _ in Int.random(in: body.indices, using: &random) }
        for index in places {
            try #require(decode(body, cutAt: index, dialect) == whole, "cut at \(index)")
        }
    }
}
