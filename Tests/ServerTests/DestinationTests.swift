import Dialects
import NIOCore
import Testing

@testable import Server

/// Where requests go, as a configuration says.
@Suite("Destinations")
struct DestinationTests {
    private static let configuration: ServerConfiguration = {
        var configuration = ServerConfiguration()
        configuration.upstreams = [
            UpstreamTarget(name: "demo", kind: .unset(variable: "NONE")),
            UpstreamTarget(
                name: "one",
                kind: .unset(variable: "NONE"),
                dialect: UpstreamDialect("anthropic"),
                paths: [("/v1/x", "/y"), ("/v1/*", "/z/*")].compactMap { PathRule(pattern: $0, replacement: $1) }
            ),
            UpstreamTarget(name: "two", kind: .unset(variable: "NONE"), dialect: UpstreamDialect("openai.responses")),
        ]
        configuration.routes = [
            Route(model: "demo*", upstream: "demo"),
            Route(path: "/own/*", upstream: "one", dialect: UpstreamDialect("ollama.generate")),
            Route(path: "/v1/messages", upstream: "one"),
            Route(path: "/two/own*", upstream: "one"),
            Route(model: "m", path: "/two/*", upstream: "one"),
            Route(path: "/lost", upstream: "nobody"),
            Route(path: "/v1/*", upstream: "two"),
        ]
        return configuration
    }()

    @Test(
        "A request finds upstream, path and dialect",
        arguments: [
            ("/v1/messages", nil, "one", "/v1/messages", "anthropic.messages"),
            ("/v1/messages", "demo", "demo", "/v1/messages", "anthropic.messages"),
            // What the upstream is said to speak counts more than the path, and what the route says more than both.
            ("/v1/anything", nil, "two", "/v1/anything", "openai.responses"),
            ("/v1/chat/completions", nil, "two", "/v1/chat/completions", "openai.responses"),
            ("/own/chat/completions", nil, "one", "/own/chat/completions", "ollama.generate"),
            ("/one/v1/chat/completions", "demo", "one", "/v1/chat/completions", "openai.chat"),
            ("/two/x", nil, "two", "/x", "openai.responses"), ("/one", nil, "one", "/", "generic"),
            // A route for a path beneath a name is asked before the name.
            ("/two/own/v1/messages", nil, "one", "/two/own/v1/messages", "anthropic.messages"),
            ("/two/x", "m", "one", "/two/x", "generic"),
            ("/two/messages", "demo", "two", "/messages", "openai.responses"),
            ("/lost", nil, nil, "", ""), ("/x", nil, nil, "", ""), ("/", nil, nil, "", ""),
        ]
    )
    func destinations(path: String, model: String?, upstream: String?, sent: String, dialect: String) {
        let found = Self.configuration.destination(path: path, model: model)
        #expect(found?.upstream.name == upstream)
        guard let found else { return }
        #expect(found.path == sent)
        #expect(found.dialect.name == dialect)
    }

    @Test func anUpstreamGetsItsOwnPaths() {
        let one = Self.configuration.upstreams[1]
        #expect(one.target("/v1/x", query: nil) == "/y")
        #expect(one.target("/v1/x", query: "") == "/y?")
        #expect(one.target("/v1/w", query: "a=/v1/x") == "/z/w?a=/v1/x")
        #expect(one.target("/w", query: "a") == "/w?a")
    }

    @Test(
        "The model is in the body, or in the path",
        arguments: [
            ("/v1/chat/completions", #"{"model":"m"}"#, "m"), ("/v1/chat/completions", #"{"model":7}"#, nil),
            ("/v1/chat/completions", "", nil), ("/v1/chat/completions", #"{"model":"#, nil),
            ("/openai/deployments/my%20one/chat/completions", "{}", "my one"),
            ("/openai/deployments/d/chat/completions", #"{"model":"m"}"#, "d"),
            ("/v1beta/models/demo:streamGenerateContent", #"{"contents":[]}"#, "demo"),
            ("/models/gemini%2D2:generateContent", "", "gemini-2"),
            ("/model/anthropic.claude%3A0/converse-stream", "{}", "anthropic.claude:0"),
        ]
    )
    func models(path: String, body: String, model: String?) {
        #expect(RequestPeek(path: path, query: nil, body: ByteBuffer(string: body)).model == model)
    }

    @Test(
        "A stream is asked for in each provider's way",
        arguments: [
            ("/v1/chat/completions", nil, #"{"stream":true}"#, true), ("/v1/chat/completions", nil, "{}", false),
            ("/v1/chat/completions", nil, #"{"stream":true,"stream":null}"#, false),
            ("/v1/chat/completions", nil, #"{"stream":"true"}"#, false),
            ("/api/chat", nil, "{}", true), ("/api/chat", nil, #"{"stream":false}"#, false),
            ("/api/generate", nil, #"{"stream":true}"#, true), ("/api/show", nil, "{}", false),
            ("/v1beta/models/m:streamGenerateContent", nil, "{}", true),
            ("/v1beta/models/m:streamGenerateContent", "alt=json", "{}", true),
            ("/v1beta/models/m:generateContent", "alt=sse", "{}", false),
            ("/model/m/converse-stream", nil, "{}", true), ("/model/m/converse", nil, #"{"stream":true}"#, false),
            ("/model/m/invoke-with-response-stream", nil, "", true), ("/model/m/invoke", nil, "", false),
            ("/x", "key=1&alt=sse", "", true), ("/x", "alt=sse&alt=json", "", false), ("", nil, "", false),
        ]
    )
    func streams(path: String, query: String?, body: String, isStream: Bool) {
        #expect(RequestPeek(path: path, query: query, body: ByteBuffer(string: body)).isStream == isStream)
    }
}
