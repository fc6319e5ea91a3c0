import Dialects
import Testing

@Suite struct AnthropicToolCallTests {
    private func calls(_ frames: String...) -> [MessageFold.ToolCall] {
        decode(messageStart() + frames.joined() + messageDelta("tool_use") + messageStop, .anthropicMessages).fold
            .toolCalls
    }

    @Test(
        "Tools of the caller, of the provider and of MCP servers are called alike",
        arguments: ["tool_use", "server_tool_use", "mcp_tool_use", "new_tool_use"]
    )
    func kinds(type: String) {
        let found = calls(toolStart(0, "t", type: type), inputDelta(0, "[1]"), blockStop(0))
        #expect(found == [.init(id: "t", name: "f", arguments: "[1]")])
    }

    @Test("A call without arguments has an empty object, once, whether its block stops or not")
    func noArguments() {
        let empty = [MessageFold.ToolCall(id: "t", name: "f", arguments: "{}")]
        #expect(calls(toolStart(0, "t"), blockStop(0)) == empty)
        #expect(calls(toolStart(0, "t"), inputDelta(0, ""), blockStop(0)) == empty)
        #expect(calls(toolStart(0, "t")) == empty)
        #expect(calls(toolStart(0, "t", input: "null"), blockStop(0)) == empty)
        #expect(calls(toolStart(0, "t", input: "{ }"), blockStop(0)) == empty)
        #expect(calls(toolStart(0, "t", input: #""""#), blockStop(0)) == empty)
        #expect(calls(blockStart(0, #"{"type":"tool_use","id":"t","name":"f"}"#), blockStop(0)) == empty)
    }

    @Test("Arguments that a call begins with count where no piece brings them")
    func given() {
        let start = toolStart(0, "t", input: #"{"a": 1}"#)
        let expected = [MessageFold.ToolCall(id: "t", name: "f", arguments: #"{"a": 1}"#)]
        #expect(calls(start, blockStop(0)) == expected)
        #expect(calls(start) == expected)
        #expect(calls(start, inputDelta(0, ""), blockStop(0)) == expected)
        #expect(calls(start, inputDelta(0, #"{\"a\": 1}"#), blockStop(0)) == expected)
        #expect(calls(toolStart(0, "t", input: #""{\"a\": 1}""#), blockStop(0)) == expected)
        // The next block tells that no piece comes any more.
        let two = calls(start, toolStart(1, "u"), inputDelta(1, "2"), blockStop(1))
        #expect(two.map(\.arguments) == [#"{"a": 1}"#, "2"])
        // So does the end of the body; but of a call without arguments it tells nothing.
        #expect(decode(messageStart() + start, .anthropicMessages).fold.toolCalls == expected)
        #expect(decode(messageStart() + toolStart(0, "t"), .anthropicMessages).fold.toolCalls.map(\.arguments) == [""])
    }

    @Test("R22: a block that stops twice is one call")
    func doubleStop() {
        let stops = blockStop(0) + blockStop(0)
        #expect(calls(toolStart(0, "t"), inputDelta(0, "1"), stops).map(\.arguments) == ["1"])
        #expect(calls(toolStart(0, "t"), stops, stops).map(\.arguments) == ["{}"])
        #expect(calls(toolStart(0, "t", input: #"{"a":1}"#), stops).map(\.arguments) == [#"{"a":1}"#])
    }

    @Test("R21: another id at a used index is another call, and the same call begun again is not")
    func usedIndex() {
        let two = calls(toolStart(0, "t"), inputDelta(0, "1"), toolStart(0, "u"), inputDelta(0, "2"), blockStop(0))
        #expect(two.map(\.id) == ["t", "u"])
        #expect(two.map(\.arguments) == ["1", "2"])
        let one = calls(toolStart(0, "t"), toolStart(0, "t"), inputDelta(0, "1"), blockStop(0), blockStop(0))
        #expect(one == [.init(id: "t", name: "f", arguments: "1")])
    }

    @Test("R22: indices may have gaps, and calls may take turns")
    func interleaved() {
        let found = calls(
            toolStart(7, "t"),
            toolStart(3, "u", "g"),
            inputDelta(7, "[1,"),
            inputDelta(3, "[2,"),
            inputDelta(7, "1]"),
            inputDelta(3, "2]"),
            blockStop(3),
            blockStop(7)
        )
        #expect(found.map(\.arguments) == ["[1,1]", "[2,2]"])
        #expect(found.map(\.name) == ["f", "g"])
    }

    @Test("R22: a piece counts for what it is, whatever its block should hold")
    func misplaced() {
        let result = decode(
            messageStart() + blockStart(0, #"{"type":"text","text":""}"#)
                + blockDelta(0, #"{"type":"thinking_delta","thinking":"h"}"#) + textDelta(0, "a")
                + blockDelta(0, #"{"type":"thinking_delta","thinking":"m"}"#) + textDelta(0, "b") + inputDelta(0, "1")
                + blockStop(0) + messageStop,
            .anthropicMessages
        )
        #expect(
            result.pieces == [
                "0 reasoning h", "1 text a", "0 reasoning m", "1 text b", "2 call 0 - - 1",
            ]
        )
    }

    @Test("Pieces without a block, or without an index, are parts of their own")
    func lost() {
        let result = decode(
            messageStart() + textDelta(4, "a") + inputDelta(5, "1") + blockStop(5) + textDelta(4, "b")
                + anthropic("content_block_delta", #""delta":{"text":"c"}"#)
                + anthropic("content_block_stop") + blockStop(9)
                + anthropic("content_block_start", #""content_block":{"type":"text","text":"d"}"#) + messageStop,
            .anthropicMessages
        )
        #expect(result.pieces == ["0 text a", "1 call 0 - - 1", "0 text b", "0 text c", "2 text d"])
    }
}
