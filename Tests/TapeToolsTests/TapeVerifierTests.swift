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

@Suite("tape verify")
struct TapeVerifierTests {
    private static let fixtures =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/fixtures"

    private func codes(_ path: String, now: Int64 = 0) -> [TapeProblem.Code] {
        TapeVerifier([path], now: now).problems.map(\.code)
    }

    @Test("finds nothing wrong with the fixtures, each a cassette of its own")
    func fixtures() {
        let verifier = TapeVerifier([Self.fixtures], now: 0)
        #expect(verifier.count >= 20)
        #expect(verifier.problems.map(\.description) == [])
    }

    @Test("finds each thing that may be wrong, and says where and what would mend it")
    func problems() async throws {
        try await withDirectory { directory in
            let good = try sample()
            let name = recordedName(good)
            func put(_ name: String, _ change: (inout Tape) -> Void) throws {
                var tape = good
                change(&tape)
                try NewTape.write(tape, to: "\(directory)/\(name)", replacing: true)
            }
            try put(name) { _ in }
            #expect(codes(directory) == [])
            #expect(codes("\(directory)/\(name)") == [])

            try put(name) { $0.request.body = .json(.object([("model", .string("other"))])) }
            #expect(codes(directory) == [.name])
            try put(name) { $0.header.canon = "c0" }
            #expect(codes(directory) == [], "its key may have been another one")
            try put("any-name.tape.jsonl") { _ in }
            #expect(codes(directory) == [])
            try put(name) { $0.header.scope = TapeScope("elsewhere") ?? .root }
            #expect(codes(directory) == [.scope])
            #expect(codes("\(directory)/\(name)") == [.scope])
            try put(name) { $0.end?.text = "something else" }
            #expect(codes(directory) == [.fold])
            try put(name) { $0.end?.text = "Gr***, Welt!" }
            #expect(codes(directory) == [.fold], "an asterisk stands for one byte")
            try put(name) { $0.end?.text = "Gr**\u{2A}*e, Welt!" }
            #expect(codes(directory) == [], "a secret that the chunks have in pieces")
            try put(name) { $0.end?.finish = nil }
            #expect(codes(directory) == [.fold])
            try put(name) { $0.end?.usage = #"{"total_tokens":1}"# }
            #expect(codes(directory) == [.fold])
            try put(name) { $0.end?.reason = .shutdown }
            #expect(codes(directory) == [.unplayable])
            try put(name) { $0.end = nil }
            #expect(codes(directory) == [.unplayable])
            try put(name) { _ in }
            try put("\(name).part") { $0.end = nil }
            #expect(codes(directory) == [.orphan])
        }
    }

    @Test("names the line of what can't be read, and goes on")
    func unreadable() async throws {
        try await withDirectory { directory in
            let text = String(decoding: try sample().encoded, as: UTF8.self)
            try write(text.replacing("\"bytes\":", with: "\"bytes\":1"), to: "\(directory)/a.tape.jsonl")
            try write(text.replacing("[\"q\"", with: "[\"quux\""), to: "\(directory)/b.tape.jsonl")
            try write("{\"exhausted\":\"nonsense\"}", to: "\(directory)/cassette.json")
            try write("", to: "\(directory)/c.tape.jsonl")
            let verifier = TapeVerifier([directory, "\(directory)/d.tape.jsonl", "\(directory)/cassette.json"], now: 0)
            let problems = verifier.problems
            #expect(problems.map(\.code) == [.invalid, .invalid, .invalid, .rules, .invalid, .invalid])
            #expect(problems[0].remedy.hasPrefix("try tokencast tape repair "))
            #expect(problems[1].line == 2)
            #expect(problems[3].description.hasPrefix("\(directory)/cassette.json:1: "))
            let json = try JSONValue(parsing: verifier.json)
            #expect(json["tapes"]?.int == 3)
            #expect(json["problems"]?.array?.count == 6)
        }
    }

    @Test("finds tapes that are older than their cassette allows")
    func ages() async throws {
        try await withDirectory { directory in
            let tape = try sample { $0.created = "2026-01-01T00:00:00Z" }
            try NewTape.write(tape, to: "\(directory)/a.tape.jsonl")
            let now = try Int64(#require(Timestamp.secondsSince1970("2026-01-31T00:00:00Z")))
            #expect(codes(directory, now: now + 1) == [])
            try write(#"{"maxAge":"30d"}"#, to: "\(directory)/cassette.json")
            #expect(codes(directory, now: now) == [])
            #expect(codes(directory, now: now + 1) == [.expired])
        }
    }

    @Test("takes a directory with a cassette.json for a cassette of its own, and knows scopes by it")
    func cassettes() async throws {
        try await withDirectory { directory in
            var script = TapeScript()
            script.text = "x"
            script.scope = try #require(TapeScope("s"))
            let tape = try script.tape(dialect: "openai.chat", tool: "t")
            mkdir("\(directory)/inner", 0o700)
            _ = try NewTape.add(tape, from: script, to: "\(directory)/inner")
            #expect(codes(directory) == [.scope])
            try write("{}", to: "\(directory)/inner/cassette.json")
            #expect(codes(directory) == [])
            mkdir("\(directory)/inner/-no", 0o700)
            try NewTape.write(try sample(), to: "\(directory)/inner/-no/y.tape.jsonl")
            #expect(codes(directory) == [.scope])
        }
    }
}
