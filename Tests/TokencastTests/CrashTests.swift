import TestSupport
import Testing

@testable import Tapes

/// `kill -9` while recording: what is on the disk is a readable part of the stream.
@Suite struct CrashTests {
    @Test("A killed recorder leaves a readable part", arguments: [0, 1, 5, 40], [true, false])
    func killed(afterWords count: Int, waitsForDisk: Bool) async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(1000), gate)
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let arguments = ["serve", "--port", "0", "--upstream", upstream.url, "--record", cassette]
            let program = try ChildProcess(built: "tokencast", arguments)
            let caller = try RawConnection(port: try await program.port())
            try await caller.send(Chat.request())
            try await caller.head()
            gate.open(count)
            if count > 0 {
                try await caller.response(until: "word \(count - 1)") { $0.text.contains(" w\(count - 1)\"") }
            }
            if waitsForDisk {
                // A tenth of a second is what the recorder may be behind.
                try await eventually("the part holds all") {
                    guard let part = try Self.part(cassette) else { return false }
                    return part.response != nil && part.chunks.count == count
                }
            }
            program.signal(9)
            #expect(try await program.exit().exit == -9)
            upstream.stop()
            guard let tape = try Self.part(cassette) else {
                // Killed before the recorder wrote its first line: nothing is there, and nothing is broken.
                #expect(!waitsForDisk)
                return
            }
            #expect(tape.isPartial)
            #expect(!tape.isServable)
            let sent = Chat.words(count).map { Array(Chat.frame($0).utf8) }
            #expect(tape.body == Array(sent.joined().prefix(tape.body.count)))
            if waitsForDisk {
                #expect(tape.body.count == sent.joined().count)
                #expect(tape.request.path == Chat.path)
                #expect(tape.response?.status == 200)
            }
            // A cassette with it can be loaded, and doesn't serve it.
            #expect(try Cassette.load(directory: cassette).items.map(\.isServable) == [false])
        }
    }

    /// The one part in a cassette, whatever state it is in; an unreadable one throws.
    static func part(_ cassette: String) throws -> Tape? {
        guard let name = names(in: cassette).first else { return nil }
        #expect(name.hasSuffix(".part"))
        guard !contents(of: "\(cassette)/\(name)").isEmpty else { return nil }
        return try TapeReader.read(path: "\(cassette)/\(name)")
    }
}
