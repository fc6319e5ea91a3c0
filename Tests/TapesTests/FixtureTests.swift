import Dialects
import Testing

@testable import Tapes

@Suite("The fixtures")
struct FixtureTests {
    private static let directory =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/fixtures"
    private static let awkward: [(model: String, reason: TapeEnd.Reason, status: Int?)] = [
        ("cut-characters", .eof, 200), ("one-byte", .eof, 200), ("crlf-comments", .eof, 200),
        ("done-in-content", .eof, 200), ("tool-calls", .eof, 200), ("two-choices", .eof, 200),
        ("reasoning", .eof, 200), ("usage-chunk", .eof, 200), ("rate-limited", .eof, 429), ("error-inside", .eof, 200),
        ("truncated", .eof, 200), ("reset", .upstreamReset, 200), ("reset-inside", .upstreamReset, 200),
        ("refused", .connectFailed, nil),
    ]

    @Test(
        "load, verify, and are written as the recorder would write and name them",
        arguments: ["demo", "awkward", "dialects"]
    )
    func verify(_ name: String) throws {
        let cassette = try Cassette.load(directory: "\(Self.directory)/\(name)")
        #expect(!cassette.items.isEmpty)
        for item in cassette.items {
            #expect(item.isServable)
            #expect(item.tape.encoded == (try read("\(cassette.directory)/\(item.name)")), "\(item.name)")
            let stem = TapeName.stem(
                api: item.tape.dialect.name,
                model: item.tape.request.model,
                key8: CanonicalRequest(item.tape.request).key8
            )
            #expect(item.name.hasPrefix(stem))
            // The other dialects' texts are compared with what their SDKs read.
            if item.tape.dialect.name == "openai.chat", !item.name.contains("parts") {
                #expect(Self.text(of: item.tape) == item.tape.end?.text ?? "", "\(item.name)")
            }
        }
    }

    @Test("answer any prompt to the model demo, again and again, streams and documents apart")
    func demo() throws {
        let deck = try TapeDeck(directory: "\(Self.directory)/demo")
        var names: [String] = []
        for prompt in 0..<10 {
            let live = liveRequest(#"{"model":"demo","messages":["\#(prompt)"],"stream":true,"temperature":0}"#)
            guard let item = deck.played(live) else {
                Issue.record("prompt \(prompt) has no answer")
                continue
            }
            names.append(item.name)
            #expect(item.tape.response?.headers.first?.value == "text/event-stream; charset=utf-8")
            // 25 to 40 tokens a second, as far as chunks tell.
            let offsets = item.tape.entries.map(\.offset)
            let first = try #require(offsets.first)
            let last = try #require(offsets.last)
            let pace = Double(offsets.count - 1) / (Double(last - first) / 1_000_000)
            #expect((24.0...41.0).contains(pace), "\(item.name): \(pace)")
        }
        #expect(Set(names).count == 5)
        #expect(names[..<5] == names[5...])
        guard let item = deck.played(liveRequest(#"{"model":"demo","messages":[]}"#)) else {
            Issue.record("there is no document")
            return
        }
        #expect(item.tape.response?.headers.first?.value == "application/json")
    }

    @Test("have each awkward stream under its model", arguments: awkward)
    func addressed(_ model: String, _ reason: TapeEnd.Reason, _ status: Int?) throws {
        let deck = try TapeDeck(directory: "\(Self.directory)/awkward")
        guard let item = deck.played(liveRequest(#"{"model":"\#(model)","stream":true}"#)) else {
            Issue.record("\(model) has no answer")
            return
        }
        #expect(item.tape.end?.reason == reason)
        #expect(item.tape.response?.status == status)
        #expect(deck.tapes.count == Self.awkward.count)
    }

    /// The text of the first choice, read the simple way.
    private static func text(of tape: Tape) -> String {
        let body = String(decoding: tape.body, as: UTF8.self)
        if let value = try? JSONValue(parsing: body) {
            return value.value(at: "/choices/0/message/content")?.string ?? ""
        }
        var lines: [[UInt8]] = [[]]
        for byte in tape.body where byte != UInt8(ascii: "\r") {
            if byte == UInt8(ascii: "\n") { lines.append([]) } else { lines[lines.count - 1].append(byte) }
        }
        var text = ""
        var data: [UInt8] = []
        for line in lines {
            if line.starts(with: "data:".utf8) { data += line.dropFirst(5) }
            guard line.isEmpty else { continue }
            let choice = (try? JSONValue(parsing: data))?.value(at: "/choices/0")
            if choice?["index"]?.int == 0 { text += choice?.value(at: "/delta/content")?.string ?? "" }
            data = []
        }
        return text
    }
}
