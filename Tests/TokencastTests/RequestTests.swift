import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// What an upstream gets to see of a request.
@Suite struct RequestTests {
    @Test("Method, target and body go up as they are", arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func methodsPass(method: String) async throws {
        let upstream = try Self.echo()
        try await withServer(to: upstream) { server async throws in
            var request = RawRequest(method, "/v1/files/a%2Fb/../c;d?q=1&q=%20&e=", [Field("X-Api-Key", "k")])
            if method != "GET" { request.body = Array("{\"a\":1}".utf8) }
            if method != "GET" { request.fields.append(Field("Content-Type", "application/json")) }
            let response = try await fetch(request, port: server.port)
            #expect(response.status == 200)
            let received = try #require(upstream.log.current.requests.first)
            #expect(received.method == method)
            #expect(received.target == "/v1/files/a%2Fb/../c;d?q=1&q=%20&e=")
            #expect(received.body == request.body)
            #expect(received.version == "HTTP/1.1")
        }
    }

    @Test func aHEADHasTheUpstreamsHeadAndNoBody() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head("200 OK", "Content-Length: 5", "ETag: \"x\"")
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(RawRequest("HEAD", "/v1/models"))
            try await connection.send(.get("/healthz"))
            let response = try await connection.response()
            #expect(response.value("content-length") == "5")
            #expect(response.value("etag") == "\"x\"")
            #expect(response.body.isEmpty)
            #expect(try await connection.response(1).text == "ok\n")
            #expect(upstream.log.current.requests.first?.method == "HEAD")
        }
    }

    @Test func headersKeepTheirCaseOrderAndDuplicates() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head(
                "200 Fine",
                "X-ZED: 1",
                "x-a: one",
                "X-Zed: 2",
                "Set-Cookie: a=1",
                "set-cookie: b=2",
                "X-Empty:",
                "Keep-Alive: timeout=5",
                "X-Hop: 1",
                "Connection: keep-alive, x-hop",
                "Content-Length: 0"
            )
        }
        try await withServer(to: upstream) { server async throws in
            let response = try await fetch(.get("/v1/models"), port: server.port)
            #expect(response.reason == "Fine")
            let names = ["X-ZED", "x-a", "X-Zed", "Set-Cookie", "set-cookie", "X-Empty"]
            let values = ["1", "one", "2", "a=1", "b=2", ""]
            #expect(response.fields.prefix(6) == zip(names, values).map { Field($0, $1) }[...])
            #expect(response.value("keep-alive") == nil)
            #expect(response.value("x-hop") == nil)
        }
    }

    @Test func hopByHopHeadersAndOursStayHere() async throws {
        let upstream = try Self.echo()
        try await withServer(to: upstream) { server async throws in
            let fields = [
                Field("Authorization", "Bearer sk-real"), Field("OpenAI-Beta", "v2"), Field("x-stainless-os", "Linux"),
                Field("Tokencast-Channel", "c"), Field("TOKENCAST-Scope", "s"), Field("Tokencast-Key", "k"),
                Field("Connection", "keep-alive, X-Private"), Field("X-Private", "1"), Field("TE", "trailers"),
                Field("Keep-Alive", "1"), Field("Proxy-Authorization", "Basic x"), Field("Accept-Encoding", "gzip, br"),
                Field("X-Twice", "1"), Field("x-twice", "2"),
            ]
            _ = try await fetch(Chat.request("m", fields), port: server.port)
            let received = try #require(upstream.log.current.requests.first)
            let expected = [
                "Host", "Content-Type", "Authorization", "OpenAI-Beta", "x-stainless-os", "X-Twice", "x-twice",
                "accept-encoding", "Content-Length",
            ]
            #expect(received.fields.map(\.name).sorted() == expected.sorted())
            #expect(received.values("x-twice") == ["1", "2"])
            #expect(received.value("accept-encoding") == "identity")
            #expect(received.value("host") == "127.0.0.1:\(upstream.port)")
        }
    }

    @Test("A placeholder is replaced by the configured key", arguments: ["", "Bearer unused", "bearer x", "Bearer "])
    func placeholdersAreReplaced(value: String) async throws {
        let upstream = try Self.echo()
        try await withServer(.test(upstream) { $0.upstreams[0].key = "sk-configured" }) { server async throws in
            let fields = value.isEmpty ? [] : [Field("Authorization", value)]
            _ = try await fetch(Chat.request("m", fields), port: server.port)
            let received = try #require(upstream.log.current.requests.first)
            #expect(received.values("authorization") == ["Bearer sk-configured"])
        }
    }

    @Test("A key of the caller's own goes up", arguments: ["authorization: Bearer sk-mine", "x-api-key: mine"])
    func realKeysPass(line: String) async throws {
        let upstream = try Self.echo()
        try await withServer(.test(upstream) { $0.upstreams[0].key = "sk-configured" }) { server async throws in
            let parts = line.split(separator: ": ").map(String.init)
            _ = try await fetch(Chat.request("m", [Field(parts[0], parts[1])]), port: server.port)
            let received = try #require(upstream.log.current.requests.first)
            #expect(received.values(parts[0]) == [parts[1]])
            #expect(!received.fields.contains { $0.value.contains("sk-configured") })
        }
    }

    @Test("A base URL with or without /v1 isn't doubled", arguments: ["", "/", "/v1", "/v1/"])
    func pathsAreNotDoubled(base: String) async throws {
        let upstream = try Self.echo()
        try await withServer(
            .test {
                $0.upstreams = [.init(name: "up", source: .url(upstream.url + base))]
                $0.routes = [.init(upstream: "up")]
            }
        ) { server async throws in
            for path in ["/v1/chat/completions", "/up/v1/chat/completions", "/~channel=c/v1/chat/completions"] {
                _ = try await fetch(Chat.request(path: path), port: server.port)
            }
            let targets = upstream.log.current.requests.map(\.target)
            #expect(targets == Array(repeating: "/v1/chat/completions", count: 3))
        }
    }

    @Test func routesGoByModelAndPathAndAName() async throws {
        let one = try Self.echo("one")
        let two = try Self.echo("two")
        try await withServer(
            .test {
                $0.upstreams = [.init(name: "one", source: .url(one.url)), .init(name: "two", source: .url(two.url))]
                $0.routes = [.init(model: "big*", upstream: "two"), .init(path: "/v1/*", upstream: "one")]
            }
        ) { server async throws in
            #expect(try await fetch(Chat.request("small"), port: server.port).text == "one")
            #expect(try await fetch(Chat.request("big-1"), port: server.port).text == "two")
            #expect(try await fetch(.get("/two/v1/models"), port: server.port).text == "two")
            #expect(two.log.current.requests.last?.target == "/v1/models")
            // What our own resources hide is reached through the upstream's name.
            #expect(try await fetch(.get("/one/metrics"), port: server.port).text == "one")
            let lost = try await fetch(.get("/elsewhere"), port: server.port)
            #expect(lost.status == 404)
            #expect(lost.text.contains(#""code":"no_route""#))
        }
    }

    /// Answers 200 with a text, once it has read the request.
    static func echo(_ text: String = "ok") throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.reply(text, type: "text/plain")
        }
    }
}
