import Dialects
import TestSupport
import Testing

@testable import Tapes

/// A secret that an answer says, cut anywhere: the caller gets it, nothing that is kept does.
@Suite struct SplitSecretTests {
    enum Cut: String, CaseIterable, Sendable {
        /// The border of two chunks lies within one token delta.
        case chunks
        /// Two token deltas have a part each, so that it stands nowhere in the bytes.
        case deltas
    }

    /// Nobody told the proxy this one; it is known by its looks.
    private static let unknown = "sk-proj-A1b2C3d4E5f6G7h8I9j0K1l2M3n4"
    /// The caller's own key, of no look that gives it away.
    private static let own = "f0e1d2c3b4a5968778695a4b3c2d1e0f"

    /// The two chunks of the middle of a stream, cut behind so many bytes of the secret.
    private static func chunks(_ secret: String, _ cut: Cut, _ position: Int) -> [[UInt8]] {
        let first = String(secret.prefix(position))
        let second = String(secret.dropFirst(position))
        guard cut == .chunks else { return [first + "", second + "."].map { Array(Chat.frame($0).utf8) } }
        let frame = Array(Chat.frame("it is \(secret), so.").utf8)
        let start = frame.firstRange(of: Array(secret.utf8))?.lowerBound ?? 0
        return [Array(frame[..<(start + position)]), Array(frame[(start + position)...])]
    }

    /// What ends a stream, and what the pieces of a secret that are worth anything look like.
    private static func pieces(of secret: String) -> [String] {
        (0...(secret.count - 12)).map { String(secret.dropFirst($0).prefix(12)) }
    }

    @Test("It is in no tape, part, tee or log, wherever it is cut", arguments: [unknown, own])
    func nowhere(secret: String) async throws {
        let upstream = try TestUpstream { request, connection in
            try connection.readBody()
            let words = request.target.split(separator: "/").prefix(2).map(String.init)
            guard let cut = Cut(rawValue: words[0]), let position = Int(words[1]) else { throw Failure(request.target) }
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame("First "))
            for chunk in Self.chunks(secret, cut, position) {
                try connection.chunk(chunk)
                connection.rest(milliseconds: 2)
            }
            try connection.chunk(Chat.finish + Chat.done)
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let tapes = directory + "/tapes"
            let tee = directory + "/tee"
            let program = try ChildProcess(
                built: "tokencast",
                [
                    "serve", "--port", "0", "--upstream", upstream.url, "--record", tapes, "--tee", tee,
                    "--tee-format", "jsonl,text,raw", "--log-level", "trace",
                ]
            )
            let port = try await program.port()
            var live: [String: RawResponse] = [:]
            for cut in Cut.allCases {
                for position in 0...secret.count {
                    let path = "/\(cut.rawValue)/\(position)/v1/chat/completions"
                    let request = RawRequest.post(path, Chat.body(), [Field("Authorization", "Bearer \(Self.own)")])
                    live[path] = try await fetch(request, port: port)
                    #expect(live[path]?.end == .complete)
                }
            }
            program.signal(15)
            let state = try await program.exit()
            #expect(state.exit == 0)
            upstream.stop()

            let wanted = Self.pieces(of: secret)
            var kept = [("the log", state.output + state.errors)]
            for folder in [tapes, tee] {
                for name in names(in: folder) {
                    kept.append((name, String(decoding: contents(of: "\(folder)/\(name)"), as: UTF8.self)))
                }
            }
            #expect(kept.count == 1 + (secret.count + 1) * 2 * 4)
            for (name, text) in kept {
                for piece in wanted where text.contains(piece) { Issue.record("\(piece) is in \(name)") }
            }
            // The tape has the caller's bytes but for the mask: the same chunks, each as long, and the same events.
            for item in try Cassette.load(directory: tapes).items {
                let path = item.tape.request.path
                let response = try #require(live[path])
                #expect(item.tape.chunks.map(\.count) == response.pieces.map(\.bytes.count), "\(path)")
                #expect(item.tape.body.filter { $0 == UInt8(ascii: "*") }.count == secret.utf8.count, "\(path)")
                let differs = zip(item.tape.body, response.body).filter { $0 != $1 }.map(\.0)
                #expect(differs.allSatisfy { $0 == UInt8(ascii: "*") }, "\(path)")
                #expect(
                    item.tape.end?.text?.contains(String(repeating: "*", count: secret.utf8.count)) == true,
                    "\(path)"
                )
                #expect(item.tape.end?.terminal == "[DONE]")
            }
            try await RecordReplayTests.replay(tapes, speed: 0) { server async throws in
                for item in try Cassette.load(directory: tapes).items {
                    let again = try await fetch(.post(item.tape.request.path, Chat.body()), port: server.port)
                    #expect(again.body == item.tape.body)
                    #expect(again.pieces.map(\.bytes) == item.tape.chunks)
                }
            }
        }
    }

    @Test("Its first half isn't in the part while the second is to come", arguments: Cut.allCases)
    func half(cut: Cut) async throws {
        let gate = Gate()
        let secret = Self.unknown
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame("First "))
            let chunks = Self.chunks(secret, cut, secret.count - 4)
            try connection.chunk(chunks[0])
            try gate.pass()
            try connection.chunk(chunks[1])
            try connection.chunk(Chat.finish + Chat.done)
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await RecordReplayTests.record(upstream, cassette) { server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request())
                try await caller.response(until: "the first half") { $0.text.contains(String(secret.prefix(20))) }
                try await eventually("the first words are in the part") { Self.holds(cassette, "First ") }
                #expect(!Self.holds(cassette, String(secret.prefix(12))))
                gate.open()
                try await caller.response(until: "the end") { $0.end == .complete }
            }
            let tape = try #require(try Cassette.load(directory: cassette).items.first).tape
            #expect(tape.body.firstRange(of: Array(secret.prefix(12).utf8)) == nil)
            #expect(tape.end?.reason == .eof)
        }
    }

    /// Whether a file of a directory holds a text.
    private static func holds(_ directory: String, _ text: String) -> Bool {
        names(in: directory).contains { contents(of: "\(directory)/\($0)").firstRange(of: Array(text.utf8)) != nil }
    }
}
