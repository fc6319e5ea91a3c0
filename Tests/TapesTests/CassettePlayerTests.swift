import Dialects
import Testing

@testable import Tapes

@Suite("A player")
struct CassettePlayerTests {
    private func player(
        _ tapes: [(name: String, tape: Tape)],
        _ rules: CassetteRules = CassetteRules()
    ) -> CassettePlayer {
        let items = tapes.map { name, tape in
            let directory = name.split(separator: "/").dropLast().joined(separator: "/")
            return Cassette.Item(name: name, scope: TapeScope(directory), tape: tape)
        }
        return CassettePlayer(Cassette(directory: "c", rules: rules, items: items))
    }

    private func request(_ model: String = "demo", _ more: String = "") -> LiveRequest {
        liveRequest(#"{"model":"\#(model)","stream":true\#(more)}"#)
    }

    /// What a request gets: the name of a tape, or `miss`.
    private func play(_ player: CassettePlayer, _ live: LiveRequest, scope: TapeScope? = nil) -> String {
        switch player.match(live, scope: scope) {
        case .tape(let item, _): item.name
        case .miss: "miss"
        }
    }

    private func miss(_ player: CassettePlayer, _ live: LiveRequest) throws -> MissReport {
        guard case .miss(let report) = player.match(live) else { throw Failure("it matched") }
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
        let player = player([("1", makeTape()), ("2", makeTape())], CassetteRules(exhausted: rule))
        #expect((0..<4).map { _ in play(player, request()) } == expected)
    }

    @Test("keeps a place for each request")
    func places() {
        let player = player([("a1", makeTape(model: "a")), ("b", makeTape(model: "b")), ("a2", makeTape(model: "a"))])
        #expect(["a", "b", "a", "b"].map { play(player, request($0)) } == ["a1", "b", "a2", "miss"])
        player.reset()
        #expect(play(player, request("b")) == "b")
    }

    @Test("keeps scopes apart, and rewinds one alone")
    func scopes() {
        let player = player([("one/t", makeTape()), ("two/t", makeTape())])
        let (one, two) = (TapeScope("one"), TapeScope("two"))
        #expect(play(player, request(), scope: one) == "one/t")
        #expect(player.unused() == ["two/t"])
        #expect(play(player, request(), scope: one) == "miss")
        #expect(play(player, request(), scope: two) == "two/t")
        player.reset(scope: one)
        #expect(play(player, request(), scope: two) == "miss")
        #expect(play(player, request(), scope: one) == "one/t")
        #expect(play(player, request(), scope: TapeScope("three")) == "miss")
        #expect(play(player, request()) == "one/t")
    }

    @Test("gives each tape once, whoever asks at once")
    func concurrent() async {
        let player = player((1...50).map { ("\($0)", makeTape()) })
        let live = request()
        let played = await withTaskGroup(of: String.self) { group in
            for _ in 0..<60 { group.addTask { self.play(player, live) } }
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
        let player = player([("far", far), ("near", near), ("other", makeTape(model: "other"))])
        let report = try miss(player, request("demo", #","metadata":{"run":"8"},"n":2"#))
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
        let report = try miss(player([("t", makeTape())]), request("demo", #","messages":[{"content":"x"}]"#))
        #expect(report.differences.map(\.place) == ["/messages"])
        #expect(report.advice == "Record this request with --record.")
    }

    @Test("says that all was played already")
    func used() throws {
        let player = player([("t", makeTape())])
        _ = player.match(request())
        let report = try miss(player, request())
        #expect(report.isExhausted)
        #expect(report.closest == "t")
        #expect(report.message.contains("played already"))
        #expect(report.advice.contains("\"cycle\""))
    }

    @Test("says that there is nothing to play")
    func nothing() throws {
        let report = try miss(player([("t", makeTape(reason: nil))]), request())
        #expect(report.closest == nil)
        #expect(report.message.contains("has no tape"))
    }

    @Test("says that a stream was recorded where none is wanted")
    func notStreaming() throws {
        let report = try miss(player([("t", makeTape())]), liveRequest(#"{"model":"demo"}"#))
        #expect(report.differences.map(\.place) == ["stream"])
        #expect(report.advice == "Record this request with --record.")
    }

    @Test("keeps its report short, whatever the request")
    func bounded() throws {
        var tape = makeTape()
        let long = String(repeating: "x", count: 5000)
        tape.request.body = .json(try JSONValue(parsing: #"{"model":"demo","stream":true,"p":"\#(long)a"}"#))
        let wild = (0..<500).map { #","m\#($0)":"\#(long)""# }.joined()
        let report = try miss(player([("t", tape)]), request("demo", wild + #","p":"\#(long)b""#))
        #expect(report.differences.count == 8)
        #expect(report.moreDifferences > 8)
        #expect(report.message.utf8.count < 2000)
        let one = try miss(player([("t", tape)]), request("demo", #","p":"\#(long)b""#))
        #expect(one.differences.map(\.recorded) == [#"…xxxxxxxxxxxxa""#])
        #expect(one.differences.map(\.requested) == [#"…xxxxxxxxxxxxb""#])
    }

    // MARK: How tapes are played

    /// What a request gets, and which faults.
    private func answer(
        _ player: CassettePlayer,
        _ faults: [Fault]?,
        scope: TapeScope? = nil,
        model: String = "demo"
    ) -> String {
        switch player.match(request(model), scope: scope, options: ReplayOptions(faults: faults)) {
        case .tape(let item, let options):
            ([item.name] + (options.faults ?? []).map(\.description)).joined(separator: " ")
        case .miss: "miss"
        }
    }

    @Test("asks the request first, then the scope's rules, then the cassette's")
    func precedence() throws {
        let rules = CassetteRules(
            exhausted: .cycle,
            replay: ReplayOptions(speed: 3, maxGap: 1, rechunk: .line),
            scopes: [CassetteRules.Scope(pattern: "one", exhausted: .error, replay: ReplayOptions(speed: 2))]
        )
        let player = player([("one/t", makeTape(model: "a")), ("two/t", makeTape(model: "b"))], rules)
        func options(_ model: String, _ scope: TapeScope?, _ asked: ReplayOptions = ReplayOptions()) -> ReplayOptions? {
            guard case .tape(_, let options) = player.match(request(model), scope: scope, options: asked) else {
                return nil
            }
            return options
        }
        let all = ReplayOptions(speed: 3, maxGap: 1, rechunk: .line)
        #expect(options("a", TapeScope("one")) == ReplayOptions(speed: 2).or(all))
        #expect(options("a", TapeScope("one")) == nil, "its scope says that it isn't played again")
        #expect(options("b", TapeScope("two")) == all)
        #expect(options("b", TapeScope("two"), ReplayOptions(speed: 0, rechunk: .byte))?.speed == 0)
        // Without a scope it is the tape's own that counts.
        player.reset()
        #expect(options("a", nil) == ReplayOptions(speed: 2).or(all))
        #expect(options("a", nil) == nil)
        #expect(options("b", nil, ReplayOptions(rechunk: .byte)) == ReplayOptions(rechunk: .byte).or(all))
    }

    @Test("spoils as many answers as a fault says, and then plays the tape that they didn't use up")
    func times() {
        let player = player([("1", makeTape()), ("2", makeTape())])
        let faults = [Fault(.status(429, retryAfter: nil), times: 2)]
        let expected = ["1 status:429;times=2", "1 status:429;times=2", "1", "2", "miss"]
        #expect((0..<5).map { _ in answer(player, faults) } == expected)
        #expect(player.unused().isEmpty)
        player.reset()
        #expect((0..<5).map { _ in answer(player, faults) } == expected)
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
        let player = player([("1", makeTape()), ("2", makeTape())])
        let faults = try Fault.list(parsing: [text])
        let names = (0..<3).map { _ in answer(player, faults).split(separator: " ").first ?? "" }
        #expect(names.joined(separator: " ") == expected)
    }

    @Test("counts the answers of each scope and each request for themselves, and rewinds a scope's")
    func timesByPlace() {
        let tapes = [("one/a", makeTape(model: "a")), ("one/b", makeTape(model: "b")), ("two/a", makeTape(model: "a"))]
        let player = player(tapes, CassetteRules(exhausted: .last))
        let (one, two) = (TapeScope("one"), TapeScope("two"))
        let faults = [Fault(.drop(reset: false), times: 1)]
        func isSpoiled(_ model: String, _ scope: TapeScope?) -> Bool {
            answer(player, faults, scope: scope, model: model).contains("drop")
        }
        #expect([isSpoiled("a", one), isSpoiled("a", one)] == [true, false])
        #expect([isSpoiled("b", one), isSpoiled("a", two)] == [true, true])
        #expect([isSpoiled("b", one), isSpoiled("a", two)] == [false, false])
        player.reset(scope: one)
        #expect([isSpoiled("a", one), isSpoiled("b", one), isSpoiled("a", two)] == [true, true, false])
    }

    @Test("obeys a request that wants no faults, whatever the cassette says")
    func noFaults() {
        let rules = CassetteRules(exhausted: .last, replay: ReplayOptions(faults: [Fault(.duplicate)]))
        let player = player([("1", makeTape())], rules)
        #expect(answer(player, nil) == "1 dup")
        #expect(answer(player, []) == "1")
    }
}
