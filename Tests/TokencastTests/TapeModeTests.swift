import Dialects
import Synchronization
import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// Modes and `/tapes`, over sockets.
@Suite struct TapeModeTests {
    /// A number that threads count up.
    final class Count: Sendable {
        private let number = Atomic(0)

        var current: Int { number.load(ordering: .relaxed) }

        func next() -> Int { number.wrappingAdd(1, ordering: .relaxed).newValue }
    }

    /// Answers each request with how many there were before it.
    static func counting() throws -> (TestUpstream, Count) {
        let count = Count()
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            let number = count.next()
            try connection.eventStreamHead()
            try connection.chunk(Chat.stream(["answer \(number)"]))
            try connection.endChunks()
        }
        return (upstream, count)
    }

    static func configuration(
        _ upstream: TestUpstream?,
        _ cassette: String,
        _ mode: TapeMode,
        _ scopes: [TapePolicy.Rule] = []
    ) -> Configuration {
        .test(upstream) {
            $0.tapes.mode = mode
            $0.tapes.cassette = cassette
            $0.tapes.scopes = scopes
            $0.tapes.replay.speed = 0
        }
    }

    static func ask(_ server: TestServer, _ scope: String? = nil, model: String = "m") async throws -> String {
        let path = scope.map { "/~scope=\($0)/v1/chat/completions" } ?? Chat.path
        let response = try await fetch(Chat.request(model, path: path), port: server.port)
        guard response.status == 200 else { return "\(response.status)" }
        return response.text.firstRange(of: "answer ").map {
            String(response.text[$0.upperBound...].prefix { $0 != "\"" })
        }
            ?? response.text
    }

    static func post(_ target: String, _ server: TestServer) async throws -> Int {
        try await fetch(RawRequest("POST", target), port: server.port).status
    }

    @Test func onceRecordsWhatIsNotThereAndThenReplaysIt() async throws {
        let (upstream, count) = try Self.counting()
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await withServer(Self.configuration(upstream, cassette, .once)) { server async throws in
                #expect(try await Self.ask(server, "a") == "1")
                #expect(try await Self.ask(server, "a") == "2")
                #expect(try await Self.ask(server, "b") == "3")
                // What was just recorded can be played.
                #expect(try await Self.post("/tapes/reset?scope=a", server) == 200)
                #expect(try await Self.ask(server, "a") == "1")
                #expect(try await Self.ask(server, "a") == "2")
                #expect(try await Self.ask(server, "a") == "404")
                #expect(try await Self.ask(server, "b") == "4")
            }
            try await withServer(Self.configuration(upstream, cassette, .once)) { server async throws in
                #expect(try await Self.ask(server, "b") == "3")
                #expect(try await Self.ask(server, "b") == "4")
                #expect(try await Self.ask(server, "c", model: "other") == "5")
            }
            #expect(count.current == 5)
        }
    }

    @Test func newEpisodesAddAndAllReplaces() async throws {
        let (upstream, _) = try Self.counting()
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await withServer(Self.configuration(upstream, cassette, .newEpisodes)) { server async throws in
                #expect(try await Self.ask(server, "a") == "1")
                #expect(try await Self.ask(server, "a", model: "n") == "2")
                #expect(try await Self.post("/tapes/reset", server) == 200)
                #expect(try await Self.ask(server, "a") == "1")
                #expect(try await Self.ask(server, "a") == "3")
            }
            #expect(names(in: cassette + "/a").count == 3)
            try await withServer(Self.configuration(upstream, cassette, .all)) { server async throws in
                #expect(try await Self.ask(server, "a") == "4")
            }
            let left = try Cassette.load(directory: cassette).items
            #expect(left.map(\.tape.end?.text) == ["answer 4"])
        }
    }

    @Test func routesAndScopesHaveModesOfTheirOwn() async throws {
        let (upstream, _) = try Self.counting()
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            var configuration = Self.configuration(
                upstream,
                cassette,
                .none,
                [.init(pattern: "rec*", mode: .all), .init(pattern: "live", mode: .off)]
            )
            configuration.routes = [
                .init(model: "off", upstream: "test", tapes: .init(mode: .off)),
                .init(model: "own", upstream: "test", tapes: .init(mode: .all, cassette: directory + "/own")),
                .init(model: "m", upstream: "test"),
            ]
            try await withServer(configuration) { server async throws in
                #expect(try await Self.ask(server) == "404")
                #expect(try await Self.ask(server, "live") == "1")
                #expect(try await Self.ask(server, "rec1") == "2")
                #expect(try await Self.ask(server, "rec1", model: "off") == "3")
                #expect(try await Self.ask(server, "live", model: "own") == "4")
                // What no route takes is a miss as well: with none there may be no upstream at all.
                #expect(try await Self.ask(server, model: "unrouted") == "404")
                let list = try json(try await fetch(.get("/tapes"), port: server.port).text)
                #expect(list["cassettes"]?.array?.count == 2)
            }
            #expect(names(in: cassette) == ["rec1"])
            #expect(names(in: directory + "/own") == ["live"])
        }
    }

    @Test func parallelScopesWithTheSamePromptNeverCross() async throws {
        let (upstream, count) = try Self.counting()
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let scopes = (0..<12).map { "s\($0)" }
            func run(_ mode: TapeMode) async throws -> [[String]] {
                try await withServer(Self.configuration(upstream, cassette, mode)) { server async throws in
                    try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
                        for (index, scope) in scopes.enumerated() {
                            group.addTask {
                                var answers: [String] = []
                                for _ in 0..<5 { answers.append(try await Self.ask(server, scope)) }
                                return (index, answers)
                            }
                        }
                        var all = scopes.map { _ in [String]() }
                        for try await (index, answers) in group { all[index] = answers }
                        return all
                    }
                }
            }
            let recorded = try await run(.once)
            #expect(Set(recorded.joined()).count == 60)
            #expect(try await run(.none) == recorded)
            #expect(count.current == 60)
        }
    }

    @Test func verifyTellsWhatTheProgramSwallowed() async throws {
        let (upstream, _) = try Self.counting()
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await withServer(Self.configuration(upstream, cassette, .all)) { server async throws in
                for model in ["a", "b"] { _ = try await Self.ask(server, "s", model: model) }
            }
            try await withServer(Self.configuration(nil, cassette, .none)) { server async throws in
                _ = try await Self.ask(server, "s", model: "a")
                _ = try await Self.ask(server, "s", model: "c")
                let response = try await fetch(.get("/tapes/verify?scope=s"), port: server.port)
                #expect(response.status == 409)
                #expect(response.value("content-type") == "application/json")
                let found = try json(response.text)
                #expect(found["ok"]?.bool == false)
                #expect(found["unexpectedCount"]?.int == 1)
                let miss = try #require(found["unexpected"]?[0])
                #expect(miss["request"]?.string == "POST /v1/chat/completions")
                #expect(miss["differences"]?[0]?["place"]?.string == "/model")
                #expect(miss["advice"]?.string?.contains("--tape-mode new_episodes") == true)
                #expect(found["unused"]?.array?.count == 1)
                #expect(found["unused"]?[0]?.string?.contains("-b-") == true)
                let other = try await fetch(.get("/tapes/verify?scope=other"), port: server.port)
                #expect(other.status == 200)
                #expect(try json(other.text)["ok"]?.bool == true)
                #expect(try await fetch(.get("/tapes/verify"), port: server.port).status == 409)

                #expect(try await Self.post("/tapes/reset?scope=s", server) == 200)
                for model in ["a", "b"] { _ = try await Self.ask(server, "s", model: model) }
                #expect(try await fetch(.get("/tapes/verify"), port: server.port).status == 200)
            }
        }
    }

    @Test func theRequestLogHasEachRequestWithItsOutcome() async throws {
        let (upstream, _) = try Self.counting()
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await withServer(Self.configuration(upstream, cassette, .newEpisodes)) { server async throws in
                let field = Field("Authorization", "Bearer sk-secret-1234")
                _ = try await fetch(Chat.request("a", [field, Field("Tokencast-Scope", "s")]), port: server.port)
                let states = { @Sendable () async throws -> [JSONValue] in
                    try json(try await fetch(.get("/tapes/requests?scope=s"), port: server.port).text)["requests"]?
                        .array ?? []
                }
                try await eventually("it is recorded") {
                    try await states().map { $0["outcome"]?["state"]?.string } == ["recorded"]
                }
                let entry = try #require(try await states().first)
                #expect(entry["method"]?.string == "POST")
                #expect(entry["path"]?.string == Chat.path)
                #expect(entry["body"]?["model"]?.string == "a")
                #expect(entry["headers"]?["content-type"]?.string == "application/json")
                #expect(entry["outcome"]?["tape"]?.string?.hasPrefix(cassette + "/s/") == true)
                #expect(!entry.jsonText.contains("secret"))
                #expect(
                    try json(try await fetch(.get("/tapes/requests?scope=t"), port: server.port).text)["requests"]?
                        .array?.isEmpty == true
                )
            }
        }
    }

    @Test(
        "What is asked of /tapes in a wrong way is refused",
        arguments: [
            ("GET", "/tapes/reset", 405, "POST"), ("POST", "/tapes/verify", 405, "GET, HEAD"),
            ("DELETE", "/tapes", 405, "GET, HEAD"), ("GET", "/tapes/verify?scope=../x", 400, nil),
            ("POST", "/tapes/reset?scope=.x", 400, nil), ("POST", "/tapes/reset?scop=x", 400, nil),
            ("GET", "/tapes?cassette=none", 404, nil), ("GET", "/tapes/", 404, nil), ("GET", "/tapes/x", 404, nil),
            ("HEAD", "/tapes/verify", 200, nil), ("HEAD", "/tapes", 200, nil), ("GET", "/tapes", 200, nil),
            ("POST", "/tapes/reset", 200, nil),
        ] as [(String, String, Int, String?)]
    )
    func refusals(method: String, target: String, status: Int, allow: String?) async throws {
        try await withDirectory { directory in
            try await withServer(Self.configuration(try Script.chat(["a"]), directory, .once)) { server async throws in
                let response = try await fetch(RawRequest(method, target), port: server.port)
                #expect(response.status == status)
                #expect(response.value("allow") == allow)
                if status >= 400 { #expect(try ErrorShape(response.text).type == "invalid_request_error") }
                // A page of another site can't start anything over.
                let origin = [Field("Origin", "https://evil.example")]
                #expect(try await fetch(RawRequest(method, target, origin), port: server.port).status == 403)
            }
        }
    }

    @Test func resetSaysWhatCannotBeRead() async throws {
        let (upstream, _) = try Self.counting()
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await withServer(Self.configuration(upstream, cassette, .once)) { server async throws in
                #expect(try await Self.ask(server, "a") == "1")
                #expect(try await Self.post("/tapes/reset", server) == 200)
                try write("nonsense\n", to: cassette + "/a/bad.tape.jsonl")
                let response = try await fetch(RawRequest("POST", "/tapes/reset?scope=a"), port: server.port)
                #expect(response.status == 409)
                #expect(response.text.contains("bad.tape.jsonl:1"))
                // It goes on as it was.
                #expect(try await Self.ask(server, "a") == "1")
            }
        }
    }

    @Test(
        "A miss is worded as the path's provider words its errors",
        arguments: [
            ("/v1/messages", #"{"type":"error","error":{"type":"not_found_error","message":"no tape"#),
            ("/v1beta/models/m:generateContent", #"{"error":{"code":404,"message":"no tape"#),
            ("/api/chat", #"{"error":"no tape"#), ("/v1/responses", #"{"error":{"message":"no tape"#),
        ]
    )
    func providers(path: String, beginning: String) async throws {
        try await withDirectory { directory in
            try await withServer(Self.configuration(nil, directory, .none)) { server async throws in
                let response = try await fetch(Chat.request(path: path), port: server.port)
                #expect(response.status == 404)
                #expect(response.value("x-should-retry") == "false")
                #expect(response.text.hasPrefix(beginning), "\(response.text)")
            }
        }
    }

    @Test func anExpiredTapeIsPlayedWithItsAge() async throws {
        let (upstream, _) = try Self.counting()
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await withServer(Self.configuration(upstream, cassette, .all)) { _ = try await Self.ask($0) }
            let name = try #require(names(in: cassette).first)
            var tape = try TapeReader.read(path: "\(cassette)/\(name)")
            tape.header.created = "2020-01-01T00:00:00Z"
            try write(String(decoding: tape.encoded, as: UTF8.self), to: "\(cassette)/\(name)")
            try write(#"{"maxAge":"30d"}"#, to: cassette + "/cassette.json")
            try await withServer(Self.configuration(nil, cassette, .none)) { server async throws in
                let response = try await fetch(Chat.request("m"), port: server.port)
                #expect(response.text.contains("answer 1"))
                #expect(Int(response.value("tokencast-tape-age") ?? "") ?? 0 > 86_400 * 365 * 5)
            }
            try await withServer(Self.configuration(upstream, cassette, .once)) { server async throws in
                #expect(try await Self.ask(server) == "2")
            }
            #expect(names(in: cassette) == ["cassette.json", name])
        }
    }

    @Test func aCallerThatLeavesIsMarkedAndTheTapeIsWhole() async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(4), gate)
        try await withDirectory { directory in
            try await withServer(Self.configuration(upstream, directory, .all)) { server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request())
                gate.open(2)
                try await caller.response(until: "the second word") { $0.text.contains(" w1") }
                caller.close()
                // The proxy has seen it leave once it has marked it.
                try await eventually("the mark is in the part") {
                    names(in: directory).contains { name in
                        String(decoding: contents(of: "\(directory)/\(name)"), as: UTF8.self).contains("client_cancel")
                    }
                }
                gate.open(3)
                try await eventually("the tape is finished") {
                    try await server.metric("tokencast_tapes_recorded_total") == 1
                }
            }
            let tape = try #require(try Cassette.load(directory: directory).items.first).tape
            #expect(tape.end?.reason == .eof)
            #expect(tape.end?.text == Chat.words(4).joined())
        }
    }
}
