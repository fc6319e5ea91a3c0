import Dialects
import NIOCore
import TestSupport
import Testing

@testable import Broadcast

/// Frames of RFC 6455, section 5.2, at the edges of its three kinds of length.
@Suite struct WebSocketFramingTests {
    private let id = StreamID()

    /// A frame with a payload of so many bytes.
    private func frame(payload: Int) throws -> [UInt8] {
        // What is around the text, found with an empty one.
        let around = try #require(WebSocketClient.parse(render("", .text)).first).payload.count
        return render(String(repeating: "x", count: payload - around), .text)
    }

    private func render(_ content: String, _ view: View) -> [UInt8] {
        var list = SegmentList()
        list.append(makeBatch(makeInfo(id), [text(content)]))
        let renderer = EventRenderer(format: ViewFormat(view: view, transport: .webSocket))
        return Array(renderer.render(list, from: 1, atMost: .max, epoch: id).bytes.readableBytesView)
    }

    @Test func aFrameIsOneEventAsJSON() throws {
        let frame = try #require(WebSocketClient.parse(render("a", .text)).first)
        #expect(frame.opcode == 1)
        #expect(frame.text == #"{"type":"text","id":"\#(id)_0000000001","stream":"\#(id)","data":"a"}"#)
    }

    @Test("Lengths in 16 bits", arguments: [200, 255, 256, 65_534, 65_535])
    func mediumLengths(length: Int) throws {
        let bytes = try frame(payload: length)
        #expect(bytes.prefix(4) == [0x81, 126, UInt8(length >> 8), UInt8(length & 0xFF)])
        #expect(bytes.count == length + 4)
    }

    @Test("Lengths in 64 bits", arguments: [65_536, 65_537, 1 << 20])
    func longLengths(length: Int) throws {
        let bytes = try frame(payload: length)
        #expect(bytes.prefix(2) == [0x81, 127])
        #expect(bytes[2..<10].reduce(0) { $0 << 8 | Int($1) } == length)
        #expect(bytes.count == length + 10)
    }

    @Test func aSingleByteOfLength() throws {
        let renderer = EventRenderer(format: ViewFormat(view: .delta, transport: .webSocket))
        // No event of a log is that short, but those that move no reader on.
        let bytes = Array(renderer.renderSlow(behind: 3, retained: 4, epoch: id).readableBytesView)
        #expect(bytes[0] == 0x81)
        #expect(Int(bytes[1]) == bytes.count - 2)
        let expected = #"{"type":"slow","stream":"\#(id)","data":{"behind":3,"retained":4}}"#
        #expect(WebSocketClient.parse(bytes).map(\.text) == [expected])
        // A WebSocket has no id to prime.
        #expect(renderer.renderPriming(epoch: id, before: 1).readableBytes == 0)
    }

    @Test func framesThatAreNotUTF8AreMendedInTheRawView() throws {
        var buffer = EventBuffer()
        buffer.openFrame(name: [UInt8]().span.bytes, data: ([0x61, 0xFF] as [UInt8]).span.bytes)
        buffer.closeFrame()
        var list = SegmentList()
        list.append(EventBatch(info: makeInfo(id), content: buffer, offset: 0))
        let renderer = EventRenderer(format: ViewFormat(view: .raw, transport: .webSocket))
        let bytes = Array(renderer.render(list, from: 1, atMost: .max, epoch: id).bytes.readableBytesView)
        #expect(WebSocketClient.parse(bytes).first?.text.contains("\"data\":\"a\u{FFFD}\"") == true)
    }

    @Test func heartbeats() {
        func heartbeat(_ transport: ViewFormat.Transport) -> String? {
            EventRenderer(format: ViewFormat(view: .delta, transport: transport)).heartbeat.map { String(buffer: $0) }
        }
        #expect(heartbeat(.plainEventStream) == ": ping\n")
        #expect(heartbeat(.chunkedEventStream) == "7\r\n: ping\n\r\n")
        // A WebSocket's connection pings by itself.
        #expect(heartbeat(.webSocket) == nil)
    }
}
