import Dialects
import Testing

/// Damaged streams: what they mean is open, but they never trap, and any cut of them means the same.
@Suite struct HostileInputTests {
    private static let text =
        chunk(#"{"role":"assistant","content":"é \ud83c\udf0d \"x\"","reasoning":"r"}"#)
        + chunk(#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#)
        + "event: error\ndata: {\"error\":{\"message\":\"m\",\"code\":500}}\n\n: ping\nid: 7\nretry: 5\n\n"
        + #"data: {"choices":[],"usage":{"prompt_tokens":-1,"prompt_tokens_details":{"cached_tokens":0}}}"# + "\r\n\r\n"
        + "error: {\"message\":\"m\"}\n\n" + done

    private static let framings: [Dialect.Framing] = [.serverSentEvents, .ndjson, .document]

    @Test("A stream that breaks off anywhere is decoded as far as it goes")
    func truncated() {
        let body = Array(Self.text.utf8)
        for count in body.indices {
            for framing in Self.framings {
                let head = Array(body[..<count])
                #expect(decode([head], framing: framing) == decode(head.singleBytes, framing: framing))
            }
        }
    }

    @Test(
        "A stream with flipped bits is decoded somehow, the same however it is cut",
        arguments: 0..<8 as Range<UInt64>
    )
    func flipped(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<250 {
            var body = Array(Self.text.utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let index = Int.random(in: body.indices, using: &random)
                body[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            let framing = Self.framings[round % 3]
            let whole = decode([body], framing: framing)
            try #require(decode(body.cut(upTo: 30, &random), framing: framing) == whole, "seed \(seed), round \(round)")
            try #require(decode([body], .generic, framing: framing, isCertain: true).end.state == .complete)
        }
    }

    @Test("Bytes of any kind are a stream of some kind", arguments: 0..<8 as Range<UInt64>)
    func noise(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let alphabet = Array("{}[]\":,\\u0a d\nataerrochoicesdelta\r\u{FEFF}".utf8)
        for round in 0..<250 {
            let body = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let framing = Self.framings[round % 3]
            let whole = decode([body], framing: framing)
            try #require(decode(body.singleBytes, framing: framing) == whole, "seed \(seed), round \(round)")
        }
    }
}
