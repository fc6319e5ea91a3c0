import Testing

@testable import WebSockets

/// Messages at random, in random frames, in random pieces.
@Suite struct RandomMessageTests {
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test("What a client sends in any frames and any pieces comes out as it was", arguments: 0..<300 as Range<UInt64>)
    func roundTrip(seed: UInt64) {
        var random = Generator(state: seed)
        var bytes: [UInt8] = []
        var expected: [MessageDecoder.Item] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) { Self.add(&bytes, &expected, &random) }
        if Bool.random(using: &random) {
            bytes += ClientFrames.close(3000, Array("done".utf8))
            expected.append(.close(CloseCode(rawValue: 3000), reason: Array("done".utf8)))
        }
        var cuts: [Int] = []
        while Bool.random(using: &random) || cuts.count < 3 {
            cuts.append(Int.random(in: 0...bytes.count, using: &random))
        }
        let decoded = Decoded(bytes, cuts: cuts.sorted())
        #expect(decoded.failure == nil, "seed \(seed)")
        #expect(decoded.items == expected, "seed \(seed)")
    }

    private static func add(_ bytes: inout [UInt8], _ expected: inout [MessageDecoder.Item], _ random: inout Generator)
    {
        let isText = Bool.random(using: &random)
        let length = [0, 1, 7, 125, 126, 300, 65_535, 65_536, 70_000].randomElement(using: &random) ?? 0
        let payload: [UInt8]
        if isText {
            let characters = ["a", "\u{E9}", "\u{20AC}", "\u{1F600}", "\u{10FFFF}"]
            var text = ""
            while text.utf8.count < length { text += characters.randomElement(using: &random) ?? "" }
            payload = Array(text.utf8)
        } else {
            payload = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var start = 0
        var opcode: UInt8 = isText ? 1 : 2
        repeat {
            let isLast = Int.random(in: 0..<3, using: &random) == 0
            let end = isLast ? payload.count : Int.random(in: start...payload.count, using: &random)
            let key = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
            bytes += ClientFrames.frame(opcode, Array(payload[start..<end]), isFinal: isLast, key: key)
            start = end
            opcode = 0
            if isLast { break }
            if Bool.random(using: &random) {
                let ping = [UInt8](repeating: 5, count: Int.random(in: 0...125, using: &random))
                bytes += ClientFrames.frame(9, ping)
                expected.append(.ping(ping))
            }
        } while true
        expected.append(isText ? .text(payload) : .binary(payload))
    }
}
