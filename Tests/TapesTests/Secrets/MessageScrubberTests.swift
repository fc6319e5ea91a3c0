import Dialects
import Testing

@testable import Tapes

/// Secrets in binary messages with checksums.
@Suite("A scrubber of AWS's event streams")
struct MessageScrubberTests {
    private let type = "application/vnd.amazon.eventstream"
    private let key = Sample.detected[0].secret

    private func delta(_ text: some StringProtocol) throws -> [UInt8] {
        let json = #"{"contentBlockIndex":0,"delta":{"text":"\#(text)"}}"#
        return try #require(AWSEventStreamMessage.event("contentBlockDelta", json: Array(json.utf8)).bytes)
    }

    private func text(_ body: [UInt8]) -> (text: String, end: StreamEnd) {
        var decoder = StreamDecoder(dialect: .bedrockConverse)
        var events = EventBuffer()
        decoder.feed(body.span.bytes, into: &events)
        let end = decoder.finish(into: &events)
        return (MessageFold(events.events).text, end)
    }

    @Test("A masked message has the checksum of what it became, wherever chunks cut it")
    func checksums() throws {
        let stars = String(repeating: "*", count: key.count)
        let body = try delta("before ") + delta("my \(key) is") + delta(" behind")
        let expected = try delta("before ") + delta("my \(stars) is") + delta(" behind")
        for chunks in [[body], body.singles] + (1..<body.count).map({ [Array(body[..<$0]), Array(body[$0...])] }) {
            let output = scrub(chunks, type)
            #expect(output.flatMap(\.bytes) == expected)
            #expect(output.map(\.bytes.count) == chunks.map(\.count))
        }
        #expect(text(expected).text == "before my \(stars) is behind")
    }

    @Test("A secret that comes token by token is found, and every message stays one")
    func tokens() throws {
        let places = Array(key.indices.dropFirst()) + [key.endIndex]
        for place in places {
            let body = try delta("a \(key[..<place])") + delta("\(key[place...]) b")
            let output = scrub(body.singles, type).flatMap(\.bytes)
            let read = text(output)
            #expect(read.text == "a \(String(repeating: "*", count: key.count)) b")
            #expect(read.end.state == .truncated)
        }
    }

    @Test("A message that is larger than what is held back stays one")
    func large() throws {
        let filling = String(repeating: "x ", count: 100_000)
        let body = try delta("\(key) \(filling) \(key)") + delta(" end")
        let chunks = stride(from: 0, to: body.count, by: 1000).map { Array(body[$0..<min($0 + 1000, body.count)]) }
        let read = text(scrub(chunks, type).flatMap(\.bytes))
        #expect(!read.text.contains(key))
        #expect(read.text.hasSuffix("* end"))
        #expect(read.end.state == .truncated)
    }

    @Test("Without a secret nothing changes, broken messages included")
    func untouched() throws {
        var body = try delta("a") + delta("b")
        body[body.count - 1] ^= 1
        body += Array("no message at all, but bytes".utf8)
        for chunks in [[body], body.singles] { #expect(scrub(chunks, type).flatMap(\.bytes) == body) }
        let lost = try delta("a") + Array("not a message: \(key)".utf8)
        let text = String(decoding: scrub(lost.singles, type).flatMap(\.bytes), as: UTF8.self)
        #expect(!text.contains(key))
        // What is labelled wrongly is read as what it is.
        let document = Array(#"{"message":"\#(key)"}"#.utf8)
        #expect(!String(decoding: scrub([document], type).flatMap(\.bytes), as: UTF8.self).contains(key))
    }
}
