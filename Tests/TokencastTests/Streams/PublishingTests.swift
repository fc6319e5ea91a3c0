import Broadcast
import Dialects
import NIOCore
import Server
import TestSupport
import Testing

/// `POST /channels/{name}`.
@Suite struct PublishingTests {
    private static func published(_ target: String, _ body: String, _ server: TestServer) async throws -> String {
        let answer = try await fetch(.post(target, body), port: server.port)
        guard answer.status == 202, let id = try json(answer.text)["id"]?.string else {
            throw Failure("not published: \(answer.status) \(answer.text)")
        }
        return id
    }

    @Test("What is published comes to every reader under the id that its publisher got")
    func everyTransport() async throws {
        try await withServer(eventLoops: 3, to: try Script.chat([])) { server async throws in
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/channels/news"))
            try await reader.head()
            let socket = try await WebSocketClient(port: server.port, "/channels/news")
            let id = try await Self.published("/channels/news?event=weather.now", #"{"sky":"clear"}"#, server)
            let plain = try await Self.published("/channels/news", "[1, 2]", server)
            let events = try await reader.response(until: "both") { $0.events.filter { !$0.data.isEmpty }.count == 2 }
                .events
                .filter { !$0.data.isEmpty }
            #expect(events.map(\.name) == ["weather.now", "message"])
            #expect(events.map(\.data) == [#"{"sky":"clear"}"#, "[1,2]"])
            #expect(events.map(\.id) == [id, plain])
            let frames = try await socket.frames(until: "both") { $0.count == 2 }
            let message = try json(frames[0].text)
            #expect(message["type"]?.string == "message" && message["event"]?.string == "weather.now")
            #expect(message["id"]?.string == id && message["channel"]?.string == "news")
            #expect(message["data"]?["sky"]?.string == "clear")
            let poll = try await server.json("/channels/news?live=long-poll&since=earliest")
            #expect(poll["events"]?.array?.map(\.jsonText) == frames.prefix(2).map(\.text))
            #expect(poll["next"]?.string == plain)
            // Behind the first comes the second alone, wherever one reads on.
            let rest = try await server.json("/channels/news?live=long-poll&since=\(id)")
            #expect(rest["events"]?.array?.count == 1)
        }
    }

    @Test(
        "Nothing of a value is lost but the space between",
        arguments: [
            ("null", "null"), ("\n\t true \r\n", "true"), (#""a\nb\u0000\u2028é😀""#, "\"a\\nb\\u0000\u{2028}é😀\""),
            ("1.0", "1.0"), ("12345678901234567890.10e-2", "12345678901234567890.10e-2"), ("-0", "-0"),
            ("{ \"b\" : 1 , \"a\" : [ ] }", #"{"b":1,"a":[]}"#),
            (String(repeating: "[", count: 200) + String(repeating: "]", count: 200), nil),
        ] as [(String, String?)]
    )
    func fidelity(body: String, line: String?) async throws {
        try await withServer(to: try Script.chat([])) { server async throws in
            _ = try await Self.published("/channels/news", body, server)
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/channels/news"))
            let event = try await reader.response(until: "the event") { $0.events.contains { !$0.data.isEmpty } }.events
                .first { !$0.data.isEmpty }
            #expect(event?.data == line ?? body)
        }
    }

    @Test(
        "What can't be published is refused, and where it is wrong is said",
        arguments: [
            ("/channels/news", "{\n \"a\": x}", 400, "invalid_json"), ("/channels/news", "", 400, "invalid_json"),
            ("/channels/news", "{} {}", 400, "invalid_json"),
            ("/channels/news", #"{"a":1,"a":2}"#, 400, "invalid_json"),
            ("/channels/news", #""\ud800""#, 400, "invalid_json"),
            ("/channels/news?event=delta", "1", 400, "invalid_event"),
            ("/channels/news?event=error", "1", 400, "invalid_event"),
            ("/channels/news?event=a%20b", "1", 400, "invalid_event"),
            ("/channels/news?event=", "1", 400, "invalid_event"), ("/channels/a%2Fb", "1", 400, "invalid_channel"),
            ("/channels/news?evnt=a", "1", 400, nil),
        ] as [(String, String, Int, String?)]
    )
    func refused(target: String, body: String, status: Int, code: String?) async throws {
        try await withServer(to: try Script.chat([])) { server async throws in
            let answer = try await fetch(
                .post(target, body, [Field("Content-Length", "\(body.utf8.count)")]),
                port: server.port
            )
            #expect(answer.status == status)
            let error = try ErrorShape(answer.text)
            #expect(error.code == code)
            if body.hasPrefix("{\n") { #expect(error.message.contains("line 2, column 7")) }
        }
    }

    @Test(
        "A form or a text isn't taken for JSON",
        arguments: ["text/plain", "application/x-www-form-urlencoded", "image/png"]
    )
    func types(type: String) async throws {
        try await withServer(to: try Script.chat([])) { server async throws in
            let request = RawRequest("POST", "/channels/news", [Field("Content-Type", type)], body: Array("1".utf8))
            #expect(try await fetch(request, port: server.port).status == 415)
        }
    }

    @Test("Size and rate are bounded, and who comes too fast is told when to come back")
    func limits() async throws {
        let small: (inout ServerConfiguration) -> Void = {
            $0.limits.publishBytes = 64
            $0.limits.publishRate = 1
            $0.limits.publishBurst = 3
        }
        try await withServer(eventLoops: 2, to: try Script.chat([]), with: small) { server async throws in
            let fits = "\"" + String(repeating: "x", count: 62) + "\""
            _ = try await Self.published("/channels/a", fits, server)
            let large = try await fetch(.post("/channels/a", fits + " "), port: server.port)
            #expect(large.status == 413)
            _ = try await Self.published("/channels/a", "1", server)
            _ = try await Self.published("/channels/a", "2", server)
            let fast = try await fetch(.post("/channels/a", "3"), port: server.port)
            #expect(fast.status == 429 && fast.value("retry-after") == "1")
            #expect(try ErrorShape(fast.text).code == "rate_limited")
            // Another channel has a rate of its own.
            _ = try await Self.published("/channels/b", "1", server)
            #expect(try await server.metric("tokencast_published_total") == 4)
        }
    }

    @Test("There are no more channels than there may be")
    func channels() async throws {
        let small: (inout ServerConfiguration) -> Void = { $0.retention.maximumChannels = 2 }
        try await withServer(eventLoops: 2, to: try Script.chat([]), with: small) { server async throws in
            _ = try await Self.published("/channels/a", "1", server)
            let refused = try await fetch(.post("/channels/b", "1"), port: server.port)
            #expect(refused.status == 503 && refused.value("retry-after") != nil)
            #expect(try ErrorShape(refused.text).code == "too_many")
            _ = try await Self.published("/channels/a", "2", server)
        }
    }

    @Test("A socket publishes as well")
    func socket() async throws {
        try await withServer(eventLoops: 2, to: try Script.chat([])) { server async throws in
            let socket = try await WebSocketClient(port: server.port, "/channels")
            let command = #"{"type":"publish","ref":7,"channel":"news","event":"tick","data":{"n":1.0}}"#
            try await socket.send(opcode: 1, Array(command.utf8))
            let answer = try json(try await socket.frames(until: "the answer") { !$0.isEmpty }[0].text)
            #expect(answer["type"]?.string == "published" && answer["ref"]?.int == 7)
            let poll = try await server.json("/channels/news?live=long-poll")
            #expect(poll["events"]?[0]?["id"]?.string == answer["id"]?.string)
            #expect(poll["events"]?[0]?["data"]?.jsonText == #"{"n":1.0}"#)
            let wrong = #"{"type":"publish","channel":"news","event":"delta","data":1}"#
            try await socket.send(opcode: 1, Array(wrong.utf8))
            let refusal = try json(try await socket.frames(until: "the refusal") { $0.count == 2 }[1].text)
            #expect(refusal["type"]?.string == "error" && refusal["code"]?.string == "bad_command")
        }
    }
}
