import Testing

@testable import WebSockets

@Suite struct FrameEncoderTests {
    @Test(
        "The header is as long as the length needs",
        arguments: [
            (0, [0x81, 0]), (125, [0x81, 125]), (126, [0x81, 126, 0, 126]), (65_535, [0x81, 126, 0xFF, 0xFF]),
            (65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])]
    )
    func headers(length: Int, expected: [UInt8]) {
        let payload = [UInt8](repeating: 0x61, count: length)
        #expect(FrameEncoder.frame(.text, payload) == expected + payload)
    }

    @Test("A close frame has its code, and as much of the reason as there is room for")
    func close() {
        #expect(FrameEncoder.close(nil) == [0x88, 0])
        #expect(FrameEncoder.close(.normal) == [0x88, 2, 0x03, 0xE8])
        #expect(FrameEncoder.close(.goingAway, "bye") == [0x88, 5, 0x03, 0xE9] + Array("bye".utf8))
        let long = FrameEncoder.close(.normal, String(repeating: "\u{20AC}", count: 100))
        #expect(long.count == 2 + 2 + 123)
        // 123 bytes are 41 whole characters of three; of two-byte ones 61 fit, and half of one more doesn't go out.
        #expect(FrameEncoder.close(.normal, String(repeating: "\u{E9}", count: 100)).count == 2 + 2 + 122)
    }

    @Test("No control frame is longer than allowed")
    func control() {
        #expect(FrameEncoder.frame(.pong, [UInt8](repeating: 1, count: 300)).count == 2 + 125)
    }
}
