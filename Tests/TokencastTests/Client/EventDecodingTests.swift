import Dialects
import Testing

@testable import Tokencast

@Suite("What a TokenStream makes of an event's data")
struct EventDecodingTests {
    private func content(_ name: String, _ data: String, channel: Bool = false) -> TokenStreamEvent.Content {
        event(name, data, channel: channel).content
    }

    private func event(_ name: String, _ data: String, channel: Bool = false) -> TokenStreamEvent {
        let subject: StreamAddress.Subject = channel ? .channel("demo") : .stream("s")
        return TokenStreamEvent(name: name, data: Array(data.utf8), id: nil, of: subject)
    }

    @Test(
        "every delta of the view",
        arguments: [
            (#""type":"text","text":" hi""#, TokenDelta.Content.text(" hi")),
            (#""type":"reasoning","text":"hm""#, .reasoning("hm")),
            (#""type":"refusal","text":"no""#, .refusal("no")),
            (
                #""type":"tool_call","id":"c","name":"f","arguments":"{""#,
                .toolCall(ToolCallDelta(id: "c", name: "f", arguments: "{"))
            ),
            (#""type":"tool_call","id":null,"name":null,"arguments":"}""#, .toolCall(ToolCallDelta(arguments: "}"))),
            (
                #""type":"citation","url":"u","title":null,"raw":"{\"a\":1}""#,
                .citation(Citation(url: "u", raw: #"{"a":1}"#))
            ),
        ]
    )
    func deltas(members: String, wanted: TokenDelta.Content) {
        let delta = TokenDelta(choice: 1, part: 2, content: wanted)
        #expect(content("delta", #"{"choice":1,"part":2,\#(members)}"#) == .delta(delta))
        // A merged one says what it covers.
        #expect(content("delta", #"{"choice":1,"part":2,\#(members),"first":"x_1"}"#) == .delta(delta))
    }

    @Test func startRestartUsageAndEnd() {
        let start = TokenStreamStart(
            dialect: "openai.chat",
            model: "m",
            id: "c",
            method: "POST",
            path: "/v1",
            status: 200,
            created: 17
        )
        let said =
            #"{"dialect":"openai.chat","model":"m","id":"c","method":"POST","path":"/v1","status":200,"created":17}"#
        #expect(content("start", said) == .start(start))
        #expect(content("restart", #"{"model":null,"id":"c2"}"#) == .restart(StreamStart(id: "c2")))
        let counts = #"{"input_tokens":1,"output_tokens":2,"total_tokens":null,"estimated":true}"#
        #expect(content("usage", counts) == .usage(TokenUsage(input: 1, output: 2, isEstimated: true, raw: counts)))
        let failed =
            #"{"state":"error","finish":null,"terminal":null,"error":{"message":"m","type":"t","code":null,"status":529}}"#
        let end = StreamEnd(state: .error, error: StreamError(message: "m", type: "t", status: 529))
        #expect(content("end", failed) == .end(end, finish: nil))
    }

    @Test("what isn't known is handed on", arguments: ["novelty", "delta", "end", "snapshot", "slow"])
    func unknown(name: String) {
        let data = #"{"state":"new","choice":0,"part":0,"type":"audio","text":"x"}"#
        #expect(content(name, data) == .unknown(kind: name, (try? JSONValue(parsing: data)) ?? .null))
        #expect(content(name, "{half") == .unknown(kind: name, .string("{half")))
    }

    @Test("in a channel a name that isn't ours is a publisher's", arguments: ["message", "deploy", "a.b:c"])
    func published(name: String) {
        let event = event(name, #"{"stream":"not ours","n":1e2}"#, channel: true)
        let data = JSONValue.object([("stream", .string("not ours")), ("n", JSONValue(.number("1e2")))])
        #expect(event.content == .message(name: name, data))
        #expect(event.stream == nil)
        #expect(content(name, "[[1]]", channel: true) == .message(name: name, .array([.array([.integer(1)])])))
    }

    @Test func aChannelsEventsSayWhoseTheyAre() {
        #expect(event("restart", #"{"model":"m","id":null,"stream":"x"}"#, channel: true).stream == "x")
        #expect(event("restart", #"{"model":"m","id":null}"#).stream == "s")
    }

    @Test func snapshots() throws {
        let stream =
            #"{"asOf":"x_1","stream":"s","state":"paused","dialect":"d","model":"m","method":"POST","path":"/p","#
            + #""channel":"demo","status":200,"created":5,"choices":[{"index":0,"finish":"stop","parts":["#
            + #"{"part":0,"type":"text","text":"a","citations":[{"url":"u","title":"t","raw":"{}"}]},"#
            + #"{"part":1,"type":"tool_call","id":"c","name":"f","arguments":"{}"},{"part":2,"type":"image"},"#
            + #"{"part":3,"type":"text","text":"b"}]}],"usage":{"input_tokens":4},"cut":true,"end":null}"#
        guard case .snapshot(let snapshot) = content("snapshot", stream) else {
            Issue.record("no snapshot")
            return
        }
        #expect(snapshot.asOf == "x_1")
        #expect(snapshot.channel == nil)
        let only = try #require(snapshot.streams.first)
        #expect(only.state == .init(rawValue: "paused"))
        #expect(only.text == "ab")
        #expect(only.usage?.input == 4)
        #expect(only.isCut)
        #expect(only.end == nil)
        let parts = try #require(only.choices.first?.parts)
        #expect(parts[0].citations == [Citation(url: "u", title: "t", raw: "{}")])
        #expect(parts[1].content == .toolCall(id: "c", name: "f", arguments: "{}"))
        #expect(
            parts[2].content == .unknown(type: "image", .object([("part", .integer(2)), ("type", .string("image"))]))
        )
        let channel = #"{"asOf":"e_9","channel":"demo","streams":[\#(stream),\#(stream)],"earliest":"e_1"}"#
        guard case .snapshot(let both) = content("snapshot", channel, channel: true) else {
            Issue.record("no snapshot")
            return
        }
        #expect(both.channel == "demo")
        #expect(both.streams == [only, only])
    }

    @Test(
        "hostile data makes no trouble",
        arguments: ["", "null", "[]", "{}", "7", String(repeating: "[", count: 100_000)]
    )
    func hostile(data: String) {
        for name in ["start", "restart", "delta", "usage", "end", "snapshot", "reset", "slow", "message", ""] {
            for channel in [true, false] { #expect(event(name, data, channel: channel).data == data) }
        }
    }
}
