import Dialects
import Testing

@testable import Tapes

@Suite("What a deck plays")
struct TapeDeckPlayTests {
    private func request(_ model: String = "demo", _ more: String = "") -> LiveRequest {
        liveRequest(#"{"model":"\#(model)","stream":true\#(more)}"#)
    }

    private func miss(_ deck: TapeDeck, _ live: LiveRequest) throws -> MissReport {
        guard case .miss(let report) = deck.decide(live, mode: .none) else { throw Failure("it matched") }
        return report
    }

    @Test(
        "plays equal requests in recorded order, and then as the rule says",
        arguments: [
            (CassetteRules.Exhausted.error, ["1", "2", "miss", "miss"]),
            (.last, ["1", "2", "2", "2"]),
            (.cycle, ["1", "2", "1", "2"]),
        ]
    )
    func exhausted(_ rule: CassetteRules.Exhausted, _ expected: [String]) {
        let deck = makeDeck([("1", makeTape()), ("2", makeTape())], CassetteRules(exhausted: rule))
        #expect((0..<4).map { _ in deck.answer(request()) } == expected)
    }

    @Test("keeps a place for each request")
    func places() async throws {
        let deck = makeDeck([("a1", makeTape(model: "a")), ("b", makeTape(model: "b")), ("a2", makeTape(model: "a"))])
        #expect(["a", "b", "a", "b"].map { deck.answer(request($0)) } == ["a1", "b", "a2", "miss"])
        try await deck.reset()
        #expect(deck.answer(request("b")) == "b")
    }

    @Test("keeps scopes apart, and rewinds one alone")
    func scopes() async throws {
        let deck = makeDeck([("one/t", makeTape()), ("two/t", makeTape())])
        let (one, two) = (TapeScope("one"), TapeScope("two"))
        #expect(deck.answer(request(), scope: one) == "one/t")
        #expect(deck.verify().unused == ["two/t"])
        #expect(deck.answer(request(), scope: one) == "miss")
        #expect(deck.answer(request(), scope: two) == "two/t")
        try await deck.reset(scope: one)
        #expect(deck.answer(request(), scope: two) == "miss")
        #expect(deck.answer(request(), scope: one) == "one/t")
        #expect(deck.answer(request(), scope: TapeScope("three")) == "miss")
        #expect(deck.answer(request()) == "one/t")
    }

    @Test("gives each tape once, whoever asks at once")
    func concurrent() async {
        let deck = makeDeck((1...50).map { ("\($0)", makeTape()) })
        let live = request()
        let played = await withTaskGroup(of: String.self) { group in
            for _ in 0..<60 { group.addTask { deck.answer(live) } }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(Set(played).count == 51)
        #expect(played.filter { $0 == "miss" }.count == 10)
    }

    @Test("says which tape is the closest and where it differs")
    func closest() throws {
        var far = makeTape(path: "/v1/embeddings")
        far.request.body = .json(try JSONValue(parsing: #"{"model":"demo","stream":true,"metadata":{"run":"8"}}"#))
        var near = makeTape()
        near.request.body = .json(
            try JSONValue(parsing: #"{"model":"demo","stream":true,"metadata":{"run":"7"},"seed":1}"#)
        )
        let deck = makeDeck([("far", far), ("near", near), ("other", makeTape(model: "other"))])
        let report = try miss(deck, request("demo", #","metadata":{"run":"8"},"n":2"#))
        #expect(report.closest == "near")
        #expect(!report.isExhausted)
        #expect(report.differences.map(\.place) == ["/metadata/run", "/n", "/seed"])
        #expect(report.differences.map(\.recorded) == [#""7""#, nil, "1"])
        #expect(report.differences.map(\.requested) == [#""8""#, "2", nil])
        #expect(report.advice.contains(#""ignore": ["/metadata/run","/n","/seed"]"#))
        #expect(report.message.hasPrefix("no tape answers POST /v1/chat/completions (key "))
        #expect(
            report.message.contains(#"the closest is near, which differs at /metadata/run (recorded "7", now "8")"#)
        )
    }

    @Test("doesn't advise to ignore the prompt")
    func advice() throws {
        let report = try miss(makeDeck([("t", makeTape())]), request("demo", #","messages":[{"content":"x"}]"#))
        #expect(report.differences.map(\.place) == ["/messages"])
        #expect(
            report.advice
                == "Record this request with: tokencast serve --upstream URL --tape-mode new_episodes --cassette c."
        )
    }

    @Test("says that all was played already")
    func used() throws {
        let deck = makeDeck([("t", makeTape())])
        _ = deck.answer(request())
        let report = try miss(deck, request())
        #expect(report.isExhausted)
        #expect(report.closest == "t")
        #expect(report.message.contains("played already"))
        #expect(report.advice.contains("\"cycle\""))
    }

    @Test("says that there is nothing to play")
    func nothing() throws {
        let report = try miss(makeDeck([("t", makeTape(reason: nil))]), request())
        #expect(report.closest == nil)
        #expect(report.unfinished == ["t"])
        #expect(report.message.contains("t would, but its recording wasn't finished"))
        let empty = try miss(makeDeck([]), request())
        #expect(empty.message.contains("has no tape"))
    }

    @Test("says that a stream was recorded where none is wanted")
    func notStreaming() throws {
        let report = try miss(makeDeck([("t", makeTape())]), liveRequest(#"{"model":"demo"}"#))
        #expect(report.differences.map(\.place) == ["stream"])
        #expect(
            report.advice
                == "Record this request with: tokencast serve --upstream URL --tape-mode new_episodes --cassette c."
        )
    }

    @Test("keeps its report short, whatever the request")
    func bounded() throws {
        var tape = makeTape()
        let long = String(repeating: "x", count: 5000)
        tape.request.body = .json(try JSONValue(parsing: #"{"model":"demo","stream":true,"p":"\#(long)a"}"#))
        let wild = (0..<500).map { #","m\#($0)":"\#(long)""# }.joined()
        let report = try miss(makeDeck([("t", tape)]), request("demo", wild + #","p":"\#(long)b""#))
        #expect(report.differences.count == 8)
        #expect(report.moreDifferences > 8)
        #expect(report.message.utf8.count < 2000)
        let one = try miss(makeDeck([("t", tape)]), request("demo", #","p":"\#(long)b""#))
        #expect(one.differences.map(\.recorded) == [#"…xxxxxxxxxxxxa""#])
        #expect(one.differences.map(\.requested) == [#"…xxxxxxxxxxxxb""#])
    }
}
