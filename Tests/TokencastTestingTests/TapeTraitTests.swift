import Dialects
import TestSupport
import Testing

@testable import TokencastTesting

@Suite("The trait")
struct TapeTraitTests {
    @Test("gives a test a server that answers from the tapes beside it", .tape("weather"))
    func plain() async throws {
        let server = try #require(TapeServer.current)
        #expect(try await Weather.ask(server).content == Weather.answer)
        #expect(server.requests.count == 1)
        let request = try #require(server.requests.first)
        #expect(request.request.model == "gpt-test")
        guard case .json(let body) = request.request.body else { throw Failure("no JSON body") }
        #expect(body.value(at: .init(tokens: ["messages", "0", "content"]))?.string == "How is the weather?")
        guard case .played(let name) = request.outcome else { throw Failure("not played") }
        #expect(name.hasPrefix("weather/openai.chat-"))
    }

    @Test("cuts the answer anew", .tape("weather", rechunk: .random(seed: 7)))
    func rechunked() async throws {
        let server = try #require(TapeServer.current)
        let response = try await Weather.ask(server)
        #expect(response.content == Weather.answer)
        #expect(response.value("tokencast-rechunk") == "random:7")
    }

    @Test("spoils the answer", .tape("weather", faults: [Fault(.status(429, retryAfter: 3), times: 1)]))
    func spoiled() async throws {
        let server = try #require(TapeServer.current)
        let refusal = try await Weather.ask(server)
        #expect(refusal.status == 429)
        #expect(refusal.value("retry-after") == "3")
        #expect(try await Weather.ask(server).content == Weather.answer)
    }

    @Test("is no part of a test without it")
    func without() {
        #expect(TapeServer.current == nil)
    }

    @Test("makes an issue of a request without a tape and of a tape without a request")
    func verifies() async throws {
        let test = try #require(Test.current)
        try await withKnownIssue {
            try await TapeTrait.tape("weather").provideScope(for: test, testCase: nil) {
                guard let server = TapeServer.current else { throw Failure("no server") }
                // A program that swallows the error.
                _ = try await Weather.ask(server, "Where is the moon?")
            }
        } matching: { issue in
            let text = issue.comments.map(\.rawValue).joined()
            return text.contains("no tape answers POST /v1/chat/completions") && text.contains("/messages/0/content")
                || text.contains("was never asked for")
        }
    }

    @Test("leaves that alone where it is told to")
    func unverified() async throws {
        let test = try #require(Test.current)
        try await TapeTrait.tape("weather", verify: false).provideScope(for: test, testCase: nil) {}
    }
}

@Suite("The trait of a suite", .tape("weather"))
struct TapeSuiteTests {
    @Test("gives each test a server of its own, with all of the tapes", arguments: 0..<4)
    func each(_ number: Int) async throws {
        let server = try #require(TapeServer.current)
        #expect(try await Weather.ask(server).content == Weather.answer)
        #expect(server.requests.count == 1)
    }
}
