import Broadcast
import Dialects
import Foundation
import Testing
import WebSockets

@testable import Server

/// Commands and ends go in, answers and what is to be done come out.
@Suite struct WebSocketSessionTests {
    private static let id = "01k85d3l8pc83q32jubagdvsh1klabs5mfra"

    /// What a session does, as words.
    private func words(_ actions: [WebSocketSession.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .answer(let text): String(decoding: text, as: UTF8.self)
            case .subscribe(let target, let terms): "subscribe \(target.name) \(terms.view) \(terms.position)"
            case .unsubscribe(let target): "unsubscribe \(target.name)"
            case .run(.publish(let channel, let event, let data), _):
                "publish \(channel) \(event ?? "-") \(data.jsonText)"
            case .run(.publishCloudEvent(let channel, let event), _): "publish \(channel) \(event.id)"
            case .run(.create(let request), _): "create \(request.jsonText)"
            case .run(.cancel(let id), _): "cancel \(id)"
            case .close(let code, _): "close \(code.rawValue)"
            }
        }
    }

    private func send(
        _ message: String,
        to session: inout WebSocketSession,
        refusal: (SessionTarget) -> SessionError? = { _ in nil }
    ) -> [String] {
        words(session.receive(Array(message.utf8), refusal: refusal))
    }

    @Test(
        "Each command does its own, and its answer repeats what it was called by",
        arguments: [
            (
                #"{"type":"subscribe","ref":1,"channels":["a","b"]}"#,
                [
                    #"{"type":"subscribed","ref":1,"channels":["a","b"],"streams":[]}"#, "subscribe a delta earliest",
                    "subscribe b delta earliest",
                ]
            ),
            (
                #"{"type":"subscribe","streams":["\#(id)"],"view":"text","since":"now"}"#,
                [#"{"type":"subscribed","channels":[],"streams":["\#(id)"]}"#, "subscribe \(id) text now"]
            ),
            (
                #"{"type":"subscribe","ref":"x","channels":["a","b"],"since":{"b":"now"}}"#,
                [
                    #"{"type":"subscribed","ref":"x","channels":["a","b"],"streams":[]}"#, "subscribe a delta earliest",
                    "subscribe b delta now",
                ]
            ),
            (
                #"{"type":"subscribe","ref":1.50,"channels":["a"],"view":"openai","include_usage":true}"#,
                [#"{"type":"subscribed","ref":1.50,"channels":["a"],"streams":[]}"#, "subscribe a openai earliest"]
            ),
            (#"{"type":"ping","ref":null}"#, [#"{"type":"pong","ref":null}"#]),
            (#"{"type":"ping"}"#, [#"{"type":"pong"}"#]),
            (
                #"{"type":"publish","ref":7,"channel":"a","event":"tick","data":{"n":1e2}}"#,
                [#"publish a tick {"n":1e2}"#]
            ),
            (#"{"type":"publish","channel":"a","data":null}"#, ["publish a - null"]),
            (#"{"type":"cancel","stream":"\#(id)"}"#, ["cancel \(id)"]),
        ] as [(String, [String])]
    )
    func commands(message: String, expected: [String]) {
        var session = WebSocketSession(initial: nil)
        #expect(send(message, to: &session) == expected)
    }

    @Test(
        "What is wrong is said with a code, and with what it was called by",
        arguments: [
            ("", "bad_json", nil), ("{", "bad_json", nil), ("[1]", "bad_json", nil), (#""text""#, "bad_json", nil),
            (#"{"type":"ping","type":"ping"}"#, "bad_json", nil),
            ("{}", "unknown_type", nil), (#"{"type":7}"#, "unknown_type", nil),
            (#"{"type":"publich","ref":1}"#, "unknown_type", "1"),
            (#"{"type":"ping","ref":[]}"#, "bad_command", nil), (#"{"type":"ping","ref":{}}"#, "bad_command", nil),
            (#"{"type":"ping","ref":"\#(String(repeating: "x", count: 255))"}"#, "bad_command", nil),
            (#"{"type":"ping","ref":1,"reff":2}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":[]}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":"a"}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":[1]}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a","a"]}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channel":"a"}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a"],"view":"colour"}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a"],"view":true}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a"],"merge":"false"}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a"],"include_usage":true}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a"],"since":"yesterday"}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a"],"since":7}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a"],"since":{"b":"now"}}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a"],"since":{"a":1}}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["a"],"live":"sse"}"#, "bad_command", "1"),
            (#"{"type":"subscribe","ref":1,"channels":["not a name"]}"#, "unknown_channel", "1"),
            (#"{"type":"subscribe","ref":1,"streams":["short"]}"#, "unknown_stream", "1"),
            (#"{"type":"unsubscribe","ref":1,"channels":["a"]}"#, "not_subscribed", "1"),
            (#"{"type":"publish","ref":1,"channel":"a"}"#, "bad_command", "1"),
            (#"{"type":"publish","ref":1,"data":1}"#, "bad_command", "1"),
            (#"{"type":"publish","ref":1,"channel":"a/b","data":1}"#, "unknown_channel", "1"),
            (#"{"type":"publish","ref":1,"channel":"a","event":1,"data":1}"#, "bad_command", "1"),
            (#"{"type":"cancel","ref":1}"#, "bad_command", "1"),
            (#"{"type":"cancel","ref":1,"stream":"x"}"#, "unknown_stream", "1"),
        ] as [(String, String, String?)]
    )
    func errors(message: String, code: String, ref: String?) throws {
        var session = WebSocketSession(initial: nil)
        let actions = send(message, to: &session)
        #expect(actions.count == 1)
        let answer = try JSONValue(parsing: try #require(actions.first))
        #expect(answer["type"]?.string == "error")
        #expect(answer["code"]?.string == code)
        #expect(answer["ref"]?.jsonText == ref)
        #expect(answer["message"]?.string?.isEmpty == false)
        #expect(SessionError.Code(rawValue: code) != nil)
    }

    @Test("A subscription can be had once, and again when it is given up")
    func subscribingAgain() {
        var session = WebSocketSession(initial: .channel("a"))
        #expect(send(#"{"type":"subscribe","channels":["b","a"]}"#, to: &session)[0].contains("already_subscribed"))
        // Nothing of it was done.
        #expect(send(#"{"type":"unsubscribe","channels":["b"]}"#, to: &session)[0].contains("not_subscribed"))
        let expected = ["unsubscribe a", #"{"type":"unsubscribed","channels":["a"],"streams":[]}"#]
        #expect(send(#"{"type":"unsubscribe","channels":["a"]}"#, to: &session) == expected)
        #expect(send(#"{"type":"subscribe","channels":["a"]}"#, to: &session).count == 2)
    }

    @Test("A socket has so many subscriptions at most")
    func limit() {
        var session = WebSocketSession(initial: .channel("first"))
        let names = (1..<100).map { "\"c\($0)\"" }.joined(separator: ",")
        #expect(send("{\"type\":\"subscribe\",\"channels\":[\(names),\"more\"]}", to: &session)[0].contains("too_many"))
        #expect(send("{\"type\":\"subscribe\",\"channels\":[\(names)]}", to: &session).count == 100)
        #expect(send(#"{"type":"subscribe","channels":["more"]}"#, to: &session)[0].contains("too_many"))
        #expect(!send(#"{"type":"unsubscribe","channels":["c7"]}"#, to: &session)[0].contains("error"))
        #expect(send(#"{"type":"subscribe","channels":["more"]}"#, to: &session).count == 2)
    }

    @Test("Where one of several can't be had none is, and the answer says which")
    func refusals() {
        var session = WebSocketSession(initial: nil)
        let message = #"{"type":"subscribe","ref":3,"channels":["a","secret"]}"#
        let answer = send(message, to: &session) { target in
            target.name == "secret" ? SessionError(.forbidden, "no") : nil
        }
        #expect(
            answer == [#"{"type":"error","ref":3,"code":"forbidden","message":"no","channel":"secret"}"#]
        )
        #expect(send(#"{"type":"unsubscribe","channels":["a"]}"#, to: &session)[0].contains("not_subscribed"))
    }

    @Test("Commands that wait for their answers are so many at most")
    func pending() {
        var session = WebSocketSession(initial: nil, limits: .init(pending: 2))
        let message = #"{"type":"publish","channel":"a","data":1}"#
        #expect(send(message, to: &session) == ["publish a - 1"])
        #expect(send(message, to: &session) == ["publish a - 1"])
        #expect(send(message, to: &session)[0].contains("rate_limited"))
        #expect(words(session.finished(SessionAnswer("published"))) == [#"{"type":"published"}"#])
        #expect(send(message, to: &session) == ["publish a - 1"])
    }

    @Test("The page about WebSockets has every command and every code")
    func documented() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/websocket.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for code in SessionError.Code.allCases { #expect(text.contains("`\(code.rawValue)`"), "\(code)") }
        for kind in SessionCommand.Kind.allCases { #expect(text.contains("| `\(kind.rawValue)` |"), "\(kind)") }
    }

    // MARK: Ends

    private var stream: SessionTarget { .stream(StreamID(Self.id) ?? StreamID()) }

    @Test("A socket that was opened for one stream closes with it")
    func endOfTheOnlyOne() {
        for (reason, code) in [(ReaderEnd.complete, 1000), (.incomplete, 1008), (.shutdown, 1012)] {
            var session = WebSocketSession(initial: stream)
            #expect(words(session.ended(stream, reason)) == ["close \(code)"])
        }
    }

    @Test("It stays open for what else was asked for, and closes behind it")
    func endOfTheFirst() {
        var session = WebSocketSession(initial: stream)
        _ = send(#"{"type":"subscribe","channels":["a"]}"#, to: &session)
        let over = #"{"type":"unsubscribed","stream":"\#(Self.id)","reason":"incomplete"}"#
        #expect(words(session.ended(stream, .incomplete)) == [over])
        let left = send(#"{"type":"unsubscribe","channels":["a"]}"#, to: &session)
        #expect(left.last == "close 1000")
    }

    @Test("A command that runs is answered before the socket closes")
    func endWithACommandRunning() {
        var session = WebSocketSession(initial: stream)
        _ = send(#"{"type":"publish","channel":"a","data":1}"#, to: &session)
        #expect(words(session.ended(stream, .complete)).allSatisfy { !$0.hasPrefix("close") })
        #expect(words(session.finished(SessionAnswer("published"))).last == "close 1000")
    }

    @Test("A socket that was opened for nothing, or gave that up, stays open")
    func staysOpen() {
        var free = WebSocketSession(initial: nil)
        _ = send(#"{"type":"subscribe","streams":["\#(Self.id)"]}"#, to: &free)
        let over = #"{"type":"unsubscribed","stream":"\#(Self.id)","reason":"complete"}"#
        #expect(words(free.ended(stream, .complete)) == [over])
        // It can be told but once.
        #expect(words(free.ended(stream, .complete)).isEmpty)

        var left = WebSocketSession(initial: stream)
        let answer = send(#"{"type":"unsubscribe","streams":["\#(Self.id)"]}"#, to: &left)
        #expect(!answer.contains { $0.hasPrefix("close") })
        #expect(words(left.ended(stream, .complete)).isEmpty)
    }
}
