import Dialects
import Testing

@Suite struct MessageFoldTests {
    @Test("Usage is replaced member by member")
    func usage() {
        let fold = MessageFold([
            .usage(TokenUsage(input: 1, output: 2, raw: "a")), .usage(TokenUsage(output: 3, total: 4, raw: "b")),
        ])
        #expect(fold.usage == TokenUsage(input: 1, output: 3, total: 4, raw: "b"))
    }

    @Test("Choices are in order of their index and parts in order of appearance, whatever their numbers")
    func order() {
        let delta = { (choice: Int, part: Int, text: String) in
            TokenEvent.delta(TokenDelta(choice: choice, part: part, content: .text(text)))
        }
        let fold = MessageFold([
            delta(5, 9, "a"), delta(-1, 0, "b"), delta(5, 2, "c"), delta(0, 0, "d"), delta(5, 9, "e"),
        ])
        #expect(fold.choices.map(\.index) == [-1, 0, 5])
        #expect(fold.choice(5)?.parts.map(\.text) == ["ae", "c"])
        #expect(fold.text == "d")
        #expect(fold.text(choice: 7).isEmpty)
    }

    @Test("Long texts are whole, whatever the pieces they came in", arguments: [1, 7, 1023, 4096, 30_000])
    func longTexts(_ size: Int) {
        var fold = MessageFold()
        var expected = ""
        for number in 0..<max(20, 40_000 / size) {
            let piece = String(repeating: Character(Unicode.Scalar(UInt8(97 + number % 26))), count: size - 1) + "é"
            fold.add(.delta(TokenDelta(choice: 0, part: 0, content: .text(piece))))
            expected += piece
        }
        #expect(fold.text == expected)
    }

    @Test("Text beyond the limit isn't kept, nor what follows it")
    func limit() {
        var fold = MessageFold(textLimit: 5)
        let words = ["abc", "de", "", "f", ""].map {
            TokenEvent.delta(TokenDelta(choice: 0, part: 0, content: .text($0)))
        }
        for word in words.prefix(3) { fold.add(word) }
        #expect(!fold.isCut)
        for word in words { fold.add(word) }
        fold.add(.finish(choice: 0, FinishReason(openAI: "length")))
        #expect(fold.isCut)
        #expect(fold.text == "abcde")
        #expect(fold.finishReason == "length")
    }

    @Test(
        "Names and sources count as text",
        arguments: [
            TokenDelta.Content.toolCall(.init(id: "123")), .toolCall(.init(name: "123")),
            .citation(.init(url: "12", raw: "3")), .citation(.init(title: "123", raw: "")),
        ]
    )
    func limitOfNames(_ content: TokenDelta.Content) {
        let delta = TokenEvent.delta(TokenDelta(choice: 0, part: 0, content: content))
        var fold = MessageFold(textLimit: 5)
        fold.add(delta)
        #expect(!fold.isCut)
        fold.add(delta)
        #expect(fold.isCut)
    }

    @Test("Sources belong to the text that they are for, and stand in the order in which they came")
    func citations() {
        let cite = { (part: Int, url: String) in
            TokenEvent.delta(TokenDelta(choice: 0, part: part, content: .citation(Citation(url: url, raw: "{}"))))
        }
        let fold = MessageFold([
            .delta(TokenDelta(choice: 0, part: 0, content: .text("a"))), cite(0, "u1"),
            .delta(TokenDelta(choice: 0, part: 1, content: .reasoning("r"))), cite(2, "u2"),
            .delta(TokenDelta(choice: 0, part: 2, content: .text("b"))), cite(0, "u3"),
        ])
        #expect(fold.text == "ab")
        #expect(fold.choice(0)?.parts.map { $0.citations.map(\.url) } == [["u1", "u3"], [], ["u2"]])
        #expect(fold.citations.map(\.url) == ["u1", "u3", "u2"])
    }

    @Test("What came before a restart is void")
    func restart() {
        let fold = MessageFold([
            .start(StreamStart(id: "1")), .delta(TokenDelta(choice: 0, part: 0, content: .text("a"))),
            .usage(TokenUsage(input: 9)), .finish(choice: 0, FinishReason(openAI: "length")),
            .restart(StreamStart(id: "2")), .delta(TokenDelta(choice: 0, part: 0, content: .text("b"))),
        ])
        #expect(fold.start?.id == "2" && fold.hasVoided)
        #expect(!MessageFold([.start(StreamStart()), .restart(StreamStart())]).hasVoided)
        #expect(fold.text == "b")
        #expect(fold.usage == nil && fold.finishReason == nil)
    }

    @Test("R20: an estimate takes no place but its own: the provider's counts and words stay")
    func estimate() {
        let fold = MessageFold([
            .usage(TokenUsage(input: 9, output: 1, cached: 0, raw: "{}")),
            .usage(TokenUsage(output: 5, isEstimated: true, raw: "")),
        ])
        #expect(fold.usage == TokenUsage(input: 9, output: 5, cached: 0, isEstimated: true, raw: "{}"))
    }

    @Test("An empty fold has nothing to say")
    func empty() {
        let fold = MessageFold()
        #expect(fold.text.isEmpty && fold.reasoning.isEmpty && fold.toolCalls.isEmpty)
        #expect(fold.finishReason == nil && fold.start == nil && fold.end == nil && fold.usage == nil)
    }

    @Test("Start and end are kept")
    func ends() {
        let end = StreamEnd(state: .cancelled)
        let fold = MessageFold([.start(StreamStart(id: "i")), .opaque, .end(end)])
        #expect(fold.start?.id == "i")
        #expect(fold.end == end)
    }
}
