import Testing

@testable import Server

/// `Accept` decides between events and a snapshot.
@Suite struct RepresentationTests {
    @Test(
        "An event stream is what one gets unless JSON is liked better",
        arguments: [
            ([], .eventStream), ([""], .eventStream), (["*/*"], .eventStream), (["text/event-stream"], .eventStream),
            (["application/json"], .snapshot), (["Application/JSON; charset=utf-8"], .snapshot),
            (["application/*"], .snapshot), (["text/*"], .eventStream),
            // What a browser sends that opens a page, and what its fetch() does.
            (["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"], .eventStream),
            // What axios sends.
            (["application/json, text/plain, */*"], .snapshot),
            (["application/json, text/event-stream"], .eventStream),
            (["text/event-stream, application/json"], .eventStream),
            (["application/json;q=0.9, text/event-stream;q=0.8"], .snapshot),
            (["application/json;q=0.8", "text/event-stream;q=0.9"], .eventStream),
            (["application/json;q=0, */*"], .eventStream), (["text/event-stream;q=0, */*;q=0.1"], .snapshot),
            (["application/json;q=0"], .eventStream), (["application/json ; q=0.001"], .snapshot),
            (["application/json;q=2"], .eventStream), (["application/json;q=x"], .eventStream),
            (["application/json;q=0.1234"], .eventStream), (["text/html"], .eventStream), (["json"], .eventStream),
            ([",;/,application/json"], .snapshot),
        ] as [([String], Representation)]
    )
    func choice(accept: [String], expected: Representation) {
        #expect(Representation(accept: accept) == expected)
    }
}
