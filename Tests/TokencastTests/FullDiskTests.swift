import TestSupport
import Testing

@testable import Tapes

/// A disk that takes no more: the relay goes on, and what is there can be read.
@Suite struct FullDiskTests {
    @Test func aFileThatMayGrowNoMore() async throws {
        let words = Chat.words(400)
        let upstream = try TestUpstream { request, connection in
            let body = try connection.readBody().body
            let isLong = String(decoding: body, as: UTF8.self).contains("long")
            try connection.eventStreamHead()
            for word in words.prefix(isLong ? 400 : 3) { try connection.chunk(Chat.frame(word)) }
            try connection.chunk(Chat.finish + Chat.done)
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let arguments = ["serve", "--port", "0", "--upstream", upstream.url, "--record", cassette]
            // 64 blocks of 512 bytes a file.
            let program = try ChildProcess(built: "tokencast", arguments, limit: "ulimit -f 64")
            let server = TestServer(port: try await program.port()) {}
            let response = try await fetch(Chat.request("long"), port: server.port)
            #expect(response.end == .complete)
            #expect(response.text == words.map { Chat.frame($0) }.joined() + Chat.finish + Chat.done)
            try await eventually("the failure is counted") {
                try await server.metric("tokencast_recording_failures_total") == 1
            }
            // What fits is recorded as ever.
            #expect(try await fetch(Chat.request("short"), port: server.port).end == .complete)
            try await eventually("the tape is finished") {
                try await server.metric("tokencast_tapes_recorded_total") == 1
            }
            program.signal(15)
            let state = try await program.exit()
            #expect(state.exit == 0)
            let said = state.errors.split(separator: "\n").filter { $0.contains("a recording failed") }
            #expect(said.count == 1)
            #expect(said.first?.contains("can't be written: File too large") == true)

            let part = try #require(names(in: cassette).first { $0.hasSuffix(".part") })
            #expect(contents(of: "\(cassette)/\(part)").last == UInt8(ascii: "\n"), "it ends within a line")
            let tape = try TapeReader.read(path: "\(cassette)/\(part)")
            #expect(tape.isPartial)
            #expect(tape.body.count > 20_000)
            #expect(response.body.starts(with: tape.body))
            #expect(try Cassette.load(directory: cassette).items.filter(\.isServable).count == 1)
        }
    }
}
