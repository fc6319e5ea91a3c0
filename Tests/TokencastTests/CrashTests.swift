import Dialects
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

    /// Each time a scope is recorded again, with streams that end while others run, and each time the program is killed
    /// somewhere in it: before the first tape is whole, while it takes the place of the old ones, behind that.
    @Test("Killed 50 times at random moments, it tears no tape and loses none", .timeLimit(.minutes(2)))
    func killedAtRandom() async throws {
        var random = Seeded()
        let upstream = try TestUpstream { request, connection in
            let body = try connection.readBody().body
            let model = try json(String(decoding: body, as: UTF8.self))["model"]?.string ?? ""
            try connection.eventStreamHead()
            for index in 0..<(Int(model.dropFirst(1)) ?? 10_000) {
                try connection.chunk(Chat.frame(" w\(index)"))
                connection.rest(milliseconds: 1)
            }
            try connection.chunk(Chat.finish + Chat.done)
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let arguments = ["serve", "--port", "0", "--upstream", upstream.url, "--record", cassette]
            var (parts, tapes) = (0, 0)
            for round in 0..<50 {
                let program = try ChildProcess(built: "tokencast", arguments)
                let port = try await program.port()
                // The names stay the same, so that new tapes meet old ones.
                let models = ["s\(round % 2)", "s\(3 + round % 3)", "s9", "long"]
                let callers = try models.map { _ in try RawConnection(port: port) }
                for (model, caller) in zip(models, callers) {
                    try await caller.send(Chat.request(model, [Field("Tokencast-Scope", "s")]))
                }
                // A word takes a millisecond, and the recorder writes every 80.
                let words = random.next(below: 240)
                let moment = words == 0 ? "" : " w\(words)\""
                try await callers[3].response(until: "word \(words)") { moment.isEmpty || $0.text.contains(moment) }
                program.signal(9)
                #expect(try await program.exit().exit == -9)

                let items = try Cassette.load(directory: cassette).items
                for item in items {
                    // A part may have its end already, where only the name was still to come.
                    #expect(item.isPart || item.isServable, "\(item.name), seed \(random.seed), round \(round)")
                    #expect(!item.isPart || !item.isServable)
                }
                let whole = items.filter(\.isServable).count
                #expect(tapes == 0 || whole > 0, "all tapes are lost, seed \(random.seed), round \(round)")
                tapes = max(tapes, whole)
                parts += items.count - whole
            }
            // Else it was killed at no moment that matters.
            #expect(parts > 0)
            #expect(tapes > 0)
        }
    }

    /// The one part in a cassette, whatever state it is in; an unreadable one throws.
    static func part(_ cassette: String) throws -> Tape? {
        guard let name = names(in: cassette).first else { return nil }
        #expect(name.hasSuffix(".part"))
        guard !contents(of: "\(cassette)/\(name)").isEmpty else { return nil }
        return try TapeReader.read(path: "\(cassette)/\(name)")
    }

    /// Random numbers that a seed gives again (SplitMix64).
    private struct Seeded {
        let seed: UInt64
        private var state: UInt64

        init(seed: UInt64 = .random(in: 0...UInt64.max)) {
            self.seed = seed
            state = seed
        }

        mutating func next(below bound: UInt64) -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return (mixed ^ (mixed >> 31)) % bound
        }
    }
}
