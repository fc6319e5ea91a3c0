import TestSupport
import Testing

@testable import TokencastTesting

@Suite("withTape")
struct WithTapeTests {
    private func settings(_ name: String = "weather", cassette: String, upstream: String? = nil) -> TapeSettings {
        TapeSettings(name: name, cassette: cassette, file: #filePath, options: .init(speed: 0), upstream: upstream)
    }

    @Test("runs many at once, none of which takes another's answer")
    func parallel() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let answer = try await withTape("weather") { try await Weather.ask($0).content }
                    #expect(answer == Weather.answer)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("throws what the body throws, whatever the tapes say")
    func bodyThrows() async throws {
        await #expect(throws: Failure.self) {
            try await withTape("weather") { _ in throw Failure("mine") }
        }
    }

    @Test("throws for a request that no tape answers, though the program swallowed the error")
    func unexpected() async throws {
        let error = await #expect(throws: TapeVerificationError.self) {
            try await withTape("weather") { server in
                _ = try await Weather.ask(server)
                _ = try await Weather.ask(server, "And tomorrow?")
            }
        }
        #expect(error?.problems.count == 1)
        #expect(error?.description.contains("/messages/0/content") == true)
    }

    @Test("throws for a tape that nobody asked for")
    func unused() async throws {
        let error = await #expect(throws: TapeVerificationError.self) { try await withTape("weather") { _ in } }
        #expect(error?.problems.count == 1)
        #expect(error?.description.contains("was never asked for") == true)
    }

    @Test(
        "records what isn't on tape where the environment says so, and plays it from then on",
        arguments: ["once", "new_episodes"]
    )
    func records(mode: String) async throws {
        try await withDirectory { directory in
            let upstream = try TestUpstream { _, connection in
                try connection.readBody()
                try connection.eventStreamHead()
                try connection.chunk(Chat.stream(["It is", " raining."]))
                try connection.endChunks()
            }
            let tape = settings("live/rain", cassette: directory + "/cassette", upstream: upstream.url)
            for _ in 0..<2 {
                let answer = try await withTape(tape, environment: ["TOKENCAST_TAPES": mode, "CI": "true"]) {
                    try await Weather.ask($0).content
                }
                #expect(answer == "It is raining.")
            }
            #expect(upstream.log.current.requests.count == 1)
            #expect(names(in: directory + "/cassette/live/rain").count == 1)
            upstream.stop()
            #expect(
                try await withTape(tape, environment: [:]) { try await Weather.ask($0).content } == "It is raining."
            )
        }
    }

    @Test(
        "says what is wrong with its settings",
        arguments: [
            ("../up", [:], "can't name a tape"),
            ("", [:], "can't name a tape"),
            ("weather", ["TOKENCAST_TAPES": "sometimes"], "is no mode: take one of off, none, once"),
            ("weather", ["TOKENCAST_TAPES": "once"], "TOKENCAST_UPSTREAM"),
        ] as [(String, [String: String], String)]
    )
    func wrong(name: String, environment: [String: String], says: String) async throws {
        let error = await #expect(throws: TapeServerError.self) {
            try await withTape(settings(name, cassette: "Tapes"), environment: environment) { _ in }
        }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "nothing")")
    }

    @Test("says which directory isn't there")
    func noCassette() async throws {
        let error = await #expect(throws: (any Error).self) {
            try await withTape(settings(cassette: "Elsewhere"), environment: [:]) { _ in }
        }
        #expect("\(try #require(error))".contains("TokencastTestingTests/Elsewhere"))
    }
}
