import Tapes
import Testing

@testable import Tokencast

@Suite("The environment that points SDKs at a Tokencast")
struct SDKEnvironmentTests {
    private func variables(_ scope: String? = nil, _ inherited: [String: String] = [:]) -> [String: String] {
        let scope = scope.flatMap { TapeScope($0) }
        return SDKEnvironment(url: "http://127.0.0.1:1234", scope: scope, inherited: inherited).variables
    }

    @Test("Base URLs replace what was set, and have the path that each SDK's default has")
    func baseURLs() {
        let found = variables(nil, ["OPENAI_BASE_URL": "https://api.openai.com/v1", "OTHER": "x"])
        #expect(found["OPENAI_BASE_URL"] == "http://127.0.0.1:1234/v1")
        #expect(found["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:1234")
        #expect(found["COHERE_API_BASE"] == "http://127.0.0.1:1234/v2/chat")
        #expect(found["TOKENCAST_URL"] == "http://127.0.0.1:1234")
        #expect(found["OTHER"] == "x")
    }

    @Test("A scope goes into each, its slashes encoded")
    func scope() {
        let found = variables("tests/chat")
        #expect(found["GROQ_API_BASE"] == "http://127.0.0.1:1234/~scope=tests%2Fchat/openai/v1")
        #expect(found["OLLAMA_HOST"] == "http://127.0.0.1:1234/~scope=tests%2Fchat")
    }

    @Test("Keys that are set stay, whichever of an SDK's variables has one")
    func keys() {
        #expect(variables()["OPENAI_API_KEY"] == "sk-no-key-required")
        #expect(variables(nil, ["OPENAI_API_KEY": ""])["OPENAI_API_KEY"] == "sk-no-key-required")
        #expect(variables(nil, ["OPENAI_API_KEY": "own"])["OPENAI_API_KEY"] == "own")
        #expect(variables(nil, ["GOOGLE_API_KEY": "own"])["GEMINI_API_KEY"] == nil)
        #expect(variables(nil, ["ANTHROPIC_AUTH_TOKEN": "own"])["ANTHROPIC_API_KEY"] == nil)
    }

    @Test(
        "This machine is reached past any proxy",
        arguments: [
            ("", "127.0.0.1,localhost,::1"), ("a, b", "a,b,127.0.0.1,localhost,::1"),
            ("localhost", "localhost,127.0.0.1,::1"), ("*", "*"),
        ]
    )
    func proxies(_ before: String, _ after: String) {
        let found = variables(nil, ["NO_PROXY": before, "no_proxy": before])
        #expect(found["NO_PROXY"] == after)
        #expect(found["no_proxy"] == after)
    }
}
