import ServerSentEvents
import Testing

@Suite struct EventStreamParserTests {
    @Test(
        "Lines end with LF, CR and CRLF, mixed, wherever the stream is cut",
        arguments: ["\n", "\r", "\r\n"],
        ["\n", "\r", "\r\n"]
    )
    func lineEnds(first: String, second: String) throws {
        let text = "event: a\(first)data: 1\(second)data: 2\(first)\(first)data: 3\(second)\(second)data: 4"
        // A CR and a LF in a row are one end, not two: such a text means something else.
        guard !(first == "\r" && second == "\n"), !(first == "\n" && second == "\r\n") else { return }
        let bytes = Array(text.utf8)
        let expected = [Recorder.Event(name: "a", data: "1\n2"), Recorder.Event(data: "3")]
        for index in bytes.indices {
            #expect(try Recorder.parse(bytes.cut(at: index)).0.events == expected, "cut at \(index)")
        }
    }

    @Test(
        "A field's value is what follows the first colon, less one space",
        arguments: [
            ("data:x", "x"), ("data: x", "x"), ("data:  x", " x"), ("data: x ", "x "), ("data:a:b", "a:b"),
            ("data::", ":"), ("data", ""), ("data:", ""), ("data: ", ""),
        ]
    )
    func values(line: String, value: String) throws {
        #expect(try Recorder.parse(line + "\n\n").events == [.init(data: value)])
    }

    @Test(
        "What isn't exactly a field's name is another field",
        arguments: ["Data: x", "dat: x", "datax: x", " data: x", "data : x", "DATA", "x", "error: {}"]
    )
    func unknown(line: String) throws {
        let recorder = try Recorder.parse(line + "\n\n")
        #expect(recorder.events.isEmpty)
        #expect(recorder.unknown.count == 1)
    }

    @Test("Data lines are joined with LF, and no data at all dispatches nothing")
    func data() throws {
        let text = "data: 1\ndata\ndata: 3\n\nevent: lost\n\ndata:\n\n\n\n"
        #expect(try Recorder.parse(text).events == [.init(data: "1\n\n3"), .init(data: "")])
    }

    @Test("An event without data loses its name, and an empty name is the default")
    func names() throws {
        let text = "event: a\n\ndata: 1\n\nevent: b\nevent: c\ndata: 2\n\nevent: d\nevent\ndata: 3\n\n"
        #expect(try Recorder.parse(text).events == [.init(data: "1"), .init(name: "c", data: "2"), .init(data: "3")])
    }

    @Test("An id lasts until another one, an empty one resets it, one with NUL is ignored")
    func ids() throws {
        let text =
            "id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\nid: x\0y\ndata: d\n\nid\ndata: e\n\nid: lost\ndata: f"
        let (recorder, parser) = try Recorder.parse([Array(text.utf8)])
        #expect(recorder.events.map(\.id) == ["1", "1", "2", "2", ""])
        #expect(parser.lastEventID.isEmpty)
    }

    @Test("A retry is ASCII digits that fit a number, and nothing else")
    func retries() throws {
        let text =
            "retry: 10\nretry:007\nretry: 1e3\nretry: -1\nretry: +1\nretry:\nretry: 1 \nretry: ٣\n"
            + "retry: 9223372036854775807\nretry: 9223372036854775808\n\n"
        #expect(try Recorder.parse(text).retries == [10, 7, Int.max])
    }

    @Test("Comments are told apart from data and change nothing", arguments: [": ping", ":", ":data: x", ": : "])
    func comments(line: String) throws {
        let recorder = try Recorder.parse("data: 1\n\(line)\ndata: 2\n\n\(line)\n\n")
        #expect(recorder.events == [.init(data: "1\n2")])
        #expect(recorder.comments == [String(line.dropFirst()), String(line.dropFirst())])
    }

    @Test("One byte order mark at the start is no part of the first line, wherever it is cut")
    func byteOrderMark() throws {
        let bytes = Array("\u{FEFF}data: 1\n\n\u{FEFF}data: 2\n\n".utf8)
        for index in bytes.indices {
            let (recorder, _) = try Recorder.parse(bytes.cut(at: index))
            #expect(recorder.events == [.init(data: "1")])
            #expect(recorder.unknown == ["\u{FEFF}data=2"])
        }
    }

    @Test("The first bytes of a byte order mark alone belong to the line")
    func halfByteOrderMark() throws {
        let bytes: [UInt8] = [0xEF, 0xBB] + Array("data: 1\n\ndata: 2\n\n".utf8)
        for chunks in [[bytes], bytes.singleBytes] {
            let (recorder, _) = try Recorder.parse(chunks)
            #expect(recorder.events == [.init(data: "2")])
            #expect(recorder.unknown.count == 1)
        }
    }

    @Test("R1: a character cut in two arrives whole")
    func characters() throws {
        let bytes = Array("data: 🌍é\n\n".utf8)
        for index in bytes.indices {
            #expect(try Recorder.parse(bytes.cut(at: index)).0.events == [.init(data: "🌍é")])
        }
    }

    @Test("At the stream's end an event without its blank line is dropped, or handed over where that is asked for")
    func end() throws {
        for tail in ["data: 2", "data: 2\n", "data: 2\r"] {
            let bytes = Array("data: 1\n\n\(tail)".utf8)
            var (recorder, parser) = try Recorder.parse([bytes])
            var copy = parser
            copy.finish()
            #expect(recorder.events == [.init(data: "1")])
            try parser.finish(flushingInto: &recorder)
            #expect(recorder.events == [.init(data: "1"), .init(data: "2")])
            #expect(parser.isAtBoundary)
            try parser.finish(flushingInto: &recorder)
            #expect(recorder.events.count == 2)
        }
    }

    @Test("After its end a parser takes the next connection's body and knows the last id")
    func reconnects() throws {
        var (recorder, parser) = try Recorder.parse([Array("id: 7\ndata: 1\n\nid: 8\nda".utf8)])
        parser.finish()
        let next = Array("\u{FEFF}data: 2\n\n".utf8)
        try parser.parse(next.span.bytes, into: &recorder)
        #expect(recorder.events == [.init(data: "1", id: "7"), .init(data: "2", id: "7")])
    }
}
