import Dialects
import Tapes
import Testing

/// Replays of AWS's binary event streams: every message is an event.
@Suite("A replay of binary messages")
struct MessageReplayTests {
    private let names = ["messageStart", "contentBlockDelta", "messageStop", "metadata"]

    private func messages() throws -> [[UInt8]] {
        try names.map { name in
            let json = name == "messageStop" ? #"{"stopReason":"end_turn"}"# : #"{"x":"\#(name)"}"#
            return try #require(AWSEventStreamMessage.event(name, json: Array(json.utf8)).bytes)
        }
    }

    private func tape() throws -> Tape {
        let body = try messages().flatMap { $0 }
        let chunks = [Array(body[..<50]), Array(body[50...])]
        return TapesTests.tape(
            [(1, chunks[0]), (9, chunks[1])],
            type: "application/vnd.amazon.eventstream",
            path: "/model/m/converse-stream"
        )
    }

    @Test("is cut at messages, and never loses a byte")
    func rechunk() throws {
        let messages = try messages()
        let events = try Played(tape(), .event)
        #expect(events.chunks.map(\.bytes) == messages)
        for mode in [Rechunk.recorded, .byte] { #expect(try Played(tape(), mode).bytes == messages.flatMap { $0 }) }
    }

    @Test("has faults at messages")
    func faults() throws {
        let messages = try messages()
        #expect(try Played(tape(), nil, ["drop@event:3"]).bytes == messages[..<2].flatMap { $0 })
        #expect(try Played(tape(), nil, ["dup@event:2"]).bytes == (messages[..<2] + messages[1...]).flatMap { $0 })
        #expect(try Played(tape(), nil, ["no-terminal"]).bytes == messages[..<3].flatMap { $0 })
        #expect(try Played(tape(), nil, ["drop@event:5"]).notes.count == 1)
    }

    @Test("has malformed data under a right checksum")
    func malformed() throws {
        let played = try Played(tape(), nil, ["malformed@event:3"])
        #expect(played.bytes.count == (try messages().reduce(0) { $0 + $1.count }))
        var decoder = StreamDecoder(dialect: .bedrockConverse)
        var events = EventBuffer()
        decoder.feed(played.bytes.span.bytes, into: &events)
        #expect(decoder.finish(into: &events).state == .truncated)
        #expect(events.frames.count == 4)
        let third = events.withFrame(events.frames[2]) { _, data in data.withUnsafeBytes { Array($0) } }
        #expect(third == Array(#"}"stopReason":"end_turn"}"#.utf8))
    }
}
