import Dialects
import Testing

@testable import Tapes

/// Frames that are like the last one are passed over; fed byte by byte no frame is, so both must say the same.
@Suite("A scrubber and frames that are alike")
struct FrameTemplateTests {
    private static let key = Sample.detected[0].secret

    /// What stands for a value, some of it to be masked, some of it only if the next frame goes on with it.
    private static let values: [String] = {
        let known = JSONSpelling.plain(Sample.known)
        return [
            "", "Hello", " world", " is", "s", " s", "sk", " sk-", "sk-", " Bearer", "the", "\\n", "\\n\\n- s",
            "\\\"q\\\"",
            "a\\\\nsk-", "\\u0073k-", "\u{E9}\u{1F980}", "\\ud83e\\udd80", "gho", "git", "---", "-----BEGIN ", "eyJ",
            "tok",
            String(key.prefix(5)), String(key.prefix(30)), String(key.dropFirst(5)), String(key.dropFirst(30)), key,
            String(known.prefix(12)), String(known.dropFirst(12)), known, "e\\tx", "task-force", "\\/",
        ]
    }()
    private static let shapes = [
        #"{"id":"c-1","choices":[{"index":0,"delta":{"content":"V"},"logprobs":null,"finish_reason":null}]}"#,
        #"{"id":"V","choices":[{"index":0,"delta":{"content":"V"}},{"index":1,"delta":{"content":"V"}}],"n":N}"#,
        #"{"type":"content_block_delta","index":N,"delta":{"type":"text_delta","text":"V"}}"#,
        #"{"created":N,"response":"V","done":false,"usage":{"n":N,"m":-N.5e+1}}"#,
        #"{"choices":[{"index":0,"delta":{"content":"V"}},{"index":0,"delta":{"content":"V"}}]}"#,
        #"["V",N,"V"]"#, #""V""#, "N", #"{"a":"V""#, #"{"a":"V"}]"#, #"{"V":"V"}"#,
    ]

    private func frame(_ shape: String, _ generator: inout SplitMix64) -> String {
        var frame = ""
        for scalar in shape.unicodeScalars {
            switch scalar {
            case "V": frame += Self.values[Int(generator.next() % UInt64(Self.values.count))]
            case "N": frame += String(generator.next() % 1000)
            default: frame.unicodeScalars.append(scalar)
            }
        }
        return frame
    }

    /// A stream whose frames mostly have one shape, now and then another.
    private func body(_ seed: UInt64, _ wrap: (String) -> String) -> [[UInt8]] {
        var generator = SplitMix64(seed: seed)
        var shape = Self.shapes[Int(generator.next() % UInt64(Self.shapes.count))]
        return (0..<16).map { _ in
            if generator.next() % 8 == 0 { shape = Self.shapes[Int(generator.next() % UInt64(Self.shapes.count))] }
            return Array(wrap(frame(shape, &generator)).utf8)
        }
    }

    private func check(_ frames: [[UInt8]], _ type: String, _ seed: UInt64) {
        let body = frames.flatMap(\.self)
        let careful = scrub(body.singles, type).flatMap(\.bytes)
        #expect(scrub([body], type).flatMap(\.bytes) == careful, "whole, seed \(seed)")
        #expect(scrub(frames, type).flatMap(\.bytes) == careful, "frame by frame, seed \(seed)")
        var generator = SplitMix64(seed: seed)
        for _ in 0..<4 {
            var pieces: [[UInt8]] = []
            var rest = body[...]
            while !rest.isEmpty {
                let count = min(rest.count, Int(generator.next() % 200) + 1)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(scrub(pieces, type).flatMap(\.bytes) == careful, "in pieces, seed \(seed)")
        }
    }

    @Test("says the same of events however they are cut", arguments: ["\n", "\r\n", "\r"])
    func events(_ end: String) {
        for seed in 0..<60 as Range<UInt64> {
            check(body(seed) { "data: \($0)\(end)\(end)" }, "text/event-stream", seed)
            check(body(seed) { "event: d\(end)data: \($0)\(end)\(end)" }, "text/event-stream", seed)
        }
    }

    @Test("says the same of events between comments, of text, and of data in several lines")
    func oddEvents() {
        let between = [
            ": ping\n\n", "data: plain sk-\n\n", "id: 7\n", "data: {\ndata: \"a\":\"sk\"}\n\n", "\n", "data\n\n",
        ]
        for seed in 0..<120 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let frames = body(seed) { frame in
                let odd = generator.next() % 4 == 0 ? between[Int(generator.next() % UInt64(between.count))] : ""
                return odd + "data: \(frame)\n\n"
            }
            check(frames, "text/event-stream", seed)
        }
    }

    @Test("says the same of lines however they are cut", arguments: ["\n", "\r\n", "\n\n"])
    func lines(_ end: String) {
        for seed in 0..<60 as Range<UInt64> { check(body(seed) { $0 + end }, "application/x-ndjson", seed) }
    }

    @Test("says the same wherever a stream of a key's parts is cut in two")
    func everyCut() {
        let parts = [
            "Hi", " is ", String(Self.key.prefix(3)), String(Self.key.dropFirst(3).prefix(20)), "x7", " the", "\\n",
        ]
        let body = parts.map { #"data: {"choices":[{"index":0,"delta":{"content":"\#($0)"}}]}"# + "\n\n" }.joined()
        let bytes = Array(body.utf8)
        let careful = scrub(bytes.singles).flatMap(\.bytes)
        #expect(String(decoding: careful, as: UTF8.self).contains("*"))
        for place in bytes.indices { #expect(scrub(bytes.cut(at: place)).flatMap(\.bytes) == careful, "at \(place)") }
    }

    @Test(
        "sees a secret that goes on within a frame, though its beginning was harmless in the one before",
        arguments: [
            #"{"choices":[{"index":0,"delta":{"content":"A"}},{"index":0,"delta":{"content":"B"}}]}"#,
            #"{"a":"A","b":1,"a":"B"}"#, #"{"a":[["A"],["B"]]}"#,
        ]
    )
    func continuedWithin(_ shape: String) {
        func data(_ first: some StringProtocol, _ second: some StringProtocol) -> [UInt8] {
            let frame = shape.replacing("A", with: first).replacing("B", with: second)
            return Array("data: \(frame)\n\n".utf8)
        }
        for length in 1..<12 {
            let first = Self.key.prefix(length)
            let frames = [data(first, " is"), data(first, " so"), data(first, Self.key.dropFirst(length))]
            let careful = scrub(frames.flatMap(\.self).singles).flatMap(\.bytes)
            #expect(String(decoding: careful, as: UTF8.self).contains("*****"))
            #expect(scrub(frames).flatMap(\.bytes) == careful, "\(length)")
            #expect(scrub([frames.flatMap(\.self)]).flatMap(\.bytes) == careful, "\(length), whole")
        }
    }

    // MARK: The template alone

    private func end(of text: String, after shape: String = #"data: {"a":"Hello","n":12,"b":""}"# + "\n\n") -> Int? {
        var scanner = BodyScanner(Sample.secrets.rules, framing: .serverSentEvents)
        var masks = SecretMasks()
        scanner.take(Array(shape.utf8).span, base: 0, &masks)
        return scanner.template.end(of: Array(text.utf8).span, from: 0, Sample.secrets.rules)
    }

    @Test(
        "passes over frames whose values are clean",
        arguments: [
            #"data: {"a":"Hello","n":12,"b":""}"#, #"data: {"a":"","n":1,"b":"some words"}"#,
            #"data: {"a":"Hello there","n":-1.5e+9,"b":""}"#, #"data: {"a":"He\nl\"\\lo","n":null,"b":" the end"}"#,
            #"data: {"a":"é🦀","n":12,"b":"task"}"#,
        ]
    )
    func passes(_ frame: String) {
        #expect(end(of: frame + "\n\n") == frame.utf8.count + 2)
        #expect(end(of: frame + "\n\ndata: ") == frame.utf8.count + 2)
    }

    @Test(
        "leaves to the careful way what may hold a secret, or isn't like it",
        arguments: [
            #"data: {"a":"Hello sk-","n":12,"b":""}"#, #"data: {"a":"Hello s","n":12,"b":""}"#,
            #"data: {"a":"\#(key)","n":12,"b":""}"#, #"data: {"a":"s\u006b-","n":12,"b":""}"#,
            #"data: {"a":"Hello","n":12,"c":""}"#, #"data: {"a":"Hello","n":,"b":""}"#,
            #"data: {"a":"Hello","n":12,"b":""#,
            #"data: {"a":"Hel"# + "\n" + #"lo","n":12,"b":""}"#, #"data: {"a":"Hello","n":1 2,"b":""}"#,
            #"data: {"a":"\#(JSONSpelling.plain(Sample.known))","n":12,"b":""}"#,
            #"data: {"a":["Hello"],"n":12,"b":""}"#,
            #"data: {"a":"Hello","n":12,"b":"","c":1}"#, #"data: {"a":"Hel\xlo","n":12,"b":""}"#,
        ]
    )
    func leaves(_ frame: String) {
        #expect(end(of: frame + "\n\n") == nil)
    }
}
