import Dialects
import Testing

@testable import Tapes

@Suite("What a mode makes of a request")
struct TapeDeckModeTests {
    private let known = liveRequest(#"{"model":"demo","stream":true}"#)
    private let other = liveRequest(#"{"model":"other","stream":true}"#)
    private let scope = TapeScope("tests/a")

    /// A deck over files; `now` is a month after they were recorded.
    private func withDeck(
        _ tapes: [(String, Tape)] = [],
        rules: String? = nil,
        records: Bool = true,
        _ body: (TapeDeck) async throws -> Void
    ) async throws {
        try await withDirectory { directory in
            let cassette = "\(directory)/tapes"
            if !tapes.isEmpty || rules != nil {
                try fill(cassette, tapes.map { (name: $0.0, tape: $0.1) }, rules: rules)
            }
            let queue = RecordingQueue()
            let recorder = CassetteRecorder(directory: cassette, tool: "t", queue: queue)
            let created = Int64(try #require(Timestamp.secondsSince1970(makeTape().header.created)))
            let deck = try TapeDeck(
                directory: cassette,
                recorder: records ? recorder : nil,
                mayBeMissing: records
            ) { created + 30 * 86_400 }
            try await body(deck)
            #expect(await queue.shutdown(within: .seconds(10)))
        }
    }

    @Test(
        "depends on what the scope holds",
        arguments: [
            // What there is; the mode; what a recorded request, another one and the recorded one again get.
            ("full", TapeMode.off, ["pass", "pass", "pass"]),
            ("full", .none, ["t", "miss", "miss"]),
            ("full", .once, ["t", "miss", "miss"]),
            ("full", .newEpisodes, ["t", "record", "record"]),
            ("full", .all, ["record", "record", "record"]),
            ("empty", .none, ["miss", "miss", "miss"]),
            ("empty", .once, ["record", "record", "record"]),
            ("empty", .newEpisodes, ["record", "record", "record"]),
            ("empty", .all, ["record", "record", "record"]),
            // What stops before its stream did is no finished tape.
            ("unfinished", .none, ["miss", "miss", "miss"]),
            ("unfinished", .once, ["record", "record", "record"]),
            ("unfinished", .newEpisodes, ["record", "record", "record"]),
            ("expired", .none, ["t", "miss", "miss"]),
            ("expired", .once, ["record", "record", "record"]),
            ("expired", .newEpisodes, ["record", "record", "record"]),
        ]
    )
    func modes(_ holds: String, _ mode: TapeMode, _ expected: [String]) async throws {
        let tape = makeTape(reason: holds == "unfinished" ? .recorderOverflow : .eof)
        let rules = #"{"maxAge":"\#(holds == "expired" ? 29 : 30)d"}"#
        for scope in [nil, scope] {
            let name = scope.map { "\($0)/t" } ?? "t"
            try await withDeck(holds == "empty" ? [] : [(name, tape)], rules: rules) { deck in
                let answers = [known, other, known].map { deck.answer($0, scope: scope, mode: mode) }
                #expect(answers.map { $0 == "\(name).tape.jsonl" ? "t" : $0 } == expected, "\(name)")
            }
        }
    }

    @Test("is decided for each scope when it is first asked, and anew once it is reset")
    func onceAScope() async throws {
        try await withDeck([("full/t", makeTape())]) { deck in
            let (full, empty) = (TapeScope("full"), TapeScope("empty"))
            #expect(deck.answer(known, scope: full, mode: .once) == "full/t.tape.jsonl")
            #expect(deck.answer(known, scope: empty, mode: .once) == "record")
            #expect(deck.answer(other, scope: full, mode: .once) == "miss")
            try fill("\(deck.directory)/empty", [("new", makeTape())])
            #expect(deck.answer(known, scope: empty, mode: .once) == "record")
            try await deck.reset(scope: empty)
            #expect(deck.answer(known, scope: empty, mode: .once) == "empty/new.tape.jsonl")
            #expect(deck.answer(known, scope: full, mode: .once) == "miss")
            try await deck.reset()
            #expect(deck.answer(known, scope: full, mode: .once) == "full/t.tape.jsonl")
        }
    }

    @Test(
        "records only the request whose tapes are too old where others are fresh",
        arguments: [TapeMode.once, .newEpisodes]
    )
    func partlyExpired(_ mode: TapeMode) async throws {
        var fresh = makeTape(model: "other")
        fresh.header.created = "2026-01-31T00:00:00Z"
        try await withDeck([("a/old", makeTape()), ("a/new", fresh)], rules: #"{"maxAge":"2w"}"#) { deck in
            #expect(deck.answer(known, scope: TapeScope("a"), mode: mode) == "record")
            #expect(deck.answer(other, scope: TapeScope("a"), mode: mode) == "a/new.tape.jsonl")
        }
    }

    @Test("warns once of a tape that is played though it is too old")
    func warning() async throws {
        try await withDeck([("t", makeTape())], rules: #"{"maxAge":"12h","exhausted":"cycle"}"#) { deck in
            for count in 0..<3 {
                guard case .play(let playback) = deck.decide(known, mode: .none) else { throw Failure("a miss") }
                #expect(playback.expiredAge == Int64(2_592_000))
                #expect((playback.warning != nil) == (count == 0))
                if count == 0 { #expect(playback.warning?.contains("4 weeks old") == true) }
            }
        }
    }

    @Test("only plays where there is nothing to record with")
    func withoutRecorder() async throws {
        try await withDeck([("t", makeTape())], records: false) { deck in
            #expect(deck.answer(other, mode: .all) == "pass")
            #expect(deck.answer(other, mode: .newEpisodes) == "miss")
            #expect(deck.answer(known, mode: .once) == "t.tape.jsonl")
        }
    }

    @Test("comes from the first pattern that a scope's name fits")
    func policies() throws {
        let policy = TapePolicy(
            .none,
            scopes: [.init(pattern: "tests/live/*", mode: .off), .init(pattern: "tests/*", mode: .once)]
        )
        #expect(policy.mode(for: nil) == .none)
        #expect(policy.mode(for: TapeScope("tests/a")) == .once)
        #expect(policy.mode(for: TapeScope("tests/live/a")) == .off)
        #expect(policy.mode(for: TapeScope("other")) == .none)
        #expect(policy.withoutRecording.mode(for: TapeScope("tests/a")) == .none)
        #expect(TapeMode.allCases.map(\.withoutRecording) == [.off, .none, .none, .none, .off])
    }

    @Test("refuses the scope that is one too many, and takes it after a reset")
    func scopeLimit() async throws {
        try await withDeck([("t", makeTape())], rules: #"{"exhausted":"cycle"}"#) { deck in
            for index in 0..<DeckState.scopeLimit { _ = deck.answer(known, scope: TapeScope("s\(index)"), mode: .none) }
            guard case .miss(let report) = deck.decide(known, mode: .none) else { throw Failure("it was answered") }
            #expect(report.message.contains("POST /tapes/reset"))
            try await deck.reset()
            #expect(deck.answer(known, mode: .none) == "t.tape.jsonl")
        }
    }

    @Test("a broken tape is an error where tapes are played, and recorded anew where they aren't")
    func broken() async throws {
        try await withDirectory { directory in
            try fill(directory + "/c", [("a/t", makeTape())])
            try write(Array("{".utf8), to: directory + "/c/a/bad.tape.jsonl")
            #expect(throws: CassetteError.self) { try TapeDeck(directory: directory + "/c") }
            let deck = try TapeDeck(directory: directory + "/c", isPlayed: false)
            #expect(deck.problems.map(\.line) == [1])
            #expect(deck.verify().isOK)
            try write(Array("{".utf8), to: directory + "/c/cassette.json")
            #expect(throws: CassetteError.self) { try TapeDeck(directory: directory + "/c", isPlayed: false) }
            #expect(throws: CassetteError.self) { try TapeDeck(directory: directory + "/none") }
        }
    }
}
