import Dialects
import Testing

@testable import Tapes

@Suite("How a deck says that a tape is to be played")
struct TapeDeckOptionsTests {
    private func request(_ model: String) -> LiveRequest { liveRequest(#"{"model":"\#(model)","stream":true}"#) }

    /// What a request gets, and which faults.
    private func answer(
        _ deck: TapeDeck,
        _ faults: [Fault]?,
        scope: TapeScope? = nil,
        model: String = "demo"
    ) -> String {
        let decision = deck.decide(request(model), scope: scope, mode: .none, options: ReplayOptions(faults: faults))
        guard case .play(let playback) = decision else { return "miss" }
        return ([playback.item.name] + (playback.options.faults ?? []).map(\.description)).joined(separator: " ")
    }

    @Test("asks the request first, then the scope's rules, then the cassette's")
    func precedence() throws {
        let rules = CassetteRules(
            exhausted: .cycle,
            replay: ReplayOptions(speed: 3, maxGap: 1, rechunk: .line),
            scopes: [CassetteRules.Scope(pattern: "one", exhausted: .error, replay: ReplayOptions(speed: 2))]
        )
        let tapes = [("one/t", makeTape(model: "a")), ("two/t", makeTape(model: "b"))]
        var deck = makeDeck(tapes, rules)
        func options(_ model: String, _ scope: TapeScope?, _ asked: ReplayOptions = ReplayOptions()) -> ReplayOptions? {
            guard case .play(let playback) = deck.decide(request(model), scope: scope, mode: .none, options: asked)
            else {
                return nil
            }
            return playback.options
        }
        let all = ReplayOptions(speed: 3, maxGap: 1, rechunk: .line)
        #expect(options("a", TapeScope("one")) == ReplayOptions(speed: 2).or(all))
        #expect(options("a", TapeScope("one")) == nil, "its scope says that it isn't played again")
        #expect(options("b", TapeScope("two")) == all)
        #expect(options("b", TapeScope("two"), ReplayOptions(speed: 0, rechunk: .byte))?.speed == 0)
        // Without a scope it is the tape's own that counts.
        deck = makeDeck(tapes, rules)
        #expect(options("a", nil) == ReplayOptions(speed: 2).or(all))
        #expect(options("a", nil) == nil)
        #expect(options("b", nil, ReplayOptions(rechunk: .byte)) == ReplayOptions(rechunk: .byte).or(all))
    }

    @Test("spoils as many answers as a fault says, and then plays the tape that they didn't use up")
    func times() {
        let deck = makeDeck([("1", makeTape()), ("2", makeTape())])
        let faults = [Fault(.status(429, retryAfter: nil), times: 2)]
        let expected = ["1 status:429;times=2", "1 status:429;times=2", "1", "2", "miss"]
        #expect((0..<5).map { _ in answer(deck, faults) } == expected)
        #expect(deck.verify().unused.isEmpty)
    }

    @Test(
        "lets a retry have the same tape where a fault kept the answer from its end",
        arguments: [
            ("drop", "1 1 1"), ("reset@event:5", "1 1 1"), ("stall@byte:1", "1 1 1"), ("status:500", "1 1 1"),
            ("stall:5", "1 2 miss"), ("dup", "1 2 miss"), ("slow:2", "1 2 miss"), ("malformed", "1 2 miss"),
            ("inject:x", "1 2 miss"), ("no-terminal", "1 2 miss"), ("none", "1 2 miss"),
        ]
    )
    func retries(_ text: String, _ expected: String) throws {
        let deck = makeDeck([("1", makeTape()), ("2", makeTape())])
        let faults = try Fault.list(parsing: [text])
        let names = (0..<3).map { _ in answer(deck, faults).split(separator: " ").first ?? "" }
        #expect(names.joined(separator: " ") == expected)
    }

    @Test("counts the answers of each scope and each request for themselves, and rewinds a scope's")
    func timesByPlace() {
        let tapes = [("one/a", makeTape(model: "a")), ("one/b", makeTape(model: "b")), ("two/a", makeTape(model: "a"))]
        let deck = makeDeck(tapes, CassetteRules(exhausted: .last))
        let (one, two) = (TapeScope("one"), TapeScope("two"))
        let faults = [Fault(.drop(reset: false), times: 1)]
        func isSpoiled(_ model: String, _ scope: TapeScope?) -> Bool {
            answer(deck, faults, scope: scope, model: model).contains("drop")
        }
        #expect([isSpoiled("a", one), isSpoiled("a", one)] == [true, false])
        #expect([isSpoiled("b", one), isSpoiled("a", two)] == [true, true])
        #expect([isSpoiled("b", one), isSpoiled("a", two)] == [false, false])
    }

    @Test("a scope that is reset has its faults strike again, and no other")
    func rewound() async throws {
        try await withDirectory { directory in
            mkdirs("\(directory)/one", "\(directory)/two")
            for name in ["one/a", "two/a"] { try write(makeTape().encoded, to: "\(directory)/\(name).tape.jsonl") }
            try write(Array(#"{"exhausted":"last"}"#.utf8), to: "\(directory)/cassette.json")
            let deck = try TapeDeck(directory: directory)
            let (one, two) = (TapeScope("one"), TapeScope("two"))
            let faults = [Fault(.drop(reset: false), times: 1)]
            func spoiled() -> [Bool] { [one, two].map { answer(deck, faults, scope: $0).contains("drop") } }
            #expect([spoiled(), spoiled()] == [[true, true], [false, false]])
            try await deck.reset(scope: one)
            #expect(spoiled() == [true, false])
        }
    }

    @Test("obeys a request that wants no faults, whatever the cassette says")
    func noFaults() {
        let rules = CassetteRules(exhausted: .last, replay: ReplayOptions(faults: [Fault(.duplicate)]))
        let deck = makeDeck([("1", makeTape())], rules)
        #expect(answer(deck, nil) == "1 dup")
        #expect(answer(deck, []) == "1")
    }
}
