import Dialects
import Testing
import Upstream

@testable import Tokencast

/// The reader's state machine: no sockets, no clock.
@Suite struct StreamFollowerTests {
    private let start = ContinuousClock.now
    private static let url = "http://h/streams/\(Answers.stream)"

    private func follower(
        _ url: String = url,
        since: TokenStream.Since = .earliest,
        catchUp: TokenStream.CatchUp = .replay,
        reconnection: TokenStream.Reconnection = .init()
    ) throws -> StreamFollower {
        let address = try StreamAddress(url, since: since, catchUp: catchUp)
        return StreamFollower(address, since: since, reconnection: reconnection)
    }

    private static let head = StreamFollower.Head(status: 200, type: "text/event-stream; charset=utf-8")

    /// Feeds text; gives what is handed to the reader.
    private func feed(_ follower: inout StreamFollower, _ text: some Sequence<UInt8>) -> [TokenStreamEvent] {
        let bytes = Array(text)
        return follower.received(bytes.span.bytes).compactMap { if case .give(let event) = $0 { event } else { nil } }
    }

    private func connect(_ follower: inout StreamFollower) -> String? {
        let actions = follower.begin() + follower.waited()
        guard case .connect(let id) = actions.last else {
            Issue.record("no connection: \(actions)")
            return nil
        }
        _ = follower.head(Self.head)
        return id
    }

    @Test func cutAtEveryByteAndResumedItGivesEachEventOnce() throws {
        let whole = Array(Answers.rest(after: 0).utf8)
        var uncut = try follower()
        _ = connect(&uncut)
        let expected = feed(&uncut, whole)
        #expect(expected.count == Answers.whole.count)
        #expect(expected.compactMap(\.text) == Answers.texts)
        for cut in 0...whole.count {
            var follower = try follower()
            #expect(connect(&follower) == nil)
            var got = feed(&follower, whole[..<cut])
            let actions = follower.ended(UpstreamFailure(.reset, "cut"), at: start, chance: 0)
            if got.last == expected.last {
                #expect(actions == [], "behind the end nothing is left to do")
                continue
            }
            guard case .wait(let wait) = actions.last else {
                Issue.record("cut at \(cut): \(actions)")
                continue
            }
            let isPrimed = cut > 8
            #expect(isPrimed ? wait == .milliseconds(1) : wait >= .milliseconds(500))
            let id = connect(&follower)
            #expect(id == got.last?.id)
            got += feed(&follower, Answers.rest(after: got.last?.sequence ?? 0).utf8)
            #expect(got == expected, "cut at \(cut)")
        }
    }

    @Test func aPieceOfOneByteAtATimeMakesNoDifference() throws {
        var follower = try follower()
        _ = connect(&follower)
        var got: [TokenStreamEvent] = []
        for byte in Answers.rest(after: 0).utf8 { got += feed(&follower, [byte]) }
        #expect(got.compactMap(\.text) == Answers.texts)
        #expect(got.map(\.sequence) == [1, 2, 3, 4, 6, 7])
    }

    @Test func whatWasGivenIsNotGivenAgain() throws {
        var follower = try follower()
        _ = connect(&follower)
        #expect(feed(&follower, (Answers.delta(2, "a") + Answers.delta(3, "b")).utf8).count == 2)
        _ = follower.ended(nil, at: start, chance: 0)
        #expect(connect(&follower) == Answers.id(3))
        // A server that begins too early.
        let again = feed(&follower, (Answers.delta(2, "a") + Answers.delta(3, "b") + Answers.delta(4, "c")).utf8)
        #expect(again.map(\.text) == ["c"])
    }

    @Test func theIDToBeginWithCountsAsGiven() throws {
        var follower = try follower(since: .event(Answers.id(3)))
        #expect(connect(&follower) == nil, "the query says it")
        #expect(feed(&follower, (Answers.delta(3, "b") + Answers.delta(4, "c")).utf8).map(\.text) == ["c"])
    }

    @Test func aReaderOfNowKeepsThePlaceBeforeItsFirstEvent() throws {
        var follower = try follower("http://h/channels/demo", since: .now)
        #expect(connect(&follower) == nil)
        #expect(feed(&follower, Answers.prime(41).utf8) == [])
        _ = follower.ended(nil, at: start, chance: 0)
        #expect(connect(&follower) == Answers.id(41))
    }

    @Test func aReaderOfTheFoldComesBackForItsSnapshot() throws {
        var follower = try follower(catchUp: .fold)
        _ = connect(&follower)
        #expect(feed(&follower, Answers.prime(41).utf8) == [])
        _ = follower.ended(nil, at: start, chance: 0)
        #expect(connect(&follower) == nil)
        let snapshot = #"{"asOf":"\#(Answers.id(41))","stream":"\#(Answers.stream)","state":"streaming","choices":[]}"#
        let got = feed(&follower, (Answers.prime(41) + Answers.event("snapshot", 41, snapshot)).utf8)
        #expect(got.map(\.id) == [Answers.id(41)])
        _ = follower.ended(nil, at: start, chance: 0)
        #expect(connect(&follower) == Answers.id(41))
    }

    @Test func behindAResetEverythingIsNewAndOnlyTheSnapshotMovesThePlace() throws {
        var follower = try follower(since: .event(Answers.id(999)))
        _ = connect(&follower)
        let reset = Answers.event("reset", 5, #"{"reason":"unknown token"}"#)
        let got = feed(&follower, (Answers.prime(5) + reset).utf8)
        #expect(got.map(\.content) == [.reset(reason: "unknown token")])
        #expect(got.map(\.id) == [nil])
        _ = follower.ended(nil, at: start, chance: 0)
        #expect(connect(&follower) == nil, "else the snapshot would be lost")
        let snapshot = #"{"asOf":"\#(Answers.id(5))","stream":"\#(Answers.stream)","state":"streaming","choices":[]}"#
        let rest = feed(&follower, (reset + Answers.event("snapshot", 5, snapshot) + Answers.delta(6, "x")).utf8)
        #expect(rest.map(\.name) == ["reset", "snapshot", "delta"])
        _ = follower.ended(nil, at: start, chance: 0)
        #expect(connect(&follower) == Answers.id(6))
    }

    @Test func slowMovesNothingAndIsNoRepetition() throws {
        var follower = try follower()
        _ = connect(&follower)
        let slow = Answers.event("slow", nil, #"{"behind":75,"retained":100}"#)
        let got = feed(&follower, (Answers.delta(2, "a") + slow + slow + Answers.delta(3, "b")).utf8)
        #expect(got.map(\.id) == [Answers.id(2), nil, nil, Answers.id(3)])
        #expect(got[1].content == .slow(behind: 75, retained: 100))
    }

    @Test func aChannelGoesOnBehindAnEndAndTakesANewEpoch() throws {
        var follower = try follower("http://h/channels/demo")
        _ = connect(&follower)
        #expect(feed(&follower, Answers.end(7).utf8).count == 1)
        #expect(feed(&follower, Answers.delta(8, "a").utf8).count == 1)
        let other = "id: \(Answers.id(1, epoch: String(repeating: "v", count: 36)))\ndata: 1\n\n"
        #expect(feed(&follower, other.utf8).map(\.content) == [.message(name: "message", .integer(1))])
    }

    @Test func aStreamEndsWithItsEndOrWhereNothingIsLeft() throws {
        var follower = try follower()
        _ = connect(&follower)
        let bytes = Array((Answers.end(7) + Answers.delta(8, "late")).utf8)
        let actions = follower.received(bytes.span.bytes)
        #expect(actions.suffix(2) == [.close, .finish(nil)])
        #expect(actions.count == 3)
        var done = try self.follower(since: .event(Answers.id(7)))
        _ = done.begin()
        #expect(done.head(.init(status: 204)) == [.close, .finish(nil)])
        #expect(done.ended(nil, at: start, chance: 0) == [])
    }

    @Test(
        "A refusal is an error with the server's words",
        arguments: [
            (400, TokenStreamError.Code.badRequest), (401, .unauthorized), (403, .forbidden), (404, .notFound),
            (405, .refused), (410, .notFound), (501, .refused),
        ]
    )
    func refusals(status: Int, code: TokenStreamError.Code) throws {
        var follower = try follower()
        _ = follower.begin()
        #expect(follower.head(.init(status: status, type: "application/json")) == [])
        for part in [#"{"error":{"mess"#, #"age":"no, not you"}}"#] {
            let bytes = Array(part.utf8)
            #expect(follower.received(bytes.span.bytes) == [])
        }
        let error = TokenStreamError(code, status: status, "no, not you")
        #expect(follower.ended(nil, at: start, chance: 0) == [.close, .finish(error)])
        #expect(follower.waited() == [])
    }

    @Test("What may pass is waited for, as long as the server says", arguments: [408, 425, 429, 500, 502, 503, 504])
    func overload(status: Int) throws {
        var follower = try follower()
        _ = follower.begin()
        _ = follower.head(.init(status: status, type: "text/plain", retryAfter: "7"))
        let actions = follower.ended(nil, at: start, chance: 0)
        #expect(actions.last == .wait(.seconds(7)))
        #expect(follower.waited() == [.connect(lastEventID: nil)])
    }

    @Test func anAnswerThatIsNoEventStreamIsAnError() throws {
        var follower = try follower()
        _ = follower.begin()
        _ = follower.head(.init(status: 200, type: "text/html"))
        guard case .finish(let error) = follower.ended(nil, at: start, chance: 0).last else {
            Issue.record("it goes on")
            return
        }
        #expect(error?.code == .malformed)
    }

    @Test func aServerThatWasNeverThereCanBeAnErrorAtOnce() throws {
        let refused = UpstreamFailure(.refused, "refused")
        var impatient = try follower(reconnection: .init(waitsForFirst: false))
        _ = impatient.begin()
        let actions = impatient.ended(refused, at: start, chance: 0)
        #expect(actions == [.close, .finish(TokenStreamError(.unreachable, "refused"))])
        var later = try follower(reconnection: .init(waitsForFirst: false))
        _ = connect(&later)
        _ = later.ended(refused, at: start, chance: 0)
        #expect(later.waited() == [.connect(lastEventID: nil)])
    }

    @Test func anEventBeyondTheLimitIsAnErrorBehindWhatCameBefore() throws {
        var follower = try follower()
        _ = connect(&follower)
        let bytes = Array((Answers.delta(2, "a") + "data: " + String(repeating: "x", count: 17 << 20)).utf8)
        let actions = follower.received(bytes.span.bytes)
        #expect(actions.count == 3)
        guard case .finish(let error) = actions.last else { return }
        #expect(error?.code == .malformed)
    }

    @Test func whoHasEnoughIsDone() throws {
        var follower = try follower()
        #expect(follower.cancel() == [.close, .finish(nil)])
        #expect(follower.cancel() == [])
        #expect(follower.begin() == [])
    }
}
