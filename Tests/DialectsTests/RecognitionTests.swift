import Dialects
import Testing

/// Which dialect reads a stream, where its path and its frames disagree.
@Suite struct RecognitionTests {
    private static let ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n"

    @Test("Pings in front say nothing of what follows", arguments: [Dialect.openAIChat, .anthropicMessages, .generic])
    func pings(_ dialect: Dialect) {
        let chat = decode(Self.ping + Self.ping + chunk(#"{"content":"hi"}"#) + done, dialect)
        #expect(chat.dialect == "openai.chat")
        #expect(chat.fold.text == "hi")
        // What came first had no model; the dialect that takes over has.
        #expect(chat.fold.start?.model == (dialect.name == "openai.chat" ? nil : "m1"))
        #expect(chat.end == StreamEnd(state: .complete, terminal: "[DONE]"))
        let pingsAlone = decode(Self.ping + Self.ping, dialect)
        #expect(pingsAlone.dialect == dialect.name && pingsAlone.fold.choices.isEmpty)
    }

    @Test("The first frames are asked as long as nobody understands them, and no more than eight of them")
    func late() {
        let unknown = "data: {\"x\":1}\n\n"
        let start = #"data: {"type":"message_start","message":{"id":"i","model":"m","content":[]}}"# + "\n\n"
        for (count, dialect) in [(7, "anthropic.messages"), (8, "generic")] {
            let result = decode(String(repeating: unknown, count: count) + start, .generic)
            #expect(result.dialect == dialect)
            #expect(result.fold.start?.id == (count == 7 ? "i" : nil))
            #expect(result.frames.count == count + 1)
        }
        // Once the dialect has understood something, it stays.
        let chat = decode(chunk(#"{"content":"a"}"#) + start + done, .openAIChat)
        #expect(chat.dialect == "openai.chat" && chat.fold.text == "a")
    }

    @Test(
        "What any service might send is nobody's",
        arguments: [
            "event: messageStart\ndata: {\"id\":1}\n\n", "event: JobException\ndata: {\"id\":1}\n\n",
            #"data: {"candidates":[{"name":"Ann","content":{"bio":"x"}}]}"# + "\n\n",
            #"data: {"error":{"code":404,"status":"open"}}"# + "\n\n", "event: chunk\ndata: {\"bytes\":\"YQ==\"}\n\n",
        ]
    )
    func nobodys(_ frame: String) {
        let result = decode(frame, .generic)
        #expect(result.dialect == "generic")
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test("R18: where both APIs' names are given, chat's count", arguments: [true, false])
    func bothNames(isFirst: Bool) {
        let chat = #""prompt_tokens":13,"completion_tokens":7"#
        let other = #""input_tokens":0,"output_tokens":0"#
        let usage = isFirst ? "\(chat),\(other)" : "\(other),\(chat)"
        let result = decode("data: {\"choices\":[],\"usage\":{\(usage)}}\n\n" + done)
        #expect(result.fold.usage?.input == 13 && result.fold.usage?.output == 7)
    }

    @Test("Choices and candidates without number are passed over", arguments: ["choices", "candidates"])
    func manyElements(name: String) {
        let frame = "data: {\"\(name)\":[" + String(repeating: "{},", count: 200_000) + "{}]}\n\n"
        for dialect in [Dialect.openAIChat, .gemini] {
            #expect(decode(frame, dialect).deltas.isEmpty)
        }
    }

    @Test("A word longer than any provider's has no meaning, and costs no more than its length")
    func longWords() {
        // Compared by its characters, a run of marks would have to be sorted first.
        let word = "stop" + String(repeating: "\u{301}", count: 200_000) + String(repeating: "\u{327}", count: 200_000)
        let frame = chunk("{}", finish: "\"\(word)\"")
        let result = decode(frame + frame + done)
        #expect(result.fold.choice(0)?.finish?.kind == .other)
        #expect(result.events.count { if case .finish = $0 { true } else { false } } == 1)
    }
}
