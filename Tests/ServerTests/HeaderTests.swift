import NIOCore
import NIOHTTP1
import Testing
import Upstream

@testable import Server

/// Headers on their way.
@Suite struct HeaderTests {
    @Test func hopByHopHeadersStayOnTheirHop() {
        let fields = [
            HeaderField("Content-Type", "a"), HeaderField("CONNECTION", "x-one , X-Two"), HeaderField("X-One", "1"),
            HeaderField("x-two", "2"), HeaderField("Transfer-Encoding", "chunked"), HeaderField("content-length", "3"),
            HeaderField("Keep-Alive", "1"), HeaderField("Upgrade", "x"), HeaderField("Trailer", "y"),
            HeaderField("Set-Cookie", "1"),
            HeaderField("set-cookie", "2"), HeaderField("Tokencast-Stream", "from upstream"),
        ]
        let passed = HeaderPolicy.caller(fields)
        #expect(passed.map(\.name).prefix(3) == ["Content-Type", "Set-Cookie", "set-cookie"])
        #expect(HeaderPolicy.caller([]).isEmpty)
    }

    @Test func whatGoesUpAsksForNoCompression() {
        let headers = HTTPHeaders([
            ("Host", "x"), ("Accept-Encoding", "gzip"), ("Expect", "100-continue"), ("tokencast-x", "1"), ("A", "1"),
            ("a", "2"),
            ("Connection", "close, B"), ("b", "3"),
        ])
        let expected = [HeaderField("A", "1"), HeaderField("a", "2"), HeaderField("accept-encoding", "identity")]
        #expect(HeaderPolicy.upstream(headers) == expected)
    }

    @Test(
        "Heads as they are written",
        arguments: [
            (ResponseHead.Framing.chunked, true, "transfer-encoding: chunked\r\n"),
            (.length(7), true, "content-length: 7\r\n"),
            (.none, true, ""), (.close, false, "connection: close\r\n"),
            (.length(0), false, "content-length: 0\r\nconnection: close\r\n"),
        ]
    )
    func heads(framing: ResponseHead.Framing, isKeptAlive: Bool, lines: String) {
        let fields = [HeaderField("X-A", "1"), HeaderField(name: "x-a", bytes: [0xE9])]
        var buffer = ByteBuffer()
        ResponseHead(status: 299, reason: "", headers: fields).write(
            into: &buffer,
            framing: framing,
            isKeptAlive: isKeptAlive
        )
        let expected = Array("HTTP/1.1 299 \r\nX-A: 1\r\nx-a: ".utf8) + [0xE9, 13, 10] + Array("\(lines)\r\n".utf8)
        #expect(Array(buffer.readableBytesView) == expected)
        #expect(ResponseHead(status: 404).reason == "Not Found")
    }
}
