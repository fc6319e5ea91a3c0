import Dialects
import Testing

private let completed = responseEvent("response.completed", #""response":{"status":"completed","output":[]}"#)

private func call(_ id: String?, _ arguments: String, name: String = "f", type: String = "function_call") -> String {
    let member = type == "function_call" ? "arguments" : "input"
    let callID = id.map { #""call_id":"\#($0)","# } ?? ""
    return #"{"type":"\#(type)","id":"fc_x",\#(callID)"name":"\#(name)","\#(member)":"\#(arguments)"}"#
}

private func added(_ item: String, _ output: Int = 0) -> String {
    responseEvent("response.output_item.added", #""output_index":\#(output),"item":\#(item)"#)
}

private func done(_ item: String, _ output: Int = 0) -> String {
    responseEvent("response.output_item.done", #""output_index":\#(output),"item":\#(item)"#)
}

private func delta(_ arguments: String, _ output: Int = 0) -> String {
    responseEvent(
        "response.function_call_arguments.delta",
        #""item_id":"fc_y","output_index":\#(output),"delta":"\#(arguments)""#
    )
}

private func argumentsDone(_ arguments: String, _ output: Int = 0) -> String {
    responseEvent(
        "response.function_call_arguments.done",
        #""item_id":"fc_z","output_index":\#(output),"arguments":"\#(arguments)""#
    )
}

private func completed(_ output: String) -> String {
    responseEvent("response.completed", #""response":{"status":"completed","output":[\#(output)]}"#)
}

@Suite struct OpenAIResponsesCallTests {
    private func calls(_ events: String) -> [MessageFold.ToolCall] {
        decode(events + completed, .openAIResponses).fold.toolCalls
    }

    @Test("A call begins with its item and goes on with its pieces")
    func pieces() {
        let result = decode(
            added(call("call_1", "")) + delta("[1") + delta(",2]") + argumentsDone("[1,2]")
                + done(call("call_1", "[1,2]"))
                + completed(call("call_1", "[1,2]")),
            .openAIResponses
        )
        #expect(
            result.deltas.map(\.content) == [
                .toolCall(ToolCallDelta(id: "call_1", name: "f")), .toolCall(ToolCallDelta(arguments: "[1")),
                .toolCall(ToolCallDelta(arguments: ",2]")),
            ]
        )
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "completed", kind: .toolCalls))
    }

    @Test(
        "A call whose arguments came in no piece has them from whichever event brings them first",
        arguments: [
            added(call("c", "")) + argumentsDone("[1]") + done(call("c", "[1]")),
            added(call("c", "")) + done(call("c", "[1]")),
            done(call("c", "[1]")), added(call("c", "[1]")), added(call("c", "[1]")) + done(call("c", "[1]")),
            added(call("c", "[1]")) + done(call("c", "")), completed(call("c", "[1]")),
            added(call("c", "")) + completed(call("c", "[1]")), added(call("c", "[1]")) + completed(call("c", "[1]")),
            // Whole JSON in the beginning is no beginning: the pieces say it again.
            added(call("c", "[1]")) + delta("[1") + delta("]"), added(call("c", "{}")) + delta("[1]"),
            added(call("c", "[")) + delta("1]"),
            delta("[1]") + added(call("c", "")), delta("[1]") + done(call("c", "[1]")),
            argumentsDone("[1]") + done(call("c", "[1]")),
            // Servers may number what they repeat in another way.
            added(call("c", ""), 3) + delta("[1]", 3) + completed(call("c", "[1]")),
            added(call("c", ""), 3) + completed(call("c", "[1]")),
            added(call("c", "")) + delta("[1]") + done(call("d", "[1]")),
        ]
    )
    func whole(events: String) {
        #expect(calls(events) == [.init(id: "c", name: "f", arguments: "[1]")])
    }

    @Test("A stream that breaks off keeps the arguments that its item began with")
    func truncated() {
        let result = decode(added(call("c", "[1]")), .openAIResponses)
        #expect(result.fold.toolCalls == [.init(id: "c", name: "f", arguments: "[1]")])
        #expect(result.end == StreamEnd(state: .truncated))
    }

    @Test("Pieces of a call that was begun before the stream was taken up are a call without a name")
    func takenUp() {
        #expect(calls(delta("1", 2) + delta("2", 2)) == [.init(arguments: "12")])
    }

    @Test("R21: parallel calls are told apart by their output index, and by their id where an index is used again")
    func parallel() {
        let expected = [
            MessageFold.ToolCall(id: "a", name: "f", arguments: "[1]"), .init(id: "b", name: "g", arguments: "[2]"),
        ]
        let first = call("a", "[1]")
        let second = call("b", "[2]", name: "g")
        let begun = (first: call("a", ""), second: call("b", "", name: "g"))
        for events in [
            added(begun.first) + added(begun.second, 1) + delta("[1") + delta("[2", 1) + delta("]") + delta("]", 1),
            added(begun.first) + delta("[1]") + added(begun.second) + delta("[2]") + done(first) + done(second),
            added(begun.first) + delta("[1]") + done(first) + added(begun.second) + delta("[2]") + done(second),
            added(begun.first) + added(begun.second) + done(first) + done(second),
            done(first) + done(second), done(first) + done(second) + completed(first + "," + second),
            completed(first + "," + second),
            added(begun.first) + added(begun.second, 1) + completed(first + "," + second),
        ] {
            #expect(calls(events) == expected)
        }
    }

    @Test("R22: a call that is begun or ended twice is one call, and none is added by the repetition in the end")
    func twice() {
        let item = call("c", "[1]")
        let events =
            added(call("c", "")) + added(call("c", "")) + delta("[1]") + done(item) + done(item) + completed(item)
        #expect(calls(events) == [.init(id: "c", name: "f", arguments: "[1]")])
        #expect(calls(added(call("c", "")) + delta("[1]") + completed(call("d", "[1]"))).count == 1)
    }

    @Test("A custom tool's input is any text")
    func custom() {
        let type = "custom_tool_call"
        let piece = { (text: String) in
            responseEvent("response.custom_tool_call_input.delta", #""output_index":0,"delta":"\#(text)""#)
        }
        let whole = responseEvent("response.custom_tool_call_input.done", #""output_index":0,"input":"SELECT 1""#)
        for events in [
            added(call("c", "", type: type)) + piece("SELECT ") + piece("1") + whole,
            added(call("c", "", type: type)) + whole, done(call("c", "SELECT 1", type: type)),
            added(call("c", "SELECT 1", type: type)) + piece("SELECT 1"),
        ] {
            #expect(
                calls(events + done(call("c", "SELECT 1", type: type))) == [
                    .init(id: "c", name: "f", arguments: "SELECT 1")
                ]
            )
        }
    }

    @Test("A call without a call id goes by its item's, and arguments may be JSON itself")
    func variants() {
        #expect(calls(done(call(nil, "{}"))) == [.init(id: "fc_x", name: "f", arguments: "{}")])
        let item = #"{"type":"function_call","call_id":"c","name":"f","arguments":{"a": 1}}"#
        #expect(calls(done(item)) == [.init(id: "c", name: "f", arguments: #"{"a": 1}"#)])
    }

    @Test("There may be many calls: the first ones are told")
    func manyCalls() {
        let events = (0..<3000).map { done(call("c\($0)", "{}"), $0) }.joined()
        #expect(calls(events).count == 1024)
    }

    @Test("Ids are compared by their bytes")
    func ids() {
        #expect(calls(done(call("\u{E9}", "[1]")) + done(call("e\u{301}", "[2]"))).count == 2)
    }
}
