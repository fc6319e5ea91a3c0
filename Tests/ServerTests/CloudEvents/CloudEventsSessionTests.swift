import Broadcast
import Dialects
import NIOHTTP1
import Testing
import WebSockets

@testable import Server

/// Sockets on which every message is a CloudEvent.
@Suite("A socket of CloudEvents")
struct CloudEventsSessionTests {
    private static let event = #"{"specversion":"1.0","id":"a","source":"/s","type":"t"}"#
    private static let base = "https://tokens.example"

    /// What a session does, as words; of an error its subject and its code.
    private func words(_ actions: [WebSocketSession.Action]) throws -> [String] {
        try actions.map { action in
            switch action {
            case .answer(let text):
                let error = try CloudEvent(json: try JSONValue(parsing: text))
                #expect(error.type == EventKind.error.cloudEventType && !error.id.isEmpty)
                #expect(error.source.hasPrefix("\(Self.base)/"))
                let json = try JSONValue(parsing: text)
                #expect(json["data"]?["message"]?.string?.isEmpty == false)
                return "error \(json["subject"]?.string ?? "-") \(json["data"]?["code"]?.string ?? "")"
            case .run(.publishCloudEvent(let channel, let event), let ref):
                return "publish \(channel) \(event.id) \(ref?.string ?? "-")"
            case .close(let code, _): return "close \(code.rawValue)"
            default: return "\(action)"
            }
        }
    }

    private func send(_ text: String, to session: inout CloudEventsSession) throws -> [String] {
        try words(session.receive(Array(text.utf8)) { _ in nil })
    }

    @Test("publishes what comes to its channel, and says what it can't")
    func publishes() throws {
        var session = CloudEventsSession(.channel("c"), base: Self.base)
        #expect(try send(Self.event, to: &session) == ["publish c a a"])
        #expect(try words(session.finished(SessionAnswer("published", ref: .string("a")))) == [])
        #expect(try send(Self.event, to: &session) == ["publish c a a"])
        let refusal = SessionAnswer.error(SessionError(.rateLimited, "m"), ref: .string("a"))
        #expect(try words(session.finished(refusal)) == ["error a rate_limited"])
    }

    @Test(
        "stops at a hundred thousand wrongs as at one",
        arguments: ["", "{", "[]", "7", #"{"type":"ping"}"#, "\u{0}"]
    )
    func wrong(text: String) throws {
        var session = CloudEventsSession(.channel("c"), base: Self.base)
        let answers = try send(text, to: &session)
        #expect(answers.count == 1 && answers[0].hasPrefix("error - bad_"))
        #expect(try send(Self.event, to: &session) == ["publish c a a"])
    }

    @Test("publishes nothing of an event that is cut short")
    func cut() throws {
        let bytes = Array(Self.event.utf8)
        for end in bytes.indices {
            var session = CloudEventsSession(.channel("c"), base: Self.base)
            let answers = try words(session.receive(Array(bytes[..<end])) { _ in nil })
            #expect(answers == ["error - bad_json"])
        }
    }

    @Test("has no more waiting than it may")
    func pending() throws {
        var limits = WebSocketSession.Limits()
        limits.pending = 2
        var session = CloudEventsSession(.channel("c"), base: Self.base, limits: limits)
        for _ in 0..<2 { #expect(try send(Self.event, to: &session) == ["publish c a a"]) }
        #expect(try send(Self.event, to: &session) == ["error a rate_limited"])
        #expect(try words(session.finished(SessionAnswer("published", ref: .string("a")))) == [])
        #expect(try send(Self.event, to: &session) == ["publish c a a"])
    }

    @Test("closes when what it reads is over and all is published")
    func closes() throws {
        let id = StreamID()
        var stream = CloudEventsSession(.stream(id), base: Self.base)
        #expect(try send(Self.event, to: &stream) == ["error a bad_command"])
        #expect(try words(stream.ended(.stream(id), .complete)) == ["close 1000"])
        var session = CloudEventsSession(.channel("c"), base: Self.base)
        #expect(try send(Self.event, to: &session) == ["publish c a a"])
        #expect(try words(session.ended(.channel("c"), .incomplete)) == [])
        #expect(try words(session.finished(SessionAnswer("published", ref: .string("a")))) == ["close 1008"])
        #expect(try words(session.ended(.channel("c"), .shutdown)) == ["close 1012"])
    }

    @Test(
        "is agreed on where it is offered and fits the view that is named",
        arguments: [
            ([], nil, nil), (["other"], nil, nil), (["tokencast"], nil, .tokencast),
            (["cloudevents.json"], nil, .cloudevents),
            (["cloudevents.avro, cloudevents.json"], nil, .cloudevents),
            (["tokencast, cloudevents.json"], nil, .tokencast),
            (["cloudevents.json", "tokencast"], nil, .cloudevents),
            (["cloudevents.json, tokencast"], .delta, .tokencast),
            (["tokencast, cloudevents.json"], .cloudevents, .cloudevents), (["tokencast"], .cloudevents, .tokencast),
            (["other"], .text, nil),
        ] as [([String], View?, Subprotocol?)]
    )
    func agreed(offers: [String], view: View?, expected: Subprotocol?) throws {
        #expect(try Subprotocol(of: head(offers.map { ("Sec-WebSocket-Protocol", $0) }), view: view) == expected)
    }

    @Test("can't be had with another view, or without something to read")
    func refused() throws {
        let alone = head([("Sec-WebSocket-Protocol", "cloudevents.json")])
        #expect(throws: SubscriptionRequest.Refusal.self) { try Subprotocol(of: alone, view: .delta) }
        #expect(throws: SubscriptionRequest.Refusal.self) { try Subprotocol(bare: alone) }
        let both = head([("Sec-WebSocket-Protocol", "cloudevents.json, tokencast")])
        #expect(try Subprotocol(bare: both) == .tokencast)
        #expect(try Subprotocol(bare: head([])) == nil)
    }

    @Test(
        "The form of a body is what its headers say",
        arguments: [
            ([("content-type", "application/json")], .data), ([], .data),
            ([("Content-Type", "Application/CloudEvents+JSON; charset=utf-8")], .structured),
            ([("content-type", "application/cloudevents+json"), ("ce-id", "a")], .structured),
            ([("content-type", "application/cloudevents-batch+json")], .batch),
            ([("content-type", "application/json"), ("CE-ID", "a")], .binary), ([("ce-x", "a")], .binary),
            ([("content-type", "application/cloudevents+avro")], .unknown(type: "application/cloudevents+avro")),
            ([("content-type", "application/cloudevents")], .unknown(type: "application/cloudevents")),
        ] as [([(String, String)], PublishForm)]
    )
    func forms(headers: [(String, String)], form: PublishForm) { #expect(PublishForm(HTTPHeaders(headers)) == form) }

    @Test("A batch may be larger than an event, whatever is configured")
    func limits() {
        var configuration = ServerConfiguration()
        #expect(PublishForm.structured.limit(configuration) == 256 << 10)
        #expect(PublishForm.batch.limit(configuration) == 4 << 20)
        configuration.limits.publishBytes = .max
        #expect(PublishForm.batch.limit(configuration) == .max)
        configuration.limits.publishBytes = 64 << 20
        #expect(PublishForm.batch.limit(configuration) == 64 << 20)
    }

    @Test(
        "Sources begin with the public address, or with the one that is listened on",
        arguments: [
            ("127.0.0.1", nil, "http://127.0.0.1:81"), ("::1", nil, "http://[::1]:81"),
            ("localhost", nil, "http://localhost:81"),
            ("0.0.0.0", "https://tokens.example/t", "https://tokens.example/t"),
        ] as [(String, String?, String)]
    )
    func addresses(host: String, publicURL: String?, expected: String) {
        var configuration = ServerConfiguration()
        configuration.host = host
        configuration.publicURL = publicURL
        #expect(PublicAddress(configuration, port: 81).url == expected)
    }

    @Test("Where every address is listened on, the machine has a name")
    func everyAddress() {
        var configuration = ServerConfiguration()
        configuration.host = "0.0.0.0"
        let url = PublicAddress(configuration, port: 81).url
        #expect(url.hasPrefix("http://") && url.hasSuffix(":81") && !url.contains("0.0.0.0") && url.utf8.count > 10)
    }

    private func head(_ headers: [(String, String)]) -> HTTPRequestHead {
        HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: HTTPHeaders(headers))
    }
}
