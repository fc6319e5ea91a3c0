import TestSupport
import Testing

/// Peers that leave, lie or dawdle at the worst moment harm only themselves.
@Suite struct HostilePeerTests {
    @Test func subscribersThatLeaveAtOnceLeaveNothingBehind() async throws {
        let upstream = try Script.chat([" a", " b"])
        try await withServer(to: upstream) { server async throws in
            for _ in 0..<20 {
                let reader = try RawConnection(port: server.port)
                try await reader.send(.get("/channels/all"))
                reader.close()
                let socket = try RawConnection(port: server.port)
                try await socket.send(WebSocketClient.request("/channels/all"))
                socket.close()
            }
            #expect(try await fetch(Chat.request(), port: server.port).status == 200)
            try await settles(at: 0, #"tokencast_subscribers{transport="sse"}"#, server)
            try await settles(at: 0, #"tokencast_subscribers{transport="websocket"}"#, server)
        }
    }

    @Test func aRequestBehindADoubtfulUpgradeHarmsNobody() async throws {
        let upstream = try Script.chat([" a"])
        try await withServer(to: upstream) { server async throws in
            for option in ["x, Upgrade\t", "Upgrade, x", "upgrade,,", "close, Upgrade"] {
                let connection = try RawConnection(port: server.port)
                let head =
                    "GET /channels/all HTTP/1.1\r\nHost: localhost\r\nConnection: \(option)\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                try await connection.send(Array((head + "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").utf8))
                #expect(try await connection.head().status != 101)
            }
            #expect(try await fetch(.get("/healthz"), port: server.port).text == "ok\n")
        }
    }

    @Test func countsThatOverflowAreCounted() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            let most = Int.max
            try connection.chunk(
                "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":\(most),\"completion_tokens\":\(most)}}\n\n"
            )
            try connection.chunk(Chat.done)
            try connection.endChunks()
        }
        try await withServer(to: upstream) { server async throws in
            let answer = try await fetch(Chat.request(), port: server.port)
            let stream = try #require(answer.value("tokencast-stream"))
            let view = try await fetch(.get("/streams/\(stream)?view=openai&include_usage=true"), port: server.port)
            #expect(view.text.contains("\"total_tokens\":\(Int.max)"))
        }
    }

    @Test(arguments: ["close", "keep-alive"])
    func aSlowCallerGetsTheTail(_ connection: String) async throws {
        // Less than the backlog at which the upstream would be paused: all of it waits here when the answer ends.
        let size = 3_900_000
        let upstream = try TestUpstream { _, connection in
            try connection.reply(String(repeating: "x", count: size), type: "text/plain")
        }
        try await withServer(to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port, isReading: false, receiveBuffer: 64 << 10)
            try await caller.send(.get("/large", [Field("Connection", connection)]))
            try await settles(at: Double(size), "tokencast_upstream_bytes_total", server)
            caller.startReading()
            #expect(try await caller.response().body.count == size)
        }
    }

    @Test func aHeadWithALengthIsAnsweredAtOnce() async throws {
        let upstream = try TestUpstream { _, connection in try connection.head("200 OK", "Content-Length: 5") }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let request = "HEAD /v1/models HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
            try await connection.send(Array(request.utf8), method: "HEAD")
            #expect(try await connection.response().value("content-length") == "5")
        }
    }

    @Test func aLengthBesideACodingIsVoid() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head(
                "200 OK",
                "Content-Length: 5",
                "Transfer-Encoding : chunked",
                "Transfer-Encoding: chunked"
            )
            try connection.chunk("0123456789")
            try connection.endChunks()
        }
        try await withServer(to: upstream) { server async throws in
            let response = try await fetch(.get("/both"), port: server.port)
            #expect(response.text == "0123456789")
            #expect(response.values("content-length").isEmpty)
            #expect(response.values("transfer-encoding") == ["chunked"])
        }
    }

    @Test func aRequestInAnotherCodingIsRefused() async throws {
        let upstream = try Script.chat([" a"])
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let request =
                "POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
            try await connection.send(Array(request.utf8), method: "POST")
            #expect(try await connection.response().status == 501)
        }
    }

    /// Waits until a counter has a value; what it counts ends some turns after the bytes that show it.
    private func settles(at value: Double, _ name: String, _ server: TestServer) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await server.metric(name) != value {
            try #require(ContinuousClock.now < deadline, "\(name) never came to \(value)")
            await Task.yield()
        }
    }
}
