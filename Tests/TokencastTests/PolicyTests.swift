import TestSupport
import Testing
import Tokencast

/// What keeps web pages out.
@Suite struct PolicyTests {
    @Test func onlyLoopbackNamesAndConfiguredOnesAreHosts() async throws {
        let upstream = try RequestTests.echo()
        try await withServer(.test(upstream) { $0.allowedHosts = ["Box.lan"] }) { server async throws in
            for host in [
                "localhost", "127.0.0.1:\(server.port)", "[::1]:80", "app.localhost", "127.9.9.9", "box.LAN:1",
            ] {
                #expect(try await status("GET", [Field("Host", host)], server) == 200, "\(host)")
            }
            for host in [
                "evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1", "", "[::2]", "a@127.0.0.1",
            ] {
                let answer = try await status("GET", [Field("Host", host)], server)
                #expect(answer == 403 || answer == 400, "\(host)")
            }
        }
    }

    @Test func onlyOurOwnOriginAndConfiguredOnesMayCall() async throws {
        let upstream = try RequestTests.echo()
        try await withServer(.test(upstream) { $0.allowedOrigins = ["https://app.example"] }) { server async throws in
            let host = Field("Host", "localhost:\(server.port)")
            for origin in ["https://app.example", "http://localhost:\(server.port)", "HTTPS://APP.EXAMPLE"] {
                #expect(try await status("GET", [host, Field("Origin", origin)], server) == 200, "\(origin)")
            }
            for origin in ["https://evil.example", "null", "http://localhost:1", "https://app.example.evil.example"] {
                #expect(try await status("GET", [host, Field("Origin", origin)], server) == 403, "\(origin)")
                let socket = WebSocketClient.request("/channels/all", [host, Field("Origin", origin)])
                #expect(try await fetch(socket, port: server.port).status == 403)
            }
        }
    }

    @Test func bodiesThatAPageMaySendUnaskedNeedACredential() async throws {
        let upstream = try RequestTests.echo()
        try await withServer(to: upstream) { server async throws in
            for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", nil] {
                // Without a type it is one of a page's only if something shows a page.
                var fields = [type.map { Field("Content-Type", $0) } ?? Field("Referer", "http://localhost/")]
                #expect(try await status("POST", fields, server, body: "{}") == 415, "\(type ?? "none")")
                fields.append(Field("Authorization", "Bearer unused"))
                #expect(try await status("POST", fields, server, body: "{}") == 200, "\(type ?? "none")")
            }
            let fields = [Field("Content-Type", "application/json; charset=utf-8")]
            #expect(try await status("POST", fields, server, body: "{}") == 200)
            #expect(upstream.log.current.requests.count == 5)
        }
    }

    @Test func ourOwnResourcesSayWhatTheyTake() async throws {
        let upstream = try RequestTests.echo()
        try await withServer(to: upstream) { server async throws in
            let table = [
                ("/healthz", "GET, HEAD"), ("/readyz", "GET, HEAD"), ("/metrics", "GET, HEAD"), ("/", "GET, HEAD"),
                ("/streams", "GET, HEAD, POST"), ("/streams/x", "GET, HEAD, DELETE"), ("/channels", "GET, HEAD"),
                ("/channels/x", "GET, HEAD, POST"), ("/tapes", "GET, HEAD"), ("/tapes/verify", "GET, HEAD"),
                ("/tapes/reset", "POST"),
            ]
            for (path, allowed) in table {
                var request = RawRequest.post(path, "{}")
                request.method = "PUT"
                let response = try await fetch(request, port: server.port)
                #expect(response.status == 405, "\(path)")
                #expect(response.value("allow") == allowed)
            }
            for path in [
                "/tapes/", "/tapes/x", "/webhooks/1", "/healthz/x", "/streams/", "/streams/a/b", "/channels/",
                "/openapi.json", "//v1",
            ] {
                let response = try await fetch(.get(path), port: server.port)
                #expect(response.status == 404, "\(path)")
                #expect(try ErrorShape(response.text).type == "invalid_request_error")
            }
            #expect(upstream.log.current.requests.isEmpty)
        }
    }

    private func status(
        _ method: String,
        _ fields: [Field],
        _ server: TestServer,
        body: String = ""
    ) async throws -> Int {
        let request = RawRequest(method, "/v1/models", fields, body: Array(body.utf8))
        return try await fetch(request, port: server.port).status
    }
}
