import Dialects
import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// `/v1/models` over real sockets: what all upstreams and tapes have, asked at once.
@Suite("The models of all upstreams")
struct ModelUnionTests {
    /// An upstream that lists models.
    private static func lister(_ body: String, status: String = "200 OK") throws -> TestUpstream {
        try TestUpstream { _, connection in try connection.reply(body, status: status) }
    }

    private static func openAI(_ ids: String...) -> String {
        let elements = ids.map { #"{"id":"\#($0)","object":"model","created":1,"owned_by":"somebody"}"# }
        return #"{"object":"list","data":[\#(elements.joined(separator: ","))]}"#
    }

    private func ids(_ response: RawResponse) throws -> [String] {
        try (json(response.text)["data"]?.array ?? []).compactMap { $0["id"]?.string }
    }

    @Test("All lists are one, whatever their shape; who has none, or garbage, costs only its own")
    func union() async throws {
        let one = try Self.lister(Self.openAI("a", "shared"))
        let two = try Self.lister(#"{"data":[{"type":"model","id":"claude","display_name":"C"}],"has_more":true}"#)
        let three = try Self.lister(#"{"models":[{"name":"models/gemini"},{"name":"models/shared"}]}"#)
        let four = try Self.lister(#"{"models":[{"name":"llama:latest"}]}"#)
        let garbage = try Self.lister("<html>")
        let failing = try Self.lister(#"{"error":{}}"#, status: "500 Oops")
        let gone = try RefusingPort()
        let configuration = Configuration.test {
            $0.upstreams = [
                .init(name: "garbage", source: .url(garbage.url)), .init(name: "gone", source: .url(gone.url)),
                .init(name: "one", source: .url(one.url + "/v1"), dialect: "openai", key: "sk-one"),
                .init(name: "two", source: .url(two.url), dialect: "anthropic", key: "sk-two"),
                .init(name: "three", source: .url(three.url), dialect: "gemini", key: "sk-three"),
                .init(name: "failing", source: .url(failing.url)),
                .init(name: "four", source: .url(four.url), dialect: "ollama"),
                .init(name: "unset", source: .unset(variable: "NOWHERE")),
            ]
            $0.routes = [.init(upstream: "one")]
        }
        try await withServer(configuration) { server async throws in
            let response = try await fetch(.get("/v1/models"), port: server.port)
            #expect(response.status == 200)
            #expect(try ids(response) == ["a", "shared", "claude", "gemini", "llama:latest"])
            let owners = try json(response.text)["data"]?.array?.map { $0["owned_by"]?.string }
            #expect(owners == ["one", "one", "two", "three", "four"])

            // Each was asked with its own key and no other's.
            let expected = [
                (one, "/v1/models", "authorization", "Bearer sk-one"),
                (two, "/v1/models?limit=1000", "x-api-key", "sk-two"),
                (three, "/v1beta/models?pageSize=1000", "x-goog-api-key", "sk-three"), (four, "/api/tags", "", ""),
            ]
            for (upstream, target, header, key) in expected {
                let request = try #require(upstream.log.current.requests.first)
                #expect(request.target == target)
                let keys = request.fields.filter { $0.value.contains("sk-") }
                #expect(keys.map { "\($0.name) \($0.value)" } == (header.isEmpty ? [] : ["\(header) \(key)"]))
            }

            // A second look asks nobody anew, whoever asks.
            let again = try await fetch(
                RawRequest("GET", "/v1/models", [Field("anthropic-version", "2023-06-01")]),
                port: server.port
            )
            #expect(try json(again.text)["first_id"]?.string == "a")
            #expect(try json(again.text)["data"]?.array?.count == 5)
            let gemini = try await fetch(.get("/v1beta/models"), port: server.port)
            #expect(try json(gemini.text)["models"]?.array?.first?["name"]?.string == "models/a")
            let head = try await fetch(RawRequest("HEAD", "/v1/models", []), port: server.port)
            #expect(head.status == 200)
            #expect(head.value("content-length") == response.value("content-length"))
            #expect(head.body.isEmpty)
            for upstream in [one, two, three, four] { #expect(upstream.log.current.requests.count == 1) }
        }
    }

    @Test("One model is told by whoever lists it, and asked for at its route where nobody does")
    func oneModel() async throws {
        let one = try TestUpstream { request, connection in
            let isList = request.target == "/v1/models"
            try connection.reply(isList ? Self.openAI("a") : #"{"id":"hidden"}"#)
        }
        let two = try Self.lister(Self.openAI("x/y"))
        let configuration = Configuration.test {
            $0.upstreams = [.init(name: "one", source: .url(one.url)), .init(name: "two", source: .url(two.url))]
            $0.routes = [.init(upstream: "one")]
        }
        try await withServer(configuration) { server async throws in
            for path in ["/v1/models/x/y", "/v1/models/x%2Fy", "/models/x/y"] {
                let response = try await fetch(.get(path), port: server.port)
                #expect(try json(response.text)["owned_by"]?.string == "two", "\(path)")
            }
            let hidden = try await fetch(.get("/v1/models/b?x=1"), port: server.port)
            #expect(hidden.text == #"{"id":"hidden"}"#)
            #expect(one.log.current.requests.map(\.target) == ["/v1/models", "/v1/models/b?x=1"])
            let named = try await fetch(.get("/two/v1/models"), port: server.port)
            #expect(named.text == Self.openAI("x/y"))
        }
    }

    @Test("An upstream that stalls is waited for 2.5 seconds, and once")
    func stalling() async throws {
        let one = try Self.lister(Self.openAI("a"))
        let deaf = try TestUpstream { _, connection in try connection.hang() }
        let trickling = try TestUpstream { _, connection in
            try connection.head("200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked")
            while true {
                try connection.chunk(" ")
                connection.rest(milliseconds: 50)
            }
        }
        let configuration = Configuration.test {
            $0.upstreams = [
                .init(name: "deaf", source: .url(deaf.url)), .init(name: "one", source: .url(one.url)),
                .init(name: "trickling", source: .url(trickling.url)),
            ]
            $0.routes = [.init(upstream: "one")]
        }
        try await withServer(configuration) { server async throws in
            let clock = ContinuousClock()
            let first = try await clock.measure { () async throws in
                let response = try await fetch(.get("/v1/models"), port: server.port)
                #expect(try ids(response) == ["a"])
            }
            #expect(first > .seconds(1.5) && first < .seconds(5))
            let second = try await clock.measure { () async throws in
                #expect(try ids(try await fetch(.get("/v1/models"), port: server.port)) == ["a"])
            }
            #expect(second < .seconds(1))
            // Neither is left hanging.
            try await deaf.log.wait(for: "the deaf one to be let go") { $0.aborts.isEmpty ? nil : true }
            try await trickling.log.wait(for: "the trickling one to be let go") { $0.aborts.isEmpty ? nil : true }
        }
    }

    @Test func aCallerThatLeavesLeavesNobodyAsked() async throws {
        let deaf = try TestUpstream { _, connection in try connection.hang() }
        let configuration = Configuration.test {
            $0.upstreams = [.init(name: "a", source: .url(deaf.url)), .init(name: "b", source: .url(deaf.url))]
            $0.routes = [.init(upstream: "a")]
        }
        try await withServer(configuration) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(.get("/v1/models"))
            try await deaf.log.wait(for: "both to be asked") { $0.requests.count == 2 ? true : nil }
            connection.close()
            try await deaf.log.wait(for: "both to be let go") { $0.aborts.count == 2 ? true : nil }
        }
    }

    @Test("What is replayed is listed, and a cassette lists its own")
    func replayed() async throws {
        try await withDirectory { directory in
            try write(String(decoding: ReplayServer.tape().encoded, as: UTF8.self), to: directory + "/t.tape.jsonl")
            let upstream = try Self.lister(Self.openAI("a"))
            let configuration = Configuration.test {
                $0.upstreams = [
                    .init(name: "up", source: .url(upstream.url)),
                    .init(name: "demo", source: .replay(cassette: directory, .init())),
                ]
                $0.routes = [.init(upstream: "up")]
            }
            try await withServer(configuration) { server async throws in
                let union = try await fetch(.get("/v1/models"), port: server.port)
                #expect(try ids(union) == ["demo", "a"])
                let own = try await fetch(.get("/demo/v1/models"), port: server.port)
                #expect(try ids(own) == ["demo"])
                let one = try await fetch(.get("/demo/v1/models/demo"), port: server.port)
                #expect(try json(one.text)["owned_by"]?.string == "demo")
                #expect(try await fetch(.get("/demo/v1/models/other"), port: server.port).status == 404)
            }
            // From tapes alone nobody is asked.
            let offline = Configuration.test(upstream) {
                $0.tapes.mode = .none
                $0.tapes.cassette = directory
            }
            let before = upstream.log.current.requests.count
            try await withServer(offline) { server async throws in
                #expect(try ids(try await fetch(.get("/v1/models"), port: server.port)) == ["demo"])
            }
            #expect(upstream.log.current.requests.count == before)
        }
    }
}
