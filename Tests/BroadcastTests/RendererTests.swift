import Dialects
import NIOCore
import TestSupport
import Testing

@testable import Broadcast

/// The bytes that readers get: exactly these.
@Suite struct RendererTests {
    private let id = StreamID(String(repeating: "0", count: 35) + "1").unsafelyUnwrapped
    private let channel = StreamID(String(repeating: "0", count: 35) + "2").unsafelyUnwrapped

    private func render(
        _ batches: [EventBatch],
        _ view: View,
        _ transport: ViewFormat.Transport = .plainEventStream,
        from: Int = 1,
        epoch: StreamID? = nil,
        includesUsage: Bool = false
    ) -> String {
        var list = SegmentList()
        for batch in batches { list.append(batch) }
        let format = ViewFormat(view: view, transport: transport, includesUsage: includesUsage)
        let renderer = EventRenderer(format: format)
        let piece = renderer.render(list, from: from, atMost: .max, epoch: epoch ?? id)
        #expect(piece.next == list.next)
        return String(buffer: piece.bytes)
    }

    @Test func theDeltaView() {
        let expected = """
            event: start
            id: \(id)_0000000001
            data: {"dialect":"openai.chat","model":"m1","id":"c1","method":"POST","path":"/v1/chat/completions",\
            "status":200,"created":1700000000}

            event: delta
            id: \(id)_0000000002
            data: {"choice":0,"part":0,"type":"text","text":" Hi\\n\\"\u{E9}\\""}

            event: usage
            id: \(id)_0000000003
            data: {"input_tokens":3,"output_tokens":2,"total_tokens":5,"cached_tokens":null,\
            "cache_creation_tokens":null,"reasoning_tokens":null}

            event: end
            id: \(id)_0000000005
            data: {"state":"complete","finish":"stop","terminal":"[DONE]"}


            """
        #expect(render([wholeStream(makeInfo(id))], .delta) == expected)
    }

    @Test func everyKindOfDeltaAndABadEnd() {
        let events: [TokenEvent] = [
            .delta(TokenDelta(choice: 1, part: 0, content: .reasoning("hm"))),
            .delta(TokenDelta(choice: 0, part: 1, content: .refusal("no"))),
            .delta(TokenDelta(choice: 0, part: 2, content: .toolCall(.init(id: "t1", name: "f", arguments: "{\"a\"")))),
            .delta(TokenDelta(choice: 0, part: 2, content: .toolCall(.init(arguments: ":1}")))),
            .end(StreamEnd(state: .error, error: StreamError(message: "bad", type: "t", code: "c", status: 500))),
        ]
        let lines = render([makeBatch(makeInfo(id), events)], .delta).split(separator: "\n").filter {
            $0.hasPrefix("data")
        }
        #expect(
            lines == [
                #"data: {"choice":1,"part":0,"type":"reasoning","text":"hm"}"#,
                #"data: {"choice":0,"part":1,"type":"refusal","text":"no"}"#,
                #"data: {"choice":0,"part":2,"type":"tool_call","id":"t1","name":"f","arguments":"{\"a\""}"#,
                #"data: {"choice":0,"part":2,"type":"tool_call","id":null,"name":null,"arguments":":1}"}"#,
                #"data: {"state":"error","finish":null,"terminal":null,"error":{"message":"bad","type":"t","code":"c","status":500}}"#,
            ]
        )
    }

    @Test func aChannelNamesTheStreamOfEachEvent() {
        let line = render([makeBatch(makeInfo(id), [text("a")])], .delta, epoch: channel)
        #expect(
            line == """
                event: delta
                id: \(channel)_0000000001
                data: {"choice":0,"part":0,"type":"text","text":"a","stream":"\(id)"}


                """
        )
    }

    @Test func theTextView() {
        let events = [text("a\nb"), text("second choice", choice: 1), text(" c")]
        let stream = makeBatch(makeInfo(id), events + [.end(StreamEnd(state: .truncated))])
        #expect(
            render([stream], .text) == """
                id: \(id)_0000000001
                data: a
                data: b

                id: \(id)_0000000003
                data:  c

                event: end
                id: \(id)_0000000004
                data: {"state":"truncated","finish":null,"terminal":null}


                """
        )
    }

    @Test func theRawView() {
        var buffer = EventBuffer()
        for (name, data) in [("", "one"), ("ping", "two\nlines"), ("", "")] {
            buffer.openFrame(name: Array(name.utf8).span.bytes, data: Array(data.utf8).span.bytes)
            if name.isEmpty { for _ in 0..<2 { buffer.append(text("x")) } }
            buffer.closeFrame()
        }
        buffer.append(.end(StreamEnd(state: .complete)))
        let batch = EventBatch(info: makeInfo(id), content: buffer, offset: 0)
        let expected = [
            "id: \(id)_0000000002\ndata: one\n\n",
            "event: ping\nid: \(id)_0000000003\ndata: two\ndata: lines\n\n",
            "id: \(id)_0000000005\ndata: \n\n",
        ]
        // A frame comes whole or not at all: its number is that of its last event.
        for (from, skipped) in [(1, 0), (2, 0), (3, 1), (4, 2), (5, 2), (6, 3)] {
            #expect(render([batch], .raw, from: from) == expected.dropFirst(skipped).joined(), "from \(from)")
        }
    }

    @Test func theOpenAIView() {
        let head = #"{"id":"c1","object":"chat.completion.chunk","created":1700000000,"model":"m1","#
        #expect(
            render([wholeStream(makeInfo(id))], .openai, includesUsage: true) == """
                id: \(id)_0000000001
                data: \(head)"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

                id: \(id)_0000000002
                data: \(head)"choices":[{"index":0,"delta":{"content":" Hi\\n\\"\u{E9}\\""},"finish_reason":null}]}

                id: \(id)_0000000004
                data: \(head)"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

                id: \(id)_0000000005
                data: \(head)"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}

                id: \(id)_0000000005
                data: [DONE]


                """
        )
        #expect(!render([wholeStream(makeInfo(id))], .openai).contains("usage"))
        let broken = makeBatch(makeInfo(id), [.end(StreamEnd(state: .cancelled))])
        #expect(
            render([broken], .openai) == """
                id: \(id)_0000000001
                data: {"error":{"message":"the upstream's stream was cancelled","type":"stream_cancelled","param":null,"code":null}}


                """
        )
    }

    @Test("The openai view says why a choice ended in OpenAI's words, and where a source is, if that is on the web")
    func translation() {
        let events: [TokenEvent] = [
            .delta(TokenDelta(choice: 0, part: 0, content: .citation(Citation(url: "u", title: "t", raw: "{}")))),
            .delta(TokenDelta(choice: 0, part: 0, content: .citation(Citation(raw: "{}")))),
            .finish(choice: 0, FinishReason(raw: "tool_use", kind: .toolCalls)),
            .finish(choice: 1, FinishReason(raw: "SPII", kind: .contentFilter)),
            .finish(choice: 2, FinishReason(raw: "load", kind: .other)),
        ]
        let data = render([makeBatch(makeInfo(id), events)], .openai).split(separator: "\n").filter {
            $0.hasPrefix("data")
        }
        let citation = #"{"annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t"}}]}"#
        #expect(data.count == 4)
        #expect(data.first?.contains(citation) == true)
        for (line, word) in zip(data.dropFirst(), ["tool_calls", "content_filter", "load"]) {
            #expect(line.hasSuffix(#""finish_reason":"\#(word)"}]}"#))
        }
    }

    @Test("R16: what a restart made void can't be taken back in the openai view, so its end is an error")
    func voided() {
        let batch = makeBatch(
            makeInfo(id),
            [text("a"), .restart(StreamStart()), .end(StreamEnd(state: .complete))],
            summary: .init(hasVoided: true)
        )
        let view = render([batch], .openai)
        #expect(view.contains(#""type":"stream_restarted""#) && !view.contains("[DONE]"))
        #expect(render([batch], .delta).contains(#""state":"complete""#))
    }

    @Test("The delta view shows sources, a message that began anew, and a count that is ours")
    func restartAndCitation() {
        let events: [TokenEvent] = [
            .restart(StreamStart(id: "c2", model: "m2")),
            .delta(TokenDelta(choice: 0, part: 0, content: .citation(Citation(url: "u", raw: #"{"a":1}"#)))),
            .usage(TokenUsage(output: 7, isEstimated: true, raw: "")),
        ]
        let lines = render([makeBatch(makeInfo(id), events)], .delta).split(separator: "\n").filter {
            !$0.hasPrefix("id")
        }
        #expect(
            lines == [
                "event: restart", #"data: {"model":"m2","id":"c2"}"#, "event: delta",
                #"data: {"choice":0,"part":0,"type":"citation","url":"u","title":null,"raw":"{\"a\":1}"}"#,
                "event: usage",
                #"data: {"input_tokens":null,"output_tokens":7,"total_tokens":null,"cached_tokens":null,"#
                    + #""cache_creation_tokens":null,"reasoning_tokens":null,"estimated":true}"#,
            ]
        )
    }

    @Test("Chunks hold a whole rendering", arguments: View.allCases)
    func chunks(view: View) throws {
        let plain = render([wholeStream(makeInfo(id))], view)
        let size = String(plain.utf8.count, radix: 16)
        #expect(render([wholeStream(makeInfo(id))], view, .chunkedEventStream) == "\(size)\r\n\(plain)\r\n")
    }

    @Test func renderingStopsAtItsLimitAndGoesOnThere() {
        var list = SegmentList()
        for index in 0..<50 { list.append(makeBatch(makeInfo(id), [text("a\(index)"), text("b\(index)")])) }
        for view in View.allCases {
            let renderer = EventRenderer(format: ViewFormat(view: view, transport: .plainEventStream))
            let whole = renderer.render(list, from: 1, atMost: .max, epoch: id)
            for limit in [1, 100, 1000, 3000] {
                var bytes = ByteBuffer()
                var next = 1
                var count = 0
                while next < list.next {
                    let piece = renderer.render(list, from: next, atMost: limit, epoch: id)
                    #expect(piece.next > next)
                    bytes.writeImmutableBuffer(piece.bytes)
                    count += piece.count
                    next = piece.next
                }
                #expect(bytes == whole.bytes)
                #expect(count == whole.count)
            }
        }
    }

    @Test func nothingIsRenderedOfWhatIsGoneOrHasNotCome() {
        var list = SegmentList()
        list.append(makeBatch(makeInfo(id), [text("a")]))
        let renderer = EventRenderer(format: ViewFormat(view: .delta, transport: .chunkedEventStream))
        let piece = renderer.render(list, from: 2, atMost: .max, epoch: id)
        #expect(piece.bytes.readableBytes == 0)
        #expect(piece.next == 2)
        #expect(piece.count == 0)
    }

    @Test func theWelcome() throws {
        let renderer = EventRenderer(format: ViewFormat(view: .delta, transport: .plainEventStream))
        let welcome = String(buffer: renderer.renderPriming(epoch: id, before: 8))
        let retry = try #require(welcome.split(separator: "\n").first?.dropFirst(7))
        #expect(welcome == "retry: \(retry)\nid: \(id)_0000000007\n\n")
        #expect((1000...3000).contains(try #require(Int(retry))))
        let nowhere = String(buffer: renderer.renderPriming(epoch: id, before: nil))
        #expect(nowhere.hasPrefix("retry: ") && nowhere.hasSuffix("\n\n") && !nowhere.contains("id:"))
        for view in [View.raw, .openai] {
            let simple = EventRenderer(format: ViewFormat(view: view, transport: .plainEventStream))
            #expect(simple.renderPriming(epoch: id, before: 8).readableBytes == 0)
        }
    }

    @Test("A snapshot stands behind its reset, which has no id to come back with")
    func snapshots() {
        func render(_ json: String, _ view: View, _ transport: ViewFormat.Transport, _ channel: String?) -> String {
            let token = ResumeToken(epoch: id, sequence: 7)
            let snapshot = Snapshot(asOf: token, earliest: token, openJSON: Array(json.utf8))
            let renderer = EventRenderer(format: ViewFormat(view: view, transport: transport))
            return String(buffer: renderer.render(snapshot, reset: "trimmed", channel: channel))
        }
        let token = "\(id)_0000000007"
        #expect(
            render(#"{"a":1"#, .delta, .plainEventStream, nil) == """
                event: reset
                data: {"reason":"trimmed"}

                event: snapshot
                id: \(token)
                data: {"a":1}


                """
        )
        #expect(
            render("one\ntwo", .text, .plainEventStream, nil).hasSuffix(
                "event: snapshot\nid: \(token)\ndata: one\ndata: two\n\n"
            )
        )
        #expect(
            render("one\ntwo", .text, .json, "c") == """
                {"type":"reset","channel":"c","data":{"reason":"trimmed"}},\
                {"type":"snapshot","id":"\(token)","channel":"c","data":"one\\ntwo"}
                """
        )
        #expect(
            render(#"{"a":1"#, .delta, .json, nil).hasSuffix(
                #"{"type":"snapshot","id":"\#(token)","stream":"\#(id)","data":{"a":1}}"#
            )
        )
    }
}
