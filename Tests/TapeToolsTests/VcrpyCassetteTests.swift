import Dialects
import Tapes
import Testing

@testable import TapeTools

@Suite("Cassettes of vcrpy")
struct VcrpyCassetteTests {
    private static let good = """
        interactions:
        - request:
            body: '{"model":"m","stream":true}'
            headers:
              Authorization: [Bearer sk-secret-value]
              content-type:
              - application/json
            method: POST
            uri: https://api.example.com/v1/chat/completions?api-version=1&key=hidden#x
          response:
            body:
              string: "data: {\\"a\\": \\"caf\\xE9 *\\"}\\n\\ndata: [DONE]\\n\\n"
            headers:
              Content-Type: [text/event-stream]
              x-request-id: req_1
            status: {code: 200, message: OK}
        version: 1

        """

    private func read(_ text: String, pace: Int64 = 20_000) throws -> [ImportedExchange] {
        try VcrpyCassette.read(Array(text.utf8), file: "a.yaml", pace: pace)
    }

    @Test("An interaction becomes a request and an answer of one piece an event")
    func good() throws {
        let exchange = try #require(try read(Self.good).first)
        #expect(exchange.request.method == "POST")
        #expect(exchange.request.path == "/v1/chat/completions")
        #expect(exchange.request.query == "api-version=1&key=hidden")
        #expect(exchange.secrets == ["Bearer sk-secret-value", "hidden"])
        #expect(exchange.status == 200)
        #expect(
            exchange.pieces.map { String(decoding: $0.bytes, as: UTF8.self) } == [
                "data: {\"a\": \"café *\"}\n\n", "data: [DONE]\n\n",
            ]
        )
        #expect(exchange.pieces.map(\.delay) == [20_000, 20_000])
    }

    @Test(
        "What is wrong is named with its line",
        arguments: [
            ("method: POST", "method: [POST]", "a.yaml:8: \"method\" must be a text"),
            ("    method: POST\n", "", "a.yaml:3: \"method\" is missing"),
            ("https://api.example.com", "ftp://api.example.com", "a.yaml:9: \"uri\""),
            ("uri: https", "uri: [https", "a.yaml:"),
            ("code: 200", "code: 99", "a.yaml:16: \"code\" must be"),
            ("code: 200", "code: '200'", "a.yaml:16: \"code\" must be"),
            ("string: \"data", "text: \"data", "a.yaml:12: a body must be"),
            ("version: 1", "version: 2", "a.yaml:17: only version 1"),
            ("interactions:", "episodes:", "a.yaml:1: has no \"interactions\""),
            ("[text/event-stream]", "[{a: b}]", "a.yaml:14: the header Content-Type"),
            ("body: '{", "body: !!python/object:a.B '{", "a.yaml:3: the tag"),
            ("body: '{\"model\":\"m\",\"stream\":true}'", "body: !!binary 'A'", "a.yaml:3: this is no base64"),
        ]
    )
    func wrong(_ old: String, _ new: String, _ expected: String) throws {
        let text = try #require(
            Self.good.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).count == 2 ? Self.good : nil
        )
        let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        do {
            _ = try read(parts[0] + new + parts[1])
            Issue.record("it was read")
        } catch let error as TapeError {
            #expect(error.description.hasPrefix(expected), "\(error)")
        }
    }

    @Test("The JSON form says the same, base64 in it too")
    func json() throws {
        let text = """
            {"version": 1, "interactions": [{
              "request": {"method": "post", "uri": "http://h/v1/x", "body": null, "headers": {}},
              "response": {"status": {"code": 200, "message": "OK"}, "headers": {"content-type": ["application/octet-stream"]},
                "body": {"base64_string": "AP8="}}}]}
            """
        let exchange = try #require(try read(text).first)
        #expect(exchange.body == [0x00, 0xFF])
        #expect(exchange.request.method == "POST")
    }

    @Test("A compressed body stays with its header; one that was decoded loses it")
    func compressed() throws {
        func cassette(_ body: String) -> String {
            """
            interactions:
            - request: {method: GET, uri: 'http://h', body: null, headers: {}}
              response:
                body: {string: \(body)}
                headers: {content-encoding: [gzip], content-type: [text/event-stream]}
                status: {code: 200, message: OK}
            version: 1
            """
        }
        let kept = try #require(try read(cassette("!!binary 'H4sIAAAAAAAA/w=='")).first)
        #expect(kept.header("content-encoding") == "gzip")
        #expect(kept.pieces.count == 1 && kept.note != nil)
        #expect(kept.end.text == "")
        let decoded = try #require(try read(cassette("\"data: a\\n\\n\"")).first)
        #expect(decoded.header("content-encoding") == nil && decoded.note == nil)
        #expect(decoded.request.path == "/")
    }

    @Test(
        "Targets are taken out of URLs",
        arguments: [
            ("http://h", "/"), ("HTTPS://h:1/a/b?c=d#e", "/a/b?c=d"), ("http://u:p@h/x", "/x"), ("http://h?q", "/?q"),
            ("http://", nil),
            ("http:///x", nil), ("/x", nil), ("ftp://h/x", nil), ("", nil),
        ] as [(String, String?)]
    )
    func targets(_ url: String, _ expected: String?) {
        #expect(VcrpyCassette.target(url) == expected)
    }

    @Test("A cassette that is cut anywhere is read or refused, and nothing worse")
    func cut() {
        let bytes = Array(Self.good.utf8)
        for end in bytes.indices { _ = try? VcrpyCassette.read(Array(bytes[..<end]), file: "a.yaml", pace: 0) }
    }
}
