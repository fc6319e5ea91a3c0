import NIOCore
import NIOHTTP1
import Testing
import Upstream

@testable import Server

/// Headers on their way, and the keys among them.
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
        "Placeholders",
        arguments: ["unused", "Bearer unused", "bearer  X", "Bearer", "", "Bearer sk-no-key-required", "NONE"]
    )
    func placeholders(value: String) {
        var fields = [HeaderField("Authorization", value), HeaderField("X-Api-Key", "dummy"), HeaderField("A", "1")]
        Credentials.apply("sk-ours", dialect: nil, to: &fields)
        #expect(fields == [HeaderField("A", "1"), HeaderField("authorization", "Bearer sk-ours")])
        var anthropic = [HeaderField("Authorization", value)]
        Credentials.apply("sk-ours", dialect: "anthropic", to: &anthropic)
        #expect(anthropic == [HeaderField("x-api-key", "sk-ours")])
    }

    @Test("Keys of the caller's own", arguments: ["authorization", "X-API-Key", "api-key", "x-goog-api-key"])
    func realKeys(name: String) {
        let fields = [HeaderField(name, "Bearer sk-mine"), HeaderField("Authorization", "Bearer unused")]
        var applied = fields
        Credentials.apply("sk-ours", dialect: nil, to: &applied)
        #expect(applied == fields)
        #expect(Credentials.secrets(in: applied.map { ($0.name, $0.value) }) == ["Bearer sk-mine"])
    }

    @Test("Credentials in headers and queries nobody listed")
    func unlistedCredentials() {
        let headers = [
            ("Ocp-Apim-Subscription-Key", "a"), ("X-Amz-Security-Token", "b"), ("Proxy-Authorization", "Basic c"),
            ("tokencast-key", "d"), ("Cookie", "e=f"), ("Content-Type", "g"), ("X-Max-Tokens", "8"),
        ]
        let query = "alt=sse&key=AIza%2Bh&access_token=i&keyword=j&flag"
        #expect(
            Credentials.secrets(in: headers, query: query) == [
                "a", "b", "Basic c", "d", "e=f", "AIza%2Bh", "AIza+h", "i", "i",
            ]
        )
        // A user name or a password in an upstream's URL is refused, so there is none to mask.
        #expect(UpstreamURL("https://user:password@api.example.com") == nil)
    }

    @Test func withoutAKeyNothingChanges() {
        var fields = [HeaderField("Authorization", "Bearer unused")]
        Credentials.apply(nil, dialect: nil, to: &fields)
        #expect(fields == [HeaderField("Authorization", "Bearer unused")])
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
