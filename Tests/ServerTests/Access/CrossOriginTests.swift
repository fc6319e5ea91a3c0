import NIOHTTP1
import Testing
import Upstream

@testable import Server

@Suite("What pages of other origins are told")
struct CrossOriginTests {
    private let page = CrossOrigin(origin: "https://app.example")

    private func head(_ fields: [(String, String)], _ method: HTTPMethod = .OPTIONS) -> HTTPRequestHead {
        HTTPRequestHead(version: .http1_1, method: method, uri: "/x", headers: HTTPHeaders(fields))
    }

    @Test("A preflight is OPTIONS with an origin and the method that is asked for")
    func preflight() {
        let fields = [("Origin", "https://app.example"), ("Access-Control-Request-Method", "POST")]
        #expect(CrossOrigin.isPreflight(head(fields)))
        #expect(!CrossOrigin.isPreflight(head(fields, .POST)))
        #expect(!CrossOrigin.isPreflight(head([fields[0]])))
        #expect(!CrossOrigin.isPreflight(head([fields[1]])))
    }

    @Test("Of the headers that are asked for the known ones may be sent")
    func headers() {
        let asked = "Content-Type, x-stainless-OS,tokencast-channel , last-event-id, authorization, x-evil, cookie"
        let fields = page.preflight(head([("Access-Control-Request-Headers", asked)]))
        let allowed = "content-type, x-stainless-os, tokencast-channel, last-event-id, authorization"
        #expect(fields.first("access-control-allow-headers") == allowed)
        #expect(fields.first("access-control-allow-origin") == "https://app.example")
        #expect(fields.first("access-control-allow-methods")?.contains("DELETE") == true)
        #expect(fields.first("access-control-max-age") == "3600")
        #expect(fields.first("access-control-allow-private-network") == nil)
        #expect(!fields.contains { $0.value == "*" || $0.isNamed("access-control-allow-credentials") })
        #expect(page.preflight(head([])).first("access-control-allow-headers") == nil)
    }

    @Test("A page on the internet may reach this machine where its origin is configured")
    func privateNetwork() {
        let fields = page.preflight(head([("Access-Control-Request-Private-Network", "true")]))
        #expect(fields.first("access-control-allow-private-network") == "true")
    }

    @Test("What the upstream says of other origins is replaced, everything else stays")
    func replaced() {
        let answer = page.apply(to: [
            HeaderField("Access-Control-Allow-Origin", "*"), HeaderField("X", "1"), HeaderField("vary", "accept"),
            HeaderField("access-control-allow-credentials", "true"),
        ])
        #expect(answer.first("access-control-allow-origin") == "https://app.example")
        #expect(answer.filter { $0.isNamed("access-control-allow-origin") }.count == 1)
        #expect(answer.first("access-control-allow-credentials") == nil)
        #expect(answer.first("x") == "1")
        #expect(answer.filter { $0.isNamed("vary") }.map(\.value) == ["accept", "Origin"])
        #expect(answer.first("access-control-expose-headers")?.hasPrefix("Tokencast-Stream, ") == true)
    }

    @Test("Any origin, where that is configured; never several at once")
    func anyOrigin() {
        let policy = RequestPolicy(allowedHosts: [], allowedOrigins: ["*"])
        #expect(policy.crossOrigin(of: head([("Origin", "https://x.example")]))?.origin == "https://x.example")
        #expect(policy.crossOrigin(of: head([("Origin", "null")]))?.origin == "null")
        #expect(policy.crossOrigin(of: head([("Origin", "https://x"), ("Origin", "https://y")])) == nil)
        #expect(policy.crossOrigin(of: head([])) == nil)
        let two = RequestPolicy(allowedHosts: [], allowedOrigins: ["https://x.example"])
        let fields = [("Host", "localhost"), ("Origin", "https://x.example"), ("Origin", "https://evil.example")]
        #expect(two.refusal(of: head(fields))?.status == 403)
    }

    @Test("Other machines may call this one what they like, unless names are configured")
    func hosts() {
        let fields = head([("Host", "tokens.example:8653")], .GET)
        #expect(RequestPolicy(allowedHosts: [], allowedOrigins: []).refusal(of: fields)?.status == 403)
        #expect(RequestPolicy(allowedHosts: [], allowedOrigins: [], takesAnyHost: true).refusal(of: fields) == nil)
        let named = RequestPolicy(allowedHosts: ["other.example"], allowedOrigins: [], takesAnyHost: true)
        #expect(named.refusal(of: fields)?.status == 403)
        for host in ["", "a:b", "a:1:2"] {
            let policy = RequestPolicy(allowedHosts: [], allowedOrigins: [], takesAnyHost: true)
            #expect(policy.refusal(of: head([("Host", host)], .GET)) != nil, "\(host)")
        }
        var configuration = ServerConfiguration()
        configuration.host = "0.0.0.0"
        #expect(!RequestPolicy(configuration).takesAnyHost)
        configuration.access = AccessControl(keys: [TestKeys.key("a", [.call])])
        #expect(RequestPolicy(configuration).takesAnyHost)
        configuration.host = "localhost"
        #expect(!RequestPolicy(configuration).takesAnyHost)
    }

    @Test(
        "What is an origin",
        arguments: [
            ("https://app.example", true), ("http://localhost:3000", true), ("http://[::1]:80", true),
            ("chrome-extension://abcdef", true), ("HTTPS://A", true), ("https://app.example/", false), ("*", false),
            ("app.example", false), ("https://", false), ("https://a b", false), ("https://u@h", false),
            ("null", false),
            ("://x", false), ("", false), ("https://h:x", false),
        ]
    )
    func origins(text: String, isOrigin: Bool) {
        #expect(RequestPolicy.isOrigin(text) == isOrigin)
    }
}
