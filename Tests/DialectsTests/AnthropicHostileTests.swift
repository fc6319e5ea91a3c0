import Dialects
import Testing

/// Events in any order, broken and whole: what they mean is open, but they never trap, any cut of them means the same,
/// and what the fold holds adds up.
@Suite struct AnthropicHostileTests {
    private static let frames = [
        messageStart(), messageStart(id: "m2", usage: nil), messageDelta("tool_use"),
        messageDelta(usage: #"{"a":null}"#),
        anthropic("ping"), done, anthropic("new_event"), "event: content_block_stop\ndata:\n\n", ": comment\n\n",
        "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"é🌍\"}}\n\n", "data: {\"type\"\n\n",
        anthropic("content_block_stop"), anthropic("content_block_start"), anthropic("message_start", #""message":[]"#),
        anthropic("message_start", #""message":{"content":[{"type":"text","text":"p"},7,{}],"stop_reason":"x"}"#),
        anthropic("message_delta", #""delta":[],"usage":[]"#),
    ]
    private static let tail = [messageStop, anthropic("error", #""error":{"message":"m"}"#), ""]

    /// One of the frames above, or one about a block.
    private static func frame(_ random: inout SeededRandom) -> String {
        let index = [0, 1, 2, 7, -1, Int.max, Int.min].randomElement(using: &random) ?? 0
        let id = ["a", "b", ""].randomElement(using: &random) ?? ""
        let input = ["{}", "null", #"{"x":1}"#, #""{}""#, "[]"].randomElement(using: &random) ?? ""
        switch Int.random(in: 0...11, using: &random) {
        case 0, 1: return toolStart(index, id, type: "server_tool_use", input: input)
        case 2: return blockStart(index, #"{"type":"text","text":"s","citations":[{"url":"u"},[]]}"#)
        case 3: return blockStart(index, #"{"type":"thinking","thinking":"t"}"#)
        case 4: return textDelta(index, "x\\u00e9")
        case 5: return inputDelta(index, ["", "1", #"{\"a\":"#].randomElement(using: &random) ?? "")
        case 6: return blockDelta(index, #"{"type":"thinking_delta","thinking":"h"}"#)
        case 7: return blockDelta(index, #"{"type":"citations_delta","citation":{"source":"http://s"}}"#)
        case 8: return blockStop(index)
        default: return frames.randomElement(using: &random) ?? ""
        }
    }

    @Test("Events in any order are decoded somehow, the same however they are cut", arguments: 0..<8 as Range<UInt64>)
    func anyOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<60 {
            let text = (0..<Int.random(in: 1...30, using: &random)).map { _ in Self.frame(&random) }.joined()
            let body = Array((text + (Self.tail.randomElement(using: &random) ?? "")).utf8)
            let whole = decode([body], .anthropicMessages)
            try #require(decode(body.singleBytes, .anthropicMessages) == whole, "seed \(seed), round \(round)")
            try #require(
                decode(body.cut(upTo: 50, &random), .anthropicMessages) == whole,
                "seed \(seed), round \(round)"
            )
            try whole.requireOrder()
        }
    }

    @Test(
        "Events with flipped bits are decoded somehow, the same however they are cut",
        arguments: 0..<8 as Range<UInt64>
    )
    func flipped(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<60 {
            var body = Array((0..<12).map { _ in Self.frame(&random) }.joined().utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let index = Int.random(in: body.indices, using: &random)
                body[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            let dialect: Dialect = round % 4 == 0 ? .anthropicComplete : .anthropicMessages
            let whole = decode([body], dialect)
            try #require(decode(body.cut(upTo: 30, &random), dialect) == whole, "seed \(seed), round \(round)")
            try whole.requireOrder()
        }
    }

    @Test("Of more blocks than any model makes the first are decoded, in time")
    func manyBlocks() {
        let body =
            messageStart() + (0..<3000).map { toolStart($0, "t\($0)") }.joined() + textDelta(0, "a") + messageStop
        let result = decode(body, .anthropicMessages)
        #expect(result.fold.toolCalls.count == 1024)
        #expect(result.fold.toolCalls.allSatisfy { $0.arguments == "{}" })
        #expect(result.end.state == .complete)
    }

    @Test("Counts that come again and again cost no more than they are long")
    func manyCounts() {
        let members = (0..<100).map { #""k\#($0)":0"# }.joined(separator: ",")
        let body =
            messageStart(usage: "{\(members)}")
            + (0..<500).map { messageDelta(usage: #"{"n\#($0)":1,"output_tokens":\#($0)}"#) }.joined() + messageStop
        let usage = decode(body, .anthropicMessages).fold.usage
        #expect(usage?.output == 499)
        #expect((usage?.raw.utf8.count ?? .max) < 16 << 10)
    }
}
