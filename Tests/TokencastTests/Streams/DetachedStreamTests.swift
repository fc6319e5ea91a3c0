import Dialects
import Server
import TestSupport
import Testing
import Tokencast

/// `POST /streams`: streams without a caller.
@Suite struct DetachedStreamTests {
    private static let order = #"{"path":"/v1/chat/completions","channel":"jobs","body":\#(Chat.body("demo"))}"#

    @Test("It is there before its upstream answers, and runs to its end with nobody connected")
    func runs() async throws {
        let gate = Gate()
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            connection.mark("asked")
            try gate.pass()
            try connection.eventStreamHead()
            try connection.chunk(Chat.stream([" a", " b"]))
            try connection.endChunks()
        }
        try await withServer(to: upstream) { server async throws in
            let fields = [Field("Authorization", "Bearer sk-mine"), Field("X-Other", "no")]
            let answer = try await fetch(.post("/streams", Self.order, fields), port: server.port)
            #expect(answer.status == 201)
            let id = try #require(answer.value("tokencast-stream"))
            #expect(answer.value("location") == "/streams/\(id)")
            let made = try json(answer.text)
            #expect(made["stream"]?.string == id && made["state"]?.string == "streaming")
            #expect(made["channel"]?.string == "jobs")
            try await upstream.log.wait(for: "the request upstream") { $0.marks["asked"] }
            let asked = try #require(upstream.log.current.requests.first)
            #expect(asked.value("authorization") == "Bearer sk-mine")
            #expect(asked.value("content-type") == "application/json")
            #expect(asked.value("x-other") == nil && asked.value("tokencast-channel") == nil)
            #expect(String(decoding: asked.body, as: UTF8.self) == Chat.body("demo"))
            gate.open()
            _ = try await found("the stream is complete") {
                try await server.json("/streams?state=complete")["streams"]?[0]
            }
            let events = try await fetch(.get("/streams/\(id)?view=text"), port: server.port).events
            #expect(events.filter { $0.name != "end" }.map(\.data).joined() == " a b")
        }
    }

    @Test("Numbers of a body go upstream as they were written")
    func fidelity() async throws {
        let upstream = try Script.chat([])
        try await withServer(to: upstream) { server async throws in
            let body = #"{"model":"m","seed":12345678901234567890,"temperature":1.0e-2,"x":"é\u0000/"}"#
            let order = #"{"path":"/v1/chat/completions?beta=1","headers":{"X-A":"b"},"body":"# + body + "}"
            #expect(try await fetch(.post("/streams", order), port: server.port).status == 201)
            let asked = try await upstream.log.wait(for: "the request") { $0.requests.first { !$0.body.isEmpty } }
            #expect(String(decoding: asked.body, as: UTF8.self) == body)
            #expect(asked.target == "/v1/chat/completions?beta=1")
            #expect(asked.value("x-a") == "b")
        }
    }

    @Test("It is stopped as any stream")
    func stopped() async throws {
        let upstream = try Script.endless()
        try await withServer(to: upstream) { server async throws in
            let answer = try await fetch(.post("/streams", Self.order), port: server.port)
            let id = try #require(answer.value("tokencast-stream"))
            try await upstream.log.wait(for: "the request") { $0.requests.first }
            #expect(try await fetch(RawRequest("DELETE", "/streams/\(id)"), port: server.port).status == 204)
            try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
            let listed = try await server.json("/streams")["streams"]?[0]
            #expect(listed?["state"]?.string == "cancelled")
        }
    }

    @Test("One that fails ends with its error")
    func failing() async throws {
        let port = try RefusingPort()
        let configuration = Configuration.test {
            $0.upstreams = [.init(name: "test", source: .url("http://127.0.0.1:\(port.port)"))]
            $0.routes = [.init(upstream: "test")]
        }
        try await withServer(configuration) { server async throws in
            #expect(try await fetch(.post("/streams", Self.order), port: server.port).status == 201)
            let failed = try await found("the stream has failed") {
                try await server.json("/streams?state=error")["streams"]?[0]
            }
            #expect(failed["status"]?.isNull == true)
        }
    }

    @Test(
        "What can't be begun is refused at once",
        arguments: [
            ("[]", 400, "invalid_request"), ("{", 400, "invalid_json"), (#"{"body":{}}"#, 400, "invalid_request"),
            (#"{"path":"v1"}"#, 400, "invalid_request"), (#"{"path":"/streams"}"#, 400, "invalid_request"),
            (#"{"path":"/v1/a b"}"#, 400, "invalid_request"), (#"{"path":"/v1","colour":1}"#, 400, "invalid_request"),
            (#"{"path":"/v1","method":"TRACE"}"#, 400, "invalid_request"),
            (#"{"path":"/v1","channel":"a/b"}"#, 400, "invalid_request"),
            (#"{"path":"/v1","headers":{"a b":"c"}}"#, 400, "invalid_request"),
            (#"{"path":"/v1","headers":{"a":"c\r\nd: e"}}"#, 400, "invalid_request"),
            (#"{"path":"/v1","headers":{"tokencast-tee":"x"}}"#, 400, "tee_not_allowed"),
            (#"{"path":"/v1","path":"/v2"}"#, 400, "invalid_json"),
            (#"{"path":"/v2/nothing","body":{"model":"x"}}"#, 404, "no_route"),
        ]
    )
    func refused(order: String, status: Int, code: String) async throws {
        let upstream = try Script.chat([])
        let configuration = Configuration.test(upstream) { $0.routes = [.init(path: "/v1*", upstream: "test")] }
        try await withServer(configuration) { server async throws in
            let answer = try await fetch(.post("/streams", order), port: server.port)
            #expect(answer.status == status)
            #expect(try ErrorShape(answer.text).code == code)
            #expect(upstream.log.current.requests.isEmpty)
            #expect(try await server.json("/streams")["streams"]?.array?.isEmpty == true)
        }
    }

    @Test("A tape answers one as it answers a caller, and a miss is told at once")
    func tapes() async throws {
        try await ReplayServer.run { server in
            let made = try await fetch(.post("/streams", Self.order), port: server.port)
            #expect(made.status == 201)
            _ = try await found("the stream is complete") {
                try await server.json("/streams?state=complete")["streams"]?[0]
            }
            let other = #"{"path":"/v1/chat/completions","body":{"model":"other"}}"#
            let missed = try await fetch(.post("/streams", other), port: server.port)
            #expect(missed.status == 404)
            #expect(try ErrorShape(missed.text).code == "no_tape")
        }
    }

    @Test("A body that is too large is refused, whether its length is known or not", arguments: [true, false])
    func large(hasLength: Bool) async throws {
        let small: (inout ServerConfiguration) -> Void = { $0.maximumBufferedBody = 4096 }
        try await withServer(eventLoops: 1, to: try Script.chat([]), with: small) { server async throws in
            let body = Array((#"{"path":"/v1","body":""# + String(repeating: "x", count: 5000) + #""}"#).utf8)
            var fields = [Field("Content-Type", "application/json")]
            var bytes = body
            if !hasLength {
                fields.append(Field("Transfer-Encoding", "chunked"))
                bytes = Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
            }
            let connection = try RawConnection(port: server.port)
            try await connection.send(RawRequest("POST", "/streams", fields, body: bytes))
            #expect(try await connection.response().status == 413)
            try await connection.send(.get("/healthz"))
            #expect(try await connection.response(1).status == 200)
        }
    }
}
