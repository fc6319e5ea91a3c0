import Dialects
import Testing

@Suite struct GeminiArgumentsTests {
    /// A piece of a call.
    private static func piece(_ arguments: String, _ more: String = #","willContinue":true"#) -> String {
        gemini(#"{"functionCall":{"partialArgs":[\#(arguments)]\#(more)}}"#)
    }

    private static let begin = gemini(#"{"functionCall":{"name":"f","id":"c","willContinue":true}}"#)
    private static let end = gemini(#"{"functionCall":{}}"#, stop)

    private static func argument(_ path: String, _ value: String) -> String { #"{"jsonPath":"\#(path)",\#(value)}"# }

    @Test("Arguments that come one by one grow into one JSON text, piece by piece")
    func grow() {
        let result = decode(
            Self.begin + Self.piece(Self.argument("$.a.list[0].x", #""stringValue":"on","willContinue":true"#))
                + Self.piece(Self.argument("$.a.list[0].x", #""stringValue":"e\n","willContinue":true"#))
                + Self.piece(Self.argument("$.a.list[0].x", #""stringValue":"""#)) + Self.piece("", "")
                + gemini(#"{"functionCall":{"name":"g","args":{}}}"#, stop),
            .gemini
        )
        let pieces = result.deltas.compactMap { delta -> String? in
            if case .toolCall(let call) = delta.content, call.index == 0 { call.arguments } else { nil }
        }
        #expect(pieces == ["", #"{"a":{"list":[{"x":"on"#, #"e\n"#, #""}]}}"#])
        #expect(result.fold.toolCalls.map(\.name) == ["f", "g"])
        #expect(result.fold.toolCalls.map(\.id) == ["c", nil])
        #expect(result.fold.choices[0].finish?.kind == .toolCalls)
    }

    @Test(
        "Values of every kind stand where their path leads",
        arguments: [
            (
                ["$.a|\"numberValue\":1.50", "$.b|\"boolValue\":false", "$.c|\"nullValue\":\"NULL_VALUE\""],
                #"{"a":1.50,"b":false,"c":null}"#
            ),
            (
                ["$.a[0][0]|\"numberValue\":1", "$.a[0][1]|\"numberValue\":2", "$.a[1]|\"numberValue\":3"],
                #"{"a":[[1,2],3]}"#
            ),
            (
                ["$.a.b.c|\"numberValue\":1", "$.a.d|\"numberValue\":2", "$.e|\"stringValue\":\"x\""],
                #"{"a":{"b":{"c":1},"d":2},"e":"x"}"#
            ),
            (
                [
                    "$['a b']|\"numberValue\":1", "$[\\\"c.d\\\"].e|\"numberValue\":2",
                    "$['q\\\\'\\\\u0041']|\"numberValue\":3",
                ], #"{"a b":1,"c.d":{"e":2},"q'A":3}"#
            ),
            // Without `willContinue` one path twice in a row is one string all the same.
            (
                ["$.a|\"stringValue\":\"x\"", "$.a|\"stringValue\":\"y\"", "$.b|\"stringValue\":\"\""],
                #"{"a":"xy","b":""}"#
            ),
            // Elements that the model leaves out are null; one that is behind can't be written any more.
            (
                ["$.a[2]|\"numberValue\":1", "$.a[1]|\"numberValue\":7", "$.b|\"numberValue\":2"],
                #"{"a":[null,null,1],"b":2}"#
            ),
            (["$.a|\"numberValue\":1", "$.a.b|\"numberValue\":2"], #"{"a":1,"a":{"b":2}}"#),
            // No path, no value: no argument.
            (
                [
                    "$|\"numberValue\":1", "$[0]|\"numberValue\":1", "$.|\"numberValue\":1", "$.a[|\"numberValue\":1",
                    "$.a", "$.a[x]|\"boolValue\":true",
                ], "{}"
            ),
            ([], "{}"),
        ]
    )
    func values(arguments: [String], expected: String) {
        let pieces = arguments.map { text in
            let halves = text.split(separator: "|").map(String.init)
            return Self.argument(halves[0], halves.count > 1 ? halves[1] : #""other":1"#)
        }
        let apart = Self.begin + pieces.map { Self.piece($0) }.joined() + Self.end
        #expect(decode(apart, .gemini).fold.toolCalls == [.init(id: "c", name: "f", arguments: expected)])
        let together = Self.begin + Self.piece(pieces.joined(separator: ",")) + Self.end
        #expect(decode(together, .gemini).fold.toolCalls == [.init(id: "c", name: "f", arguments: expected)])
    }

    @Test("R1: a character that is escaped in two halves comes together")
    func halves() {
        let body =
            Self.begin + Self.piece(Self.argument("$.a", #""stringValue":"\ud83c""#))
            + Self.piece(Self.argument("$.a", #""stringValue":"\udf0d""#)) + Self.end
        let arguments = decode(body, .gemini).fold.toolCalls.first?.arguments
        #expect(arguments.flatMap { JSON($0) } == .object(["a": .string("🌍")]))
    }

    @Test("A call ends where another begins, with the answer, and with whole arguments")
    func ends() {
        let x = Self.argument("$.x", #""numberValue":1"#)
        let other = gemini(#"{"functionCall":{"name":"g","willContinue":true}}"#)
        let again = gemini(#"{"functionCall":{"name":"f","id":"d","willContinue":true}}"#)
        let calls = { (text: String) in decode(text, .gemini).fold.toolCalls.map(\.arguments) }
        #expect(
            calls(Self.begin + Self.piece(x) + other + Self.piece(x) + again + Self.end) == [
                #"{"x":1}"#, #"{"x":1}"#, "{}",
            ]
        )
        #expect(calls(Self.begin + Self.piece(x) + gemini("", stop)) == [#"{"x":1}"#])
        let whole = gemini(#"{"functionCall":{"name":"f","args":{"y":2}}}"#, stop)
        #expect(calls(Self.begin + gemini(#"{"functionCall":{"args":{"y":2}}}"#, stop)) == [#"{"y":2}"#])
        #expect(
            calls(Self.begin + Self.piece(x) + gemini(#"{"functionCall":{"args":{"x":1}}}"#, stop)) == [#"{"x":1}"#]
        )
        #expect(calls(Self.begin + Self.piece(x) + whole) == [#"{"x":1}"#, #"{"y":2}"#])
        // A name that is repeated with every piece begins no call.
        let named = gemini(#"{"functionCall":{"name":"f","partialArgs":[\#(x)],"willContinue":true}}"#)
        #expect(calls(named + named.replacing("$.x", with: "$.y") + Self.end) == [#"{"x":1,"y":1}"#])
    }

    @Test("R5: the arguments of a stream that breaks off stay half")
    func brokenOff() {
        let result = decode(Self.begin + Self.piece(Self.argument("$.a", #""stringValue":"x""#)), .gemini)
        #expect(result.fold.toolCalls.map(\.arguments) == [#"{"a":"x"#])
        #expect(result.end == StreamEnd(state: .truncated))
    }

    @Test("R6: few bytes can't have much written")
    func bounded() {
        let far = (0..<2000).map { Self.argument("$.a\($0)[1000]", #""numberValue":1"#) }.joined(separator: ",")
        let deep = Self.argument("$.d" + String(repeating: "[0]", count: 200), #""numberValue":1"#)
        let huge =
            Self.argument("$.h[999999999]", #""numberValue":1"#) + ","
            + Self.argument("$.o[9999999999]", #""numberValue":1"#)
        let result = decode(Self.begin + Self.piece([far, deep, huge].joined(separator: ",")) + Self.end, .gemini)
        let arguments = result.fold.toolCalls.first?.arguments ?? ""
        #expect(arguments.hasPrefix(#"{"a0":[null,"#))
        #expect(arguments.utf8.count < 10_000)
        #expect(JSON(arguments) != nil)
        let many = String(repeating: #"{"functionCall":{"name":"f","args":{}}},"#, count: 3000)
        #expect(decode(gemini(many + "0"), .gemini).fold.toolCalls.count == 1024)
    }
}
