import Dialects
import Testing

@testable import TapeTools

@Suite("A body is cut into its events")
struct EventCutsTests {
    private func cut(_ body: String, _ framing: Dialect.Framing) -> [String] {
        EventCuts.pieces(of: Array(body.utf8), framing).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "Event streams are cut behind blank lines, whatever ends their lines",
        arguments: [
            ("data: a\n\ndata: b\n\n", ["data: a\n\n", "data: b\n\n"]),
            ("data: a\r\n\r\ndata: b\r\n\r\n", ["data: a\r\n\r\n", "data: b\r\n\r\n"]),
            ("data: a\r\rdata: b\r\r", ["data: a\r\r", "data: b\r\r"]),
            ("data: a\r\n\ndata: b", ["data: a\r\n\n", "data: b"]),
            (": x\ndata: a\n\n\n\ndata: b\n\n", [": x\ndata: a\n\n", "\n\ndata: b\n\n"]), ("\n\n", ["\n\n"]), ("", []),
        ]
    )
    func eventStream(_ body: String, _ expected: [String]) {
        #expect(cut(body, .serverSentEvents) == expected)
    }

    @Test("NDJSON is cut behind its lines, a document not at all")
    func others() {
        #expect(cut("{}\n{\"a\":1}\r\n\n{}", .ndjson) == ["{}\n", "{\"a\":1}\r\n", "\n{}"])
        #expect(cut("{\n\n}", .document) == ["{\n\n}"])
        #expect(cut("", .document) == [])
    }

    @Test("The pieces are the body again, whatever it is")
    func whole() {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("d:a \r\n\n\r".utf8)
        for _ in 0..<500 {
            let body = (0..<Int.random(in: 0...40, using: &generator)).map { _ in letters.randomElement() ?? 0 }
            for framing: Dialect.Framing in [.serverSentEvents, .ndjson, .document] {
                #expect(Array(EventCuts.pieces(of: body, framing).joined()) == body)
            }
        }
    }
}
