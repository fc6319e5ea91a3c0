import Dialects
import Tapes
import TestSupport
import Testing

@testable import TapeTools

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("tape seal")
struct TapeSealerTests {
    private func part(_ text: String = "one two") throws -> [UInt8] {
        var tape = try sample(text)
        tape.end = nil
        return tape.encoded
    }

    private func sealed(_ path: String) throws -> String {
        switch TapeSealer().seal(path) {
        case .sealed(let name, _): return name
        case .refused(let reason): throw Failure(reason)
        }
    }

    private func reason(_ path: String) -> String? {
        if case .refused(let reason) = TapeSealer().seal(path) { reason } else { nil }
    }

    @Test("ends a .part with crash, and gives it its name")
    func seals() async throws {
        try await withDirectory { directory in
            let bytes = try part()
            try write(String(decoding: bytes, as: UTF8.self), to: "\(directory)/a.tape.jsonl.part")
            let name = try sealed("\(directory)/a.tape.jsonl.part")
            #expect(name == "\(directory)/a.tape.jsonl")
            #expect(names(in: directory) == ["a.tape.jsonl"])
            #expect(contents(of: name).starts(with: bytes))
            let tape = try TapeFile.read(name)
            #expect(tape.end?.reason == .crash)
            #expect(tape.end?.text == "one two")
            #expect(!tape.isServable)
        }
    }

    @Test("a .part that was cut at any byte is sealed, or has no request yet and is left alone")
    func cuts() async throws {
        try await withDirectory { directory in
            let bytes = try part("a")
            let requestEnd = try #require(
                bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.dropFirst().first
            )
            let path = "\(directory)/a.tape.jsonl.part"
            for cut in 0...bytes.count {
                try FileSystem.write(Array(bytes[..<cut]), to: path, replacing: true)
                if cut <= requestEnd {
                    #expect(reason(path)?.contains("no request yet") == true, "cut at \(cut)")
                    #expect(contents(of: path) == Array(bytes[..<cut]))
                } else {
                    let name = try sealed(path)
                    let tape = try TapeFile.read(name)
                    #expect(tape.end?.reason == .crash, "cut at \(cut)")
                    remove(name)
                }
            }
        }
    }

    @Test("takes the next number where the name is taken")
    func taken() async throws {
        try await withDirectory { directory in
            let other = try sample("mine")
            try NewTape.write(other, to: "\(directory)/a.tape.jsonl")
            try NewTape.write(other, to: "\(directory)/a-2.tape.jsonl")
            try FileSystem.write(try part(), to: "\(directory)/a.tape.jsonl.part", replacing: false)
            #expect(try sealed("\(directory)/a.tape.jsonl.part") == "\(directory)/a-3.tape.jsonl")
            #expect(contents(of: "\(directory)/a.tape.jsonl") == other.encoded)
        }
    }

    @Test("one whose recorder died between its end and its name only gets the name")
    func unnamed() async throws {
        try await withDirectory { directory in
            let whole = try sample("whole")
            try FileSystem.write(whole.encoded, to: "\(directory)/a.tape.jsonl.part", replacing: false)
            let name = try sealed("\(directory)/a.tape.jsonl.part")
            #expect(contents(of: name) == whole.encoded)
        }
    }

    @Test("leaves one alone that is being recorded, until its recorder is gone")
    func recording() async throws {
        try await withDirectory { directory in
            let bytes = try part()
            let path = try record(bytes, in: directory) { path in
                #expect(reason(path)?.hasSuffix("is being recorded") == true)
                #expect(contents(of: path) == bytes)
            }
            #expect(try TapeFile.read(try sealed(path)).end?.reason == .crash)
        }
    }

    /// Records as a recorder does, and dies.
    private func record(_ bytes: [UInt8], in directory: String, while body: (String) throws -> Void) throws -> String {
        var file = try PartFile(root: directory, scope: .root, stem: "a")
        try file.append(bytes)
        try body(file.partPath)
        return file.partPath
    }

    @Test("refuses what is no .part, no tape, or a link")
    func refusals() async throws {
        try await withDirectory { directory in
            try NewTape.write(try sample(), to: "\(directory)/a.tape.jsonl")
            try write("nonsense\n", to: "\(directory)/b.tape.jsonl.part")
            symlink("\(directory)/a.tape.jsonl", "\(directory)/c.tape.jsonl.part")
            for name in ["a.tape.jsonl", "b.tape.jsonl.part", "c.tape.jsonl.part", "d.tape.jsonl.part"] {
                #expect(reason("\(directory)/\(name)") != nil, "\(name)")
            }
            #expect(names(in: directory) == ["a.tape.jsonl", "b.tape.jsonl.part", "c.tape.jsonl.part"])
        }
    }

    @Test("a dry run changes nothing")
    func dryRun() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/a.tape.jsonl.part"
            let bytes = try part() + Array("[\"c\",".utf8)
            try FileSystem.write(bytes, to: path, replacing: false)
            guard case .sealed(let name, let chunks) = TapeSealer(isDryRun: true).seal(path) else {
                Issue.record("it was refused")
                return
            }
            #expect(name == "\(directory)/a.tape.jsonl")
            #expect(chunks == 5)
            #expect(contents(of: path) == bytes)
        }
    }
}
