import Testing

@testable import Tokencast

@Suite("What a TokenStream's URL may be")
struct StreamAddressTests {
    private func address(
        _ url: String,
        since: TokenStream.Since = .earliest,
        catchUp: TokenStream.CatchUp = .replay
    ) throws(TokenStreamError) -> StreamAddress {
        try StreamAddress(url, since: since, catchUp: catchUp)
    }

    @Test func streamsAndChannelsAreToldByThePath() throws {
        #expect(try address("http://h:1/streams/abc").subject == .stream("abc"))
        #expect(try address("HTTPS://h/behind/a/proxy/channels/a%2Eb").subject == .channel("a.b"))
    }

    @Test func theQueryIsKeptAndAddedTo() throws {
        #expect(try address("http://h/streams/a").url == "http://h/streams/a?since=earliest")
        let link = "http://h/channels/a?expires=17&signature=x%2By"
        #expect(try address(link, since: .now, catchUp: .fold).url == link + "&since=now&catchup=fold")
        let id = Answers.id(3)
        #expect(try address("http://h/streams/a?", since: .event(id)).url == "http://h/streams/a?since=\(id)")
    }

    @Test(
        "anything else is said to be wrong",
        arguments: [
            "", "h/streams/a", "ftp://h/streams/a", "http://h", "http://h/streams/", "http://streams/a",
            "http://h/v1/models",
            "http://h/streams/a/b", "http://h/streams/a b", "http://h/streams/a\r\nX: y", "http://h/channels/a#b",
            "http://h/channels/a?view=text", "http://h/channels/a?x=1&%73ince=now", "http://h/streams/\u{FC}",
        ]
    )
    func wrong(url: String) {
        #expect { try address(url) } throws: { ($0 as? TokenStreamError)?.code == .invalidURL }
    }

    @Test("an id goes into the query as it is, so it must fit there", arguments: ["a b", "a&view=text", "\r\n", "a#"])
    func wrongIDs(id: String) {
        #expect(throws: TokenStreamError.self) { try address("http://h/streams/a", since: .event(id)) }
    }
}
