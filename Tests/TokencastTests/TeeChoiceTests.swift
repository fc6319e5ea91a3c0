import TestSupport
import Testing
import Tokencast

/// Which streams a tee takes.
@Suite struct TeeChoiceTests {
    private func tee(
        _ directory: String,
        _ name: String,
        _ change: (inout Configuration.Tee) -> Void
    ) -> Configuration.Tee {
        var tee = Configuration.Tee(.directory("\(directory)/\(name)", name: "{model}"), formats: [.text])
        change(&tee)
        return tee
    }

    @Test("A tee takes the streams that fit its model, path and upstream")
    func filters() async throws {
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            let configuration = Configuration.test(upstream) {
                $0.upstreams.append(.init(name: "other", source: .url(upstream.url)))
                $0.routes.insert(.init(model: "o-*", upstream: "other"), at: 0)
                $0.tee = [
                    tee(directory, "all") { _ in },
                    tee(directory, "gpt") { $0.model = "gpt-*" },
                    tee(directory, "path") { $0.path = "/v2/*" },
                    tee(directory, "other") { $0.upstream = "other" },
                    tee(directory, "both") {
                        $0.upstream = "other"
                        $0.model = "gpt-*"
                    },
                ]
            }
            try await withServer(configuration) { server async throws in
                for (model, path) in [
                    ("gpt-1", Chat.path), ("o-1", Chat.path), ("llama", "/v2/chat/completions"),
                    ("gpt-2", "/other/v1/chat/completions"),
                ] {
                    #expect(try await fetch(Chat.request(model, path: path), port: server.port).status == 200)
                }
            }
            #expect(names(in: directory + "/all") == ["gpt-1.text", "gpt-2.text", "llama.text", "o-1.text"])
            #expect(names(in: directory + "/gpt") == ["gpt-1.text", "gpt-2.text"])
            #expect(names(in: directory + "/path") == ["llama.text"])
            #expect(names(in: directory + "/other") == ["gpt-2.text", "o-1.text"])
            #expect(names(in: directory + "/both") == ["gpt-2.text"])
        }
    }

    private func configuration(_ upstream: TestUpstream, _ directory: String) -> Configuration {
        .test(upstream) {
            $0.tee = [
                tee(directory, "debug") {
                    $0.label = "debug"
                    $0.onRequest = true
                },
                tee(directory, "gpt") {
                    $0.label = "gpt"
                    $0.onRequest = true
                    $0.model = "gpt-*"
                },
            ]
        }
    }

    @Test("A request gets the tee that it names, by header or base URL, and no other does")
    func onRequest() async throws {
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            try await withServer(configuration(upstream, directory)) { server async throws in
                let header = [Field("Tokencast-Tee", "debug")]
                #expect(try await fetch(Chat.request("header", header), port: server.port).status == 200)
                let url = "/~tee=debug,channel=c" + Chat.path
                #expect(try await fetch(Chat.request("url", path: url), port: server.port).status == 200)
                #expect(try await fetch(Chat.request("gpt-1"), port: server.port).status == 200)
                let gpt = [Field("Tokencast-Tee", "gpt")]
                #expect(try await fetch(Chat.request("gpt-2", gpt), port: server.port).status == 200)
            }
            #expect(names(in: directory + "/debug") == ["header.text", "url.text"])
            #expect(names(in: directory + "/gpt") == ["gpt-2.text"])
            let fields = upstream.log.current.requests.flatMap(\.fields).map { $0.name.lowercased() }
            #expect(!fields.contains { $0.hasPrefix("tokencast-") })
            #expect(upstream.log.current.requests.allSatisfy { $0.target == Chat.path })
        }
    }

    static let refused: [(String, String)] = [
        ("nobody", "no tee 'nobody' may be asked for"), ("gpt", "doesn't take this model"),
        ("../../etc/passwd", "can't name a tee"), ("/tmp/x", "can't name a tee"), ("", "can't name a tee"),
        (String(repeating: "x", count: 129), "can't name a tee"), ("debug ", "can't name a tee"),
    ]

    @Test("Any other name is refused, and nothing goes upstream", arguments: refused)
    func refusals(name: String, said: String) async throws {
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            try await withServer(configuration(upstream, directory)) { server async throws in
                var requests = [Chat.request(path: "/~tee=\(name)" + Chat.path)]
                if !name.hasSuffix(" ") { requests.append(Chat.request("demo", [Field("Tokencast-Tee", name)])) }
                if name.contains("/") || name.hasSuffix(" ") { requests.removeFirst() }
                for request in requests {
                    let response = try await fetch(request, port: server.port)
                    #expect(response.status == 400)
                    #expect(try ErrorShape(response.text).message.contains(said), "\(response.text)")
                }
            }
            #expect(upstream.log.current.requests.isEmpty)
            #expect(names(in: directory).isEmpty)
        }
    }

    @Test("Where no tee is configured, none can be asked for")
    func none() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let response = try await fetch(Chat.request("m", [Field("Tokencast-Tee", "debug")]), port: server.port)
            #expect(response.status == 400)
            let error = try ErrorShape(response.text)
            #expect(error.code == "tee_not_allowed" && error.type == "invalid_request_error")
        }
    }

    @Test("A tee that isn't on request can't be asked for, whatever it is called")
    func notOnRequest() async throws {
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            let tee = tee(directory, "all") { _ in }
            try await withServer(.test(upstream) { $0.tee = [tee] }) { server async throws in
                let response = try await fetch(Chat.request("m", [Field("Tokencast-Tee", "all")]), port: server.port)
                #expect(response.status == 400)
            }
            #expect(names(in: directory).isEmpty)
        }
    }
}
