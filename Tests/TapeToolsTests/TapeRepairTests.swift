import Dialects
import Tapes
import TestSupport
import Testing

@testable import TapeTools

@Suite("tape repair")
struct TapeRepairTests {
    /// A tape's lines, with a line and a member that nobody knows, and spaces that nobody would write.
    private func lines() throws -> [String] {
        var lines = String(decoding: try sample("one two").encoded, as: UTF8.self).split(separator: "\n").map {
            String($0)
        }
        lines.insert(#"["x-note", {"kept":  true}]"#, at: 4)
        lines[lines.count - 1] = lines[lines.count - 1].replacing("\"reason\"", with: "\"mine\" : [1, 2],  \"reason\"")
        lines[1] = lines[1].replacing("[\"q\",", with: "[ \"q\" ,\t")
        return lines
    }

    private func bytes(_ lines: [String]) -> [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }

    @Test("leaves a good tape as it is, byte for byte")
    func good() throws {
        let tape = bytes(try lines())
        let repair = try TapeRepair(tape, name: "t")
        #expect(repair.bytes == tape)
        #expect(repair.notes.isEmpty)
    }

    @Test("puts counts and digest right after an edit, and leaves all other bytes")
    func edited() throws {
        var lines = try lines()
        let index = try #require(lines.firstIndex { $0.contains("\\\"one\\\"") })
        lines[index] = lines[index].replacing("\\\"one\\\"", with: "\\\"three\\\"")
        let repair = try TapeRepair(bytes(lines), name: "t")
        #expect(repair.notes.map(\.message).contains { $0.hasPrefix("changed \"bytes\" from ") })
        #expect(repair.notes.contains { $0.message.contains("\"text\"") && $0.message.contains("--refold") })
        let tape = try TapeReader.read(repair.bytes, name: "t")
        #expect(tape.end?.text == "one two")
        #expect(
            repair.bytes.split(separator: 10).dropLast().elementsEqual(bytes(lines).split(separator: 10).dropLast())
        )
        #expect(String(decoding: repair.bytes, as: UTF8.self).contains("\"mine\" : [1, 2],  \"reason\""))

        let refolded = try TapeRepair(bytes(lines), name: "t", refolding: true)
        #expect(try TapeReader.read(refolded.bytes, name: "t").end?.text == "three two")
        #expect(try TapeRepair(refolded.bytes, name: "t").notes.isEmpty)
    }

    @Test("raises offsets that fall")
    func offsets() throws {
        var lines = try lines()
        let index = try #require(lines.firstIndex { $0.hasPrefix("[\"c\",320000,") })
        lines[index] = lines[index].replacing("[\"c\",320000,", with: "[\"c\", -5 ,")
        let repair = try TapeRepair(bytes(lines), name: "t")
        #expect(
            repair.notes == [TapeRepair.Note(line: index + 1, message: "raised the offset -5, which falls, to 300000")]
        )
        #expect(try TapeReader.read(repair.bytes, name: "t").entries[2].offset == 300_000)
    }

    @Test("adds members that the end line lacks only where they can be known")
    func missingMembers() throws {
        var lines = try lines()
        let end = lines.count - 1
        lines[end] = #"["e",340000,{"reason":"eof"}]"#
        let repair = try TapeRepair(bytes(lines), name: "t", refolding: true)
        let tape = try TapeReader.read(repair.bytes, name: "t")
        #expect(tape.end?.text == "one two")
        #expect(tape.end?.chunks == 5)
        lines[end] = #"["e",340000,{}]"#
        #expect(throws: TapeError.self) { try TapeRepair(bytes(lines), name: "t") }
    }

    @Test("undoes what editors do: CRLF, a mark at the start, empty lines, no last line end")
    func editors() throws {
        let tape = bytes(try lines())
        let lines = try lines()
        let crlf = Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
        #expect(try TapeRepair(crlf, name: "t").bytes == tape)
        #expect(try TapeRepair([0xEF, 0xBB, 0xBF] + tape, name: "t").bytes == tape)
        #expect(try TapeRepair(Array("\n".utf8) + tape + Array("\n  \n".utf8), name: "t").bytes == tape)
        #expect(try TapeRepair(Array(tape.dropLast()), name: "t").bytes == tape)
    }

    @Test("cut at every byte, a tape is mended or refused, and what is mended loads")
    func cuts() throws {
        let tape = bytes(try lines())
        for cut in 0..<tape.count {
            guard let repair = try? TapeRepair(Array(tape[..<cut]), name: "t") else { continue }
            let read = try TapeReader.read(repair.bytes, name: "t")
            #expect(repair.bytes.isEmpty == false)
            #expect(read.end == nil || cut == tape.count - 1)
        }
    }

    @Test(
        "names what can't be mended, with its line",
        arguments: [
            (3, "[\"qb\",\"/model\"", 4), (4, "[\"nonsense\",1]", 5), (6, "[\"c\",1.5,\"x\"]", 7),
            (6, "{\"tape\":1}", 7),
            (6, "[\"b\",300000,\"!!!\"]", 7), (0, "{\"tape\":2}", 1),
        ]
    )
    func hopeless(_ index: Int, _ text: String, _ line: Int) throws {
        var lines = try lines()
        lines[index] = text
        do {
            _ = try TapeRepair(bytes(lines), name: "t")
            Issue.record("it was mended")
        } catch {
            #expect(error.line == line, "\(error)")
        }
    }

    @Test("refuses a complete last line that is wrong, and what follows the end")
    func notTorn() throws {
        var lines = try lines()
        lines[lines.count - 1].removeLast()
        #expect(throws: TapeError.self) { try TapeRepair(bytes(lines), name: "t") }
        let twice = try self.lines() + [try self.lines().last ?? ""]
        #expect(throws: TapeError.self) { try TapeRepair(bytes(twice), name: "t") }
    }

    @Test("writes a file only where something is to mend, and never where it can't be")
    func files() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/a.tape.jsonl"
            var broken = try lines()
            broken[broken.count - 1] = broken[broken.count - 1].replacing("\"chunks\":5", with: "\"chunks\":7")
            let text = String(decoding: bytes(broken), as: UTF8.self)
            try write(text, to: path)
            #expect(try TapeRepair.mend(path, isDryRun: true).count == 1)
            #expect(contents(of: path) == Array(text.utf8))
            #expect(try TapeRepair.mend(path).count == 1)
            #expect(contents(of: path) == bytes(try lines()))
            #expect(try TapeRepair.mend(path).isEmpty)
            try write("nonsense\nmore\n", to: path)
            #expect(throws: TapeError.self) { try TapeRepair.mend(path) }
            #expect(contents(of: path) == Array("nonsense\nmore\n".utf8))
            #expect(names(in: directory) == ["a.tape.jsonl"])
            #expect(throws: TapeError.self) { try TapeRepair.mend("\(directory)/b.tape.jsonl.part") }
        }
    }

    @Test("random damage never traps it, and what it mends loads")
    func noise() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let tape = bytes(try lines())
        for _ in 0..<2000 {
            var damaged = tape
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
                case 1: damaged.remove(at: place)
                default: damaged.insert(UInt8.random(in: 32...126, using: &random), at: place)
                }
            }
            if let repair = try? TapeRepair(damaged, name: "t", refolding: true) {
                #expect(throws: Never.self, "seed \(seed)") { try TapeReader.read(repair.bytes, name: "t") }
            }
        }
    }
}
