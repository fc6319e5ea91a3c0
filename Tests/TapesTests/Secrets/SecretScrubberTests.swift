import Dialects
import Testing

@testable import Tapes

@Suite("A scrubber of bodies")
struct SecretScrubberTests {
    private static let all = Sample.detected.map(\.secret) + [Sample.known]

    /// Checks that a body's chunks come back as they were, but for the secret's bytes.
    private func check(_ chunks: [[UInt8]], secret: Range<Int>, _ contentType: String?, _ note: Comment) {
        let output = scrub(chunks, contentType)
        #expect(output.map(\.bytes.count) == chunks.map(\.count), note)
        #expect(output.map(\.offset) == chunks.indices.map { Int64($0) }, note)
        let whole = Array(chunks.joined())
        let expected = whole.enumerated().map { place, byte in
            secret.contains(place) && byte != 0x0A ? UInt8(ascii: "*") : byte
        }
        #expect(
            String(decoding: output.flatMap(\.bytes), as: UTF8.self) == String(decoding: expected, as: UTF8.self),
            note
        )
    }

    private func range(of secret: String, in body: String) throws -> Range<Int> {
        let body = Array(body.utf8)
        let secret = Array(secret.utf8)
        let start = try #require((0...body.count - secret.count).first { body[$0...].starts(with: secret) })
        return start..<start + secret.count
    }

    @Test("finds each secret in plain text, wherever two chunks part it", arguments: all)
    func plainText(_ secret: String) throws {
        let body = "The key is \(secret) and that's it."
        let secret = try range(of: secret, in: body)
        let bytes = Array(body.utf8)
        for place in 0...bytes.count { check(bytes.cut(at: place), secret: secret, "text/plain", "cut at \(place)") }
        check(bytes.singles, secret: secret, nil, "single bytes")
    }

    @Test("finds each secret in a string of a document, however it is written and cut", arguments: all)
    func document(_ secret: String) throws {
        for spelling in JSONSpelling.allCases {
            let written = spelling(secret)
            let body = #"{"a":[{"b":"x \#(written)"}],"\#(written)":1,"c":12345678901}"#
            // It is there twice: as a value and as a name.
            let bytes = Array(body.utf8)
            let masked =
                Array(#"{"a":[{"b":"x "#.utf8) + [UInt8](repeating: 0x2A, count: written.utf8.count)
                + Array(#""}],""#.utf8) + [UInt8](repeating: 0x2A, count: written.utf8.count)
                + Array(#"":1,"c":12345678901}"#.utf8)
            for place in stride(from: 0, through: bytes.count, by: 1) {
                #expect(scrub(bytes.cut(at: place), "application/json").flatMap(\.bytes) == masked)
            }
            #expect(scrub(bytes.singles, "application/json").flatMap(\.bytes) == masked)
        }
    }

    /// A stream of two or three deltas that a text is cut into, with another choice and a comment between them.
    private func stream(_ pieces: [String], lineEnd: String = "\n", indexFirst: Bool = true) -> String {
        var body = ""
        for (number, piece) in pieces.enumerated() {
            let index = #""index":0"#
            let delta = #""delta":{"content":"\#(piece)"}"#
            let choice = indexFirst ? "\(index),\(delta)" : "\(delta),\(index)"
            body += #"data: {"id":"chatcmpl-1","choices":[{\#(choice)}]}"# + lineEnd + lineEnd
            guard number < pieces.count - 1 else { continue }
            body += ": keep-alive" + lineEnd + lineEnd
            let other = indexFirst ? #""index":1,"delta":{"content":"pqr"}"# : #""delta":{"content":"pqr"},"index":1"#
            body += #"event: x"# + lineEnd + #"data: {"id":"chatcmpl-2","choices":[{\#(other)}]}"# + lineEnd + lineEnd
        }
        return body + "data: [DONE]" + lineEnd + lineEnd
    }

    /// The texts of the choices, as the dialect reads them, and how many events there are.
    private func read(_ bytes: [UInt8]) -> (texts: [Int: String], events: Int) {
        var decoder = StreamDecoder(dialect: .openAIChat, framing: .serverSentEvents)
        var events = EventBuffer()
        decoder.feed(bytes.span.bytes, into: &events)
        _ = decoder.finish(into: &events)
        var texts: [Int: String] = [:]
        for case .delta(let delta) in events.events {
            if case .text(let text) = delta.content { texts[delta.choice, default: ""] += text }
        }
        return (texts, events.events.count)
    }

    @Test("finds each secret in token deltas, wherever two of them part it", arguments: all)
    func twoDeltas(_ secret: String) {
        let text = "so: \(secret) ok"
        let masked = "so: " + String(repeating: "*", count: secret.utf8.count) + " ok"
        let scalars = Array(text.unicodeScalars)
        for lineEnd in ["\n", "\r\n", "\r"] {
            for place in 0...scalars.count {
                let pieces = [scalars[..<place], scalars[place...]].map { half in
                    JSONSpelling.plain(String(String.UnicodeScalarView(half)))
                }
                let body = Array(stream(pieces, lineEnd: lineEnd, indexFirst: place % 2 == 0).utf8)
                let output = scrub([body])
                let read = read(output.flatMap(\.bytes))
                #expect(Self.stars(read.texts[0] ?? "") == Self.stars(masked), "cut at \(place)")
                #expect(read.texts[1] == "pqr")
                #expect(read.events == self.read(body).events)
                #expect(output.map(\.bytes.count) == [body.count])
            }
        }
    }

    @Test("finds each secret in three deltas and in deltas of one character, in chunks of any size", arguments: all)
    func manyDeltas(_ secret: String) {
        let text = Array("= \(secret)\"".unicodeScalars)
        var cuts: [[String]] = [text.map { JSONSpelling.plain(String($0)) }]
        for first in stride(from: 0, through: text.count, by: 7) {
            for second in stride(from: first, through: text.count, by: 5) {
                let pieces = [text[..<first], text[first..<second], text[second...]]
                cuts.append(pieces.map { JSONSpelling.numeric(String(String.UnicodeScalarView($0))) })
            }
        }
        for pieces in cuts {
            let body = Array(stream(pieces).utf8)
            let whole = scrub([body]).flatMap(\.bytes)
            let read = read(whole)
            #expect(!(read.texts[0] ?? "").contains(secret))
            #expect(Self.stars(read.texts[0] ?? "").hasSuffix("*\""))
            #expect(read.events == self.read(body).events)
            for size in [1, 3, 64, 1000] {
                let chunks = stride(from: 0, to: body.count, by: size).map {
                    Array(body[$0..<min($0 + size, body.count)])
                }
                let output = scrub(chunks)
                #expect(output.map(\.bytes.count) == chunks.map(\.count))
                #expect(output.flatMap(\.bytes) == whole)
            }
        }
    }

    /// A run of asterisks as one: an escape has more bytes than the character that it stands for.
    private static func stars(_ text: String) -> String {
        text.reduce(into: "") { if $1 != "*" || $0.last != "*" { $0.append($1) } }
    }

    @Test("doesn't put together what belongs to different choices")
    func interleaved() {
        let secret = Sample.detected[0].secret
        let half = secret.utf8.count / 2
        let body = [secret.prefix(half), secret.dropFirst(half)].enumerated().map { index, piece in
            #"data: {"choices":[{"delta":{"content":"\#(piece)"},"index":\#(index)}]}"# + "\n\n"
        }.joined()
        // Neither half is long enough to be a key of its own but the second has no prefix.
        let short = body.replacing(secret.prefix(half), with: secret.prefix(12))
        #expect(scrub([Array(short.utf8)]).flatMap(\.bytes) == Array(short.utf8))
    }

    @Test("finds each secret in the arguments of a tool call, which are JSON within JSON", arguments: all)
    func arguments(_ secret: String) {
        let written = JSONSpelling.plain(secret)
        let inner = #"{"line":"\n\#(written)"}"#
        for place in inner.unicodeScalars.indices {
            let pieces = [inner[..<place], inner[place...]].map { JSONSpelling.plain(String($0)) }
            let body = Array(toolCall(pieces).utf8)
            let output = scrub([body]).flatMap(\.bytes)
            let found = arguments(of: output)
            #expect(Self.stars(found) == Self.stars(#"{"line":"\n*"}"#), "cut at \(place)")
            #expect(output.count == body.count)
            #expect((try? JSONValue(parsing: found)) != nil)
        }
    }

    private func toolCall(_ pieces: [String]) -> String {
        pieces.enumerated().map { number, piece in
            let id = number == 0 ? #""id":"call_1","# : ""
            let call = #"{\#(id)"index":0,"function":{"arguments":"\#(piece)"}}"#
            return #"data: {"choices":[{"index":0,"delta":{"tool_calls":[\#(call)]}}]}"# + "\n\n"
        }.joined()
    }

    private func arguments(of body: [UInt8]) -> String {
        var decoder = StreamDecoder(dialect: .openAIChat, framing: .serverSentEvents)
        var events = EventBuffer()
        decoder.feed(body.span.bytes, into: &events)
        var text = ""
        for case .delta(let delta) in events.events {
            if case .toolCall(let call) = delta.content { text += call.arguments }
        }
        return text
    }

    @Test("masks digits of a bare number with digits, so that it stays JSON")
    func numbers() throws {
        let secrets = TapeSecrets(["1234567890123456"])
        let body = #"{"n":1234567890123456,"s":"1234567890123456"}"#
        let output = scrub([Array(body.utf8)], "application/json", secrets).flatMap(\.bytes)
        #expect(String(decoding: output, as: UTF8.self) == #"{"n":1111111111111111,"s":"****************"}"#)
    }
}
