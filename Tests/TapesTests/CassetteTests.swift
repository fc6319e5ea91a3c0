import Testing

@testable import Tapes

@Suite("A cassette")
struct CassetteTests {
    @Test("has its tapes in recorded order, those of scopes too, and nothing else")
    func order() async throws {
        try await withDirectory { directory in
            mkdirs("\(directory)/tests/chat", "\(directory)/.git")
            let names = [
                "a-10.tape.jsonl", "a.tape.jsonl", "a-2.tape.jsonl", "b-12345678.tape.jsonl", "b-12345678-2.tape.jsonl",
                "tests/chat/c.tape.jsonl", "notes.txt", ".git/d.tape.jsonl",
            ]
            for name in names { try write(makeTape().encoded, to: "\(directory)/\(name)") }
            let cassette = try Cassette.load(directory: directory)
            #expect(
                cassette.items.map(\.name) == [
                    "a.tape.jsonl", "a-2.tape.jsonl", "a-10.tape.jsonl", "b-12345678.tape.jsonl",
                    "b-12345678-2.tape.jsonl", "tests/chat/c.tape.jsonl",
                ]
            )
            #expect(cassette.items.map { $0.scope?.description } == ["", "", "", "", "", "tests/chat"])
        }
    }

    @Test("with broken tapes isn't loaded, and says all that is wrong with it")
    func broken() async throws {
        try await withDirectory { directory in
            try write(makeTape().encoded, to: "\(directory)/good.tape.jsonl")
            try write(Array("{\"tape\":1}\nnonsense\n".utf8), to: "\(directory)/bad.tape.jsonl")
            try write(Array("{\n\"nonsense\":1}".utf8), to: "\(directory)/cassette.json")
            makeLink("/etc/passwd", "\(directory)/link.tape.jsonl")
            let error = try #require(throws: CassetteError.self) { try Cassette.load(directory: directory) }
            #expect(error.errors.map(\.line) == [2, nil, 2])
            #expect(error.description.contains("\(directory)/bad.tape.jsonl:2: "))
            let cassette = Cassette.inspect(directory: directory)
            #expect(cassette.items.map(\.name) == ["good.tape.jsonl"])
            #expect(cassette.errors.count == 3)
        }
    }

    @Test("that isn't there isn't loaded")
    func missing() {
        #expect(throws: CassetteError.self) { try Cassette.load(directory: "/nonexistent/cassette") }
    }

    @Test("lists what is being recorded, but never serves it")
    func parts() async throws {
        try await withDirectory { directory in
            let whole = makeTape(chunks: [[97]]).encoded
            try write(whole.dropLast(30) + [], to: "\(directory)/a.tape.jsonl.part")
            try write(whole, to: "\(directory)/b.tape.jsonl.part")
            try write([], to: "\(directory)/c.tape.jsonl.part")
            let cassette = try Cassette.load(directory: directory)
            #expect(cassette.items.map(\.isPart) == [true, true, true])
            #expect(cassette.items.map(\.tape.isPartial) == [true, false, true])
            #expect(!cassette.items.contains { $0.isServable })
        }
    }

    @Test("never serves a tape that the recorder cut off")
    func cutOff() {
        #expect(makeTape(reason: .eof).isServable)
        #expect(makeTape(reason: .upstreamReset).isServable)
        #expect(makeTape(reason: .cancelled).isServable)
        #expect(!makeTape(reason: .recorderOverflow).isServable)
        #expect(!makeTape(reason: .crash).isServable)
        #expect(!makeTape(reason: .shutdown).isServable)
        #expect(!makeTape(reason: nil).isServable)
    }
}
