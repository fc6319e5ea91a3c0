import Dialects
import Testing

/// Lines of JSON that are labelled as one document.
@Suite struct LabelledLinesTests {
    private static let piece = #"{"model":"m","created_at":"c","response":"a","done":false}"#
    private static let end = #"{"model":"m","created_at":"c","response":"b","done":true,"done_reason":"stop"}"#

    @Test(
        "R10: a second text behind the first line makes lines of a document",
        arguments: [
            ("PIECE\nEND\n", 2), ("PIECE\nEND", 2), ("PIECE\r\n\r\nEND", 2), (" PIECE \n  \nPIECE\nEND", 3),
            ("END\n\n", 1), ("END", 1), ("END\n{", 1), ("WIDE", 1), ("WIDE\n", 1),
        ]
    )
    func lines(template: String, frames: Int) {
        let body = template.replacing("PIECE", with: Self.piece).replacing("END", with: Self.end)
            .replacing("WIDE", with: Self.end.replacing(",", with: ",\n").replacing("{", with: "{\n"))
        let bytes = Array(body.utf8)
        let whole = decode([bytes], .ollamaGenerate, framing: .document)
        #expect(whole.frames.count == frames)
        #expect(whole.end == StreamEnd(state: .complete, terminal: "done"))
        for index in bytes.indices {
            #expect(decode(bytes, cutAt: index, .ollamaGenerate, framing: .document) == whole)
        }
        #expect(decode(bytes.singleBytes, .ollamaGenerate, framing: .document) == whole)
    }

    @Test("R10: the first piece is told with the second line's first byte, not at the body's end")
    func atOnce() {
        var decoder = StreamDecoder(dialect: .ollamaGenerate, framing: .document)
        var buffer = EventBuffer()
        let line = Array((Self.piece + "\n").utf8)
        decoder.feed(line.span.bytes, into: &buffer)
        #expect(buffer.frames.isEmpty)
        let brace = [UInt8(ascii: "{")]
        decoder.feed(brace.span.bytes, into: &buffer)
        #expect(buffer.frames.count == 1 && decoder.framing == .ndjson)
    }

    @Test("R10: so do lines whose path tells nothing, and their first one tells the dialect")
    func unknownPath() {
        let result = decode(Self.piece + "\n" + Self.end, .generic, framing: .document)
        #expect(result.dialect == "ollama.generate")
        #expect(result.fold.text == "ab" && result.end.terminal == "done")
    }

    @Test("A document on one line is one, with and without its line end", arguments: ["", "\n", "\r\n \n"])
    func document(tail: String) {
        let answer = #"{"object":"chat.completion","choices":[{"index":0,"message":{"content":"a"}}]}"#
        let result = decode(Array((answer + tail).utf8).singleBytes, .openAIChat, framing: .document)
        #expect(result.fold.text == "a" && result.frames.count == 1)
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test("The limit of a document holds for what becomes lines, and that of a line behind it")
    func limit() {
        let limits = StreamDecoder.Limits(line: 100, frame: 80)
        let body = Array((Self.piece + "\n" + Self.piece + "\n").utf8)
        for chunks in [[body], body.singleBytes] {
            #expect(decode(chunks, .ollamaGenerate, framing: .document, limits: limits).frames.count == 2)
        }
        let long = Array(Self.piece.utf8) + Array(repeating: UInt8(ascii: " "), count: 80)
        #expect(decode([long], .ollamaGenerate, framing: .document, limits: limits).end.error != nil)
    }
}
