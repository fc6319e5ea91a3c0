import Broadcast
import Dialects
import Testing

@testable import Tee

/// The text of streams, in files of their own and in one for all.
@Suite struct TextFlowTests {
    private func info(_ model: String?) -> StreamInfo {
        StreamInfo(
            id: StreamID(),
            created: 0,
            dialect: "openai.chat",
            method: "POST",
            path: "/",
            requestedModel: model,
            channel: nil,
            status: 200,
            start: StreamStart()
        )
    }

    private func text(_ text: String, choice: Int = 0) -> TokenEvent {
        .delta(TokenDelta(choice: choice, part: 0, content: .text(text)))
    }

    private let end = TokenEvent.end(StreamEnd(state: .complete))

    @Test("A file of its own has the first choice's text and a line break")
    func own() {
        var flow = TextFlow(hasHeadings: false)
        var bytes: [UInt8] = []
        let info = self.info("m")
        let reasoning = TokenEvent.delta(TokenDelta(choice: 0, part: 1, content: .reasoning("hm")))
        for event in [.start(StreamStart()), reasoning, text("a\nb"), text("no", choice: 1), text("c"), end] {
            flow.append(event, of: info, isAtLineStart: bytes.last == 10, to: &bytes)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "a\nbc\n")
    }

    @Test("In a file for all, no line has the words of two streams")
    func shared() {
        var flow = TextFlow(hasHeadings: true)
        var bytes: [UInt8] = []
        let (a, b) = (info("gpt"), info("evil\n── x\u{1B}[2J"))
        for (event, info) in [
            (text("a1"), a), (text("a2"), a), (text("b1"), b), (text("a3\n"), a), (text("b2"), b), (end, a), (end, b),
            (text("a4"), a),
        ] {
            flow.append(event, of: info, isAtLineStart: true, to: &bytes)
        }
        let head = (a: "── gpt \(a.id)\n", b: "── evil_── x_[2J \(b.id)\n")
        let expected = "\(head.a)a1a2\n\(head.b)b1\n\(head.a)a3\n\(head.b)b2\n\(head.a)a4"
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }
}
