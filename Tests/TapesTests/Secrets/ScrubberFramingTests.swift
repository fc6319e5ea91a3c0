import Dialects
import Testing

@testable import Tapes

@Suite("A scrubber and how bodies are framed")
struct ScrubberFramingTests {
    private let key = Sample.detected[0].secret

    private func masked(_ text: String) -> String {
        text.replacing(key, with: String(repeating: "*", count: key.count))
    }

    /// A body in two halves of the key that a template puts somewhere, with and without the key's mask.
    private func check(_ type: String?, _ template: (Substring, Substring) -> String, finds: Bool = true) {
        for place in key.indices.dropFirst() {
            let body = template(key[..<place], key[place...])
            let stars = String(repeating: "*", count: key.count)
            let expected = finds ? template(stars[..<place], stars[place...]) : body
            let bytes = Array(body.utf8)
            for chunks in [[bytes], bytes.singles, bytes.cut(at: bytes.count / 2)] {
                let output = scrub(chunks, type)
                #expect(String(decoding: output.flatMap(\.bytes), as: UTF8.self) == expected)
                #expect(output.map(\.bytes.count) == chunks.map(\.count))
            }
        }
    }

    @Test("joins lines of NDJSON, elements of an array that is the body, and events of text")
    func framings() {
        check("application/x-ndjson") {
            #"{"response":"\#($0)"}"# + "\r\n" + #"{"response":"\#($1)","done":true}"# + "\n"
        }
        check("application/json") { #"[{"text":"\#($0)"},"# + "\n" + #" {"text":"\#($1)"}]"# }
        check("application/json; charset=UTF-8") { left, right in
            let elements = [left, right].map {
                #"{"candidates":[{"content":{"parts":[{"text":"\#($0)"}]},"index":0}]}"#
            }
            return "[" + elements.joined(separator: "\r\n,\r\n") + "\r\n]"
        }
        check("text/event-stream") { "event: output\nid: 1\ndata: \($0)\n\nevent: output\ndata: \($1)\n\n" }
        check("text/event-stream") { "data:\"\($0)\"\n\ndata:\"\($1)\"\n\n" }
    }

    @Test("reads events whose JSON has several lines of data")
    func dataLines() {
        check("text/event-stream") { left, right in
            "\u{FEFF}data: {\ndata: \"delta\": \"\(left)\"\ndata: }\n\ndata: {\"delta\":\ndata: \"\(right)\"}\n\n"
        }
    }

    @Test("takes a body for what its first byte shows")
    func sniffing() {
        check(nil) { #"data: {"t":"\#($0)"}"# + "\n\n" + #"data: {"t":"\#($1)"}"# + "\n\n" }
        check("application/json") {
            #"event: a"# + "\n" + #"data: {"t":"\#($0)"}"# + "\n\n" + #"data: {"t":"\#($1)"}"# + "\n\n"
        }
        check("text/event-stream") { #"{"a":"\#($0)\#($1)"}"# }
        check("text/plain") { #"{"a":"\#($0)\#($1)"}"# }
        check("application/json") { "<p>\($0)\($1)</p>" }
        check(nil) { "\($0)\($1)" }
    }

    @Test("finds what stands in comments, names of events, ids and lines that are no fields")
    func otherLines() {
        check("text/event-stream") { ": \($0)\($1)\n\n" }
        check("text/event-stream") { "event: \($0)\($1)\nid: \($0)\($1)\ndata: 1\n\ndat \($0)\($1)\n" }
        check("text/event-stream") { "data: {\"a\": \($0)\($1) }\n\n" }
    }

    @Test("doesn't join different members, strings of one document, nor what a line end parts")
    func separate() {
        check(
            "text/event-stream",
            { #"data: {"a":"\#($0.prefix(20))"}"# + "\n\n" + #"data: {"b":"\#($1)"}"# + "\n\n" },
            finds: false
        )
        check("application/json", { #"{"a":["\#($0.prefix(20))","\#($1)"]}"# }, finds: false)
        check("text/plain", { "\($0.prefix(20))\n\($1)" }, finds: false)
    }

    @Test(
        "tells apart what runs side by side by each of its marks",
        arguments: [
            #""output_index":N,"delta":"T""#, #""delta":"T","item_id":"N""#,
            #""index":N,"delta":{"type":"text_delta","text":"T"}"#,
            #""contentBlockIndex":N,"delta":{"text":"T"}"#, #""output_index":0,"content_index":N,"delta":"T""#,
            #""choices":[{"delta":{"content":"T"},"index":N}]"#,
        ]
    )
    func marks(_ members: String) {
        func frame(_ number: Int, _ text: some StringProtocol) -> String {
            "data: {" + members.replacing("N", with: String(number)).replacing("T", with: text) + "}\n\n"
        }
        check("text/event-stream") { frame(3, $0) + frame(4, "abc") + frame(3, $1) }
        let half = key.prefix(20)
        let apart = frame(3, half) + frame(4, key.dropFirst(20))
        #expect(scrub([Array(apart.utf8)]).flatMap(\.bytes) == Array(apart.utf8))
    }

    @Test("gives back what it doesn't understand as it came, whatever it is, and cut anywhere")
    func hostile() {
        let texts: [String] = [
            String(repeating: "{\"a\":[", count: 5000) + "\"sk-", "}}}]]]\"\\", "data: {\"a\":\"\\ud83d",
            "\"\\u12\"\\x",
            "data: \"\\uD83D\\n\\uDC00\"\n\n", "\u{0}\u{0}{\"\u{0}\":\"\u{0}\"}", "data\ndata:\ndata: \n\n:\n\r\r\n",
            "{\"index\":\"\(String(repeating: "9", count: 100))\",\"id\":{}}", "[[[\"a\"],[[[\"s\"]]],1e9,-,tru]",
            String(repeating: "-", count: 3000), String(repeating: "eyJ", count: 2000),
            String(repeating: "data: {\"a\":\"s\"}\n\n", count: 300),
        ]
        for text in texts {
            for type in ["text/event-stream", "application/x-ndjson", "application/json", nil] {
                let bytes = Array(text.utf8)
                #expect(scrub([bytes], type).flatMap(\.bytes) == bytes)
                guard bytes.count < 2000 else { continue }
                for place in bytes.indices { #expect(scrub(bytes.cut(at: place), type).flatMap(\.bytes) == bytes) }
                #expect(scrub(bytes.singles, type).flatMap(\.bytes) == bytes)
            }
        }
    }

    @Test(
        "masks what goes on in the same frame, however it is cut: a member twice, a place twice, commas left out",
        arguments: [
            #"{"choices":[{"index":0,"delta":{"content":"A"}},{"index":0,"delta":{"content":"B"}}]}"#,
            #"{"text":"A","text":"B"}"#, #"[["A""B"]]"#, #"{["A""B"#, #"[["A"[""]"B"#, #"{"""A""B"#,
        ]
    )
    func sameFrame(_ template: String) {
        // The first part is known for a secret by itself, so that nothing of it is pending.
        let rest = "Zk7Qx2"
        let frame = template.replacing("B", with: rest).replacing("A", with: key)
        let expected = masked(frame).replacing(rest, with: "******")
        for (type, body, mask) in [
            ("text/event-stream", "data: \(frame)\n\n", "data: \(expected)\n\n"),
            ("application/x-ndjson", frame + "\n", expected + "\n"),
        ] {
            let bytes = Array(body.utf8)
            let cuts = [[bytes], bytes.singles] + bytes.indices.map { bytes.cut(at: $0) }
            for chunks in cuts {
                #expect(String(decoding: scrub(chunks, type).flatMap(\.bytes), as: UTF8.self) == mask)
            }
        }
    }

    @Test("lets go of what goes on in the same frame only masked, where the frame doesn't end")
    func sameFrameForLong() {
        let rest = "Zk7Qx2"
        let filler = String(repeating: #","x":1"#, count: 40_000)
        let frame =
            #"{"choices":[{"index":0,"delta":{"content":"\#(key)"}},{"index":0,"delta":{"content":"\#(rest)"}"# + filler
        let output = scrub(Array("data: \(frame)".utf8).singles).flatMap(\.bytes)
        #expect(!String(decoding: output, as: UTF8.self).contains(rest))
    }

    @Test("keeps any bytes' length, and says the same however they are cut")
    func noise() {
        let parts = [
            "data: ", "{", "}", "\"", "\\", "\\u00", "2d", "\n", "\r\n", "[", "]", ",", ":", "sk-", key, "index", "1",
            "\u{E9}",
        ]
        for seed in 0..<300 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let text = (0..<40).map { _ in parts[Int(generator.next() % UInt64(parts.count))] }.joined()
            let bytes = Array(text.utf8)
            for type in ["text/event-stream", "application/x-ndjson", "application/json", nil] {
                let whole = scrub([bytes], type).flatMap(\.bytes)
                #expect(whole.count == bytes.count, "seed \(seed)")
                #expect(scrub(bytes.singles, type).flatMap(\.bytes) == whole, "seed \(seed)")
            }
        }
    }
}
