import ServerSentEvents
import Testing

@Suite struct BoundaryTests {
    @Test(
        "Between events there is a boundary",
        arguments: [
            "", "data: 1\n\n", "data: 1\r\r", "data: 1\r\n\r", "data: 1\r\n\r\n", "\n", "\r", ": ping\n", ": ping\r",
            "data: 1\n\n: ping\n", "event: a\n\n", "\u{FEFF}", "\u{FEFF}data: 1\n\n", "data: 1\n\r",
        ]
    )
    func boundary(text: String) throws {
        #expect(try Recorder.parse([Array(text.utf8)]).1.isAtBoundary)
        #expect(try Recorder.parse(Array(text.utf8).singleBytes).1.isAtBoundary)
    }

    @Test(
        "Within a line or an event there is none",
        arguments: [
            "d", "data: 1", "data: 1\n", "data: 1\r", "data: 1\r\n", "event: a\n", "id: 1\n", "retry: 1\n", "x: y\n",
            ": pin", ":", "data: 1\n\n:", "data: 1\n\ndata: 2\n", "data: 1\n: ping\n", "data: 1\n\n\u{FEFF}",
        ]
    )
    func noBoundary(text: String) throws {
        #expect(try !Recorder.parse([Array(text.utf8)]).1.isAtBoundary)
        #expect(try !Recorder.parse(Array(text.utf8).singleBytes).1.isAtBoundary)
    }

    @Test("Half a byte order mark is no boundary")
    func halfMark() throws {
        #expect(try !Recorder.parse([[0xEF]]).1.isAtBoundary)
        #expect(try !Recorder.parse([[0xEF, 0xBB]]).1.isAtBoundary)
        #expect(try Recorder.parse([[0xEF, 0xBB, 0xBF]]).1.isAtBoundary)
    }

    @Test("R6: a line beyond its limit throws, in one chunk or many, after what was complete before it")
    func longLine() throws {
        let bytes = Array("data: 1\n\ndata: 0123456789\n\n".utf8)
        for chunks in [[bytes], bytes.singleBytes] {
            var parser = EventStreamParser(limits: .init(line: 15, data: 100))
            var recorder = Recorder()
            let error = #expect(throws: EventStreamError.self) {
                for chunk in chunks { try parser.parse(chunk.span.bytes, into: &recorder) }
            }
            #expect(error?.code == .lineTooLong)
            #expect(error?.limit == 15)
            #expect(recorder.events == [.init(data: "1")])
            #expect(!parser.isAtBoundary)
            // It stays so: nothing after a gap would be what the sender meant.
            #expect(throws: EventStreamError.self) { try parser.parse(bytes.span.bytes, into: &recorder) }
            #expect(recorder.events.count == 1)
        }
        #expect(try Recorder.parse([bytes], limits: .init(line: 16, data: 100)).0.events.count == 2)
    }

    @Test("R6: data beyond its limit throws, be it one line or several")
    func longData() throws {
        for text in ["data: 0123456789\n\n", "data: 0123\ndata: 56789\n\n"] {
            let bytes = Array(text.utf8)
            for chunks in [[bytes], bytes.singleBytes] {
                let error = #expect(throws: EventStreamError.self) {
                    try Recorder.parse(chunks, limits: .init(line: 100, data: 9))
                }
                #expect(error?.code == .dataTooLong)
                #expect(try Recorder.parse(chunks, limits: .init(line: 100, data: 10)).0.events.count == 1)
            }
        }
    }

    @Test("A parser that threw takes the next connection's body")
    func recovers() throws {
        var parser = EventStreamParser(limits: .init(line: 4, data: 4))
        var recorder = Recorder()
        let long = Array("data: 1".utf8)
        #expect(throws: EventStreamError.self) { try parser.parse(long.span.bytes, into: &recorder) }
        parser.finish()
        let short = Array("data\n\n".utf8)
        try parser.parse(short.span.bytes, into: &recorder)
        #expect(recorder.events == [.init(data: "")])
    }
}
