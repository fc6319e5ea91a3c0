import Dialects
import TestSupport
import Testing

@testable import Tapes
@testable import Tokencast

/// A key of ours is between the caller and Tokencast; it goes nowhere else.
@Suite("Keys of ours")
struct OwnKeyTests {
    private static let key = KeyedServer.text("call")

    private static func server(
        _ upstream: TestUpstream,
        _ change: (inout Configuration) -> Void = { _ in }
    )
        -> Configuration
    {
        .test(upstream) {
            $0.access = KeyedServer.access
            $0.upstreams[0].key = "sk-of-the-upstream"
            $0.upstreams[0].dialect = "openai"
            change(&$0)
        }
    }

    /// What an upstream got, as one text.
    private static func seen(_ upstream: TestUpstream) -> String {
        upstream.log.current.requests.map { "\($0)" }.joined(separator: "\n")
    }

    @Test(
        "give way to the upstream's in every place of an SDK",
        arguments: [
            ("Authorization", "Bearer KEY", ""), ("authorization", "KEY", ""), ("x-api-key", "KEY", ""),
            ("api-key", "KEY", ""), ("x-goog-api-key", "KEY", ""), ("Tokencast-Key", "KEY", ""),
            ("A", "1", "?key=KEY"), ("A", "1", "?alt=sse&key=KEY"), ("Tokencast-Key", "KEY", "?key=KEY"),
        ]
    )
    func places(name: String, form: String, query: String) async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(Self.server(upstream)) { server async throws in
            let path = Chat.path + query.replacing("KEY", with: Self.key)
            let fields = [Field(name, form.replacing("KEY", with: Self.key))]
            #expect(try await fetch(Chat.request("demo", fields, path: path), port: server.port).status == 200)
        }
        let request = try #require(upstream.log.current.requests.first)
        #expect(request.fields.values("authorization") == ["Bearer sk-of-the-upstream"])
        #expect(!Self.seen(upstream).contains("tck_"), "\(Self.seen(upstream))")
    }

    @Test("leave a caller's own to go upstream, where they came in their own header")
    func callersOwn() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(Self.server(upstream)) { server async throws in
            let fields = [Field("Tokencast-Key", Self.key), Field("Authorization", "Bearer sk-of-the-caller")]
            #expect(try await fetch(Chat.request("demo", fields), port: server.port).status == 200)
        }
        let request = try #require(upstream.log.current.requests.first)
        #expect(request.fields.values("authorization") == ["Bearer sk-of-the-caller"])
        #expect(!Self.seen(upstream).contains("tck_"))
    }

    @Test("go upstream neither with a stream that runs without its caller")
    func detached() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(Self.server(upstream)) { server async throws in
            let headers = #"{"x-api-key":"\#(KeyedServer.text("admin"))","x-note":"kept"}"#
            let body = #"{"path":"\#(Chat.path)?key=\#(Self.key)","headers":\#(headers),"body":\#(Chat.body())}"#
            let answer = try await fetch(.post("/streams", body, [KeyedServer.bearer("call")]), port: server.port)
            #expect(answer.status == 201, "\(answer.text)")
            try await upstream.log.wait(for: "the request") { $0.requests.isEmpty ? nil : true }
        }
        let request = try #require(upstream.log.current.requests.first)
        #expect(request.fields.values("authorization") == ["Bearer sk-of-the-upstream"])
        #expect(request.fields.values("x-note") == ["kept"])
        #expect(!Self.seen(upstream).contains("tck_"))
    }

    @Test("are on no tape, in no tee and in no report of a missing tape, even where a body repeats them")
    func files() async throws {
        let upstream = try Script.chat(["it is \(Self.key), isn't it?"])
        try await withDirectory { directory in
            let change = { @Sendable (configuration: inout Configuration) in
                configuration.tapes.cassette = directory + "/tapes"
                configuration.tapes.mode = .all
                configuration.tee = [.init(directory: directory + "/tee", formats: [.jsonl, .text, .raw])]
            }
            try await withServer(Self.server(upstream, change)) { server async throws in
                let body = Chat.body(prompt: "my key is \(Self.key)")
                let request = RawRequest.post(Chat.path + "?key=\(Self.key)", body, [Field("Cookie", "k=\(Self.key)")])
                #expect(try await fetch(request, port: server.port).text.contains(Self.key))
            }
            var count = 0
            for folder in ["/tapes", "/tee"] {
                for name in names(in: directory + folder) {
                    count += 1
                    let text = String(decoding: contents(of: "\(directory)\(folder)/\(name)"), as: UTF8.self)
                    #expect(!text.contains(Self.key), "\(name)")
                    #expect(!name.contains("tck_"))
                }
            }
            #expect(count == 4)
            try await withServer(
                Self.server(upstream) {
                    $0.tapes.cassette = directory + "/tapes"
                    $0.tapes.mode = .none
                }
            ) { server async throws in
                let body = Chat.body(prompt: "my other key is \(Self.key)")
                let miss = try await fetch(.post(Chat.path, body, [KeyedServer.bearer("call")]), port: server.port)
                #expect(miss.status == 404 && !miss.text.contains(Self.key), "\(miss.text)")
                let log = try await fetch(.get("/tapes/requests", [KeyedServer.bearer("admin")]), port: server.port)
                #expect(log.status == 200 && !log.text.contains(Self.key))
            }
        }
    }

    @Test(
        "that lack get refused in the words of the path's provider",
        arguments: [
            (Chat.path, #"{"error":{"message":"a key is needed"#), ("/v1/messages", #""type":"authentication_error""#),
            ("/v1beta/models/m:generateContent", #""status":"UNAUTHENTICATED""#), ("/api/chat", #"{"error":"a key"#),
            ("/v2/chat", #"{"message":"a key is needed"#), ("/streams", #""code":"invalid_api_key""#),
        ]
    )
    func words(path: String, words: String) async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(Self.server(upstream)) { server async throws in
            let answer = try await fetch(.post(path, "{}"), port: server.port)
            #expect(answer.status == 401)
            #expect(answer.text.contains(words), "\(answer.text)")
            let denied = try await fetch(.post(path, "{}", [KeyedServer.bearer("publish")]), port: server.port)
            #expect(denied.status == 403)
            #expect(denied.text.contains("the key 'publish' lacks the scope 'call'"), "\(denied.text)")
        }
        #expect(upstream.log.current.requests.isEmpty)
    }

    @Test("show each caller the streams and channels that it may read")
    func listings() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(Self.server(upstream)) { server async throws in
            var ids: [String: String] = [:]
            for (name, channel) in [("maker", "team"), ("call", nil), ("other", "other-1")] as [(String, String?)] {
                let fields = [KeyedServer.bearer(name)] + (channel.map { [Field("Tokencast-Channel", $0)] } ?? [])
                let made = try await fetch(Chat.request("demo", fields), port: server.port)
                ids[name] = made.value("tokencast-stream")
            }
            for (name, wanted) in [
                ("maker", ["maker"]), ("call", ["call"]), ("publish", []), ("other", ["other"]),
                ("subscribe", ["other", "call", "maker"]), ("admin", ["other", "call", "maker"]),
            ] {
                let list = try await fetch(.get("/streams", [KeyedServer.bearer(name)]), port: server.port)
                let found = try json(list.text)["streams"]?.array?.compactMap {
                    $0["stream"]?.string ?? $0["id"]?.string
                }
                #expect(found == wanted.map { ids[$0] ?? "" }, "\(name): \(list.text)")
            }
        }
    }

    @Test("are asked of each command on a socket; a link takes none but its own subscription")
    func sockets() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(Self.server(upstream)) { server async throws in
            let made = try await fetch(Chat.request("demo", [KeyedServer.bearer("maker")]), port: server.port)
            let id = try #require(made.value("tokencast-stream"))
            let other = try await WebSocketClient(port: server.port, "/streams", [KeyedServer.bearer("other")])
            try await other.expect(#"{"type":"subscribe","channels":["all"]}"#, #""code":"forbidden""#)
            try await other.expect(#"{"type":"subscribe","channels":["team"]}"#, #""code":"forbidden""#)
            try await other.expect(#"{"type":"subscribe","streams":["\#(id)"]}"#, #""code":"forbidden""#)
            try await other.expect(#"{"type":"subscribe","channels":["other-1"]}"#, #""type":"subscribed""#)
            try await other.expect(#"{"type":"cancel","stream":"\#(id)"}"#, #""code":"forbidden""#)
            let link = try KeyedServer.link("/channels/demo")
            let linked = try await WebSocketClient(port: server.port, "/channels/demo?\(link)")
            try await linked.expect(#"{"type":"subscribe","channels":["team"]}"#, #""code":"forbidden""#)
            try await linked.expect(#"{"type":"subscribe","streams":["\#(id)"]}"#, #""code":"forbidden""#)
            try await linked.expect(#"{"type":"publish","channel":"demo","data":1}"#, #""code":"forbidden""#)
            try await linked.expect(#"{"type":"cancel","stream":"\#(id)"}"#, #""code":"forbidden""#)
            try await linked.expect(
                #"{"type":"create","path":"\#(Chat.path)","body":\#(Chat.body())}"#,
                #""code":"forbidden""#
            )
            #expect(upstream.log.current.requests.count == 1)
            let maker = try await WebSocketClient(port: server.port, "/streams", [KeyedServer.bearer("maker")])
            let create = #"{"type":"create","path":"\#(Chat.path)","body":\#(Chat.body())}"#
            try await maker.expect(create, #""type":"created""#)
            try await upstream.log.wait(for: "the second request") { $0.requests.count == 2 ? true : nil }
        }
        let requests = upstream.log.current.requests
        #expect(requests.allSatisfy { $0.fields.values("authorization") == ["Bearer sk-of-the-upstream"] })
        #expect(!Self.seen(upstream).contains("tck_"))
    }
}

extension WebSocketClient {
    /// Sends a command, and waits for an answer that contains these words.
    fileprivate func expect(_ command: String, _ words: String) async throws {
        let before = frames.count
        try await send(opcode: 1, Array(command.utf8))
        try await frames(until: "\(words) to \(command)") { frames in
            frames.dropFirst(before).contains { $0.text.contains(words) }
        }
    }
}
