import Dialects
import Testing

/// Events in any order, broken and whole: what they mean is open, but they never trap, any cut of them means the same,
/// and what the fold holds adds up.
@Suite struct OpenAIResponsesHostileTests {
    private static let kinds = [
        "output_text.delta", "output_text.done", "refusal.delta", "refusal.done", "reasoning_text.delta",
        "reasoning_summary_text.delta", "reasoning_summary_text.done", "function_call_arguments.delta",
        "function_call_arguments.done", "custom_tool_call_input.delta", "custom_tool_call_input.done",
        "content_part.added", "content_part.done", "reasoning_summary_part.done", "output_item.added",
        "output_item.done", "output_text.annotation.added", "created", "in_progress", "mcp_call.completed", "new",
    ]
    private static let tails = [
        "response.completed", "response.incomplete", "response.failed", "error", "response.done",
    ]
    private static let values = [
        #""""#, #""é🌍""#, #""{\"a\"""#, #""[1]""#, "null", "7", "{}", "[]", #"{"type":"output_text","text":"p"}"#,
        #"{"type":"refusal","refusal":"r"}"#, #"{"type":"summary_text","text":"s"}"#,
        #"{"type":"url_citation","url":"u"}"#, #"{"type":"function_call","call_id":"a","name":"f","arguments":"{}"}"#,
        #"{"type":"function_call","call_id":"b","arguments":"["}"#,
        #"{"type":"custom_tool_call","id":"c","input":"x"}"#,
        #"{"type":"message","content":[{"type":"output_text","text":"m","annotations":[{},1]},null,{"type":"refusal"}]}"#,
        #"{"type":"reasoning","summary":[{"type":"summary_text","text":"t"}],"content":[{"type":"reasoning_text"}]}"#,
    ]
    private static let members = ["delta", "text", "arguments", "input", "refusal", "part", "item", "annotation"]

    private static func value(_ random: inout SeededRandom) -> String { values.randomElement(using: &random) ?? "" }

    private static func frame(_ random: inout SeededRandom) -> String {
        let numbers = ["output_index", "content_index", "summary_index"].map { name in
            #""\#(name)":\#([0, 0, 1, 7, -1, Int.max, Int.min].randomElement(using: &random) ?? 0)"#
        }
        let texts = members.map { #""\#($0)":\#(value(&random))"# }
        let all = (numbers + texts).shuffled(using: &random).prefix(Int.random(in: 3...11, using: &random))
        return responseEvent("response." + (kinds.randomElement(using: &random) ?? ""), all.joined(separator: ","))
    }

    private static func tail(_ random: inout SeededRandom) -> String {
        let output = (0..<Int.random(in: 0...5, using: &random)).map { _ in value(&random) }.joined(separator: ",")
        let response = #""response":{"status":\#(value(&random)),"output":[\#(output)],"error":\#(value(&random))}"#
        return responseEvent(tails.randomElement(using: &random) ?? "", response)
    }

    @Test("Events in any order are decoded somehow, the same however they are cut", arguments: 0..<8 as Range<UInt64>)
    func anyOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<60 {
            let text = (0..<Int.random(in: 1...30, using: &random)).map { _ in Self.frame(&random) }.joined()
            let body = Array((text + (round % 3 == 0 ? "" : Self.tail(&random))).utf8)
            let whole = decode([body], .openAIResponses)
            try #require(decode(body.singleBytes, .openAIResponses) == whole, "seed \(seed), round \(round)")
            try #require(decode(body.cut(upTo: 50, &random), .openAIResponses) == whole, "seed \(seed), round \(round)")
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
            var body = Array(((0..<12).map { _ in Self.frame(&random) }.joined() + Self.tail(&random)).utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let index = Int.random(in: body.indices, using: &random)
                body[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            let framing: Dialect.Framing = round % 4 == 0 ? .document : .serverSentEvents
            let whole = decode([body], .openAIResponses, framing: framing)
            try #require(
                decode(body.cut(upTo: 30, &random), .openAIResponses, framing: framing) == whole,
                "seed \(seed), round \(round)"
            )
            try whole.requireOrder()
        }
    }

    @Test("Calls without number in one event are told as far as they go")
    func manyCalls() {
        let items = (0..<50_000).map { #"{"type":"function_call","call_id":"call_\#($0)","arguments":"{}"}"# }
        let body = responseEvent("response.completed", #""response":{"output":[\#(items.joined(separator: ","))]}"#)
        #expect(decode(body, .openAIResponses).fold.toolCalls.count == 1024)
    }
}
