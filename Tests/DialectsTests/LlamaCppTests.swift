import Dialects
import Testing

@Suite struct LlamaCppTests {
    private let dialect = Dialect.llamaCppCompletion

    private func piece(_ text: String, index: Int = 0) -> String {
        #"data: {"index":\#(index),"content":"\#(text)","tokens":[5],"stop":false,"id_slot":-1,"tokens_predicted":1}"#
            + "\n\n"
    }

    private func last(_ members: String, index: Int = 0) -> String {
        #"data: {"index":\#(index),"content":"","stop":true,"model":"m",\#(members)}"# + "\n\n"
    }

    @Test("A completion is its pieces, and its last frame has the reason and the counts")
    func whole() {
        let counts =
            #""tokens_predicted":2,"tokens_evaluated":7,"tokens_cached":8,"timings":{"prompt_n":4,"cache_n":3}"#
        let result = decode(
            piece("Hel") + piece("lo") + last(#""stop_type":"limit","stopping_word":"",\#(counts)"#),
            dialect
        )
        let raw = #"{"tokens_evaluated":7,"tokens_predicted":2,"tokens_cached":8,"timings":{"prompt_n":4,"cache_n":3}}"#
        #expect(
            result.events == [
                .start(StreamStart()),
                .delta(TokenDelta(choice: 0, part: 0, content: .text("Hel"))),
                .delta(TokenDelta(choice: 0, part: 0, content: .text("lo"))),
                .finish(choice: 0, FinishReason(raw: "limit", kind: .length)),
                .usage(TokenUsage(input: 7, output: 2, cached: 3, raw: raw)),
            ]
        )
        #expect(result.end == StreamEnd(state: .complete, terminal: "stop"))
    }

    @Test(
        "Why it stopped is told by a word, or, in older builds, by a flag",
        arguments: [
            (#""stop_type":"eos""#, "eos", .stop), (#""stop_type":"word","stopping_word":"x""#, "word", .stop),
            (#""stopped_eos":true,"stopped_limit":false"#, "eos", .stop),
            (#""stopped_limit":true"#, "limit", .length), (#""stopped_word":true"#, "word", .stop),
            (#""stop_type":"none""#, "none", .other), (#""truncated":false"#, nil, nil),
        ] as [(String, String?, FinishReason.Kind?)]
    )
    func reasons(members: String, raw: String?, kind: FinishReason.Kind?) {
        let finish = decode(piece("a") + last(members), dialect).fold.choice(0)?.finish
        #expect(finish?.raw == raw)
        #expect(finish?.kind == kind)
    }

    @Test("Several prompts are choices, whose counts add up, and the stream is whole when all have stopped")
    func prompts() {
        let counts = #""stop_type":"eos","tokens_predicted":2,"tokens_evaluated":3"#
        let begun = piece("a") + last(counts) + piece("b", index: 1)
        #expect(decode(begun, dialect).end == StreamEnd(state: .truncated))
        let result = decode(begun + last(counts, index: 1) + piece("x"), dialect)
        #expect(result.end == StreamEnd(state: .complete, terminal: "stop"))
        #expect(result.fold.text(choice: 1) == "b")
        #expect(result.fold.text == "a")
        #expect(result.fold.usage?.input == 6)
        #expect(result.fold.usage?.output == 4)
        let huge = #""tokens_predicted":\#(Int.max)"#
        #expect(decode(last(huge) + last(huge, index: 1), dialect).fold.usage?.output == Int.max)
    }

    @Test("R5: a completion that breaks off is truncated, even behind [DONE] inside its text")
    func truncated() {
        #expect(decode(piece("a"), dialect).end == StreamEnd(state: .truncated))
        #expect(decode("", dialect).end == StreamEnd(state: .truncated))
        #expect(decode(piece("[DONE]"), dialect).end == StreamEnd(state: .truncated))
        #expect(decode(piece("a") + #"data: {"content":"","sto"#, dialect).end == StreamEnd(state: .truncated))
    }

    @Test("R12: a [DONE] ends it where a server sends one, and what comes behind is ignored")
    func marker() {
        let result = decode(piece("a") + done + piece("b"), dialect)
        #expect(result.end == StreamEnd(state: .complete, terminal: "[DONE]"))
        #expect(result.fold.text == "a")
    }

    @Test(
        "R14: an error within the stream ends it, whatever its shape",
        arguments: [
            (#"data: {"error":{"code":500,"message":"m","type":"server_error"}}"#, "server_error", 500),
            (#"error: {"code":500,"message":"m","type":"server_error"}"#, "server_error", 500),
            ("event: error\ndata: m", nil, nil),
        ] as [(String, String?, Int?)]
    )
    func errors(frame: String, type: String?, status: Int?) {
        let result = decode(piece("a") + frame + "\n\n" + done, dialect)
        #expect(result.fold.text == "a")
        #expect(result.end.state == .error)
        #expect(result.end.error?.message == "m")
        #expect(result.end.error?.type == type)
        #expect(result.end.error?.status == status)
    }

    @Test("A document is one answer, or an array of those to several prompts")
    func documents() {
        let answer = { (text: String, index: Int) in
            #"{"index":\#(index),"content":"\#(text)","stop":true,"stop_type":"eos","model":"m","tokens_predicted":1}"#
        }
        let one = decode(answer("a", 0), dialect, framing: .document)
        #expect(one.fold.text == "a")
        #expect(one.fold.start?.model == "m")
        #expect(one.end == StreamEnd(state: .complete))
        let two = decode("[\(answer("a", 0)),\(answer("b", 1))]", dialect, framing: .document)
        #expect(two.fold.text(choice: 1) == "b")
        #expect(two.end == StreamEnd(state: .complete))
        #expect(decode("[]", dialect, framing: .document).end == StreamEnd(state: .truncated))
        #expect(decode(#"{"error":{"message":"m"}}"#, dialect, framing: .document).end.state == .error)
    }

    @Test("R2: a stream gives the same events, cut anywhere, and damaged ones don't trap")
    func cuts() throws {
        let body = Array((piece("é🌍\\n") + last(#""stop_type":"eos","tokens_evaluated":7"#)).utf8)
        let whole = decode([body], dialect)
        for index in body.indices { try #require(decode(body, cutAt: index, dialect) == whole) }
        #expect(decode(body.singleBytes, dialect) == whole)
        var random = SeededRandom(seed: 1)
        for _ in 0..<500 {
            var damaged = body
            for _ in 0..<4 {
                damaged[Int.random(in: body.indices, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            try #require(decode(damaged.singleBytes, dialect) == decode([damaged], dialect))
        }
    }

    @Test("Hostile numbers of choices are bounded")
    func hostile() {
        let result = decode((0..<3000).map { piece("x", index: Int.max - $0) }.joined(), dialect)
        #expect(result.frames.count == 3000)
        #expect(result.fold.choices.count == 1024)
    }
}
