import Dialects
import NIOCore
import Server
import TestSupport
import Testing

@testable import Tokencast

/// Several channels and streams on one socket, and commands.
@Suite struct WebSocketCommandTests {
    /// The messages that have come.
    private static func messages(_ frames: [WebSocketClient.Frame]) -> [JSONValue] {
        frames.filter { $0.opcode == 1 }.compactMap { try? JSONValue(parsing: $0.text) }
    }

    /// Waits for the answer to a command.
    private static func answer(_ socket: WebSocketClient, to ref: String) async throws -> JSONValue {
        let found = { @Sendable (frames: [WebSocketClient.Frame]) in
            messages(frames).first { $0["ref"]?.jsonText == ref }
        }
        let frames = try await socket.frames(until: "an answer to \(ref)") { found($0) != nil }
        return try #require(found(frames))
    }

    private static func text(_ messages: [JSONValue], stream: String) -> String {
        messages.filter { $0["type"]?.string == "delta" && $0["stream"]?.string == stream }
            .compactMap { $0["data"]?["text"]?.string }.joined()
    }

    @Test(
        "A socket opened for nothing reads two channels and a stream, each whole and in order",
        arguments: [
            "/streams", "/channels",
        ]
    )
    func interleaved(target: String) async throws {
        let words = Chat.words(40)
        let upstream = try Script.chat(words)
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let old = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let socket = try await WebSocketClient(port: server.port, target)
            try await socket.send(#"{"type":"subscribe","ref":1,"channels":["red","blue"],"streams":["\#(old)"]}"#)
            let answer = try await Self.answer(socket, to: "1")
            #expect(
                answer.jsonText == #"{"type":"subscribed","ref":1,"channels":["red","blue"],"streams":["\#(old)"]}"#
            )

            var ids: [String] = []
            for channel in ["red", "blue", "red"] {
                let fields = [Field("Tokencast-Channel", channel)]
                let response = try await fetch(Chat.request("demo", fields), port: server.port)
                ids.append(try #require(response.value("tokencast-stream")))
            }
            let frames = try await socket.frames(until: "four ends and a goodbye") { frames in
                Self.messages(frames).filter { ["end", "unsubscribed"].contains($0["type"]?.string) }.count == 5
            }
            let messages = Self.messages(frames)
            for id in ids + [old] { #expect(Self.text(messages, stream: id) == words.joined()) }
            let over = try #require(messages.first { $0["type"]?.string == "unsubscribed" })
            #expect(over.jsonText == #"{"type":"unsubscribed","stream":"\#(old)","reason":"complete"}"#)
            #expect(!frames.contains { $0.opcode == 8 })
        }
    }

    @Test("What was unsubscribed from comes no more, and can be resumed by its name")
    func unsubscribing() async throws {
        let gate = Gate()
        let words = Chat.words(6)
        let upstream = try Script.gated(words, gate)
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let socket = try await WebSocketClient(port: server.port, "/channels/red")
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request("demo", [Field("Tokencast-Channel", "red")]))
            gate.open(3)
            try await socket.frames(until: "three words") { frames in
                Self.messages(frames).filter { $0["type"]?.string == "delta" }.count == 3
            }
            try await socket.send(#"{"type":"unsubscribe","ref":"bye","channels":["red"]}"#)
            _ = try await Self.answer(socket, to: "\"bye\"")
            let before = Self.messages(socket.frames)
            gate.open(4)
            try await caller.response()
            // What was written before this answer would stand before it.
            try await socket.send(#"{"type":"ping","ref":2}"#)
            _ = try await Self.answer(socket, to: "2")
            #expect(Self.messages(socket.frames).count == before.count + 1)

            let last = try #require(before.last { $0["type"]?.string == "delta" }?["id"]?.string)
            try await socket.send(#"{"type":"subscribe","ref":3,"channels":["red"],"since":{"red":"\#(last)"}}"#)
            let frames = try await socket.frames(until: "the end") { frames in
                Self.messages(frames).contains { $0["type"]?.string == "end" }
            }
            let stream = try #require(before.first?["stream"]?.string)
            #expect(Self.text(Self.messages(frames), stream: stream) == words.joined())
        }
    }

    @Test("A socket opened for one stream closes when all that it reads is over")
    func closing() async throws {
        let gate = Gate()
        let upstream = try Script.gated(["a"], gate)
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let callers = try [RawConnection(port: server.port), RawConnection(port: server.port)]
            var ids: [String] = []
            for caller in callers {
                try await caller.send(Chat.request())
                ids.append(try #require(try await caller.head().value("tokencast-stream")))
            }
            let socket = try await WebSocketClient(port: server.port, "/streams/\(ids[0])")
            try await socket.send(#"{"type":"subscribe","ref":1,"streams":["\#(ids[1])"]}"#)
            _ = try await Self.answer(socket, to: "1")
            gate.open(4)
            let frames = try await socket.closed()
            #expect(frames.last?.closeCode == 1000)
            for id in ids { #expect(Self.text(Self.messages(frames), stream: id) == "a") }
            #expect(try await socket.connection.closed() == .closed)
        }
    }

    @Test("Who has all of an ended stream is let in, and told that it is over")
    func nothingLeft() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let last = try #require(try await fetch(.get("/streams/\(id)"), port: server.port).events.last?.id)
            let socket = try await WebSocketClient(port: server.port, "/streams/\(id)?since=\(last)")
            #expect(try await socket.closed().map(\.closeCode) == [1000])
        }
    }

    @Test("Any request of a connection may become a WebSocket")
    func laterRequests() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            for index in 0..<3 {
                try await connection.send(Chat.request())
                #expect(try await connection.response(index).status == 200)
            }
            try await connection.send(WebSocketClient.request("/channels"))
            #expect(try await connection.head(3).status == 101)
            try await connection.send(WebSocketClient.frame(opcode: 1, Array(#"{"type":"ping"}"#.utf8)))
            let pong = [0x81, 15] + Array(#"{"type":"pong"}"#.utf8)
            try await connection.inbox.wait(for: "a pong") { $0.upgraded == pong ? true : nil }
        }
    }

    @Test("It may also be one that was sent before the answer to the one before, with frames behind it")
    func pipelined() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let upgrade =
                "GET /streams HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(WebSocketClient.key)\r\n\r\n"
            let body = Chat.body()
            let request =
                "POST \(Chat.path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            let frame = WebSocketClient.frame(opcode: 1, Array(#"{"type":"ping"}"#.utf8))
            try await connection.send(Array((request + upgrade).utf8) + frame)
            #expect(try await connection.response(0).text == Chat.stream(["a"]))
            #expect(try await connection.head(1).status == 101)
            let pong = [0x81, 15] + Array(#"{"type":"pong"}"#.utf8)
            try await connection.inbox.wait(for: "a pong") { $0.upgraded == pong ? true : nil }
        }
    }

    @Test("A command may come in pieces, with a ping between them")
    func fragments() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let socket = try await WebSocketClient(port: server.port, "/channels")
            let bytes =
                WebSocketClient.frame(opcode: 1, Array(#"{"type":"#.utf8), isFinal: false)
                + WebSocketClient.frame(opcode: 9, [7])
                + WebSocketClient.frame(opcode: 0, Array(#""ping","ref":"\#u{E9}""#.utf8), isFinal: false)
                + WebSocketClient.frame(opcode: 0, Array("}".utf8))
            for byte in bytes { try await socket.connection.send([byte]) }
            let frames = try await socket.frames(until: "both answers") { $0.count == 2 }
            #expect(frames[0] == .init(opcode: 10, payload: [7]))
            #expect(frames[1].text == #"{"type":"pong","ref":"\#u{E9}"}"#)
        }
    }

    @Test("The subprotocol is agreed on where it is offered, and others are left to the browser")
    func subprotocols() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            for (offer, answer) in [("tokencast", "tokencast"), ("v2.other, tokencast", "tokencast"), ("other", nil)] {
                let connection = try RawConnection(port: server.port)
                let field = Field("Sec-WebSocket-Protocol", offer)
                try await connection.send(WebSocketClient.request("/channels", [field]))
                let response = try await connection.head()
                #expect(response.status == 101)
                #expect(response.value("sec-websocket-protocol") == answer)
            }
        }
    }

    @Test("Binary messages and messages over 64 KiB end the connection with their code")
    func refusedMessages() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let binary = try await WebSocketClient(port: server.port, "/channels")
            try await binary.send(opcode: 2, [1, 2, 3])
            #expect(try await binary.closed().map(\.closeCode) == [1003])

            let limit = try await WebSocketClient(port: server.port, "/channels")
            let text = #"{"type":"ping"}"#
            try await limit.send(text + String(repeating: " ", count: 65_536 - text.utf8.count))
            try await limit.frames(until: "an answer") { $0.count == 1 }
            try await limit.send(text + String(repeating: " ", count: 65_537 - text.utf8.count))
            #expect(try await limit.closed().last?.closeCode == 1009)
            #expect(try await limit.connection.closed() == .closed)
        }
    }

    @Test("Who asks on and on without reading the answers is cut off, and nobody else is")
    func flood() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port, isReading: false, receiveBuffer: 4 << 10)
            try await connection.send(WebSocketClient.request("/channels"))
            let other = try await WebSocketClient(port: server.port, "/channels")
            let ref = String(repeating: "x", count: 250)
            let frame = WebSocketClient.frame(opcode: 1, Array(#"{"type":"ping","ref":"\#(ref)"}"#.utf8))
            let many = Array(repeating: frame, count: 200).flatMap { $0 }
            // Its pongs pile up until the server has enough of it: sending fails then.
            await #expect(throws: Failure.self) {
                for _ in 0..<2000 { try await connection.send(many) }
            }
            try await other.send(#"{"type":"ping","ref":1}"#)
            _ = try await Self.answer(other, to: "1")
        }
    }

    @Test("A stream begun on a socket can be read and stopped there, and shows up elsewhere")
    func creating() async throws {
        let upstream = try Script.endless()
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let socket = try await WebSocketClient(port: server.port, "/streams")
            let order = #""path":"\#(Chat.path)","body":\#(Chat.body("demo")),"channel":"red""#
            try await socket.send(#"{"type":"create","ref":1,\#(order)}"#)
            let created = try await Self.answer(socket, to: "1")
            #expect(created["type"]?.string == "created")
            #expect(created["data"]?["channel"]?.string == "red")
            let id = try #require(created["stream"]?.string)
            try await socket.send(#"{"type":"subscribe","ref":2,"channels":["red"],"streams":["\#(id)"]}"#)
            try await socket.frames(until: "words by both ways") { frames in
                Self.messages(frames).filter { $0["type"]?.string == "delta" }.count > 10
            }
            try await socket.send(#"{"type":"cancel","ref":3,"stream":"\#(id)"}"#)
            #expect(
                try await Self.answer(socket, to: "3").jsonText == #"{"type":"cancelled","ref":3,"stream":"\#(id)"}"#
            )
            let frames = try await socket.frames(until: "the ends") { frames in
                Self.messages(frames).filter { $0["type"]?.string == "end" }.count == 2
            }
            let ends = Self.messages(frames).filter { $0["type"]?.string == "end" }
            #expect(ends.allSatisfy { $0["data"]?["state"]?.string == "cancelled" })
            // It is over, and stays so.
            try await socket.send(#"{"type":"cancel","ref":4,"stream":"\#(id)"}"#)
            #expect(try await Self.answer(socket, to: "4")["type"]?.string == "cancelled")
        }
    }

    @Test(
        "Errors that only the server knows of",
        arguments: [
            (#"{"type":"create","ref":1,"path":"/nowhere/else","body":{}}"#, "no_route"),
            (#"{"type":"create","ref":1,"path":"/streams","body":{}}"#, "bad_command"),
            (#"{"type":"create","ref":1}"#, "bad_command"),
            (#"{"type":"cancel","ref":1,"stream":"01k85d3l8pc83q32jubagdvsh1klabs5mfra"}"#, "unknown_stream"),
            (#"{"type":"subscribe","ref":1,"streams":["01k85d3l8pc83q32jubagdvsh1klabs5mfra"]}"#, "unknown_stream"),
            (#"{"type":"subscribe","ref":1,"channels":["a","b","c"]}"#, "too_many"),
        ]
    )
    func serverErrors(message: String, code: String) async throws {
        let upstream = try Script.chat(["a"])
        let configuration = Configuration.test(upstream) {
            $0.routes = [.init(path: "/v1/*", upstream: "test")]
            $0.limits.subscribers = 2
        }
        try await withServer(configuration) { server async throws in
            let socket = try await WebSocketClient(port: server.port, "/streams")
            try await socket.send(message)
            #expect(try await Self.answer(socket, to: "1")["code"]?.string == code)
            // Nothing of it was kept.
            try await socket.send(#"{"type":"subscribe","ref":2,"channels":["a","b"]}"#)
            #expect(try await Self.answer(socket, to: "2")["type"]?.string == "subscribed")
            let late = try await WebSocketClient(port: server.port, "/channels/a")
            #expect(try await late.closed().map(\.closeCode) == [1013])
        }
    }

    @Test("What one socket publishes another reads, under the id that the publisher got")
    func publishing() async throws {
        try await withServer(eventLoops: 3, to: try Script.chat([])) { server async throws in
            let reader = try await WebSocketClient(port: server.port, "/channels/news")
            let writer = try await WebSocketClient(port: server.port, "/channels")
            try await reader.send(#"{"type":"ping","ref":0}"#)
            _ = try await Self.answer(reader, to: "0")
            try await writer.send(
                #"{"type":"publish","ref":1,"channel":"news","event":"weather.now","data":{ "sky": "clear\n" }}"#
            )
            try await writer.send(#"{"type":"publish","ref":2,"channel":"news","data":1.50}"#)
            let first = try await Self.answer(writer, to: "1")
            let second = try await Self.answer(writer, to: "2")
            #expect(first["type"]?.string == "published")
            let frames = try await reader.frames(until: "both events") { Self.messages($0).count == 3 }
            let events = Self.messages(frames).dropFirst().map { event in
                ["type", "id", "channel", "event", "data"].map { event[$0]?.jsonText }
            }
            #expect(
                events == [
                    [#""message""#, first["id"]?.jsonText, #""news""#, #""weather.now""#, #"{"sky":"clear\n"}"#],
                    [#""message""#, second["id"]?.jsonText, #""news""#, #""message""#, "1.50"],
                ]
            )
        }
    }

    @Test(
        "Publishing has the limits that it has over HTTP",
        arguments: [
            (#""event":"delta","data":1"#, "bad_command"), (#""event":"a b","data":1"#, "bad_command"),
            (#""data":"\#(String(repeating: "x", count: 100))""#, "too_big"), (#""data":2"#, "rate_limited"),
        ]
    )
    func publishingLimits(members: String, code: String) async throws {
        let configuration = Configuration.test(try Script.chat([])) {
            $0.limits.publishBytes = 100
            $0.limits.publishRate = 1
            $0.limits.publishBurst = 1
        }
        try await withServer(configuration) { server async throws in
            let socket = try await WebSocketClient(port: server.port, "/channels")
            try await socket.send(#"{"type":"publish","ref":1,"channel":"news","data":1}"#)
            #expect(try await Self.answer(socket, to: "1")["type"]?.string == "published")
            try await socket.send(#"{"type":"publish","ref":2,"channel":"news",\#(members)}"#)
            #expect(try await Self.answer(socket, to: "2")["code"]?.string == code)
        }
    }

    @Test("A snapshot comes in place of the events, where it is asked for")
    func catchingUp() async throws {
        let words = Chat.words(20)
        try await withServer(eventLoops: 2, to: try Script.chat(words)) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let socket = try await WebSocketClient(port: server.port, "/streams")
            try await socket.send(#"{"type":"subscribe","ref":1,"streams":["\#(id)"],"catchup":"fold"}"#)
            let frames = try await socket.frames(until: "the end of it") { frames in
                Self.messages(frames).last?["type"]?.string == "unsubscribed"
            }
            let messages = Self.messages(frames)
            #expect(messages.compactMap { $0["type"]?.string } == ["subscribed", "snapshot", "end", "unsubscribed"])
            let text = messages[1]["data"]?["choices"]?[0]?["parts"]?[0]?["text"]?.string
            #expect(text == words.joined())

            try await socket.send(#"{"type":"subscribe","ref":2,"streams":["\#(id)"],"catchup":"fold","view":"raw"}"#)
            #expect(try await Self.answer(socket, to: "2")["code"]?.string == "bad_command")
        }
    }

    @Test("A reader that takes nothing for too long is told so with 4108")
    func stalled() async throws {
        let upstream = try SlowReaderTests.flood()
        let impatient = { (configuration: inout ServerConfiguration) in configuration.stallTimeout = .milliseconds(500)
        }
        try await withServer(eventLoops: 2, to: upstream, with: impatient) { server async throws in
            let deaf = try RawConnection(port: server.port, isReading: false, receiveBuffer: 16 << 10)
            try await deaf.send(WebSocketClient.request("/channels/all"))
            let idle = try await WebSocketClient(port: server.port, "/channels/quiet")
            let reader = try await WebSocketClient(port: server.port, "/channels/all?view=text")
            try await eventually("all read") {
                try await server.metric(#"tokencast_subscribers{transport="websocket"}"#) == 3
            }
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            try await eventually("the deaf one is given up") {
                try await server.metric("tokencast_stalled_subscribers_total") == 1
            }
            deaf.startReading()
            let last = try await deaf.inbox.wait(for: "the end") { inbox in
                inbox.end == .open ? nil : WebSocketClient.parse(inbox.upgraded).last
            }
            #expect(last.closeCode == 4108)
            let end = #""state":"complete""#
            try await reader.connection.inbox.wait(for: "the end") { inbox in
                inbox.upgraded.suffix(400).contains(ascii: end) ? true : nil
            }
            #expect(idle.connection.inbox.current.end == .open)
        }
    }

    @Test("A reader who closes half of its connection is taken leave of")
    func halfOpen() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let name = #"tokencast_subscribers{transport="websocket"}"#
            let socket = try await WebSocketClient(port: server.port, "/channels/red")
            try await eventually("it subscribes") { try await server.metric(name) == 1 }
            socket.connection.finishSending()
            #expect(try await socket.connection.closed() != .open)
            try await eventually("it is gone") { try await server.metric(name) == 0 }
        }
    }
}
