import Dialects
import Testing

@testable import Tapes

@Suite("What is stored of a request")
struct SecretsTests {
    @Test("has only allowed headers and query items, and never a credential")
    func allowed() {
        let live = LiveRequest(
            method: "POST",
            target: "/v1/x?key=AIzaSecret&alt=sse&API-Version=2&flag&beta",
            headers: [
                ("Authorization", "Bearer s"), ("X-Api-Key", "s"), ("Api-Key", "s"), ("x-goog-api-key", "s"),
                ("Cookie", "s"), ("Content-Type", "application/json"), ("OpenAI-Organization", "s"),
                ("OpenAI-Beta", "assistants=v2"), ("X-Stainless-Lang", "python"), ("Host", "s"),
                ("Tokencast-Key", "s"), ("Anthropic-Version", "2023-06-01"),
            ]
        )
        let request = TapeRequest(live)
        #expect(request.path == "/v1/x")
        #expect(request.query.map { "\($0.name)=\($0.value)" } == ["alt=sse", "API-Version=2", "beta="])
        #expect(
            request.headers.map(\.name) == ["content-type", "openai-beta", "x-stainless-lang", "anthropic-version"]
        )
    }

    @Test("has a mask as long as the secret wherever one stood")
    func masked() throws {
        let secrets = TapeSecrets(["Bearer sk-abcdef12", "tok/en+with\"quote"])
        let live = LiveRequest(
            method: "POST",
            path: "/bot/sk-abcdef12/x",
            query: "alt=sk-abcdef12",
            headers: [("content-type", "a; k=sk-abcdef12")],
            body: Array(#"{"a":"x sk-abcdef12sk-abcdef12 y","sk-abcdef12":[{"b":"tok\/en+with\"quote"}],"n":1}"#.utf8)
        )
        let request = TapeRequest(live, secrets: secrets)
        let mask = String(repeating: "*", count: 11)
        #expect(request.path == "/bot/\(mask)/x")
        #expect(request.query.first?.value == mask)
        #expect(request.headers.first?.value == "a; k=\(mask)")
        #expect(
            request.bodyText
                == #"{"a":"x \#(mask)\#(mask) y","\#(mask)":[{"b":"\#(String(repeating: "*", count: 17))"}],"n":1}"#
        )
    }

    @Test("is masked within a chunk in each way that JSON may write it")
    func chunks() {
        let secrets = TapeSecrets(["tok/en+with\"quote"])
        for text in [#"tok/en+with"quote"#, #"tok/en+with\"quote"#, #"tok\/en+with\"quote"#] {
            let masked = secrets.masking("é \(text) é")
            #expect(masked == "é \(String(repeating: "*", count: text.utf8.count)) é")
        }
    }

    @Test("keeps placeholders, which are no secrets")
    func placeholders() {
        #expect(TapeSecrets(["unused", "x", "", "Bearer x"]).masking("unused x Bearer") == "unused x Bearer")
    }

    @Test("has each name once, even where two names become one mask")
    func collidingNames() throws {
        let live = liveRequest(#"{"secret-one":1,"secret-two":2}"#)
        let request = TapeRequest(live, secrets: TapeSecrets(["secret-one", "secret-two"]))
        #expect(request.bodyText == #"{"**********":1}"#)
    }

    @Test(
        "keeps what isn't one plain JSON object as its bytes",
        arguments: [
            #"{"a":1,"a":2}"#, "[1]", "nope",
            String(repeating: "{\"a\":", count: 65) + "1" + String(repeating: "}", count: 65),
        ]
    )
    func raw(_ text: String) {
        guard case .raw(_, let bytes) = TapeRequest(liveRequest(text)).body else {
            Issue.record("it was taken for an object")
            return
        }
        #expect(bytes == Array(text.utf8))
    }
}
