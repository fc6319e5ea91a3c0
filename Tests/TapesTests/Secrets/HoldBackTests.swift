import Testing

@testable import Tapes

@Suite("What a scrubber holds back")
struct HoldBackTests {
    private let key = Sample.detected[0].secret

    private func frame(_ text: some StringProtocol, _ index: Int = 0) -> [UInt8] {
        Array((#"data: {"choices":[{"index":\#(index),"delta":{"content":"\#(text)"}}]}"# + "\n\n").utf8)
    }

    @Test("is nothing where nothing can become a secret, not even of a frame that is cut")
    func nothing() {
        var scrubber = SecretScrubber(contentType: "text/event-stream")
        var output: [SecretScrubber.Chunk] = []
        for (number, word) in ["The", " key", " is", " in", " the", " desk", ".", " ask", "\\n"].enumerated() {
            let frame = frame(word)
            scrubber.feed(offset: 0, Array(frame[..<50]), into: &output)
            scrubber.feed(offset: 0, Array(frame[50...]), into: &output)
            #expect(output.count == 2 * (number + 1), "behind \(word)")
        }
    }

    @Test("is a beginning until the next token decides, in the order in which it came")
    func beginning() {
        var scrubber = SecretScrubber(contentType: "text/event-stream")
        var output: [SecretScrubber.Chunk] = []
        scrubber.feed(offset: 1, frame("say s"), into: &output)
        scrubber.feed(offset: 2, Array(": comment\n\n".utf8), into: &output)
        scrubber.feed(offset: 3, frame("other", 1), into: &output)
        #expect(output.isEmpty)
        scrubber.feed(offset: 4, frame("ome"), into: &output)
        #expect(output.map(\.offset) == [1, 2, 3, 4])
    }

    @Test("is bounded: a beginning that says nothing is let go, and the rest is masked if it comes")
    func publicBeginning() throws {
        var scrubber = SecretScrubber(contentType: "text/event-stream")
        var output: [SecretScrubber.Chunk] = []
        scrubber.feed(offset: 0, frame(" sk-"), into: &output)
        for number in 1...1000 {
            scrubber.feed(offset: Int64(number), frame("some text of another choice", 1), into: &output)
            #expect(number - output.count < 300)
        }
        #expect(output.count > 999)
        #expect(output[0].bytes == frame(" sk-"))
        scrubber.feed(offset: 1001, frame(key.dropFirst(3)), into: &output)
        scrubber.finish(into: &output)
        #expect(output.last?.bytes == frame(String(repeating: "*", count: key.utf8.count - 3)))
    }

    @Test("is bounded: what is undecided is masked when it must be let go, and so is what follows")
    func secretBeginning() throws {
        var scrubber = SecretScrubber(contentType: "text/event-stream")
        var output: [SecretScrubber.Chunk] = []
        scrubber.feed(offset: 0, frame(key.prefix(15)), into: &output)
        var most = 0
        for number in 1...1000 {
            scrubber.feed(offset: Int64(number), frame("some text of another choice", 1), into: &output)
            most = max(most, number + 1 - output.count)
        }
        #expect(most <= SecretScrubber.chunkLimit + 1)
        #expect(output[0].bytes == frame("sk-" + String(repeating: "*", count: 12)))
        scrubber.feed(offset: 1001, frame(key.dropFirst(15)), into: &output)
        scrubber.finish(into: &output)
        #expect(output.last?.bytes == frame(String(repeating: "*", count: key.utf8.count - 15)))
        #expect(output.count == 1002)
    }

    @Test("is bounded in bytes within a frame that doesn't end")
    func endlessFrame() {
        var scrubber = SecretScrubber(contentType: "text/event-stream")
        var output: [SecretScrubber.Chunk] = []
        scrubber.feed(offset: 0, frame(key.prefix(15)), into: &output)
        scrubber.feed(offset: 1, Array(#"data: {"choices":[{"delta":{"content":""#.utf8), into: &output)
        let rest =
            Array(key.dropFirst(15).utf8) + [UInt8](repeating: UInt8(ascii: " "), count: 1000 - key.utf8.count + 15)
        for number in 2..<300 {
            scrubber.feed(
                offset: Int64(number),
                number == 2 ? rest : [UInt8](repeating: 0x20, count: 1000),
                into: &output
            )
        }
        let released = output.flatMap(\.bytes)
        #expect(released.count > 298_000 - SecretScrubber.byteLimit - 2000)
        // Nobody knows yet whose text it is: it is taken to go on with the beginning.
        #expect(!String(decoding: released, as: UTF8.self).contains(key.suffix(12)))
    }

    @Test("is bounded in a frame that begins a secret in each of very many strings", .timeLimit(.minutes(1)))
    func manyBeginnings() {
        let strings = String(repeating: "\"a\",\"gh\",\"s\",", count: 50_000)
        let frame = Array("data: {\"a\":[\(strings)\"\"]}\n\n".utf8)
        let body = frame + frame
        #expect(scrub([body]).flatMap(\.bytes) == body)
        #expect(
            scrub(stride(from: 0, to: body.count, by: 1000).map { Array(body[$0..<min($0 + 1000, body.count)]) })
                .flatMap(\.bytes) == body
        )
    }

    @Test("costs no more for a body that begins a secret everywhere", .timeLimit(.minutes(1)))
    func everywhere() {
        for text in ["eyJ-", "sk-", "-----BEGIN ", "AKIA-", "Bearer ", "sk-ant-"] {
            let body = Array(String(repeating: text, count: 200_000 / text.utf8.count).utf8)
            #expect(scrub([body], "text/plain").flatMap(\.bytes).count == body.count)
        }
    }

    @Test("is masked at the end where a known value was cut off, and let go where it is no secret")
    func cutOff() {
        let secrets = TapeSecrets(["opaque-value-of-somebody"])
        let cut = scrub([frame("x opaque-value-of")], "text/event-stream", secrets).flatMap(\.bytes)
        #expect(cut == frame("x ***************"))
        #expect(scrub([frame("x sk-123")], "text/event-stream", secrets).flatMap(\.bytes) == frame("x sk-123"))
        var text = TextScrubber(secrets)
        #expect(text.feed("and opaque-value-of") == "and ")
        #expect(text.finish(isCut: true) == "***************")
    }

    @Test("is flushed by a text's end; a text keeps its length, cut anywhere")
    func text() {
        for secret in Sample.detected.map(\.secret) + [Sample.known] {
            let text = "é: \(secret) \u{1F980}"
            let expected = "é: " + secret.utf8.map { $0 == 0x0A ? "\n" : "*" }.joined() + " \u{1F980}"
            for place in text.unicodeScalars.indices {
                var scrubber = TextScrubber(Sample.secrets)
                let masked =
                    scrubber.feed(String(text[..<place])) + scrubber.feed(String(text[place...])) + scrubber.finish()
                #expect(masked == expected)
            }
            var scrubber = TextScrubber(Sample.secrets)
            #expect(text.map { scrubber.feed(String($0)) }.joined() + scrubber.finish() == expected)
        }
    }

    @Test("doesn't lose a secret behind a frame that is too long to be kept", arguments: [1, 97, 16_000])
    func longFrame(size: Int) {
        let value = "my-internal-key-0123456789abcdef"
        let cut = 16
        var scrubber = SecretScrubber(TapeSecrets([value]), contentType: "text/event-stream")
        var output: [SecretScrubber.Chunk] = []
        // The `s` may go on, so what comes next is waited for; its end begins a secret.
        let long = String(repeating: "x", count: 70_000) + " " + value.prefix(cut)
        let body = frame("is this s") + frame(long) + frame("\(value.dropFirst(cut)) tail")
        for start in stride(from: 0, to: body.count, by: size) {
            scrubber.feed(offset: 0, Array(body[start..<min(body.count, start + size)]), into: &output)
        }
        scrubber.finish(into: &output)
        let text = String(decoding: output.flatMap(\.bytes), as: UTF8.self)
        #expect(text.utf8.count == body.count)
        #expect(!text.contains(value.suffix(12)), "\(text.suffix(120))")
        #expect(!text.contains(value.prefix(12)), "\(text.suffix(200))")
        #expect(text.contains(" tail"))
    }
}
