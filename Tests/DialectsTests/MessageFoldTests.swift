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
