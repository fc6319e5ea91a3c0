import Dialects
import Tapes
import Testing

@testable import TapeTools

@Suite("Fixtures of aimock")
struct AimockFixturesTests {
    private func read(_ fixtures: String) throws -> AimockFixtures {
        try AimockFixtures.read(
            Array(#"{"fixtures":[\#(fixtures)]}"#.utf8),
            file: "f.json",
            model: "gpt-4o",
            pace: 1000
        )
    }

    @Test("A text becomes a stream and a document that say the same")
    func text() throws {
        let fixture =
            #"{"match":{"userMessage":"hi"},"response":{"content":"Grüße an alle, und 👋🏽!","usage":{"total_tokens":3}},"chunkSize":5}"#
        let found = try read(fixture)
        #expect(found.skipped.isEmpty && !found.namesModels && found.exchanges.count == 2)
        #expect(found.exchanges.map(\.end.text) == ["Grüße an alle, und 👋🏽!", "Grüße an alle, und 👋🏽!"])
        #expect(found.exchanges.map(\.end.finish) == ["stop", "stop"])
        #expect(found.exchanges[0].end.terminal == "[DONE]")
        #expect(found.exchanges[1].end.usage == #"{"total_tokens":3}"#)
        #expect(
            String(decoding: found.exchanges[0].request.body, as: UTF8.self)
                == #"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true}"#
        )
        // The role, five pieces of the text, the finish, the terminal.
        #expect(found.exchanges[0].pieces.count == 8)
    }

    @Test("Tool calls, reasoning and structured contents come over")
    func toolCalls() throws {
        let fixture =
            #"{"match":{"userMessage":"w","systemMessage":"s","model":"m"},"response":{"content":{"a":1},"reasoning":"hm","toolCalls":[{"name":"f","arguments":{"x":"é"}},{"name":"g","arguments":"{}","id":"c1"}]}}"#
        let found = try read(fixture)
        #expect(found.namesModels)
        for exchange in found.exchanges {
            var decoder = StreamDecoder(dialect: .openAIChat, framing: ImportedExchange.framing(exchange.headers))
            var buffer = EventBuffer()
            decoder.feed(exchange.body.span.bytes, into: &buffer)
            _ = decoder.finish(into: &buffer)
            let fold = MessageFold(buffer.events)
            #expect(fold.text == #"{"a":1}"#)
            #expect(fold.reasoning == "hm")
            #expect(fold.toolCalls.map(\.name) == ["f", "g"])
            #expect(fold.toolCalls.map(\.arguments) == [#"{"x":"é"}"#, "{}"])
            #expect(fold.finishReason == "tool_calls")
        }
    }

    @Test("Errors keep their status, and a 429 its wait")
    func errors() throws {
        let found = try read(
            #"{"match":{"userMessage":"e"},"response":{"error":{"message":"Slow","type":"rate_limit"},"status":429,"retryAfter":3}}"#
        )
        #expect(found.exchanges.map(\.status) == [429, 429])
        #expect(found.exchanges[0].header("retry-after") == "3")
        #expect(
            String(decoding: found.exchanges[0].body, as: UTF8.self)
                == #"{"error":{"message":"Slow","type":"rate_limit","param":null,"code":null}}"#
        )
    }

    @Test("Times and cuts are kept")
    func timing() throws {
        let found = try read(
            #"{"match":{"userMessage":"t"},"response":{"content":"abcdef"},"chunkSize":1,"streamingProfile":{"ttft":100,"tps":50},"truncateAfterChunks":3}"#
        )
        #expect(found.exchanges[0].pieces.map(\.delay) == [100_000, 20_000, 20_000])
        #expect(found.exchanges[0].reason == .upstreamReset)
        let recorded = try read(
            #"{"match":{"userMessage":"t"},"response":{"content":"ab"},"chunkSize":1,"recordedTimings":{"ttftMs":5,"interChunkDelaysMs":[1,2]}}"#
        )
        #expect(recorded.exchanges[0].pieces.map(\.delay) == [5000, 1000, 2000, 1000, 1000])
    }

    @Test("Sequences play in their order")
    func sequence() throws {
        let fixtures = [1, 0].map {
            #"{"match":{"userMessage":"s","sequenceIndex":\#($0)},"response":{"content":"\#($0)"}}"#
        }
        #expect(try read(fixtures.joined(separator: ",")).exchanges.map(\.end.text) == ["0", "0", "1", "1"])
    }

    @Test(
        "What a tape can't say is named and skipped, and the rest is kept",
        arguments: [
            (#"{"match":{},"response":{"content":"x"}}"#, "matches any prompt"),
            (#"{"match":{"userMessage":"a","toolCallId":"c"},"response":{"content":"x"}}"#, "\"toolCallId\""),
            (#"{"match":{"userMessage":["a"]},"response":{"content":"x"}}"#, "one text"),
            (#"{"match":{"userMessage":"a","endpoint":"image"},"response":{"content":"x"}}"#, "only chat completions"),
            (#"{"match":{"userMessage":"a","turnIndex":2},"response":{"content":"x"}}"#, "\"turnIndex\""),
            (#"{"match":{"userMessage":"a"},"response":{"embedding":[1]}}"#, "\"embedding\""),
            (#"{"match":{"userMessage":"a"},"response":{"content":"x"},"chaos":{"dropRate":1}}"#, "\"chaos\""),
            (#"{"match":{"userMessage":"a"},"response":{"content":"x"},"latency":-1}"#, "a time must be"),
            (#"{"match":{"userMessage":"a"}}"#, "response must be an object"), (#"7"#, "the fixture must be an object"),
            (#"{"match":{"userMessage":"a"},"response":{"error":{"message":"x"},"status":200}}"#, "400 to 599"),
        ]
    )
    func skipped(_ fixture: String, _ expected: String) throws {
        let found = try read("\n" + fixture + #",{"match":{"userMessage":"z"},"response":{"content":"z"}}"#)
        #expect(found.exchanges.count == 2)
        let error = try #require(found.skipped.first?.description)
        #expect(error.hasPrefix("f.json:2: fixtures[0] is skipped: ") && error.contains(expected), "\(error)")
    }

    @Test("A file that is no fixture file is refused", arguments: ["", "[]", "{", #"{"fixtures":{}}"#, #"{"a":1}"#])
    func refused(_ text: String) {
        #expect(throws: TapeError.self) {
            try AimockFixtures.read(Array(text.utf8), file: "f.json", model: "m", pace: 0)
        }
    }
}
