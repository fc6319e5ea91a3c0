import TestSupport
import Testing

/// Nothing gathers: what the upstream has sent is with the caller before the upstream sends more.
@Suite struct ArrivalTests {
    @Test(
        "Each piece arrives before the next is sent",
        arguments: ["text/event-stream", "application/x-ndjson", "text/plain"]
    )
    func piecesArriveOneByOne(type: String) async throws {
        let gate = Gate()
        let pieces = (0..<20).map { Chat.frame(" w\($0)") } + ["data: ha", "lf\n", "\n"]
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.head("200 OK", "Content-Type: \(type)", "Transfer-Encoding: chunked")
            for piece in pieces {
                try gate.pass()
                try connection.chunk(piece)
            }
            try gate.pass()
            try connection.endChunks()
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(Chat.request())
            // The head doesn't wait for the body.
            let head = try await connection.head()
            #expect(head.body.isEmpty)
            var expected = ""
            for piece in pieces {
                expected += piece
                gate.open()
                let sofar = expected
                try await connection.response(until: "the next piece") { $0.text == sofar }
            }
            gate.open()
            let response = try await connection.response()
            // One write, one chunk: none was merged with another, none was cut.
            #expect(response.pieces.map { String(decoding: $0.bytes, as: UTF8.self) } == pieces)
        }
    }

    @Test func subscribersGetEachTokenBeforeTheNextIsSent() async throws {
        let gate = Gate()
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            for word in Chat.words(10) {
                try gate.pass()
                try connection.chunk(Chat.frame(word))
            }
            try gate.pass()
            try connection.chunk(Chat.done)
            try connection.endChunks()
        }
        try await withServer(eventLoops: 3, to: upstream) { server async throws in
            let channel = try RawConnection(port: server.port)
            try await channel.send(.get("/channels/demo"))
            try await channel.head()
            let socket = try await WebSocketClient(port: server.port, "/channels/all")
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request("m", [Field("Tokencast-Channel", "demo")]))
            try await caller.head()
            for index in 0..<10 {
                gate.open()
                let text = #""text":" w\#(index)""#
                try await caller.response(until: "word \(index)") { $0.text.contains(" w\(index)\"") }
                try await channel.response(until: "event \(index)") { $0.events.last?.data.contains(text) == true }
                try await socket.frames(until: "frame \(index)") { $0.last?.text.contains(text) == true }
            }
            gate.open()
            #expect(try await caller.response().end == .complete)
            try await channel.response(until: "the end") { $0.events.last?.name == "end" }
            try await socket.frames(until: "the end") { $0.last?.text.hasPrefix(#"{"type":"end""#) == true }
        }
    }

    @Test func aSlowDripIsSpreadOverItsTime() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            for word in Chat.words(20) {
                try connection.chunk(Chat.frame(word))
                connection.rest(milliseconds: 25)
            }
            try connection.endChunks()
        }
        try await withServer(to: upstream) { server async throws in
            let response = try await fetch(Chat.request(), port: server.port)
            let first = try #require(response.pieces.first)
            let last = try #require(response.pieces.last)
            #expect(response.pieces.count == 20)
            #expect(last.at - first.at >= .milliseconds(400))
            // Half of it came in the first half, with room for a machine that is busy elsewhere.
            let middle = first.at + (last.at - first.at) / 2
            #expect((3...17).contains(response.pieces.filter { $0.at < middle }.count))
        }
    }
}
