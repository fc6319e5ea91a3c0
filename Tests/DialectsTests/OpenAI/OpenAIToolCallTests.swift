import Dialects
import Testing

@Suite struct OpenAIToolCallTests {
    private func calls(_ deltas: [String]) -> [MessageFold.ToolCall] {
        decode(deltas.map { chunk("{\"tool_calls\":[\($0)]}") }.joined() + done).fold.toolCalls
    }

    @Test("Arguments come in pieces, id and name once, however often the server repeats them")
    func pieces() {
        let deltas = [
            #"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}"#,
            #"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}"#,
            #"{"index":0,"id":null,"function":{"name":null,"arguments":":1}"}}"#,
            #"{"index":0,"id":"","function":{"name":"","arguments":null}}"#,
        ]
        let result = decode(deltas.map { chunk("{\"tool_calls\":[\($0)]}") }.joined())
        #expect(
            result.deltas.map(\.content) == [
                .toolCall(ToolCallDelta(id: "a", name: "f")), .toolCall(ToolCallDelta(arguments: #"{"x""#)),
                .toolCall(ToolCallDelta(arguments: ":1}")),
            ]
        )
        #expect(result.fold.toolCalls == [.init(id: "a", name: "f", arguments: #"{"x":1}"#)])
    }

    @Test("R21: a new id at a used index is a new call")
    func newID() {
        let calls = calls([
            #"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#,
            #"{"index":0,"id":"b","function":{"name":"g","arguments":"["}}"#,
            #"{"index":0,"function":{"arguments":"]"}}"#,
            #"{"index":0,"id":"a","function":{"arguments":" "}}"#,
        ])
        #expect(calls == [.init(id: "a", name: "f", arguments: "{} "), .init(id: "b", name: "g", arguments: "[]")])
    }

    @Test("R21: parallel calls are told apart by their index, in one chunk or interleaved")
    func parallel() {
        let calls = calls([
            #"{"index":0,"id":"a","function":{"name":"f"}},{"index":1,"id":"b","function":{"name":"g"}}"#,
            #"{"index":1,"function":{"arguments":"2"}},{"index":0,"function":{"arguments":"1"}}"#,
        ])
        #expect(calls == [.init(id: "a", name: "f", arguments: "1"), .init(id: "b", name: "g", arguments: "2")])
    }

    @Test("R21: without an index the id tells, and without an id a name begins a call")
    func noIndex() {
        #expect(
            calls([
                #"{"id":"a","function":{"name":"f","arguments":"1"}},{"id":"b","function":{"name":"g","arguments":"2"}}"#
            ]) == [.init(id: "a", name: "f", arguments: "1"), .init(id: "b", name: "g", arguments: "2")]
        )
        #expect(
            calls([
                #"{"index":null,"function":{"name":"f","arguments":"1"}}"#, #"{"function":{"arguments":"2"}}"#,
                #"{"function":{"name":"g","arguments":"3"}}"#,
            ]) == [.init(name: "f", arguments: "12"), .init(name: "g", arguments: "3")]
        )
    }

    @Test("R21: an index within the function counts, and one that is made up takes no other's place")
    func nestedIndex() {
        let nested = calls([
            #"{"function":{"index":0,"name":"f","arguments":"1"}},{"function":{"index":1,"name":"g","arguments":"2"}}"#,
            #"{"function":{"index":0,"arguments":"3"}}"#,
        ])
        #expect(nested == [.init(name: "f", arguments: "13"), .init(name: "g", arguments: "2")])
        let mixed = calls([
            #"{"id":"a","function":{"name":"f"}}"#, #"{"index":1,"id":"b","function":{"name":"g"}}"#,
            #"{"index":0,"function":{"arguments":"1"}}"#,
        ])
        #expect(mixed == [.init(id: "a", name: "f", arguments: "1"), .init(id: "b", name: "g")])
    }

    @Test("An id that comes late belongs to the call at its index")
    func lateID() {
        let calls = calls([
            #"{"index":0,"function":{"name":"f","arguments":"1"}}"#,
            #"{"index":0,"id":"a","function":{"arguments":"2"}}"#,
        ])
        #expect(calls == [.init(id: "a", name: "f", arguments: "12")])
    }

    @Test("Arguments may come as an object, and a custom tool has input")
    func shapes() {
        #expect(
            calls([#"{"id":"a","function":{"name":"f","arguments":{"x": [1]}}}"#])
                == [.init(id: "a", name: "f", arguments: #"{"x": [1]}"#)]
        )
        #expect(
            calls([#"{"index":0,"id":"a","type":"custom","custom":{"name":"f","input":"sql"}}"#])
                == [.init(id: "a", name: "f", arguments: "sql")]
        )
    }

    @Test("The old function_call is one call without an id, beside any tool calls")
    func functionCall() {
        let result = decode(
            chunk(#"{"function_call":{"name":"f","arguments":""}}"#) + chunk(#"{"function_call":{"arguments":"{}"}}"#)
                + chunk(#"{"tool_calls":[{"function":{"arguments":"x"}}]}"#) + done
        )
        #expect(result.fold.toolCalls == [.init(name: "f", arguments: "{}"), .init(arguments: "x")])
    }

    @Test("Hostile numbers of calls and choices neither trap nor cost without bound")
    func hostile() {
        var text = ""
        for number in 0..<3000 {
            text += chunk(#"{"tool_calls":[{"index":\#(Int.max - number),"id":"\#(number)","function":{}}]}"#)
            text += chunk(#"{"content":"x"}"#, choice: Int.min + number)
        }
        let result = decode(text)
        #expect(result.frames.count == 6000)
        #expect(result.fold.toolCalls.count <= 1024)
        #expect(result.fold.choices.count <= 1024)
    }
}
