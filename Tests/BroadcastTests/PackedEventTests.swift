import Dialects
import Testing

@testable import Broadcast

/// What is packed comes back as it was.
@Suite("Packed events")
struct PackedEventTests {
    private let info = makeInfo(StreamID())

    private func pack(_ events: [TokenEvent], summary: StreamSummary? = nil, frame: String? = nil) -> EventBatch {
        var buffer = EventBuffer()
        if let frame { buffer.openFrame(name: Array("n".utf8).span.bytes, data: Array(frame.utf8).span.bytes) }
        for event in events { buffer.append(event) }
        buffer.closeFrame()
        return EventBatch(info: info, content: buffer, summary: summary)
    }

    private static func delta(_ content: TokenDelta.Content, choice: Int = 0, part: Int = 0) -> TokenEvent {
        .delta(TokenDelta(choice: choice, part: part, content: content))
    }

    private static let long = String(repeating: "né\n\"", count: 5000)

    private static let events: [TokenEvent] = [
        .opaque,
        .start(StreamStart()), .start(StreamStart(id: "", model: "m")), .restart(StreamStart(id: "x", model: long)),
        delta(.text("")), delta(.text(" Hi"), choice: 1), delta(.reasoning("\u{0}🌊"), part: 200),
        delta(.refusal(long), choice: .min, part: .max), delta(.text("a"), choice: -1, part: -2),
        delta(.toolCall(ToolCallDelta())),
        delta(.toolCall(ToolCallDelta(index: .max, id: "", name: "f", arguments: #"{"a":1}"#)), choice: 3, part: 4),
        delta(.citation(Citation(raw: "{}"))), delta(.citation(Citation(url: "u", title: "", raw: long))),
        .usage(TokenUsage()), .usage(TokenUsage(input: 0, output: .max, total: .min, cached: -1, raw: long)),
        .usage(TokenUsage(cacheCreation: 127, reasoning: 128, isEstimated: true, raw: "")),
        .finish(choice: 0, FinishReason(openAI: "stop")), .finish(choice: -7, FinishReason(raw: "", kind: .other)),
        .finish(choice: 9, FinishReason(raw: "MAX_TOKENS", kind: .length)),
    ]

    private static let ends: [StreamEnd] =
        StreamEnd.State.allCases.map { StreamEnd(state: $0) } + [
            StreamEnd(state: .complete, terminal: "[DONE]"),
            StreamEnd(state: .error, error: StreamError(message: "")),
            StreamEnd(
                state: .error,
                terminal: "error",
                error: StreamError(message: long, type: "t", code: "", status: 429)
            ),
        ]

    @Test("Every event comes back, alone and among all others, read and passed")
    func roundTrip() {
        for event in Self.events + Self.ends.map({ .end($0) }) { #expect(pack([event]).events == [event]) }
        let all = pack(Self.events, frame: "f")
        #expect(all.events == Self.events && all.count == Self.events.count)
        for skipped in 0...Self.events.count {
            var cursor = all.run.cursor(skipping: skipped)
            for event in Self.events.dropFirst(skipped) { #expect(cursor.next() == event) }
        }
    }

    private static let summaries: [StreamSummary] = [
        StreamSummary(), StreamSummary(finish: "stop", usage: TokenUsage(), hasVoided: true),
        StreamSummary(finish: long, usage: TokenUsage(input: 1, output: 2, total: 3, raw: long)),
    ]

    @Test("The end has its summary", arguments: ends)
    func summary(end: StreamEnd) {
        for summary in Self.summaries {
            let batch = pack([Self.delta(.text("a")), .end(end)], summary: summary)
            #expect(batch.isLast && batch.summary == summary && batch.events.last == .end(end))
        }
        #expect(pack([.end(end)]).summary == nil)
        let other = pack([Self.delta(.text("a"))], summary: StreamSummary())
        #expect(!other.isLast && other.summary == nil)
    }

    @Test("Frames come back with the number of their last event")
    func frames() {
        var buffer = EventBuffer()
        var expected: [String] = []
        for (index, count) in [1, 0, 3, 15, 16, 40, 1].enumerated() {
            let name = index % 2 == 0 ? "" : "name\(index)"
            let data = String(repeating: "d\(index) ", count: index * 40)
            buffer.openFrame(name: Array(name.utf8).span.bytes, data: Array(data.utf8).span.bytes)
            for number in 0..<count { buffer.append(Self.delta(.text("\(number)"))) }
            buffer.closeFrame()
            expected.append("\(name)|\(data)|\(buffer.events.count - 1)")
        }
        // What belongs to no frame has none.
        buffer.append(.end(StreamEnd(state: .complete)))
        let batch = EventBatch(info: info, content: buffer)
        var cursor = batch.run.cursor()
        var found: [String] = []
        for number in 0..<batch.count {
            cursor.skip()
            guard cursor.leftInFrame == 0 else { continue }
            found.append(
                cursor.withFrame { name, data in
                    let name = name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                    let data = data.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                    return "\(name)|\(data)|\(number)"
                }
            )
        }
        #expect(found == expected && batch.events == buffer.events)
    }

    @Test("A text that stands in its frame isn't kept twice; one that doesn't is", arguments: ["", "aaaaaaaa", "é🌊"])
    func references(before: String) {
        let text = before + String(repeating: "words of an answer ", count: 50)
        for (frame, isIn) in [
            (#"{"a":"\#(before)\#(text)"}"#, true), (text, true), (String(text.dropLast()), false), ("", false),
        ] {
            let event = Self.delta(.text(text))
            let batch = pack([event, .opaque, event], frame: frame)
            #expect(batch.events == [event, .opaque, event])
            let own = batch.byteCount - frame.utf8.count
            #expect(isIn ? own < 40 : own > 2 * text.utf8.count, "\(own)")
        }
    }

    @Test("Looking for a text takes no longer than its frame, whatever is in both")
    func hostile() {
        let size = 1 << 20
        let frame = String(repeating: "a", count: 2 * size)
        let event = Self.delta(.text(String(repeating: "a", count: size) + "b"))
        let clock = ContinuousClock()
        let time = clock.measure { #expect(pack([event], frame: frame).events == [event]) }
        #expect(time < .seconds(5))
    }

    @Test("Looking for many texts takes no longer than their frame, whatever is in it", arguments: ["Z", "\n", "x"])
    func many(first: String) {
        let frame = String(repeating: "x", count: 8 << 20)
        let events = (0..<20_000).map { Self.delta(.text("\(first)xxxxxxxx text \($0)")) }
        let clock = ContinuousClock()
        let time = clock.measure { #expect(pack(events, frame: frame).count == events.count) }
        #expect(time < .seconds(2), "\(time)")
    }

    @Test("Texts are found in their frame however many there are, in whatever order")
    func manyFound() {
        let texts = (0..<5000).map { "the text that is number \($0)" }
        let frame = texts.joined(separator: ",")
        let events = texts.map { Self.delta(.text($0)) }
        #expect(pack(events.reversed(), frame: frame).events == events.reversed())
        let batch = pack(events, frame: frame)
        #expect(batch.events == events)
        // None of them is there twice.
        #expect(batch.byteCount < frame.utf8.count + 8 * events.count)
    }

    @Test(
        "What dialects read of random pieces comes back, in pages that many turns share",
        arguments: 0..<20 as Range<UInt64>
    )
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var pages = EventPages()
        let packer = EventPacker()
        var runs: [(EventRun, [TokenEvent])] = []
        for _ in 0..<200 {
            var buffer = EventBuffer()
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let isFramed = Int.random(in: 0..<4, using: &random) > 0
                let count = Int.random(in: 0...60, using: &random)
                let data = String(repeating: #"{"é":"a long text that may stand here"}"#, count: count)
                if isFramed { buffer.openFrame(name: RawSpan(), data: Array(data.utf8).span.bytes) }
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    buffer.append(Self.events.randomElement(using: &random) ?? .opaque)
                }
                buffer.append(Self.delta(.text("a long text that may stand here")))
                buffer.closeFrame()
            }
            runs.append((pages.seal(buffer, info, offset: 0, by: packer).run, buffer.events))
        }
        for (run, events) in runs { #expect(run.events == events) }
        // Some of them lie together.
        #expect(Set(runs.map { ObjectIdentifier($0.0.page) }).count < runs.count)
    }
}
