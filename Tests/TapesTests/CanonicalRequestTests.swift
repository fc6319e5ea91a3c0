import Dialects
import Testing

@testable import Tapes

@Suite("Two requests")
struct CanonicalRequestTests {
    private func key(_ body: String, query: String = "", rules: CassetteRules = CassetteRules()) -> String {
        CanonicalRequest(TapeRequest(liveRequest(body, query: query)), rules: rules).key
    }

    @Test(
        "are the same where only their writing differs",
        arguments: [
            (#"{"a":1,"b":2}"#, #"{ "b" : 2,"# + "\n" + #""a":1}"#),
            (#"{"t":1}"#, #"{"t":1.0}"#),
            (#"{"t":100}"#, #"{"t":1e2}"#),
            (#"{"t":0.5}"#, #"{"t":5E-1}"#),
            (#"{"t":0}"#, #"{"t":-0.0e9}"#),
            (#"{"t":1e400}"#, #"{"t":10e399}"#),
            (#"{"t":"é"}"#, #"{"t":"\u00e9"}"#),
            (#"{"t":"/"}"#, #"{"t":"\/"}"#),
            (#"{"m":[{"x":1,"y":2}]}"#, #"{"m":[{"y":2,"x":1}]}"#),
            (#"{"a":1,"stream":false}"#, #"{"a":1}"#),
            (#"{"a":1,"user":"u1"}"#, #"{"a":1,"user":"u2"}"#),
            (#"{"a":1,"user":"u1"}"#, #"{"a":1}"#),
            (#"{"a":1,"metadata":{"user_id":"u1"}}"#, #"{"a":1}"#),
            (#"{"a":1,"metadata":{"k":1,"user_id":"u1"}}"#, #"{"a":1,"metadata":{"user_id":"u2","k":1}}"#),
            (#"{"a":1,"safety_identifier":"x","prompt_cache_key":"y"}"#, #"{"a":1}"#),
        ]
    )
    func same(_ left: String, _ right: String) {
        #expect(key(left) == key(right))
    }

    @Test("to paths of one dialect are the same where the rules say so, the model in the path or in the body")
    func paths() {
        func key(_ path: String, _ body: String, query: String = "", _ rules: CassetteRules) -> String {
            var request = TapeRequest(liveRequest(body, query: query))
            request.path = path
            return CanonicalRequest(request, rules: rules).key
        }
        let body = #"{"messages":[]}"#
        for rules in [CassetteRules(paths: .dialect), CassetteRules(match: ["model"], paths: .dialect)] {
            let gemini = key("/v1beta/models/m:streamGenerateContent", body, query: "alt=sse", rules)
            #expect(gemini == key("/v1/models/m:streamGenerateContent", body, query: "alt=sse", rules))
            #expect(gemini != key("/v1/models/n:streamGenerateContent", body, query: "alt=sse", rules))
            #expect(gemini != key("/v1/models/m:streamGenerateContent", body, rules))
            #expect(gemini != key("/v1/models/m:generateContent", body, rules))
            let chat = key("/v1/chat/completions", #"{"model":"m","messages":[]}"#, rules)
            #expect(chat == key("/openai/v1/chat/completions", #"{"model":"m","messages":[]}"#, rules))
            #expect(chat == key("/openai/deployments/m/chat/completions", body, query: "api-version=1", rules))
            #expect(chat != key("/v1/completions", #"{"model":"m","messages":[]}"#, rules))
            #expect(key("/a/x", body, rules) != key("/b/x", body, rules))
        }
        let exact = CassetteRules()
        #expect(key("/v1/chat/completions", body, exact) != key("/chat/completions", body, exact))
    }

    @Test(
        "differ where anything that counts does",
        arguments: [
            (#"{"a":1}"#, #"{"a":2}"#),
            (#"{"a":1}"#, #"{"a":"1"}"#),
            (#"{"a":1}"#, #"{"b":1}"#),
            (#"{"a":null}"#, #"{}"#),
            (#"{"a":9007199254740993}"#, #"{"a":9007199254740992}"#),
            (#"{"a":1e999999999999999999999}"#, #"{"a":1e999999999999999999998}"#),
            (#"{"a":0.1}"#, #"{"a":0.10000000000000001}"#),
            (#"{"a":[1,2]}"#, #"{"a":[2,1]}"#),
            (#"{"a":{}}"#, #"{}"#),
            (#"{"stream":true}"#, #"{"stream":false}"#),
            ("{\"a\":\"\u{E9}\"}", "{\"a\":\"e\u{301}\"}"),
            (#"{"messages":[{"user":"a"}]}"#, #"{"messages":[{"user":"b"}]}"#),
            (#"[1]"#, #"[2]"#),
            (#"{"a":1,"a":2}"#, #"{"a":2,"a":1}"#),
        ]
    )
    func different(_ left: String, _ right: String) {
        #expect(key(left) != key(right))
    }

    @Test("differ by method, path and allowed query, and by nothing that isn't allowed")
    func around() {
        let base = LiveRequest(method: "POST", target: "/v1/x?api-version=1&beta=true", body: Array("{}".utf8))
        func key(_ change: (inout LiveRequest) -> Void) -> String {
            var live = base
            change(&live)
            return CanonicalRequest(TapeRequest(live)).key
        }
        let same = key { _ in }
        #expect(key { $0.method = "PUT" } != same)
        #expect(key { $0.path = "/v1/y" } != same)
        #expect(key { $0.query = "api-version=2&beta=true" } != same)
        #expect(key { $0.query = "beta=true&api-version=1" } == same)
        #expect(key { $0.query += "&key=secret&trace=7" } == same)
        #expect(key { $0.headers = [("authorization", "Bearer x"), ("x-trace", "1")] } == same)
    }

    @Test("have one key whether live or read from a tape")
    func liveAndStored() throws {
        let live = liveRequest(#"{"model":"m","messages":[{"role":"user","content":"é \u0001"}],"stream":true}"#)
        let request = TapeRequest(live)
        var tape = makeTape()
        tape.request = request
        let stored = try TapeReader.read(tape.encoded, name: "t").request
        #expect(CanonicalRequest(stored).key == CanonicalRequest(request).key)
        #expect(CanonicalRequest(request).key8.count == 8)
    }

    @Test("of a demo cassette are the same for any prompt, but never mix streams with documents")
    func narrowed() {
        let rules = CassetteRules(match: ["model"])
        let stream = key(#"{"model":"demo","stream":true,"messages":["a"]}"#, rules: rules)
        #expect(
            key(#"{"model":"demo","stream":true,"messages":["b"],"t":1}"#, query: "beta=true", rules: rules) == stream
        )
        #expect(key(#"{"model":"demo","messages":["a"]}"#, rules: rules) != stream)
        #expect(key(#"{"model":"other","stream":true}"#, rules: rules) != stream)
    }

    @Test("are the same but for what is ignored, wildcards included")
    func ignored() throws {
        func rules(_ pointers: String...) -> CassetteRules {
            CassetteRules(ignore: pointers.compactMap { JSONValue.Pointer($0) })
        }
        let left = #"{"metadata":{"run_id":"1"},"messages":[{"id":1,"c":"x"},{"id":2,"c":"y"}]}"#
        let right = #"{"metadata":{"run_id":"2"},"messages":[{"id":3,"c":"x"},{"id":4,"c":"y"}]}"#
        #expect(key(left, rules: rules("/metadata/run_id")) != key(right, rules: rules("/metadata/run_id")))
        let both = rules("/metadata/run_id", "/messages/*/id")
        #expect(key(left, rules: both) == key(right, rules: both))
        #expect(
            key(left, rules: rules("/messages/0/id", "/metadata"))
                != key(right, rules: rules("/messages/0/id", "/metadata"))
        )
    }

    @Test("tell a stream by its query too, as Gemini's do")
    func alternative() {
        #expect(TapeRequest(liveRequest("{}", query: "alt=sse")).asksForStream)
        for (method, asks) in [("streamGenerateContent", true), ("generateContent", false)] {
            let request = TapeRequest(method: "POST", path: "/v1beta/models/m:\(method)", body: .json(.object([])))
            #expect(request.asksForStream == asks)
        }
        #expect(!TapeRequest(liveRequest("{}", query: "alt=json")).asksForStream)
        #expect(TapeRequest(liveRequest("{}", path: "/v1beta/models/m:streamGenerateContent")).asksForStream)
        #expect(!TapeRequest(liveRequest("{}", path: "/m:generateContent", query: "alt=sse")).asksForStream)
    }

    @Test("tell a stream by its absence where that is the default, as at Ollama")
    func streamsByDefault() {
        func key(_ body: String) -> String {
            CanonicalRequest(TapeRequest(liveRequest(body, path: "/api/chat"))).key
        }
        #expect(key(#"{"model":"m"}"#) == key(#"{"model":"m","stream":true}"#))
        #expect(key(#"{"model":"m"}"#) != key(#"{"model":"m","stream":false}"#))
    }

    @Test(
        "have their numbers in one form",
        arguments: [
            ("0", "0"), ("-0", "0"), ("0.000", "0"), ("1", "1"), ("-1.0", "-1"), ("1e2", "100"), ("1E+2", "100"),
            ("0.05", "0.05"), ("5e-2", "0.05"), ("12.50", "12.5"), ("1250e-2", "12.5"), ("-100e-2", "-1"),
            ("1e21", "1e21"), ("10e20", "1e21"), ("1e-30", "1e-30"), ("0.1e-29", "1e-30"), ("1e00", "1"),
            ("1e9999999999999999", "1e9999999999999999"), ("0e9999999999999999", "0"),
        ]
    )
    func numbers(_ text: String, _ expected: String) {
        #expect(CanonicalNumber.normalise(text) == expected)
        #expect(CanonicalNumber.normalise(expected) == expected)
    }
}
