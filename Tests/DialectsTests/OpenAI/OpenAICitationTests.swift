import Dialects
import Testing

@Suite struct OpenAICitationTests {
    private func citations(_ result: Decoded) -> [String?] { result.fold.citations.map(\.url) }

    @Test("An annotation is a source of the text that it comes behind, whichever way it is nested")
    func annotations() {
        let result = decode(
            chunk(#"{"reasoning":"r"}"#) + chunk(#"{"content":"a"}"#)
                + chunk(
                    #"{"content":"","annotations":[{"type":"url_citation","url_citation":{"url":"https://x","title":"X","#
                        + #""start_index":0,"end_index":1}},{"type":"url_citation","url":"https://y","title":"Y"}]}"#
                )
                + chunk(#"{"annotations":[{"type":"file","file":{"name":"n"}},null,1]}"#)
                + chunk(#"{"annotations":[{"type":"file_citation","file_id":"f"}]}"#) + done
        )
        #expect(citations(result) == ["https://x", "https://y", nil])
        #expect(result.fold.citations.map(\.title) == ["X", "Y", nil])
        #expect(result.fold.citations.last?.raw == #"{"type":"file_citation","file_id":"f"}"#)
        #expect(result.deltas.map(\.part) == [0, 1, 1, 1, 1])
        #expect(result.fold.text == "a")
    }

    @Test("The same address cited at two places is two sources, and one told twice is one")
    func places() {
        let annotation = { (start: Int) in
            #"{"type":"url_citation","url_citation":{"url":"https://x","start_index":\#(start)}}"#
        }
        let result = decode(
            chunk(#"{"annotations":[\#(annotation(0))]}"#)
                + chunk(#"{"annotations":[\#(annotation(0)),\#(annotation(7))]}"#) + done
        )
        #expect(citations(result) == ["https://x", "https://x"])
    }

    /// A chunk of Perplexity's, which has all that was said so far beside the delta, and the sources again.
    private func perplexity(_ delta: String, _ message: String, _ sources: String) -> String {
        #"data: {"id":"p","model":"sonar","object":"chat.completion.chunk",\#(sources),"choices":[{"index":0,"#
            + #""message":{"role":"assistant","content":"\#(message)"},"delta":{"content":"\#(delta)"}}]}"# + "\r\n\r\n"
    }

    @Test("Sources that stand beside the choices of every chunk are told once, with their titles where they have some")
    func repeated() {
        let first = #""citations":["https://x","https://y"],"search_results":[{"title":"X","url":"https://x"}]"#
        let more = #""citations":["https://x","https://z"],"search_results":[{"title":"X","url":"https://x"}]"#
        let result = decode(
            perplexity("a", "a", first) + perplexity("b", "ab", first) + perplexity("c", "abc", more) + done
        )
        #expect(result.fold.text == "abc")
        #expect(citations(result) == ["https://x", "https://y", "https://z"])
        #expect(result.fold.citations.map(\.title) == ["X", nil, nil])
        #expect(result.counts == [4, 1, 2, 1])
        #expect(result.fold.citations.map(\.raw).last == #""https://z""#)
    }

    @Test("Sources that come before the text belong to the text that follows, whatever is between")
    func early() {
        let sources = #"data: {"choices":[],"citations":["https://x"]}"# + "\n\n"
        let result = decode(
            chunk(#"{"reasoning":"r"}"#) + sources + chunk(#"{"reasoning":"s"}"#) + chunk(#"{"content":"a"}"#)
                + chunk(#"{"content":"b"}"#) + done
        )
        #expect(result.deltas.map(\.part) == [0, 1, 0, 1, 1])
        let parts = result.fold.choices.first?.parts ?? []
        #expect(parts.map(\.kind) == [.reasoning, .text])
        #expect(parts.map(\.text) == ["rs", "ab"])
        #expect(parts.last?.citations.map(\.url) == ["https://x"])
    }

    @Test("Hostile numbers of sources are neither all told nor all remembered")
    func hostile() {
        var text = ""
        for number in 0..<30 {
            let urls = (0..<200).map { #""https://\#(number)/\#($0)""# }.joined(separator: ",")
            text += #"data: {"choices":[],"citations":[\#(urls)]}"# + "\n\n"
            text += chunk(#"{"content":[\#(String(repeating: #"{"type":"reference"},"#, count: 50))1]}"#)
        }
        let result = decode(text)
        #expect(result.frames.count == 60)
        #expect(result.fold.citations.count == 1024)
    }

    @Test("Lists of sources of the wrong kind are passed over", arguments: ["{}", "1", "[null,1,[]]", #""x""#, "[]"])
    func wrongKinds(list: String) {
        let data = #"data: {"choices":[{"delta":{"annotations":\#(list)}}],"citations":\#(list),"#
        #expect(decode(data + #""search_results":\#(list)}"# + "\n\n").events == [.start(StreamStart())])
    }
}
