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

@Suite("tape diff")
struct TapeDifferenceTests {
    private func places(_ change: (inout TapeScript) -> Void) throws -> [String] {
        let base: (inout TapeScript) -> Void = {
            $0.toolCalls = [.init(name: "f", arguments: #"{"a":1,"b":[1,2]}"#)]
            $0.usage = (1, 2)
        }
        let other = try sample {
            base(&$0)
            change(&$0)
        }
        return TapeDifference(try sample("Grüße, Welt!", base), other).items.map { "\($0.part) \($0.place)" }
    }

    @Test("finds nothing where only times, ids and chunks differ")
    func same() throws {
        #expect(
            try places {
                $0.pace = 2
                $0.seed = 4
                $0.created = "2026-02-01T00:00:00Z"
            } == []
        )
        var tape = try sample()
        tape.response?.headers.append(TapeField("x-request-id", "r"))
        #expect(TapeDifference(tape, try sample().rechunked([try sample().body])).isSame)
        let exact = TapeDifference(tape, try sample().rechunked([try sample().body]), isExact: true)
        #expect(exact.items.map(\.part) == ["headers", "chunks"])
        #expect(TapeDifference(tape, tape, isExact: true).isSame)
    }

    @Test("finds each thing that differs, and where")
    func differences() throws {
        #expect(try places { $0.prompt = "Bye" } == ["request /messages/0/content"])
        #expect(try places { $0.text = "Grüße, Wald!" } == ["text line 1, column 9"])
        #expect(try places { $0.reasoning = "hm" } == ["events reasoning", "reasoning line 1, column 1"])
        #expect(
            try places { $0.toolCalls = [.init(name: "g", arguments: #"{"a":1,"b":[1,3]}"#)] }
                == ["tool_calls #0 name", "tool_calls #0 /b/1"]
        )
        #expect(try places { $0.toolCalls = [] }.contains("tool_calls #0"))
        #expect(try places { $0.usage = (1, 3) } == ["usage output", "usage total"])
        #expect(try places { $0.finish = "length" } == ["finish "])
        #expect(try places { $0.pieces = .one } == ["events text", "events tool_call"])
        let failed = try places { $0.failure = TapeScript.Failure(status: 429, retryAfter: 1) }
        #expect(failed.contains("status "))
        #expect(failed.contains("headers retry-after"))
    }

    @Test("compares the bytes of what no dialect understands, and counts its frames by name")
    func generic() throws {
        var tapes = [try sample("a b"), try sample("a c d")]
        for (index, words) in [["one"], ["one", "other"]].enumerated() {
            tapes[index].request.path = "/events"
            tapes[index].end?.dialect = nil
            tapes[index].entries = words.enumerated().map { number, word in
                Tape.Entry(offset: Int64(number), .chunk(Array("event: word\ndata: \(word)\n\n".utf8)))
            }
        }
        let (one, other) = (tapes[0], tapes[1])
        let parts = TapeDifference(one, other).items.map { "\($0.part) \($0.place)" }
        #expect(parts.contains("events word"))
        #expect(parts.contains { $0.hasPrefix("body line ") })
        var binary = one
        binary.entries = [Tape.Entry(offset: 1_000_000, .chunk([0xFF]))]
        #expect(TapeDifference(one, binary).items.contains { $0.part == "body" && $0.place == "sha256" })
    }

    @Test("says where two texts part")
    func texts() throws {
        #expect(TextDifference("same\ne\u{301}", "same\ne\u{301}") == nil)
        // Canonically equivalent, and not the same bytes.
        #expect(TextDifference("\u{E9}", "e\u{301}") != nil)
        let found = try #require(TextDifference("one\ntwo three", "one\ntwo four"))
        #expect((found.line, found.column) == (2, 5))
        #expect((found.left, found.right) == ("two three", "two four"))
        let end = try #require(TextDifference("ab", "abc"))
        #expect((end.column, end.left, end.right) == (3, "ab", "abc"))
        let long = String(repeating: "x", count: 1000)
        let excerpt = try #require(TextDifference(long + "a" + long, long + "b" + long))
        #expect(excerpt.left.count < 80)
    }

    @Test("compares directories by names")
    func directories() async throws {
        try await withDirectory { directory in
            let (left, right) = ("\(directory)/l", "\(directory)/r")
            for path in [left, right] { mkdir(path, 0o700) }
            try NewTape.write(try sample(), to: "\(left)/same.tape.jsonl")
            try NewTape.write(try sample(), to: "\(right)/same.tape.jsonl")
            #expect(TapeComparison(left, right).isSame)
            #expect(TapeComparison(left, right).text() == "no difference in 1 tape\n")
            try NewTape.write(try sample("a"), to: "\(left)/other.tape.jsonl")
            try NewTape.write(try sample("b"), to: "\(right)/other.tape.jsonl")
            try NewTape.write(try sample(), to: "\(left)/l.tape.jsonl")
            try NewTape.write(try sample(), to: "\(right)/r.tape.jsonl")
            let comparison = TapeComparison(left, right)
            #expect(!comparison.isSame)
            let json = try JSONValue(parsing: comparison.json)
            #expect(json["only_left"]?.array?.compactMap(\.string) == ["l.tape.jsonl"])
            #expect(json["only_right"]?.array?.compactMap(\.string) == ["r.tape.jsonl"])
            #expect(json["pairs"]?.array?.map { $0["same"]?.bool } == [false, true])
            let text = comparison.text()
            #expect(text.contains("== other.tape.jsonl\n"))
            #expect(!text.contains("same.tape.jsonl"))
            try write("nonsense\n", to: "\(right)/same.tape.jsonl")
            #expect(TapeComparison(left, right).problems.count == 1)
            #expect(TapeComparison(left, "\(right)/r.tape.jsonl").problems.count == 1)
        }
    }
}
