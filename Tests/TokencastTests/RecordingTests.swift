import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// What gets into a tape, and what doesn't.
@Suite struct RecordingTests {
    @Test func noSecretGetsIntoATape() async throws {
        let secrets = ["sk-callers-own", "key-in-x-api", "sk-put-in", "sid-of-a-person", "opaque-header-value"]
        let upstream = try TestUpstream { request, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            // An upstream that quotes the key, cut in two, as error messages do.
            let key = request.value("authorization")?.split(separator: " ").last.map(String.init) ?? ""
            let frame = Chat.frame("your key is \(key)!")
            try connection.chunk(String(frame.prefix(170)))
            connection.rest(milliseconds: 20)
            try connection.chunk(String(frame.dropFirst(170)) + Chat.done)
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await RecordReplayTests.record(upstream, cassette, key: "sk-put-in") {
                server async throws in
                let fields = [
                    Field("x-api-key", "key-in-x-api"), Field("Cookie", "sid=sid-of-a-person"),
                    Field("X-Nobody-Thought-Of", "opaque-header-value"),
                ]
                let own = try await fetch(
                    Chat.request("a", [Field("Authorization", "Bearer sk-callers-own")] + fields),
                    port: server.port
                )
                let replaced = try await fetch(Chat.request("b"), port: server.port)
                // The caller gets what the upstream sent; only the tape is masked.
                #expect(own.text.contains("sk-callers-own"))
                #expect(replaced.text.contains("sk-put-in"))
            }
            #expect(names(in: cassette).count == 2)
            for name in names(in: cassette) {
                let text = String(decoding: contents(of: "\(cassette)/\(name)"), as: UTF8.self)
                #expect(text.contains("\"e\""))
                for secret in secrets { #expect(!text.contains(secret), "\(secret) in \(name)") }
            }
        }
    }

    @Test func theTapeIsCompletedWhenTheCallerLeaves() async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(10), gate)
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await RecordReplayTests.record(upstream, cassette) { server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request())
                gate.open(3)
                try await caller.response(until: "the third word") { $0.text.contains(" w2") }
                caller.close()
                gate.open(8)
                try await eventually("the tape is finished") {
                    try await server.metric("tokencast_tapes_recorded_total") == 1
                }
            }
            let tape = try TapeReader.read(path: "\(cassette)/\(try #require(names(in: cassette).first))")
            #expect(tape.end?.reason == .eof)
            #expect(tape.end?.text == Chat.words(10).joined())
            #expect(upstream.log.current.aborts.isEmpty)
        }
    }

    @Test func everyKindOfExchangeIsRecorded() async throws {
        let upstream = try TestUpstream { request, connection in
            try connection.readBody()
            try connection.reply(request.target, type: "text/plain")
        }
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await RecordReplayTests.record(upstream, cassette) { server async throws in
                _ = try await fetch(.get("/v1/models?limit=2&key=hush"), port: server.port)
                _ = try await fetch(.post("/v1/embeddings", #"{"model":"e","input":"x"}"#), port: server.port)
                let fields = [Field("Content-Type", "audio/wav"), Field("Authorization", "Bearer sk-1")]
                _ = try await fetch(RawRequest("POST", "/v1/audio", fields, body: [0xFF, 0, 1]), port: server.port)
            }
            let cassetteRead = try Cassette.load(directory: cassette)
            #expect(cassetteRead.items.count == 3)
            #expect(Set(cassetteRead.items.map(\.tape.request.path)) == ["/v1/models", "/v1/embeddings", "/v1/audio"])
            #expect(cassetteRead.items.allSatisfy { $0.tape.end?.reason == .eof })
            try await RecordReplayTests.replay(cassette, speed: 0) { server async throws in
                let models = try await fetch(.get("/v1/models?limit=2&key=other"), port: server.port)
                #expect(models.status == 200)
                let fields = [Field("Content-Type", "audio/wav"), Field("Authorization", "Bearer sk-2")]
                let audio = try await fetch(
                    RawRequest("POST", "/v1/audio", fields, body: [0xFF, 0, 1]),
                    port: server.port
                )
                #expect(audio.text == "/v1/audio")
            }
        }
    }

    @Test func aCassetteThatCannotBeWrittenStopsNoRelay() async throws {
        let upstream = try Script.chat(["a", "b"])
        try await withDirectory { directory in
            try await RecordReplayTests.record(upstream, directory + "/no/such/parent") { server async throws in
                let response = try await fetch(Chat.request(), port: server.port)
                #expect(response.text == Chat.stream(["a", "b"]))
                try await eventually("the failure is counted") {
                    try await server.metric("tokencast_recording_failures_total") == 1
                }
            }
        }
    }
}
