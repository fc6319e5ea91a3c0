import Testing

@testable import WebSockets

@Suite struct MessageDecoderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var items: [MessageDecoder.Item] = []
        var code: CloseCode?

        init(_ name: String, _ frames: [[UInt8]], _ items: [MessageDecoder.Item], fails code: CloseCode? = nil) {
            testDescription = name
            bytes = frames.flatMap { $0 }
            self.items = items
            self.code = code
        }
    }

    private typealias Frames = ClientFrames
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    static let messages: [Case] = [
        Case("an empty text", [Frames.frame(1)], [.text([])]),
        Case("a text", [Frames.text("Hello")], [.text(bytes("Hello"))]),
        Case(
            "the masked example of section 5.7",
            [[0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]],
            [.text(bytes("Hello"))]
        ),
        Case("binary data", [Frames.frame(2, [0, 0xFF, 0xC3])], [.binary([0, 0xFF, 0xC3])]),
        Case(
            "a text in three frames",
            [
                Frames.text("He", isFinal: false), Frames.frame(0, bytes("ll"), isFinal: false),
                Frames.frame(0, bytes("o")),
            ],
            [.text(bytes("Hello"))]
        ),
        Case(
            "a character cut between frames",
            [Frames.frame(1, [0xC3], isFinal: false), Frames.frame(0, [0xA9])],
            [.text(bytes("\u{E9}"))]
        ),
        Case(
            "empty frames around a text",
            [Frames.frame(1, isFinal: false), Frames.frame(0, bytes("x"), isFinal: false), Frames.frame(0)],
            [.text(bytes("x"))]
        ),
        Case(
            "control frames within a message",
            [
                Frames.text("a", isFinal: false), Frames.frame(9, bytes("p")),
                Frames.frame(0, bytes("b"), isFinal: false),
                Frames.frame(10), Frames.frame(0, bytes("c")),
            ],
            [.ping(bytes("p")), .pong([]), .text(bytes("abc"))]
        ),
        Case(
            "a ping with 125 bytes",
            [Frames.frame(9, [UInt8](repeating: 7, count: 125))],
            [.ping([UInt8](repeating: 7, count: 125))]
        ),
        Case(
            "lengths in 16 bits",
            [Frames.frame(2, [UInt8](repeating: 1, count: 126))],
            [.binary([UInt8](repeating: 1, count: 126))]
        ),
        Case("a close without a code", [Frames.frame(8)], [.close(nil, reason: [])]),
        Case(
            "a close with code and reason",
            [Frames.close(1000, bytes("bye"))],
            [.close(.normal, reason: bytes("bye"))]
        ),
        Case(
            "nothing counts behind a close",
            [Frames.close(1001), Frames.text("late"), [0xFF]],
            [.close(.goingAway, reason: [])]
        ),
        Case(
            "a close within a message",
            [Frames.text("a", isFinal: false), Frames.frame(8)],
            [.close(nil, reason: [])]
        ),
    ]

    static let faults: [Case] = [
        Case("an unmasked frame", [Frames.frame(1, bytes("a"), isMasked: false)], [], fails: .protocolError),
        Case("reserved bit 1", [Frames.frame(1, reserved: 4)], [], fails: .protocolError),
        Case("reserved bit 2", [Frames.frame(1, reserved: 2)], [], fails: .protocolError),
        Case("reserved bit 3", [Frames.frame(9, reserved: 1)], [], fails: .protocolError),
        Case("a ping in pieces", [Frames.frame(9, isFinal: false)], [], fails: .protocolError),
        Case("a close in pieces", [Frames.frame(8, isFinal: false)], [], fails: .protocolError),
        Case("a ping of 126 bytes", [Frames.frame(9, [UInt8](repeating: 0, count: 126))], [], fails: .protocolError),
        Case("a length of 5 in 16 bits", [Frames.frame(2, bytes("abcde"), lengthBytes: 2)], [], fails: .protocolError),
        Case("a length of 200 in 64 bits", [Frames.header(2, length: 200, lengthBytes: 8)], [], fails: .protocolError),
        Case("a length with 64 bits", [Frames.header(2, length: 1 << 63)], [], fails: .protocolError),
        Case("a continuation of nothing", [Frames.frame(0, bytes("a"))], [], fails: .protocolError),
        Case(
            "a second continuation too many",
            [Frames.text("a"), Frames.frame(0)],
            [.text(bytes("a"))],
            fails: .protocolError
        ),
        Case(
            "a message within a message",
            [Frames.text("a", isFinal: false), Frames.text("b")],
            [],
            fails: .protocolError
        ),
        Case(
            "binary data within a text",
            [Frames.text("a", isFinal: false), Frames.frame(2)],
            [],
            fails: .protocolError
        ),
        Case("a close of one byte", [Frames.frame(8, [3])], [], fails: .protocolError),
        Case("a close whose reason isn't UTF-8", [Frames.close(1000, [0xFF])], [], fails: .invalidPayload),
        Case(
            "a close whose reason ends in a character",
            [Frames.close(1000, [0xE2, 0x82])],
            [],
            fails: .invalidPayload
        ),
        Case("a text that isn't UTF-8", [Frames.frame(1, [0x61, 0xFF])], [], fails: .invalidPayload),
        Case("a text that ends within a character", [Frames.frame(1, [0xE2, 0x82])], [], fails: .invalidPayload),
        Case("half of a surrogate pair", [Frames.frame(1, [0xED, 0xA0, 0x80])], [], fails: .invalidPayload),
        Case(
            "a text whose second frame isn't UTF-8",
            [Frames.text("a", isFinal: false), Frames.frame(0, [0x80])],
            [],
            fails: .invalidPayload
        ),
    ]

    @Test("Messages and control frames, whole and cut at every byte", arguments: messages + faults)
    func decoding(of example: Case) {
        let whole = Decoded(example.bytes)
        #expect(whole.items == example.items)
        #expect(whole.failure?.code == example.code)
        let pieces = Decoded.eachByte(example.bytes)
        #expect(pieces.items == whole.items)
        #expect(pieces.failure == whole.failure)
        for cut in example.bytes.indices {
            let halves = Decoded(example.bytes, cuts: [cut])
            #expect(halves.items == whole.items)
            #expect(halves.failure == whole.failure)
        }
    }

    @Test("No reserved opcode is taken", arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func reservedOpcodes(opcode: UInt8) {
        #expect(Decoded(Frames.frame(opcode)).failure?.code == .protocolError)
    }

    @Test("Close codes that may be sent are taken, and no others")
    func closeCodes() {
        let allowed: Set<Int> = Set(Array(1000...1003) + Array(1007...1014) + Array(3000...4999))
        for code in 0...5100 {
            let decoded = Decoded(Frames.close(UInt16(code)))
            if allowed.contains(code) {
                #expect(decoded.items == [.close(CloseCode(rawValue: UInt16(code)), reason: [])])
            } else {
                #expect(decoded.failure?.code == .protocolError, "\(code)")
            }
        }
    }

    @Test("A text that can't become UTF-8 fails at the byte that shows it, not at its end")
    func failsFast() {
        let start = Frames.header(1, length: 1000)
        let text = Array("καλημέρα".utf8)
        let bad = (text + [0xF4, 0x90]).enumerated().map { $1 ^ Frames.key[$0 % 4] }
        let bytes = start + bad + [UInt8](repeating: 0, count: 100)
        let decoded = Decoded.eachByte(bytes)
        #expect(decoded.failure?.code == .invalidPayload)
        #expect(decoded.failedAt == start.count + bad.count)
    }

    @Test("A message over the limit fails at its header, before a byte of it is there")
    func sizes() {
        #expect(Decoded(Frames.frame(2, [UInt8](repeating: 1, count: 100)), limit: 100).failure == nil)
        for length in [101, 65_536, 1 << 40, UInt64(Int64.max)] as [UInt64] {
            let header = Frames.header(2, length: length)
            let decoded = Decoded.eachByte(header + [1, 2, 3], limit: 100)
            #expect(decoded.failure?.code == .messageTooBig)
            #expect(decoded.failedAt == header.count)
        }
        // All frames of a message count together; its pings don't.
        let first = Frames.frame(2, [UInt8](repeating: 1, count: 60), isFinal: false)
        let ping = Frames.frame(9, [UInt8](repeating: 1, count: 100))
        let fits = first + ping + Frames.frame(0, [UInt8](repeating: 1, count: 40))
        #expect(Decoded(fits, limit: 100).failure == nil)
        let more = first + ping + Frames.header(0, length: 41)
        #expect(Decoded(more, limit: 100).failure?.code == .messageTooBig)
    }

    @Test("Whether something has come in part")
    func inside() throws {
        var decoder = MessageDecoder(maximumMessage: 100)
        var states: [Bool] = []
        for byte in Frames.text("ab", isFinal: false) + Frames.frame(0, [0x63]) {
            var index = 0
            _ = try decoder.next(in: [byte].span.bytes, from: &index)
            states.append(decoder.isInside)
        }
        #expect(!states[states.count - 1])
        #expect(states.dropLast().allSatisfy { $0 })
    }
}
