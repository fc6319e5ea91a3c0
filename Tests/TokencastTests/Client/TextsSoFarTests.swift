import Testing

@testable import Tokencast

/// The text that a screen shows.
@Suite struct TextsSoFarTests {
    private var texts = TextsSoFar()

    private mutating func add(
        _ name: String,
        _ data: String,
        to subject: StreamAddress.Subject = .stream("s")
    ) -> String? {
        texts.add(TokenStreamEvent(name: name, data: Array(data.utf8), id: nil, of: subject))
    }

    private static func delta(_ text: String, type: String = "text", choice: Int = 0, stream: String = "s") -> String {
        #"{"choice":\#(choice),"part":0,"type":"\#(type)","text":"\#(text)","stream":"\#(stream)"}"#
    }

    @Test mutating func itGrowsByTheTextOfTheFirstChoice() {
        #expect(add("start", "{}") == nil)
        #expect(add("delta", Self.delta("a")) == "a")
        #expect(add("delta", Self.delta("x", type: "reasoning")) == nil)
        #expect(add("delta", Self.delta("x", choice: 1)) == nil)
        #expect(add("delta", Self.delta("b")) == "ab")
    }

    @Test mutating func aRestartEmptiesItAndASnapshotReplacesIt() {
        #expect(add("restart", "{}") == nil)
        #expect(add("delta", Self.delta("a")) == "a")
        #expect(add("restart", "{}") == "")
        #expect(add("delta", Self.delta("b")) == "b")
        let parts = #"[{"index":0,"finish":null,"parts":[{"part":0,"type":"text","text":"all"}]}]"#
        #expect(add("snapshot", #"{"stream":"s","state":"streaming","choices":\#(parts)}"#) == "all")
        #expect(add("delta", Self.delta("!")) == "all!")
    }

    @Test mutating func aChannelsStreamsAreKeptApart() {
        let demo = StreamAddress.Subject.channel("demo")
        #expect(add("delta", Self.delta("a", stream: "1"), to: demo) == "a")
        #expect(add("delta", Self.delta("b", stream: "2"), to: demo) == "b")
        #expect(add("delta", Self.delta("c", stream: "1"), to: demo) == "ac")
        #expect(add("end", #"{"state":"complete","stream":"1"}"#, to: demo) == nil)
        #expect(add("delta", Self.delta("d", stream: "1"), to: demo) == "d", "what has ended is forgotten")
    }
}
