import Dialects
import Testing

@testable import Tapes

@Suite("A tape that was written and read again")
struct TapeRoundTripTests {
    private func roundTrip(_ tape: Tape) throws -> Tape {
        try TapeReader.read(tape.encoded, name: "t")
    }

    @Test("has a text that is cut at every byte back byte for byte, and stays readable")
    func cuts() throws {
        let text = Array("data: {\"c\":\"café ✓ 😀 e\u{301}\"}\r\n\r\n: \0\u{7F}\u{2028}\n".utf8)
        for cut in 0...text.count {
            let chunks = [Array(text[..<cut]), Array(text[cut...])]
            let tape = makeTape(chunks: chunks)
            #expect(try roundTrip(tape).chunks == chunks)
            let lines = String(decoding: tape.encoded, as: UTF8.self)
            #expect(!lines.contains("[\"b\","), "cut at \(cut)")
        }
    }

    @Test("has a text in chunks of one, two and three bytes back")
    func smallChunks() throws {
        let text = Array("😀é✓\u{10FFFF}a".utf8)
        for size in 1...3 {
            let chunks = stride(from: 0, to: text.count, by: size).map { Array(text[$0..<min($0 + size, text.count)]) }
            #expect(try roundTrip(makeTape(chunks: chunks)).chunks == chunks)
        }
    }

    @Test("has any bytes back")
    func anyBytes() throws {
        var random = SystemRandomNumberGenerator()
        // Every pair of bytes that matter to UTF-8, then noise.
        let interesting: [UInt8] = [0x00, 0x22, 0x5C, 0x7F, 0x80, 0xBF, 0xC0, 0xC3, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0xFF]
        var chunks = interesting.flatMap { first in interesting.map { [first, $0] } }
        for length in 0..<200 { chunks.append((0..<length % 23).map { _ in .random(in: 0...255, using: &random) }) }
        #expect(try roundTrip(makeTape(chunks: chunks)).chunks == chunks)
    }

    @Test("writes its lines as the format says")
    func lines() throws {
        var tape = makeTape(chunks: [Array("caf".utf8) + [0xC3], [0xA9] + Array("!".utf8), [0x00, 0xFF]])
        tape.end = TapeEnd(
            offset: 900,
            reason: .eof,
            dialect: "openai.chat",
            terminal: "[DONE]",
            text: "café!",
            finish: "stop",
            usage: #"{ "total_tokens": 3 }"#
        )
        tape.request.headers = [TapeField("accept", "a"), TapeField("accept", "b")]
        tape.entries.append(Tape.Entry(offset: 200, .marker(name: "client_cancel", details: .object([]))))
        let expected = """
            {"tape":1,"created":"2026-01-02T03:04:05Z","tool":"tokencast/test","scope":"","redact":"r2","canon":"c1"}
            ["q","POST","/v1/chat/completions",{},{"accept":["a","b"]}]
            ["qb","/model","demo"]
            ["qb","/stream",true]
            ["r",10,200,[["content-type","text/event-stream"]],{"http":"1.1"}]
            ["c",100,"caf",{"post":"c3"}]
            ["c",101,"!",{"pre":"a9"}]
            ["b",102,"AP8="]
            ["m",200,"client_cancel",{}]
            ["e",900,{"reason":"eof","dialect":"openai.chat","terminal":"[DONE]","bytes":8,"chunks":3,\
            "sha256":"\(SHA256.hex(of: tape.body))","text":"café!","finish":"stop","usage":{"total_tokens":3}}]

            """
        #expect(String(decoding: tape.encoded, as: UTF8.self) == expected)
        #expect(try roundTrip(tape).encoded == tape.encoded)
    }

    @Test(
        "has its request's body back",
        arguments: [
            #"{}"#, #"{"a":[]}"#, #"{"a":{}}"#, #"{"a":[1,[2],{"b":3}],"c":"x","d":[[]]}"#,
            #"{"":[null],"~/":[1.0,1e2]}"#,
            #"{"messages":[{"role":"user","content":"é"}],"z":1,"a":-0}"#, #"{"a/b":["x"],"a":["y","z"]}"#,
        ]
    )
    func requestBodies(_ text: String) throws {
        var tape = makeTape()
        tape.request.body = .json(try JSONValue(parsing: text))
        #expect(try roundTrip(tape).request.bodyText == text)
    }

    @Test(
        "has a request that isn't JSON back",
        arguments: [Array("a=1".utf8), [0xFF, 0x00], Array("[1]".utf8)] as [[UInt8]]
    )
    func rawBodies(_ bytes: [UInt8]) throws {
        let live = LiveRequest(
            method: "POST",
            path: "/x",
            headers: [("content-type", "multipart/form-data; boundary=b")],
            body: bytes
        )
        var tape = makeTape()
        tape.request = TapeRequest(live)
        let read = try roundTrip(tape)
        guard case .raw(let type, let found) = read.request.body else {
            Issue.record("the body is \(read.request.body)")
            return
        }
        #expect(type == "multipart/form-data; boundary=b")
        #expect(found == bytes)
    }

    @Test("has its messages and markers back")
    func messages() throws {
        var tape = makeTape()
        let payloads: [(Tape.Message.Opcode, [UInt8])] = [
            (.text, Array("{\"a\":\"é\"}".utf8)), (.binary, [0, 255]), (.ping, []), (.pong, [1]), (.close, [3, 232]),
        ]
        for (index, payload) in payloads.enumerated() {
            let direction: Tape.Message.Direction = index % 2 == 0 ? .toUpstream : .fromUpstream
            let message = Tape.Message(direction: direction, opcode: payload.0, payload: payload.1)
            tape.entries.append(Tape.Entry(offset: Int64(20 + index), .message(message)))
        }
        let read = try roundTrip(tape)
        let found = read.entries.compactMap { if case .message(let message) = $0.content { message } else { nil } }
        #expect(found.map(\.payload) == payloads.map(\.1))
        #expect(found.map(\.opcode) == payloads.map(\.0))
        #expect(read.encoded == tape.encoded)
    }

    @Test("never lets an offset fall, even where a clock does")
    func offsets() throws {
        var tape = makeTape(chunks: [[97], [98]])
        tape.entries[0].offset = 500
        tape.entries[1].offset = 400
        tape.end?.offset = 3
        let read = try roundTrip(tape)
        #expect(read.entries.map(\.offset) == [500, 500])
        #expect(read.end?.offset == 500)
    }

    @Test("may have no response: the connection was refused")
    func noResponse() throws {
        var tape = makeTape(reason: .connectFailed)
        tape.response = nil
        let read = try roundTrip(tape)
        #expect(read.response == nil)
        #expect(read.end?.reason == .connectFailed)
        #expect(read.isServable)
    }

    @Test("has base64 of every length", arguments: 0..<12)
    func base64(_ length: Int) {
        let bytes = (0..<length).map { UInt8(255 - $0 * 7) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
}
