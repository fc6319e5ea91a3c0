import Dialects
import Testing

@Suite struct AnthropicUsageTests {
    private func usage(start: String?, _ deltas: String?...) -> TokenUsage? {
        let deltas = deltas.map { messageDelta(usage: $0) }.joined()
        return decode(messageStart(usage: start) + deltas + messageStop, .anthropicMessages).fold.usage
    }

    @Test("Input includes what was read from a cache and written to one")
    func input() {
        let found = usage(
            start:
                #"{"input_tokens":1,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":1}"#,
            #"{"output_tokens":40,"output_tokens_details":{"thinking_tokens":30}}"#
        )
        #expect(
            found
                == TokenUsage(
                    input: 321,
                    output: 40,
                    cached: 300,
                    cacheCreation: 20,
                    reasoning: 30,
                    raw: #"{"input_tokens":1,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"#
                        + #""output_tokens":40,"output_tokens_details":{"thinking_tokens":30}}"#
                )
        )
    }

    @Test("R19: later counts take the place of earlier ones, member by member, and are never added")
    func cumulative() {
        let found = usage(
            start: #"{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1,"service_tier":"standard"}"#,
            #"{"output_tokens":20}"#,
            #"{"input_tokens":12,"output_tokens":50,"server_tool_use":{"web_search_requests":1}}"#
        )
        #expect(found?.input == 17 && found?.cached == 5 && found?.output == 50)
        #expect(
            found?.raw
                == #"{"input_tokens":12,"cache_read_input_tokens":5,"output_tokens":50,"service_tier":"standard","#
                + #""server_tool_use":{"web_search_requests":1}}"#
        )
    }

    @Test("R18: counts that are null or absent reset nothing")
    func null() {
        let start = #"{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}"#
        let found = usage(
            start: start,
            #"{"input_tokens":null,"cache_read_input_tokens":null,"output_tokens":9}"#,
            "null",
            nil,
            "{}",
            #"{"output_tokens":null}"#
        )
        #expect(found?.input == 15 && found?.cached == 5 && found?.output == 9)
    }

    @Test("R20: a count of zero is a count, an absent one is none")
    func zero() {
        let zero = usage(start: #"{"input_tokens":0,"cache_read_input_tokens":0}"#, #"{"output_tokens":0}"#)
        #expect(zero?.input == 0 && zero?.cached == 0 && zero?.output == 0)
        #expect(zero?.cacheCreation == nil && zero?.reasoning == nil && zero?.total == nil)
        #expect(usage(start: nil, nil) == nil)
        #expect(usage(start: "{}", "{}") == nil)
        let output = usage(start: nil, #"{"output_tokens":3}"#)
        #expect(output?.input == nil && output?.output == 3)
    }

    @Test("The count that a message begins with isn't that of its answer")
    func placeholder() {
        let result = decode(messageStart() + textBlock(0, "a long answer"), .anthropicMessages)
        #expect(result.fold.usage?.input == 10)
        #expect(result.fold.usage?.output == nil)
        #expect(usage(start: #"{"output_tokens":1}"#, #"{"input_tokens":2}"#)?.output == nil)
        #expect(result.fold.usage?.raw == #"{"input_tokens":10,"output_tokens":1}"#)
    }

    @Test("Counts are told when they change")
    func told() {
        let result = decode(
            messageStart() + messageDelta() + messageDelta() + messageDelta(usage: nil) + messageStop,
            .anthropicMessages
        )
        let outputs = result.events.compactMap { if case .usage(let usage) = $0 { usage.output ?? -1 } else { nil } }
        #expect(outputs == [-1, 5])
    }

    @Test(
        "Counts that can't be are none, and sums that can't be are the largest",
        arguments: [
            (#"{"input_tokens":1.5}"#, nil), (#"{"input_tokens":"1"}"#, nil), (#"{"input_tokens":1e9}"#, nil),
            (#"{"input_tokens":99999999999999999999}"#, nil),
            (#"{"input_tokens":9223372036854775807,"cache_read_input_tokens":1}"#, Int.max),
            (#"{"input_tokens":-9223372036854775808,"cache_read_input_tokens":-1}"#, Int.min),
            (#"{"input_tokens":1,"cache_read_input_tokens":[]}"#, 1), (#"{"cache_read_input_tokens":1}"#, nil),
        ] as [(String, Int?)]
    )
    func impossible(start: String, input: Int?) {
        #expect(usage(start: start)?.input == input)
    }
}
