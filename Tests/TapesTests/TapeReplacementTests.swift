import Dialects
import Testing

@testable import Tapes

@Suite("A scope that is recorded again")
struct TapeReplacementTests {
    /// Records into a cassette as one run of the program does.
    private final class Run {
        let deck: TapeDeck
        let queue = RecordingQueue()
        let mode: TapeMode

        init(_ cassette: String, _ mode: TapeMode = .all) throws {
            self.mode = mode
            let recorder = CassetteRecorder(directory: cassette, tool: "t", queue: queue)
            deck = try TapeDeck(directory: cassette, recorder: recorder)
        }

        func begin(_ model: String, _ scope: String? = "s") throws -> TapeRecording {
            let live = liveRequest(#"{"model":"\#(model)","stream":true}"#)
            guard case .record(let take) = deck.decide(live, scope: scope.flatMap { TapeScope($0) }, mode: mode) else {
                throw Failure("it isn't recorded")
            }
            let recording = take.begin(api: "api")
            recording.response(offset: 1, status: 200, headers: [])
            return recording
        }

        /// A whole recording, on the disk.
        func record(
            _ model: String,
            _ scope: String? = "s",
            text: String = "x",
            _ reason: TapeEnd.Reason = .eof
        ) async throws {
            let recording = try begin(model, scope)
            recording.chunk(offset: 2, bytes: Array(text.utf8))
            recording.finish(offset: 3, TapeEnd(reason: reason))
            await queue.flush()
        }

        func end() async { #expect(await queue.shutdown(within: .seconds(10))) }
    }

    /// The names without their keys and suffixes: `api-a`, `api-a-2`, `api-a.part`.
    private func list(_ directory: String) -> [String] {
        names(in: directory).filter { $0.contains(".tape") }.map { name in
            let isPart = name.hasSuffix(".part")
            let stem = name.prefix { $0 != "." }.split(separator: "-")
            return stem.filter { $0.count != 8 }.joined(separator: "-") + (isPart ? ".part" : "")
        }
        .sorted()
    }

    private func body(_ path: String) throws -> String {
        String(decoding: try TapeReader.read(path: path).body, as: UTF8.self)
    }

    @Test("keeps the old tapes until the first new one is whole, and then has the new ones alone")
    func replaces() async throws {
        try await withDirectory { directory in
            let first = try Run(directory)
            for model in ["a", "a", "b", "c"] { try await first.record(model, text: "old") }
            try await first.record("a", "s/inner", text: "old")
            await first.end()
            let before = names(in: directory + "/s")
            #expect(list(directory + "/s").count == 4)

            let second = try Run(directory)
            let running = try second.begin("a")
            await second.queue.flush()
            #expect(Set(before).isSubset(of: names(in: directory + "/s")))
            running.chunk(offset: 2, bytes: Array("new".utf8))
            running.finish(offset: 3, TapeEnd(reason: .eof))
            await second.queue.flush()
            #expect(list(directory + "/s") == ["api-a"])
            // Good diffs: the same name as before.
            let name = try #require(names(in: directory + "/s").first { $0.hasSuffix(".jsonl") })
            #expect(before.contains(name))
            #expect(try body("\(directory)/s/\(name)") == "new")
            try await second.record("a")
            try await second.record("b")
            #expect(list(directory + "/s") == ["api-a", "api-a-2", "api-b"])
            #expect(Set(names(in: directory + "/s")).isSubset(of: Set(before + ["inner"])))
            // Another scope, though it lies within, is left alone.
            #expect(list(directory + "/s/inner") == ["api-a"])
            await second.end()
        }
    }

    @Test(
        "loses nothing where no new tape comes to a good end",
        arguments: [TapeEnd.Reason.shutdown, .recorderOverflow]
    )
    func losesNothing(_ reason: TapeEnd.Reason) async throws {
        try await withDirectory { directory in
            let first = try Run(directory)
            try await first.record("a", text: "old")
            await first.end()
            let second = try Run(directory)
            try await second.record("a", "s", text: "cut", reason)
            _ = try second.begin("a")
            await second.queue.flush()
            let servable = try Cassette.load(directory: directory).items.filter(\.isServable)
            #expect(servable.map(\.tape.body) == [Array("old".utf8)])
            await second.end()
        }
    }

    @Test("in the cassette's own directory only a tape of the same request is replaced", arguments: [nil, ""])
    func root(_ scope: String?) async throws {
        try await withDirectory { directory in
            let first = try Run(directory)
            for model in ["a", "a", "b"] { try await first.record(model, scope, text: "old") }
            await first.end()
            let second = try Run(directory)
            try await second.record("a", scope, text: "new")
            #expect(list(directory) == ["api-a", "api-b"])
            try await second.record("a", nil, text: "new")
            #expect(list(directory) == ["api-a", "api-a-2", "api-b"])
            await second.end()
            #expect(
                try Cassette.load(directory: directory).items.map { String(decoding: $0.tape.body, as: UTF8.self) } == [
                    "new", "new", "old",
                ]
            )
        }
    }

    @Test("what is the same under the cassette's rules is replaced, under the same name")
    func rules() async throws {
        try await withDirectory { directory in
            try write(Array(#"{"ignore":["/run"]}"#.utf8), to: directory + "/cassette.json")
            for run in 1...3 {
                let queue = RecordingQueue()
                let deck = try TapeDeck(
                    directory: directory,
                    recorder: CassetteRecorder(directory: directory, tool: "t", queue: queue)
                )
                let live = liveRequest(#"{"model":"a","run":\#(run)}"#)
                guard case .record(let take) = deck.decide(live, mode: .all) else { throw Failure("not recorded") }
                take.begin(api: "api").finish(offset: 1, TapeEnd(reason: .connectFailed))
                #expect(await queue.shutdown(within: .seconds(10)))
                #expect(list(directory) == ["api-a"])
            }
        }
    }

    @Test("equal requests that run at once are numbered as they began, whoever ends first")
    func parallel() async throws {
        try await withDirectory { directory in
            let first = try Run(directory)
            for _ in 0..<3 { try await first.record("a", text: "old") }
            await first.end()
            let second = try Run(directory)
            let running = try (0..<3).map { _ in try second.begin("a") }
            for index in [2, 0, 1] {
                running[index].chunk(offset: 2, bytes: Array("\(index)".utf8))
                running[index].finish(offset: 3, TapeEnd(reason: .eof))
                await second.queue.flush()
            }
            await second.end()
            let items = try Cassette.load(directory: directory).items
            #expect(items.map { String(decoding: $0.tape.body, as: UTF8.self) } == ["0", "1", "2"])
        }
    }

    @Test("after a reset the tapes of the same run are the old ones")
    func reset() async throws {
        try await withDirectory { directory in
            let run = try Run(directory)
            for text in ["1", "2"] { try await run.record("a", text: text) }
            #expect(list(directory + "/s") == ["api-a", "api-a-2"])
            let late = try run.begin("b")
            try await run.deck.reset(scope: TapeScope("s"))
            try await run.record("a", text: "3")
            // What began before is kept: it is no older tape.
            late.finish(offset: 9, TapeEnd(reason: .eof))
            await run.end()
            #expect(list(directory + "/s") == ["api-a", "api-b"])
            let items = try Cassette.load(directory: directory).items
            #expect(items.map { String(decoding: $0.tape.body, as: UTF8.self) } == ["3", ""])
        }
    }

    @Test("what another program records meanwhile is left alone")
    func twoPrograms() async throws {
        try await withDirectory { directory in
            let first = try Run(directory)
            for model in ["a", "b"] { try await first.record(model, text: "old") }
            await first.end()
            let (one, two) = (try Run(directory), try Run(directory))
            let running = try one.begin("a")
            await one.queue.flush()
            try await two.record("a", text: "two")
            try await two.record("b", text: "two")
            running.chunk(offset: 2, bytes: Array("one".utf8))
            running.finish(offset: 3, TapeEnd(reason: .eof))
            await one.end()
            await two.end()
            let items = try Cassette.load(directory: directory).items
            #expect(items.map { String(decoding: $0.tape.body, as: UTF8.self) }.sorted() == ["one", "two", "two"])
        }
    }

    @Test("what a program that died left goes with the old tapes, and its name is free again")
    func orphans() async throws {
        try await withDirectory { directory in
            try fill(directory + "/s", [("api-old", makeTape())])
            let key8 = CanonicalRequest(TapeRequest(liveRequest(#"{"model":"a","stream":true}"#))).key8
            let orphan = "\(directory)/s/api-a-\(key8).tape.jsonl.part"
            try write(makeTape(reason: nil).encoded, to: orphan)
            let run = try Run(directory)
            let live = try run.begin("z")
            await run.queue.flush()
            try await run.record("a", text: "new")
            #expect(list(directory + "/s") == ["api-a", "api-z.part"])
            live.finish(offset: 4, TapeEnd(reason: .eof))
            await run.end()
            #expect(list(directory + "/s") == ["api-a", "api-z"])
        }
    }

    @Test("in new_episodes an expired tape is replaced, a played one gets company")
    func newEpisodes() async throws {
        try await withDirectory { directory in
            try fill(directory + "/s", [("api-x", makeTape(model: "a")), ("api-y", makeTape(model: "b"))], rules: nil)
            var fresh = makeTape(model: "b")
            fresh.header.created = Timestamp.now()
            try write(fresh.encoded, to: directory + "/s/api-y.tape.jsonl")
            try write(Array(#"{"maxAge":"1d"}"#.utf8), to: directory + "/cassette.json")
            let run = try Run(directory, .newEpisodes)
            try await run.record("a", text: "new")
            #expect(
                run.deck.answer(liveRequest(#"{"model":"b","stream":true}"#), scope: TapeScope("s"), mode: .newEpisodes)
                    == "s/api-y.tape.jsonl"
            )
            try await run.record("b", text: "second")
            await run.end()
            #expect(list(directory + "/s") == ["api-a", "api-b", "api-y"])
        }
    }

    @Test("a link among the old tapes is not followed, and nothing outside is touched")
    func links() async throws {
        try await withDirectory { directory in
            mkdirs(directory + "/c/s", directory + "/outside")
            try write(makeTape().encoded, to: directory + "/outside/t.tape.jsonl")
            let link = directory + "/c/s/api-link.tape.jsonl"
            // It took the place of a tape after the run began.
            try write(makeTape().encoded, to: link)
            let run = try Run(directory + "/c")
            remove(tree: link)
            makeLink(directory + "/outside/t.tape.jsonl", link)
            try await run.record("a", text: "new")
            await run.end()
            #expect(names(in: directory + "/outside") == ["t.tape.jsonl"])
            #expect(names(in: directory + "/c/s").contains("api-link.tape.jsonl"))
        }
    }
}
