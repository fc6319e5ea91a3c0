import NIOHTTP1
import Testing

@testable import Server

/// Who may call, decided on the head alone.
@Suite struct RequestPolicyTests {
    private let policy = RequestPolicy(allowedHosts: ["box.lan"], allowedOrigins: ["https://app.example"])

    private func head(_ fields: [(String, String)], method: HTTPMethod = .POST) -> HTTPRequestHead {
        HTTPRequestHead(version: .http1_1, method: method, uri: "/v1/x", headers: HTTPHeaders(fields))
    }

    @Test(
        "The name in a Host header",
        arguments: [
            ("localhost", "localhost"), ("LocalHost:8653", "localhost"), ("127.0.0.1:1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("[::1]:80", "[::1]"), ("[::1", nil), ("[::1]x", nil), ("a:b", nil), ("a:1:2", nil), (":80", nil),
            ("", nil),
            ("a:", "a"),
        ]
    )
    func hostNames(host: String, name: String?) {
        #expect(RequestPolicy.name(ofHost: host) == name)
    }

    @Test(
        "Loopback's names",
        arguments: [
            ("localhost", true), ("x.localhost", true), ("127.0.0.1", true), ("127.255.255.255", true), ("[::1]", true),
            ("127.0.0.256", false), ("127.1", false), ("127.0.0.1.example", false), ("0.0.0.0", false),
            ("xlocalhost", false),
            ("128.0.0.1", false), ("127.0.0.-1", false), ("127.0.0.", false), ("::1", false),
        ]
    )
    func loopback(name: String, isLoopback: Bool) {
        #expect(RequestPolicy.isLoopback(name: name) == isLoopback)
    }

    @Test func hosts() {
        #expect(policy.refusal(of: head([("Host", "localhost")])) == nil)
        #expect(policy.refusal(of: head([("host", "BOX.lan:80")])) == nil)
        #expect(policy.refusal(of: head([("Host", "evil.example")]))?.status == 403)
        #expect(policy.refusal(of: head([]))?.status == 400)
        #expect(policy.refusal(of: head([("Host", "localhost"), ("Host", "localhost")]))?.status == 400)
    }

    @Test(
        "Origins",
        arguments: [
            ("https://app.example", true), ("HTTPS://App.Example", true), ("http://localhost:8653", true),
            ("https://localhost:8653", true), ("http://localhost", false), ("http://localhost:1", false),
            ("null", false),
            ("", false), ("https://app.example:444", false), ("https://app.example.evil", false),
        ]
    )
    func origins(origin: String, isAllowed: Bool) {
        let refusal = policy.refusal(of: head([("Host", "localhost:8653"), ("Origin", origin)]))
        #expect((refusal == nil) == isAllowed)
    }

    @Test(
        "Bodies",
        arguments: [
            ("application/json", nil, true), ("application/json; charset=x", nil, true), ("audio/wav", nil, true),
            ("text/plain", nil, false), ("TEXT/Plain ; charset=utf-8", nil, false),
            ("multipart/form-data; boundary=x", nil, false),
            ("application/x-www-form-urlencoded", nil, false),
            ("text/plain, application/json", nil, false),
            ("text/plain", "Authorization", true), ("text/plain", "x-API-key", true),
            ("text/plain", "tokencast-key", true), ("text/plain", "Ce-Id", true), ("text/plain", "ce-", false),
            ("text/plain", "Cookie", false),
        ]
    )
    func bodies(type: String, credential: String?, isAllowed: Bool) {
        var fields = [("Content-Length", "2"), ("Content-Type", type)]
        if let credential { fields.append((credential, "x")) }
        #expect((policy.bodyRefusal(of: head(fields)) == nil) == isAllowed)
        #expect(policy.bodyRefusal(of: head(fields, method: .GET)) == nil)
        let chunked = head([("Transfer-Encoding", "chunked"), ("Content-Type", type)] + fields.dropFirst(2))
        #expect((policy.bodyRefusal(of: chunked) == nil) == isAllowed)
        #expect(policy.bodyRefusal(of: head([("Content-Length", "0"), ("Content-Type", type)])) == nil)
    }

    @Test(
        "A body without a type passes where no page can be behind it",
        arguments: [
            (nil, true), ("Origin", false), ("Referer", false), ("Sec-Fetch-Site", false), ("Sec-Fetch-Mode", false),
        ]
    )
    func untypedBodies(sign: String?, isAllowed: Bool) {
        var fields = [("Content-Length", "2")]
        if let sign { fields.append((sign, "x")) }
        #expect((policy.bodyRefusal(of: head(fields)) == nil) == isAllowed)
        fields.append(("Authorization", "x"))
        #expect(policy.bodyRefusal(of: head(fields)) == nil)
    }
}
