import Testing

@testable import Broadcast

/// Names of streams and places in them.
@Suite struct IdentityTests {
    @Test func idsAreReadAsTheyAreWritten() throws {
        for _ in 0..<1000 {
            let id = StreamID()
            #expect(id.description.utf8.count == 36)
            #expect(StreamID(id.description) == id)
        }
    }

    @Test func idsSortByTheTimeTheyWereMade() {
        let times: [UInt64] = [0, 1, 31, 32, 1023, 1024, 1_700_000_000_000, 1_700_000_000_001, 1 << 47, (1 << 48) - 1]
        let ids = times.map { StreamID(milliseconds: $0).description }
        #expect(ids == ids.sorted())
    }

    @Test func noTwoIDsAreTheSame() {
        let ids = Set((0..<10_000).map { _ in StreamID(milliseconds: 7).description })
        #expect(ids.count == 10_000)
        // What isn't time is random in every place.
        for place in 10..<36 { #expect(Set(ids.map { Array($0.utf8)[place] }).count == 32, "place \(place)") }
    }

    @Test(
        "What can't be an id isn't one",
        arguments: [
            "", "0", String(repeating: "0", count: 35), String(repeating: "0", count: 37),
            String(repeating: "0", count: 35) + "w", String(repeating: "0", count: 35) + "A",
            String(repeating: "0", count: 35) + "/", String(repeating: "\u{E9}", count: 18),
        ]
    )
    func noIDs(text: String) {
        #expect(StreamID(text) == nil)
    }

    @Test("Tokens are read as they are written, and sort as text", arguments: [0, 1, 9, 10, 65_535, 9_999_999_999])
    func tokens(sequence: Int) throws {
        let epoch = StreamID()
        let token = ResumeToken(epoch: epoch, sequence: sequence)
        #expect(ResumeToken(token.description) == token)
        #expect(token.description.hasPrefix(epoch.description + "_"))
        #expect(token.description.utf8.count == 47)
        let before = ResumeToken(epoch: epoch, sequence: max(0, sequence - 1)).description
        #expect(sequence == 0 || before < token.description)
        // A reader may have cut the zeroes.
        #expect(ResumeToken("\(epoch)_\(sequence)") == token)
    }

    @Test(
        "What can't be a token isn't one",
        arguments: [
            "", "_", "_1", "x_1", "E_", "E_-1", "E_+1", "E_1.0", "E_12345678901", "E_\u{0661}", "E1", "E_1_", "E__1",
        ]
    )
    func noTokens(text: String) {
        let epoch = String(repeating: "0", count: 36)
        #expect(ResumeToken(text.replacing("E", with: epoch)) == nil)
        #expect(ReadPosition(text.replacing("E", with: epoch)) == nil)
    }

    @Test func positions() {
        #expect(ReadPosition("earliest") == .earliest)
        #expect(ReadPosition("now") == .now)
        #expect(ReadPosition("NOW") == nil)
        let token = ResumeToken(epoch: StreamID(), sequence: 7)
        #expect(ReadPosition(token.description) == .after(token))
    }

    @Test(
        "Channel names",
        arguments: [
            ("a", true), ("a.b_c-D9", true), ("", false), ("a b", false), ("a/b", false), ("\u{E9}", false),
            ("..", true),
            (String(repeating: "x", count: 128), true), (String(repeating: "x", count: 129), false),
        ]
    )
    func channelNames(name: String, isValid: Bool) {
        #expect(EventChannel.isValid(name: name) == isValid)
    }
}
