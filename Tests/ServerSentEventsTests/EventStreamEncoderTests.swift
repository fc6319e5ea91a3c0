import ServerSentEvents
import Testing

@Suite struct EventStreamEncoderTests {
    @Test("An event is written field by field, with a space after each colon")
    func fields() {
        var bytes: [UInt8] = []
        bytes.appendEvent(name: "delta", id: "7", retry: 500, comment: "hello", data: "x")
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == ": hello\nevent: delta\nid: 7\nretry: 500\ndata: x\n\n"
        )
    }

    @Test(
        "Data is cut at LF, CR and CRLF",
        arguments: [
            ("", "data: \n\n"), ("a", "data: a\n\n"), ("a\nb", "data: a\ndata: b\n\n"),
            ("a\rb", "data: a\ndata: b\n\n"), ("a\r\nb", "data: a\ndata: b\n\n"), ("a\n", "data: a\ndata: \n\n"),
            ("\r\n\r\n", "data: \ndata: \ndata: \n\n"), ("a\n\rb", "data: a\ndata: \ndata: b\n\n"),
            (" a", "data:  a\n\n"),
        ]
    )
    func data(text: String, written: String) {
        var bytes: [UInt8] = []
        bytes.appendEvent(data: text)
        #expect(String(decoding: bytes, as: UTF8.self) == written)
        let data = Array(text.utf8)
        bytes = []
        bytes.appendEvent(data: data.span.bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == written)
    }

    @Test("No data is no data line, and a comment has no blank line behind it (R9)")
    func noData() {
        var bytes: [UInt8] = []
        bytes.appendEvent(id: "", data: nil)
        bytes.appendEventStreamComment("ping")
        bytes.appendEventStreamComment("two\nlines")
        #expect(String(decoding: bytes, as: UTF8.self) == "id: \n\n: ping\n: two\n: lines\n")
    }

    @Test("A line break in a name or an id can't begin another field")
    func injection() throws {
        var bytes: [UInt8] = []
        bytes.appendEvent(name: "a\ndata: x\r", id: "1\r\n\0:", data: "y")
        let (recorder, _) = try Recorder.parse([bytes])
        #expect(recorder.events == [.init(name: "adata: x", data: "y", id: "1:")])
    }

    @Test(
        "What is written is read again",
        arguments: ["", " ", ":", "a\nb\n\nc", "data: [DONE]", "\u{FEFF}", "🌍", "{\"a\":\"b\\n\"}"]
    )
    func roundTrip(text: String) throws {
        var bytes: [UInt8] = []
        bytes.appendEvent(name: "n", id: "i", retry: 3, comment: text, data: text)
        let (recorder, _) = try Recorder.parse(bytes.singleBytes)
        #expect(recorder.events == [.init(name: "n", data: text, id: "i")])
        #expect(recorder.retries == [3])
    }
}
