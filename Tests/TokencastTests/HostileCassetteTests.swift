import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// A cassette may come from anybody.
@Suite struct HostileCassetteTests {
    @Test("Neither a recorded header nor a file's name puts another line into an answer")
    func headerInjection() async throws {
        try await withDirectory { directory in
            var tape = ReplayServer.tape()
            tape.response?.headers += [
                TapeField("x-good", "kept"), TapeField("x-bad", "a\r\nX-Evil: 1"),
                TapeField("x-evil: 2\r\nx-more", "b"),
                TapeField("content-length", "3"),
            ]
            try write(String(decoding: tape.encoded, as: UTF8.self), to: directory + "/a\r\nX-Evil: 3.tape.jsonl")
            let configuration = Configuration.test {
                $0.tapes.mode = .none
                $0.tapes.cassette = directory
                $0.tapes.replay.speed = 0
            }
            try await withServer(configuration) { server async throws in
                let response = try await fetch(Chat.request(), port: server.port)
                #expect(response.status == 200)
                #expect(response.body == ReplayServer.body)
                #expect(response.value("x-good") == "kept")
                for name in ["x-evil", "x-bad", "x-more", "content-length"] { #expect(response.value(name) == nil) }
            }
        }
    }
}
