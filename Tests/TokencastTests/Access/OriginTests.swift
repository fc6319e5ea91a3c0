import TestSupport
import Testing

@testable import Tokencast

/// Pages of other origins, as browsers send their requests.
@Suite("Pages of other origins")
struct OriginTests {
    private static let page = "https://app.example"

    private static func upstream() throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.head(
                "200 OK",
                "Content-Type: text/plain",
                "Access-Control-Allow-Origin: *",
                "Access-Control-Allow-Credentials: true",
                "Content-Length: 2"
            )
            try connection.send("ok")
        }
    }

    private static func configuration(_ upstream: TestUpstream, _ origins: [String] = [page]) -> Configuration {
        .test(upstream) {
            $0.access = KeyedServer.access
            $0.allowedOrigins = origins
        }
    }

    @Test("may ask and read where they are configured, of our own resources and of proxied ones")
    func allowed() async throws {
        let upstream = try Self.upstream()
        try await withServer(Self.configuration(upstream)) { server async throws in
            for path in ["/v1/models", "/streams", "/healthz", "/nothing/here"] {
                let fields = [Field("Origin", Self.page), KeyedServer.bearer("admin")]
                let answer = try await fetch(.get(path, fields), port: server.port)
                #expect(answer.values("access-control-allow-origin") == [Self.page], "\(path)")
                #expect(answer.value("access-control-allow-credentials") == nil)
                #expect(answer.values("vary").contains("Origin"))
                #expect(answer.value("access-control-expose-headers")?.contains("Tokencast-Stream") == true)
                // A refusal can be read as well, or nobody would know what is wrong.
                let refused = try await fetch(.get(path, [Field("Origin", Self.page)]), port: server.port)
                #expect(refused.status == 401 || path == "/healthz")
                #expect(refused.value("access-control-allow-origin") == Self.page)
            }
            let link = try KeyedServer.link("/channels/demo")
            let events = try RawConnection(port: server.port)
            try await events.send(.get("/channels/demo?\(link)", [Field("Origin", Self.page)]))
            let head = try await events.head()
            #expect(head.status == 200 && head.value("access-control-allow-origin") == Self.page)
            _ = try await WebSocketClient(port: server.port, "/channels/demo?\(link)", [Field("Origin", Self.page)])
            // Who names no origin gets the upstream's own headers, untouched.
            let plain = try await fetch(.get("/v1/models", [KeyedServer.bearer("call")]), port: server.port)
            #expect(plain.value("access-control-allow-origin") == "*")
            #expect(plain.value("vary") == nil)
        }
    }

    @Test("have their preflights answered before any key is asked for, and nothing goes upstream")
    func preflight() async throws {
        let upstream = try Self.upstream()
        try await withServer(Self.configuration(upstream)) { server async throws in
            for path in [Chat.path, "/streams", "/channels/demo"] {
                let fields = [
                    Field("Origin", Self.page), Field("Access-Control-Request-Method", "POST"),
                    Field("Access-Control-Request-Headers", "authorization,content-type,x-evil"),
                ]
                let answer = try await fetch(RawRequest("OPTIONS", path, fields), port: server.port)
                #expect(answer.status == 204)
                #expect(answer.value("access-control-allow-origin") == Self.page)
                #expect(answer.value("access-control-allow-headers") == "authorization, content-type")
                #expect(answer.value("access-control-allow-methods")?.contains("POST") == true)
                #expect(answer.value("access-control-max-age") != nil)
            }
            #expect(upstream.log.current.requests.isEmpty)
        }
    }

    @Test(
        "get nothing where they aren't configured, by fetch, form, EventSource or WebSocket, with a key or without",
        arguments: ["https://evil.example", "null", "https://app.example.evil.example", "http://app.example"],
        [true, false]
    )
    func foreign(origin: String, hasKeys: Bool) async throws {
        let upstream = try Self.upstream()
        var configuration = Self.configuration(upstream)
        if !hasKeys { configuration.access = .init() }
        try await withServer(configuration) { server async throws in
            let base = [Field("Origin", origin)] + (hasKeys ? [KeyedServer.bearer("admin")] : [])
            let link = try KeyedServer.link("/channels/demo")
            let form = Field("Content-Type", "application/x-www-form-urlencoded")
            var requests: [RawRequest] = [
                .get("/v1/models", base), .post(Chat.path, Chat.body(), base), .get("/streams", base),
                RawRequest("POST", Chat.path, [form] + base, body: Array("a=b".utf8)),
                RawRequest("POST", "/channels/demo", [form] + base, body: Array("a=b".utf8)),
                .get("/channels/demo", [Field("Accept", "text/event-stream")] + base),
                .get("/channels/demo?\(link)", [Field("Accept", "text/event-stream"), Field("Origin", origin)]),
                WebSocketClient.request("/channels/demo", base),
                WebSocketClient.request("/channels/demo?\(link)", [Field("Origin", origin)]),
            ]
            for method in ["GET", "POST", "DELETE"] {
                let fields = [Field("Origin", origin), Field("Access-Control-Request-Method", method)]
                requests.append(RawRequest("OPTIONS", Chat.path, fields))
            }
            for request in requests {
                let answer = try await fetch(request, port: server.port)
                #expect(answer.status == 403, "\(request.method) \(request.target)")
                #expect(!answer.fields.contains { $0.name.lowercased().hasPrefix("access-control-") })
            }
            #expect(upstream.log.current.requests.isEmpty)
        }
    }

    @Test("may all ask where the configuration says so, each told its own name")
    func any() async throws {
        let upstream = try Self.upstream()
        try await withServer(Self.configuration(upstream, ["*"])) { server async throws in
            for origin in ["https://a.example", "https://b.example", "null"] {
                let fields = [Field("Origin", origin), KeyedServer.bearer("call")]
                let answer = try await fetch(.get("/v1/models", fields), port: server.port)
                #expect(answer.status == 200 && answer.values("access-control-allow-origin") == [origin])
            }
        }
    }
}
