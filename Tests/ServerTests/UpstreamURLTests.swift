import Testing

@testable import Server

/// Base URLs, and what becomes of a request's path behind them.
@Suite("Base URLs")
struct UpstreamURLTests {
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
        "A base URL fits whether it has the head of the requests' paths or not",
        arguments: [
            ("http://a", "/v1/x", "http://a/v1/x"), ("http://a/v1", "/v1/x", "http://a/v1/x"),
            ("http://a/v1", "/v1", "http://a/v1"), ("http://a/v1", "/v1?x", "http://a/v1?x"),
            ("http://a/v1", "/x", "http://a/v1/x"), ("http://a/v1", "/", "http://a/v1/"),
            ("http://a", "/", "http://a/"), ("http://a/p", "/v1/x?y=/v1", "http://a/p/v1/x?y=/v1"),
            ("http://a/openai/v1", "/v1/x", "http://a/openai/v1/x"),
            ("http://a/openai/v1", "/openai/v1/x?y", "http://a/openai/v1/x?y"),
            ("http://a/openai/v1", "/x", "http://a/openai/v1/x"),
            ("http://a/openai", "/openai/deployments/d/x", "http://a/openai/deployments/d/x"),
            ("http://a/openai", "/v1/x", "http://a/openai/v1/x"),
            ("http://a/api/v1", "/v1/x", "http://a/api/v1/x"), ("http://a/api/v1", "/api/v1/x", "http://a/api/v1/x"),
            ("http://a/api", "/api/chat", "http://a/api/chat"), ("http://a/b/api", "/api/chat", "http://a/b/api/chat"),
            // What only looks alike is no overlap.
            ("http://a/v1", "/v1x/x", "http://a/v1/v1x/x"), ("http://a/xv1", "/v1/x", "http://a/xv1/v1/x"),
            ("http://a/v1/p", "/v1/x", "http://a/v1/p/v1/x"), ("http://a/v1", "/x/v1/y", "http://a/v1/x/v1/y"),
            ("http://a/v1", "/V1/x", "http://a/v1/V1/x"), ("http://a/v1", "//v1/x", "http://a/v1//v1/x"),
            ("http://a/x/x", "/x/y", "http://a/x/x/y"), ("http://a/x/x", "/x/x/y", "http://a/x/x/y"),
            // Two versions are one too many.
            ("http://a/v1beta", "/v1/models", "http://a/v1/models"),
            ("http://a/v1", "/v1beta/models", "http://a/v1beta/models"),
            ("http://a/p/v2", "/v1/chat", "http://a/p/v1/chat"), ("http://a/v1alpha2", "/v10", "http://a/v10"),
            ("http://a/v1", "/voice/x", "http://a/v1/voice/x"), ("http://a/v1", "/v/x", "http://a/v1/v/x"),
            ("http://a/v1", "/v1gamma/x", "http://a/v1/v1gamma/x"),
            ("http://a/v1", "/v1beta1x", "http://a/v1/v1beta1x"),
            ("http://a/%FF/v1", "/v1/%C3%28", "http://a/%FF/v1/%C3%28"),
        ]
    )
    func urls(base: String, target: String, url: String) throws {
        #expect(try #require(UpstreamURL(base)).url(for: target) == url)
    }

    @Test(
        "A path may stand elsewhere",
        arguments: [
            ("/a", "/b", "/a", "/b"), ("/a", "/b", "/a/", nil), ("/a", "/b", "/", nil),
            ("*/chat/completions", "/c", "/v1/chat/completions", "/c"),
            ("*/chat/completions", "/c", "/chat/completions", "/c"),
            ("*/chat/completions", "/c", "/chat/completions/x", nil),
            ("/models/*", "/v1beta/models/*", "/models/m:x", "/v1beta/models/m:x"),
            ("/models/*", "/v1beta/models/*", "/models/", "/v1beta/models/"),
            ("/models/*", "/v1beta/models/*", "/models", nil),
            ("/a/*/b", "/*", "/a/x/y/b", "/x/y"), ("/aa*aa", "/*", "/aaa", nil), ("*", "/x*", "/y", "/x/y"),
            ("/m/*", "/n/*", "/m/*?", "/n/*?"), ("/m/*", "/n/*", "/m/\u{E9}", "/n/\u{E9}"),
        ]
    )
    func rules(pattern: String, replacement: String, path: String, sent: String?) throws {
        #expect(try #require(PathRule(pattern: pattern, replacement: replacement)).apply(to: path) == sent)
    }

    @Test(
        "What is no rule for a path",
        arguments: [
            ("", "/a"), ("/a", ""), ("/a", "b"), ("/a", "/*"), ("/*", "/*/*"), ("/*/*", "/a"), ("/a", "/b?c"),
            ("/a?", "/b"),
            ("/a", "/b c"), ("/a", "/b\r\nx: y"), ("/a", "/\u{E9}"),
        ]
    )
    func noRules(pattern: String, replacement: String) {
        #expect(PathRule(pattern: pattern, replacement: replacement) == nil)
    }
}
