import Dialects
import Tapes
import Testing

@testable import TapeTools

@Suite("tape show")
struct ShowTests {
    /// A tape with everything in it that a line can hold.
    private func everything() throws -> Tape {
        var tape = try sample("a\(attack)b") { $0.usage = (1, 2) }
        tape.request.query = [TapeField("beta", attack)]
        tape.request.headers.append(TapeField("accept", attack))
        tape.response?.headers.append(TapeField("x-request-id", attack))
        let last = tape.entries.last?.offset ?? 0
        let more: [Tape.Entry.Content] = [
            .chunk([0xFF, 0xC3]), .chunk([UInt8](repeating: 0xFE, count: 100)),
            .message(Tape.Message(direction: .fromUpstream, opcode: .text, payload: Array(attack.utf8))),
            .message(
                Tape.Message(direction: .toUpstream, opcode: .close, payload: [3, 232] + Array("bye\u{1B}".utf8))
            ),
            .message(Tape.Message(direction: .toUpstream, opcode: .close, payload: [3])),
            .marker(name: "client_cancel\u{1B}", details: .object([("why", .string(attack))])),
        ]
        tape.entries += more.map { Tape.Entry(offset: last, $0) }
        tape.end?.finish = attack
        return tape
    }

    @Test("shows request, chunks, messages, markers and end, and nothing that a terminal obeys")
    func page() throws {
        let page = TapePage(try everything()).text()
        #expect(isHarmless(page))
        for part in [
            "request   POST /v1/chat/completions?beta=", "\"model\": \"demo\"", "response  200 after 0.150 s",
            "0.300  data: {", "\\xff\\xc3", "100 bytes: fe fe", "< text ", "> close 1000 bye\\u{1b}",
            "[client_cancel\\u{1b}]",
            "end: eof, ",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(isHarmless(EventLines(try everything()).text()))
        #expect(isHarmless(TextConversion(try everything()).text))
        #expect(isHarmless(TimingPlot(Arrivals(try everything())).text()))
        #expect(isHarmless(TapeDifference(try everything(), try sample(), isExact: true).text()))
    }

    @Test("shows the text alone, byte for byte, or the body where there is no answer")
    func text() throws {
        let text = "é\u{1B}[0m\r\n e\u{301}"
        #expect(AnswerText.bytes(of: try sample(text)) == Array(text.utf8) + [10])
        let failed = try sample("") { $0.failure = TapeScript.Failure(status: 500) }
        #expect(AnswerText.bytes(of: failed) == failed.body)
        let silent = try sample("") { $0.toolCalls = [.init(name: "f", arguments: "{}")] }
        #expect(AnswerText.bytes(of: silent) == [10])
    }

    @Test("shows events as the delta view does, with their time and chunk")
    func events() throws {
        let tape = try sample("one two") {
            $0.reasoning = "hm"
            $0.toolCalls = [.init(name: "f", arguments: #"{"a":1}"#)]
            $0.usage = (3, 4)
        }
        let lines = try EventLines(tape).json.split(separator: 10).map { try JSONValue(parsing: Array($0)) }
        #expect(lines.first?["type"]?.string == "start")
        #expect(lines.first?.value(at: "/data/model")?.string == "demo")
        #expect(lines.first?.value(at: "/data/created")?.int == 1_767_225_600)
        let deltas = lines.filter { $0["type"]?.string == "delta" }
        #expect(
            deltas.map { $0.value(at: "/data/type")?.string }.prefix(4) == ["reasoning", "text", "text", "tool_call"]
        )
        #expect(deltas.first?["us"]?.int == 300_000)
        #expect(deltas.first?["chunk"]?.int == 2)
        #expect(lines.last?.value(at: "/data/state")?.string == "complete")
        let people = EventLines(tape).text().split(separator: "\n")
        #expect(people.count == lines.count)
        #expect(people[1] == "   0.300   2  reasoning  \"hm\"")
    }

    @Test("plots arrivals within its width, in ASCII where it must", arguments: [1, 24, 40, 80, 300])
    func plot(_ width: Int) throws {
        let arrivals = Arrivals(try sample(String(repeating: "word ", count: 200)))
        for isUnicode in [true, false] {
            let text = TimingPlot(arrivals).text(Appearance(width: width, isUnicode: isUnicode))
            let plot = text.split(separator: "\n").drop { !$0.contains(isUnicode ? "┤" : "|") }
            #expect(plot.count == 7)
            #expect(plot.allSatisfy { DisplayWidth.of(String($0)) <= max(width, 40) })
            if !isUnicode { #expect(text.utf8.allSatisfy { $0 < 0x7F }) }
        }
    }

    @Test("computes what came when")
    func figures() throws {
        let arrivals = Arrivals(try sample("a b c d e") { $0.usage = (1, 9) })
        #expect(arrivals.tokens.count == 5)
        // 9 tokens in the 80 ms from the first to the last.
        #expect(arrivals.tokensPerSecond == 100)
        #expect(Arrivals.percentile([1, 2, 3, 4], 50) == 2)
        #expect(Arrivals.percentile([1, 2, 3, 4], 95) == 4)
        #expect(Arrivals.percentile([7], 1) == 7)
        #expect(Arrivals.percentile([], 50) == nil)
        #expect(try JSONValue(parsing: arrivals.json)["gap_median_us"]?.int == 20_000)
        #expect(try JSONValue(parsing: arrivals.json)["tokens_per_second"]?.double == 100)
    }

    @Test("survives times that no stream has")
    func extremes() throws {
        for offset in [0, 1, Int64.max - 1, Int64.max] {
            var tape = try sample()
            for index in tape.entries.indices { tape.entries[index].offset = index == 0 ? 0 : offset }
            tape.response?.offset = 0
            tape.end?.offset = offset
            #expect(isHarmless(TimingPlot(Arrivals(tape)).text()))
            #expect(isHarmless(TapePage(tape).text()))
        }
        var empty = try sample()
        empty.entries = []
        #expect(TimingPlot(Arrivals(empty)).text().contains("chunks        0"))
    }

    @Test("gives git the same lines for the same meaning: other times, chunks and ids don't show")
    func textConversion() throws {
        let tape = try sample("Zürich is\nfine.") {
            $0.reasoning = "hm"
            $0.toolCalls = [.init(name: "f", arguments: #"{"a":[1,2]}"#)]
        }
        let text = TextConversion(tape).text
        let other = try sample("Zürich is\nfine.") {
            $0.reasoning = "hm"
            $0.toolCalls = [.init(name: "f", arguments: #"{"a":[1,2]}"#)]
            $0.seed = 5
            $0.pace = 3
            $0.pieces = .characters
            $0.created = "2026-03-01T00:00:00Z"
        }
        #expect(TextConversion(other).text == text)
        var moved = tape
        moved.response?.headers.append(TapeField("x-request-id", "1"))
        #expect(TextConversion(moved.rechunked([tape.body])).text == text)
        #expect(
            text.hasSuffix(
                """
                status: 200
                content-type: text/event-stream; charset=utf-8

                reasoning:
                hm

                text:
                Zürich is
                fine.

                tool call: f
                {"a": [1, 2]}

                finish: tool_calls
                end: eof
                stream: complete, finish tool_calls, terminal [DONE]

                """
            )
        )
    }
}
