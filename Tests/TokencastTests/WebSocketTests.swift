import Dialects
import TestSupport
import Testing

/// The same streams over WebSocket: a JSON text frame per event.
@Suite struct WebSocketTests {
    @Test("Every view has the events that it has as an event stream", arguments: ["delta", "raw", "text", "openai"])
    func views(view: String) async throws {
        let long = String(repeating: "x", count: 300)
        let huge = String(repeating: "y", count: 70_000)
        let upstream = try Script.chat(["a", long, huge, "caf\u{E9}"])
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let events = try await fetch(.get("/streams/\(id)?view=\(view)"), port: server.port).events
            let socket = try await WebSocketClient(port: server.port, "/streams/\(id)?view=\(view)")
            let frames = try await socket.closed()
            #expect(frames.last?.closeCode == 1000)
            let messages = try frames.dropLast().map { try json($0.text) }
            #expect(frames.dropLast().allSatisfy { $0.opcode == 1 })
            #expect(messages.map { $0["id"]?.string } == events.map(\.id))
            #expect(messages.allSatisfy { $0["stream"]?.string == id })
            for (message, event) in zip(messages, events) {
                #expect(message.members?.map(\.name) == ["type", "id", "stream", "data"])
                let data = try #require(message["data"])
                switch view {
                case "raw":
                    #expect(data["data"]?.string == event.data)
                    #expect(data["event"]?.isNull == true)
                case "text" where event.name == "message":
                    #expect(message["type"]?.string == "text")
                    #expect(data.string == event.data)
                case "openai" where event.data == "[DONE]":
                    #expect(message["type"]?.string == "done")
                case "openai":
                    #expect(message["type"]?.string == "chunk")
                    #expect(data.jsonText == event.data)
                default:
                    #expect(message["type"]?.string == event.name)
                    #expect(data.jsonText == event.data)
                }
            }
        }
    }

    @Test func resumingGivesTheRest() async throws {
        let upstream = try Script.chat(Chat.words(5))
        try await withServer(to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let all = try await WebSocketClient(port: server.port, "/streams/\(id)").closed()
            for index in 0..<all.count - 2 {
                let token = try #require(try json(all[index].text)["id"]?.string)
                let rest = try await WebSocketClient(port: server.port, "/streams/\(id)?since=\(token)").closed()
                #expect(rest == Array(all[(index + 1)...]))
            }
        }
    }

    @Test func theHandshakeIsRFC6455s() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(WebSocketClient.request("/channels/all"))
            let response = try await connection.head()
            #expect(response.value("upgrade") == "websocket")
            #expect(response.value("connection") == "Upgrade")
            // The key and the digest of the RFC's own example.
            #expect(response.value("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")

            for (name, value, status) in [
                ("Sec-WebSocket-Version", "8", 426), ("Sec-WebSocket-Key", "short", 400),
                ("Sec-WebSocket-Key", "", 400),
            ] {
                var request = WebSocketClient.request("/channels/all")
                request.fields.removeAll { $0.name == name }
                request.fields.append(Field(name, value))
                let refusal = try await fetch(request, port: server.port)
                #expect(refusal.status == status)
                if status == 426 { #expect(refusal.value("sec-websocket-version") == "13") }
            }
        }
    }

    @Test func pingsAreAnsweredAndClosesTakenLeaveOf() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let socket = try await WebSocketClient(port: server.port, "/channels/all")
            try await socket.send(opcode: 9, Array("are you there".utf8))
            try await socket.send(opcode: 9)
            let pongs = try await socket.frames(until: "two pongs") { $0.count == 2 }
            #expect(pongs == [.init(opcode: 10, payload: Array("are you there".utf8)), .init(opcode: 10, payload: [])])
            #expect(try await server.metric(#"tokencast_subscribers{transport="websocket"}"#) == 1)
            try await socket.send(opcode: 8, [0x03, 0xE8] + Array("bye".utf8))
            #expect(try await socket.closed().last?.closeCode == 1000)
            #expect(try await socket.connection.closed() == .closed)
            #expect(try await server.metric(#"tokencast_subscribers{transport="websocket"}"#) == 0)
        }
    }

    @Test func framesThatBreakTheProtocolCloseIt() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let unmasked = try await WebSocketClient(port: server.port, "/channels/all")
            try await unmasked.send(opcode: 1, Array("hi".utf8), isMasked: false)
            #expect(try await unmasked.closed().last?.closeCode == 1002)

            let huge = try await WebSocketClient(port: server.port, "/channels/all")
            try await huge.send(opcode: 2, [UInt8](repeating: 0, count: 70_000))
            #expect(try await huge.closed().last?.closeCode == 1009)

            let long = try await WebSocketClient(port: server.port, "/channels/all")
            try await long.send(opcode: 9, [UInt8](repeating: 0, count: 126))
            #expect(try await long.closed().last?.closeCode == 1002)

            let message = try await WebSocketClient(port: server.port, "/channels/all")
            try await message.send("{}")
            let answer = try await message.frames(until: "an answer") { !$0.isEmpty }
            #expect(try json(try #require(answer.first).text)["type"]?.string == "error")
        }
    }

    @Test func framesRightBehindTheHandshakeAreNotLost() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let handshake =
                "GET /channels/all HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n"
                + "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(WebSocketClient.key)\r\n\r\n"
            let ping: [UInt8] = [0x89, 0x80, 1, 2, 3, 4]
            try await connection.send(Array(handshake.utf8) + ping)
            try await connection.inbox.wait(for: "a pong") { $0.upgraded == [0x8A, 0] ? true : nil }
        }
    }

    @Test func aCallerWhoVanishesIsCountedOut() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let name = #"tokencast_subscribers{transport="websocket"}"#
            for _ in 0..<5 {
                let socket = try await WebSocketClient(port: server.port, "/channels/all")
                try await socket.send(opcode: 9)
                try await socket.frames(until: "a pong") { !$0.isEmpty }
                #expect(try await server.metric(name) == 1)
                socket.connection.close()
                try await eventually("the subscriber is gone") { try await server.metric(name) == 0 }
            }
        }
    }
}

/// Asks again and again until something is so; for what only a poll can see.
func eventually(_ what: String, _ check: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try await !check() {
        guard ContinuousClock.now < deadline else { throw Late(what: what) }
        try await Task.sleep(for: .milliseconds(5))
    }
}
