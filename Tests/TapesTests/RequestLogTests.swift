import Dialects
import Testing

@testable import Tapes

@Suite("The request log")
struct RequestLogTests {
    private func source(_ scope: String?, _ number: Int = 0, body: Int = 10) -> LoggedRequest.Source {
        let live = LiveRequest(
            method: "POST",
            path: "/v1/\(number)",
            query: "key=hush&alt=sse",
            headers: [("Content-Type", "text/plain"), ("Authorization", "Bearer sk-secret-1234")],
            body: Array(repeating: UInt8(ascii: "x"), count: body)
        )
        return .init(
            time: 0,
            scope: scope.flatMap { TapeScope($0) },
            live: live,
            secrets: TapeSecrets(["sk-secret-1234"])
        )
    }

    @Test("keeps the last of each scope and counts the rest")
    func count() {
        var log = RequestLog(limits: .init(entries: 10))
        for number in 0..<1000 { _ = log.add(source(number % 4 == 0 ? "a" : "b", number), .recording) }
        let (all, dropped) = log.requests(in: .none)
        #expect(all.count == 20)
        #expect(dropped == 980)
        #expect(all.map(\.number) == all.map(\.number).sorted())
        let (kept, gone) = log.requests(in: .some(TapeScope("a")))
        #expect(kept.map(\.request.path) == stride(from: 960, to: 1000, by: 4).map { "/v1/\($0)" })
        #expect(gone == 240)
        #expect(log.requests(in: .some(nil)).kept.isEmpty)
    }

    @Test("lets the oldest bodies go first, of whichever scope, and then whole entries")
    func bytes() {
        var log = RequestLog(limits: .init(entries: 100, bodies: 1000, rest: 50_000))
        for number in 0..<20 { _ = log.add(source(number % 2 == 0 ? nil : "b", number, body: 100), .recording) }
        let (kept, dropped) = log.requests(in: .none)
        #expect(dropped == 0)
        #expect(kept.map(\.isBodyDropped) == (0..<20).map { $0 < 10 })
        for number in 20..<500 { _ = log.add(source("c\(number)", number, body: 1), .recording) }
        let (left, gone) = log.requests(in: .none)
        #expect(left.count + gone == 500)
        #expect(left.count < 100)
        #expect(left.last?.number == 500)
        #expect(left.first?.number == 500 - left.count + 1)
    }

    @Test("stays small however long it goes on, with a scope that is never heard of again")
    func endless() {
        var log = RequestLog(limits: .init(entries: 50))
        let first = log.add(source("quiet"), .recording)
        for number in 0..<50_000 { _ = log.add(source("loud", number), .recording) }
        #expect(log.requests(in: .none).kept.count == 51)
        #expect(log.tokenCount < 5000)
        log.update(first, scope: TapeScope("quiet"), .recorded("path"))
        guard case .recorded("path") = log.requests(in: .some(TapeScope("quiet"))).kept.first?.outcome else {
            Issue.record("the outcome is lost")
            return
        }
        log.update(1_000_000, scope: nil, .recording)
        log.remove(TapeScope("loud"))
        #expect(log.requests(in: .none).kept.count == 1)
    }

    @Test("shows what a tape would hold, and no secret")
    func masked() throws {
        var log = RequestLog()
        var entry = source("a")
        entry.live.body = Array("my key is sk-secret-1234".utf8)
        _ = log.add(entry, .played("t"))
        let text = try #require(log.requests(in: .none).kept.first).json.jsonText
        #expect(!text.contains("secret"))
        #expect(!text.contains("hush"))
        #expect(text.contains(#""query":{"alt":"sse"},"headers":{"content-type":"text/plain"}"#))
        #expect(text.contains(#""outcome":{"state":"played","tape":"t"}"#))
    }
}

@Suite("A verification")
struct TapeVerificationTests {
    private let live = liveRequest(#"{"model":"demo","stream":true}"#)

    @Test("fails on what wasn't expected and on what wasn't asked, until it is reset")
    func verify() async throws {
        try await withDirectory { directory in
            try fill(
                directory,
                [("a/t", makeTape()), ("b/t", makeTape()), ("b/part", makeTape(model: "x", reason: .crash))]
            )
            let deck = try TapeDeck(directory: directory)
            let (a, b) = (TapeScope("a"), TapeScope("b"))
            #expect(deck.verify(scope: a).unused == ["a/t.tape.jsonl"])
            #expect(deck.verify().unused == ["a/t.tape.jsonl", "b/t.tape.jsonl"])
            #expect(deck.answer(live, scope: a) == "a/t.tape.jsonl")
            #expect(deck.verify(scope: a).isOK)
            #expect(!deck.verify().isOK)
            #expect(deck.answer(live, scope: b) == "b/t.tape.jsonl")
            #expect(deck.verify().isOK)
            for _ in 0..<(DeckState.keptMisses + 5) { _ = deck.answer(live, scope: b) }
            let found = deck.verify()
            #expect(found.unexpectedCount == DeckState.keptMisses + 5)
            #expect(found.unexpected.count == DeckState.keptMisses)
            #expect(found.unexpected.first?.report.isExhausted == true)
            #expect(found.unexpected.map(\.number) == found.unexpected.map(\.number).sorted())
            #expect(deck.verify(scope: a).isOK)
            try await deck.reset(scope: b)
            #expect(deck.requests(scope: b).kept.isEmpty)
            #expect(deck.requests().kept.count == 1)
            #expect(deck.verify().unused == ["b/t.tape.jsonl"])
        }
    }

    @Test("a tape that a request without a scope played was played")
    func unscoped() async throws {
        try await withDirectory { directory in
            try fill(directory, [("a/t", makeTape())])
            let deck = try TapeDeck(directory: directory)
            #expect(deck.answer(live) == "a/t.tape.jsonl")
            #expect(deck.verify(scope: TapeScope("a")).isOK)
        }
    }

    @Test("keeps its state where a scope can't be read again")
    func unreadable() async throws {
        try await withDirectory { directory in
            try fill(directory, [("a/t", makeTape())])
            let deck = try TapeDeck(directory: directory)
            _ = deck.answer(live, scope: TapeScope("a"))
            try write(Array("nonsense\n".utf8), to: directory + "/a/bad.tape.jsonl")
            await #expect(throws: CassetteError.self) { try await deck.reset(scope: TapeScope("a")) }
            await #expect(throws: CassetteError.self) { try await deck.reset() }
            #expect(deck.verify().isOK)
        }
    }
}

@Suite("What a miss advises")
struct MissAdviceTests {
    private func miss(
        _ tape: String,
        _ live: String,
        directory: String = "my tapes",
        scope: String? = nil
    ) throws -> MissReport {
        var recorded = makeTape()
        recorded.request = TapeRequest(liveRequest(tape))
        let item = Cassette.Item(name: "a/t", scope: TapeScope("a"), tape: recorded)
        let deck = TapeDeck(Cassette(directory: directory, rules: CassetteRules(), items: [item]))
        guard
            case .miss(let report) = deck.decide(liveRequest(live), scope: scope.flatMap { TapeScope($0) }, mode: .none)
        else { throw Failure("it matched") }
        return report
    }

    @Test(
        "a replace rule where only dates, times or identifiers differ",
        arguments: [
            ("on 2026-11-23 at noon", "on 2027-01-02 at noon", "[0-9]{4}-[0-9]{2}-[0-9]{2}\""),
            ("at 2026-11-23T18:11:04Z", "at 2026-11-24T09:00:59.5+01:00", "[T ]"),
            ("it is 9:05", "it is 21:40", "[0-9]{1,2}:[0-9]{2}"),
            ("id 123e4567-e89b-12d3-a456-426614174000", "id 00000000-0000-4000-8000-0123456789AB", "{12}"),
        ]
    )
    func replace(_ recorded: String, _ requested: String, _ part: String) throws {
        let report = try miss(
            #"{"messages":[{"role":"user","content":"\#(recorded)"}]}"#,
            #"{"messages":[{"role":"user","content":"\#(requested)"}]}"#
        )
        #expect(report.advice.contains(#"add "replace": {"/messages/*/content":"#), "\(report.advice)")
        #expect(report.advice.contains(part), "\(report.advice)")
        #expect(report.advice.contains("--cassette 'my tapes'"))
        // What it advises is a rule that mends it.
        let rule = try #require(report.advice.split(separator: "add ").last?.split(separator: " to my tapes").first)
        let rules = try CassetteRules(parsing: Array("{\(rule)}".utf8), file: "cassette.json")
        func key(_ text: String) -> String {
            CanonicalRequest(
                TapeRequest(liveRequest(#"{"messages":[{"role":"user","content":"\#(text)"}]}"#)),
                rules: rules
            ).key
        }
        #expect(key(recorded) == key(requested))
    }

    @Test("no rule where words differ")
    func words() throws {
        let report = try miss(#"{"messages":["a 2026-01-01"]}"#, #"{"messages":["b 2026-01-02"]}"#)
        #expect(!report.advice.contains("replace"))
        #expect(report.advice.contains("--tape-mode new_episodes"))
    }

    @Test("the scope whose tape would match")
    func elsewhere() throws {
        let report = try miss(#"{"model":"m"}"#, #"{"model":"m"}"#, scope: "b")
        #expect(report.elsewhere == ["a/t"])
        #expect(report.advice.contains("asked for the scope b; send Tokencast-Scope: a"))
    }
}
