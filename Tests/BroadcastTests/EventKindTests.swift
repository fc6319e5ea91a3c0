import Dialects
import Testing

@testable import Broadcast

/// The table of event kinds says what is really rendered.
@Suite("Event kinds")
struct EventKindTests {
    private static let id = StreamID()
    private static let events: [TokenEvent] = [
        .start(StreamStart()), .start(StreamStart(id: "c", model: "m")), .restart(StreamStart()), text("a"),
        .delta(TokenDelta(choice: 1, part: 0, content: .reasoning("hm"))),
        .delta(TokenDelta(choice: 0, part: 1, content: .refusal("no"))),
        .delta(TokenDelta(choice: 0, part: 2, content: .toolCall(.init(id: "t1", name: "f", arguments: "{\"a\"")))),
        .delta(TokenDelta(choice: 0, part: 2, content: .toolCall(.init(arguments: ":1}")))),
        .delta(TokenDelta(choice: 0, part: 0, content: .citation(.init(url: "u", raw: "{}")))),
        .usage(TokenUsage()), .usage(TokenUsage(input: 1, output: 2, isEstimated: true)),
        .end(StreamEnd(state: .complete, terminal: "[DONE]")), .end(StreamEnd(state: .truncated)),
        .end(StreamEnd(state: .error, error: StreamError(message: "bad", type: "t", code: "c", status: 500))),
        .end(StreamEnd(state: .cancelled, error: StreamError(message: "left"))),
    ]

    @Test("has every event as the table says", arguments: events, [nil, id])
    func rendered(_ event: TokenEvent, _ stream: StreamID?) throws {
        var bytes: [UInt8] = []
        DeltaView.append(event, of: EventContext(info: makeInfo(Self.id)), naming: stream, to: &bytes)
        let name = try #require(DeltaView.name(of: event))
        let kind = try #require(EventKind.all.first { $0.name == "\(name)" })
        #expect(try kind.data.problems(with: JSONValue(parsing: bytes)) == [])
    }

    @Test("A member too many or too few, or of another type, is seen")
    func wrong() throws {
        for text in [
            #"{"reason":"trimmed","more":1}"#, "{}", #"{"reason":"else"}"#, #"{"reason":null}"#, "[]",
        ] {
            #expect(try !EventKind.reset.data.problems(with: JSONValue(parsing: Array(text.utf8))).isEmpty, "\(text)")
        }
    }

    @Test("Each kind has a name of its own, and none that browsers take for theirs")
    func names() {
        let names = EventKind.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(!names.contains("error") && !names.contains("open"))
    }

    @Test("A schema is JSON Schema")
    func schema() {
        #expect(
            EventKind.reset.data.json.jsonText == """
                {"type":"object","properties":{"reason":{"type":"string","enum":["trimmed","unknown token"]}},\
                "required":["reason"],"additionalProperties":false}
                """
        )
    }
}
