import TestSupport
import Testing

/// HTTP/1.1 as callers speak it: one connection, many requests.
@Suite struct ConnectionTests {
    @Test func requestsFollowEachOtherOnOneConnection() async throws {
        let upstream = try TestUpstream { request, connection in
            try connection.readBody()
            try connection.reply(request.target, type: "text/plain")
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            for index in 0..<50 {
                try await connection.send(.post("/v1/\(index)", "{}"))
                #expect(try await connection.response(index).text == "/v1/\(index)")
            }
            // The upstream's connection is kept as well.
            #expect(upstream.log.current.connections == 1)
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let gate = Gate()
        let upstream = try TestUpstream { request, connection in
            try connection.readBody()
            if request.target == "/v1/0" { try gate.pass() }
            try connection.reply(request.target, type: "text/plain")
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            for index in 0..<100 {
                try await connection.send(index % 2 == 0 ? .post("/v1/\(index)", "{\"n\":\(index)}") : .get("/healthz"))
            }
            try await upstream.log.wait(for: "the first request") { $0.requests.first }
            #expect(upstream.log.current.requests.count == 1)
            gate.open()
            for index in 0..<100 {
                let expected = index % 2 == 0 ? "/v1/\(index)" : "ok\n"
                #expect(try await connection.response(index).text == expected)
            }
        }
    }

    @Test func thousandsOfPipelinedRequestsExhaustNothing() async throws {
        let gate = Gate()
        let upstream = try TestUpstream { _, connection in
            try gate.pass()
            try connection.reply("slow", type: "text/plain")
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(.get("/v1/slow"))
            try await upstream.log.wait(for: "the first request") { $0.requests.first }
            let one = Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
            let count = 20_000
            async let sending: Void = connection.send(Array(repeatElement(one, count: count).joined()))
            gate.open()
            try await connection.response(count)
            try await sending
        }
    }

    @Test func theSystemsCloseIsHonoured() async throws {
        let upstream = try RequestTests.echo()
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(.get("/v1/models", [Field("Connection", "close")]))
            let response = try await connection.response()
            #expect(response.value("connection") == "close")
            #expect(try await connection.closed() == .closed)
        }
    }

    @Test func aCallerOfHTTP10GetsABodyWithoutChunks() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            try connection.chunk(Chat.stream([" a"]))
            try connection.endChunks()
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            var request = Chat.request()
            request.version = "HTTP/1.0"
            try await connection.send(request)
            let response = try await connection.response()
            #expect(response.value("transfer-encoding") == nil)
            #expect(response.text == Chat.stream([" a"]))
            #expect(try await connection.closed() == .closed)

            let stream = try #require(response.value("tokencast-stream"))
            let reader = try RawConnection(port: server.port)
            var subscription = RawRequest.get("/streams/\(stream)")
            subscription.version = "HTTP/1.0"
            try await reader.send(subscription)
            #expect(try await reader.response().events.map(\.name) == ["start", "delta", "usage", "end"])
        }
    }

    @Test func expectContinueIsAnswered() async throws {
        let upstream = try RequestTests.echo()
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let body = Chat.body()
            var request = Chat.request(
                "demo",
                [Field("Expect", "100-continue"), Field("Content-Length", "\(body.count)")]
            )
            request.body = []
            try await connection.send(request)
            try await connection.inbox.wait(for: "100 Continue") { $0.interim == [100] ? true : nil }
            try await connection.send(Array(body.utf8))
            #expect(try await connection.response().text == "ok")
            #expect(upstream.log.current.requests.first?.value("expect") == nil)
        }
    }

    @Test func anUpgradeThatWeDoNotKnowIsIgnored() async throws {
        let upstream = try RequestTests.echo()
        try await withServer(to: upstream) { server async throws in
            // As Java's HTTP client asks with its first request.
            let fields = [
                Field("Connection", "Upgrade, HTTP2-Settings"), Field("Upgrade", "h2c"),
                Field("HTTP2-Settings", "AAEAAEAA"),
            ]
            let connection = try RawConnection(port: server.port)
            try await connection.send(Chat.request("m", fields))
            let response = try await connection.response()
            #expect(response.text == "ok")
            #expect(upstream.log.current.requests.first?.value("upgrade") == nil)
            if response.value("connection") == "close" {
                #expect(try await connection.closed() == .closed)
            } else {
                try await connection.send(.get("/healthz"))
                #expect(try await connection.response(1).text == "ok\n")
            }
        }
    }

    @Test(
        "What is not HTTP is answered with 400",
        arguments: [
            "GARBAGE\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nBad Header: 1\r\n\r\n",
            "GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n",
            "POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
            "POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
            "GET healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /healthz HTTP/1.1\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        ]
    )
    func malformedRequests(text: String) async throws {
        let upstream = try RequestTests.echo()
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(Array(text.utf8))
            connection.finishSending()
            let response = try await connection.response()
            #expect(response.status == 400)
            #expect(response.text.contains(#""error""#))
            #expect(try await connection.closed() == .closed)
            #expect(upstream.log.current.requests.isEmpty)
        }
    }

    @Test func aMalformedRequestBehindARunningOneLeavesNothingBehind() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.hang()
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(Chat.request())
            try await upstream.log.wait(for: "the request") { $0.requests.first }
            try await connection.send(Array("GARBAGE\r\n\r\n".utf8))
            try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
            try await connection.closed()
            #expect(try await server.metric("tokencast_streams") == 0)
        }
    }
}
