import NIOHTTP1
import Tapes
import Testing

@testable import Server

/// Targets, addresses and patterns.
@Suite struct RoutingTests {
    @Test(
        "Targets",
        arguments: [
            ("/", "/", nil), ("/a/b", "/a/b", nil), ("/a?b=c?d", "/a", "b=c?d"), ("/a?", "/a", ""),
            ("/~channel=demo/v1/x?y", "/v1/x", "y"), ("/~channel=demo", "/", nil), ("/~scope=a", "/", nil),
            ("/~channel=a.b_C-9,scope=t/v1", "/v1", nil), ("//a", "//a", nil),
        ]
    )
    func targets(text: String, path: String, query: String?) throws {
        let target = try RequestTarget(text, headers: [:])
        #expect(target.path == path)
        #expect(target.query == query)
    }

    @Test func optionsComeFromTheURLAndFromHeaders() throws {
        let both = try RequestTarget("/~channel=one,scope=s1/v1", headers: [:])
        #expect(both.options == .init(channel: "one", scope: .init("s1")))
        let header = try RequestTarget(
            "/~channel=one/v1",
            headers: ["Tokencast-Channel": "two", "tokencast-scope": "a/b"]
        )
        #expect(header.options == .init(channel: "two", scope: .init("a/b")))
    }

    @Test(
        "Targets that can't be served",
        arguments: [
            "", "a", "http://localhost/", "*", "/~channel=/x", "/~channel=a b/x", "/~channel=\u{E9}/x",
            "/~nonsense=1/x",
            "/~channel/x", "/~scope=../x", "/~scope=.hidden/x",
        ]
    )
    func badTargets(text: String) {
        #expect(throws: RequestTarget.Problem.self) { try RequestTarget(text, headers: [:]) }
    }

    @Test func parametersAreDecoded() throws {
        let target = try RequestTarget("/x?a=1&b=%41%zz%4&a=2&c&d=a+b", headers: [:])
        #expect(target.parameter("a") == "2")
        #expect(target.parameter("b") == "A%zz%4")
        #expect(target.parameter("c") == "")
        #expect(target.parameter("d") == "a+b")
        #expect(target.parameter("e") == nil)
    }

    @Test(
        "Patterns",
        arguments: [
            ("*", "", true), ("*", "anything", true), ("", "", true), ("", "a", false), ("gpt*", "gpt", true),
            ("gpt*", "gpt-4o", true), ("gpt*", "xgpt", false), ("*mini", "gpt-mini", true),
            ("*mini", "gpt-mini2", false),
            ("a*b*c", "aXbYc", true), ("a*b*c", "abc", true), ("a*b*c", "acb", false), ("a**b", "ab", true),
            ("A", "a", false),
            ("*a*a*a*a*a*b", String(repeating: "a", count: 3000), false), ("/v1/*", "/v1/", true),
            ("*\u{E9}", "caf\u{E9}", true),
        ]
    )
    func patterns(pattern: String, text: String, isMatch: Bool) {
        #expect(wildcard(pattern, matches: text) == isMatch)
    }

    @Test func routesWantAllThatTheySay() {
        let route = Route(model: "m*", path: "/v1/*", upstream: "u")
        #expect(route.matches(path: "/v1/x", model: "m1"))
        #expect(!route.matches(path: "/v2/x", model: "m1"))
        #expect(!route.matches(path: "/v1/x", model: "x"))
        #expect(!route.matches(path: "/v1/x", model: nil))
        #expect(Route(upstream: "u").matches(path: "/", model: nil))
    }

    @Test(
        "Addresses",
        arguments: [
            ("http://a", "http://a", ""), ("https://a:1/", "https://a:1", ""), ("HTTP://A/v1/", "http://A", "/v1"),
            ("http://[::1]:80/x/v1//", "http://[::1]:80", "/x/v1"),
        ]
    )
    func addresses(text: String, origin: String, basePath: String) throws {
        let url = try #require(UpstreamURL(text))
        #expect(url.origin == origin)
        #expect(url.basePath == basePath)
    }

    @Test(
        "What is no address",
        arguments: [
            "", "a", "ftp://a", "http://", "http:///x", "http://a?b", "http://a#b", "http://u:p@a", "http://a b",
            "http://\u{E9}",
        ]
    )
    func noAddresses(text: String) {
        #expect(UpstreamURL(text) == nil)
    }

    @Test(
        "A version that both have isn't doubled",
        arguments: [
            ("http://a", "/v1/x", "http://a/v1/x"), ("http://a/v1", "/v1/x", "http://a/v1/x"),
            ("http://a/v1", "/v1", "http://a/v1"),
            ("http://a/v1", "/v1?x", "http://a/v1?x"), ("http://a/v1", "/x", "http://a/v1/x"),
            ("http://a/v1", "/v10/x", "http://a/v1/v10/x"),
            ("http://a/p", "/v1/x?y=/v1", "http://a/p/v1/x?y=/v1"),
            ("http://a/openai/v1", "/v1/x", "http://a/openai/v1/x"),
        ]
    )
    func urls(base: String, target: String, url: String) throws {
        #expect(try #require(UpstreamURL(base)).url(for: target) == url)
    }
}
