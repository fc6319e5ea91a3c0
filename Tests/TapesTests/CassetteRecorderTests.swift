import Dialects
import Synchronization
import Testing

@testable import Tapes

/// What a recorder reported, from whichever thread.
private final class Outcomes: Sendable {
    private let list = Mutex<[RecordingOutcome]>([])

    func add(_ outcome: RecordingOutcome) { list.withLock { $0.append(outcome) } }

    /// `finished`, `overflowed` or the error, in order.
    var states: [String] {
        list.withLock { outcomes in
            outcomes.map {
                switch $0.state {
                case .finished: "finished"
                case .overflowed: "overflowed"
                case .failed(let error): "\(error)"
                }
            }
        }
    }
}

@Suite("A recorder")
struct CassetteRecorderTests {
    private let request = liveRequest(#"{"model":"demo/1","stream":true,"prompt":"sk-secret-1234"}"#)
    private let secrets = TapeSecrets(["Bearer sk-secret-1234"])

    @Test("writes a tape that replays what came, named without a time stamp")
    func records() async throws {
        try await withDirectory { directory in
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            let recorder = CassetteRecorder(
                directory: "\(directory)/tapes",
                scope: .root,
                tool: "tokencast/test",
                queue: queue,
                report: outcomes.add
            )
            let scope = try #require(TapeScope("tests/chat"))
            let recording = recorder.begin(request, api: "openai.chat", scope: scope, secrets: secrets)
            recording.response(
                offset: 100,
                status: 200,
                headers: [
                    ("Content-Type", "text/event-stream"), ("Content-Length", "7"), ("Set-Cookie", "a=b"),
                    ("Date", "now"), ("X-Request-Id", "r1"), ("Retry-After", "3"), ("X-RateLimit-Limit", "9"),
                    ("Transfer-Encoding", "chunked"), ("openai-organization", "org"),
                ]
            )
            let chunks = [Array("data: caf".utf8) + [0xC3], [0xA9] + Array(" sk-secret-1234\n\n".utf8), [], [0, 255]]
            for (index, chunk) in chunks.enumerated() { recording.chunk(offset: Int64(200 + index), bytes: chunk) }
            recording.marker(offset: 300, name: "client_cancel")
            recording.finish(
                offset: 400,
                TapeEnd(
                    reason: .eof,
                    dialect: "openai.chat",
                    terminal: "[DONE]",
                    text: "sk-secret-1234",
                    finish: "stop"
                )
            )
            recording.chunk(offset: 500, bytes: [1])
            #expect(await queue.shutdown(within: .seconds(10)))

            #expect(outcomes.states == ["finished"])
            let cassette = try Cassette.load(directory: "\(directory)/tapes")
            let item = try #require(cassette.items.first)
            let key8 = CanonicalRequest(item.tape.request).key8
            #expect(item.name == "tests/chat/openai.chat-demo_1-\(key8).tape.jsonl")
            #expect(names(in: "\(directory)/tapes/tests/chat").count == 1)
            #expect(item.tape.header.scope == scope)
            #expect(item.tape.header.created.utf8.count == 20)
            #expect(
                item.tape.response?.headers.map(\.name)
                    == ["content-type", "x-request-id", "retry-after", "x-ratelimit-limit"]
            )
            var expected = chunks
            expected[1] = [0xA9] + Array(" **************\n\n".utf8)
            #expect(item.tape.chunks == expected)
            #expect(item.tape.end?.text == "**************")
            #expect(item.isServable)

            #expect(TapeDeck(cassette).played(request, secrets: secrets) != nil, "what was recorded isn't found again")
        }
    }

    @Test("gives tapes of the same request numbers, those of other processes left alone")
    func collisions() async throws {
        try await withDirectory { directory in
            let key8 = CanonicalRequest(TapeRequest(request)).key8
            let stem = "api-demo_1-\(key8)"
            try write([], to: "\(directory)/\(stem).tape.jsonl")
            try write([], to: "\(directory)/\(stem)-3.tape.jsonl.part")
            let queues = [RecordingQueue(), RecordingQueue()]
            let recordings = (0..<10).map { index in
                CassetteRecorder(directory: directory, tool: "t", queue: queues[index % 2]).begin(request, api: "api")
            }
            for (index, recording) in recordings.enumerated() {
                recording.response(offset: 1, status: 200, headers: [])
                recording.chunk(offset: 2, bytes: [UInt8(index)])
            }
            for recording in recordings.reversed() { recording.finish(offset: 3, TapeEnd(reason: .eof)) }
            for queue in queues { #expect(await queue.shutdown(within: .seconds(10))) }
            let numbers = [2] + (4...12)
            let expected =
                numbers.map { "\(stem)-\($0).tape.jsonl" }
                + ["\(stem).tape.jsonl", "\(stem)-3.tape.jsonl.part"]
            #expect(names(in: directory) == expected.sorted())
            let tapes = try numbers.map { try TapeReader.read(path: "\(directory)/\(stem)-\($0).tape.jsonl") }
            let bodies = tapes.flatMap(\.body).sorted()
            #expect(bodies == Array(0..<10))
        }
    }

    @Test("numbers on from the last tape of a name that it gave, and begins anew once that is gone")
    func numbersOn() async throws {
        try await withDirectory { directory in
            let stem = "api-demo_1-\(CanonicalRequest(TapeRequest(request)).key8)"
            let queue = RecordingQueue()
            let recorder = CassetteRecorder(directory: directory, tool: "t", queue: queue)
            func record() async {
                recorder.begin(request, api: "api").finish(offset: 1, TapeEnd(reason: .connectFailed))
                await queue.flush()
            }
            for _ in 0..<3 { await record() }
            let all = ["\(stem)-2.tape.jsonl", "\(stem)-3.tape.jsonl", "\(stem).tape.jsonl"]
            #expect(names(in: directory) == all)
            remove(tree: "\(directory)/\(all[0])")
            await record()
            #expect(names(in: directory) == [all[1], "\(stem)-4.tape.jsonl", all[2]])
            remove(tree: "\(directory)/\(stem)-4.tape.jsonl")
            await record()
            #expect(names(in: directory) == all)
            #expect(await queue.shutdown(within: .seconds(10)))
        }
    }

    @Test("never replaces a tape that took the name in the meantime")
    func neverReplaces() async throws {
        try await withDirectory { directory in
            let queue = RecordingQueue()
            let recorder = CassetteRecorder(directory: directory, tool: "t", queue: queue)
            let recording = recorder.begin(request, api: "api")
            await queue.flush()
            let part = try #require(names(in: directory).first)
            let name = String(part.dropLast(5))
            try write(Array("theirs".utf8), to: "\(directory)/\(name)")
            recording.finish(offset: 1, TapeEnd(reason: .connectFailed))
            #expect(await queue.shutdown(within: .seconds(10)))
            #expect(try read("\(directory)/\(name)") == Array("theirs".utf8))
            #expect(names(in: directory).count == 2)
        }
    }

    @Test("ends a tape where the disk doesn't keep up, and never holds up who records")
    func overflow() async throws {
        try await withDirectory { directory in
            let queue = RecordingQueue(byteLimit: 100_000)
            let outcomes = Outcomes()
            let recorder = CassetteRecorder(directory: directory, tool: "t", queue: queue, report: outcomes.add)
            let recording = recorder.begin(request, api: "api")
            recording.response(offset: 1, status: 200, headers: [])
            let chunk = [UInt8](repeating: 97, count: 90_000)
            for index in 0..<2000 where recording.isActive { recording.chunk(offset: Int64(index), bytes: chunk) }
            #expect(!recording.isActive)
            recording.finish(offset: 9999, TapeEnd(reason: .eof))
            #expect(await queue.shutdown(within: .seconds(10)))
            #expect(outcomes.states == ["overflowed"])
            let item = try #require(try Cassette.load(directory: directory).items.first)
            #expect(item.tape.end?.reason == .recorderOverflow)
            #expect(!item.isServable)
        }
    }

    @Test("says that a directory can't be written, and goes on ignoring the stream")
    func noDirectory() async throws {
        try await withDirectory { directory in
            try write([], to: "\(directory)/file")
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            for path in ["\(directory)/file", "\(directory)/missing/tapes", "/proc/tapes"] {
                let recorder = CassetteRecorder(directory: path, tool: "t", queue: queue, report: outcomes.add)
                let recording = recorder.begin(request, api: "api")
                recording.response(offset: 1, status: 200, headers: [])
                recording.chunk(offset: 2, bytes: [97])
                recording.finish(offset: 3, TapeEnd(reason: .eof))
            }
            await queue.flush()
            #expect(outcomes.states.count == 3)
            #expect(outcomes.states.allSatisfy { $0.contains("can't be ") })
            #expect(names(in: directory) == ["file"])
            #expect(await queue.shutdown(within: .seconds(10)))
        }
    }

    @Test("doesn't follow a link that stands in for a scope's directory")
    func links() async throws {
        try await withDirectory { directory in
            mkdirs("\(directory)/tapes", "\(directory)/elsewhere")
            makeLink("\(directory)/elsewhere", "\(directory)/tapes/scope")
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            let recorder = CassetteRecorder(
                directory: "\(directory)/tapes",
                tool: "t",
                queue: queue,
                report: outcomes.add
            )
            let recording = recorder.begin(request, api: "api", scope: TapeScope("scope"))
            recording.finish(offset: 1, TapeEnd(reason: .connectFailed))
            #expect(await queue.shutdown(within: .seconds(10)))
            #expect(outcomes.states.count == 1)
            #expect(names(in: "\(directory)/elsewhere").isEmpty)
        }
    }

    @Test("leaves a readable part where it is let go, and has written it soon")
    func abandoned() async throws {
        try await withDirectory { directory in
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            do {
                let recorder = CassetteRecorder(directory: directory, tool: "t", queue: queue, report: outcomes.add)
                let recording = recorder.begin(request, api: "api", secrets: secrets)
                recording.response(offset: 1, status: 200, headers: [])
                recording.chunk(offset: 2, bytes: Array("hello".utf8))
                // No flush: this is what a process that is killed now would leave behind.
                try await Task.sleep(for: .milliseconds(400))
                let item = try #require(try Cassette.load(directory: directory).items.first)
                #expect(item.isPart)
                #expect(item.tape.body == Array("hello".utf8))
                #expect(recording.isActive)
            }
            await queue.flush()
            #expect(outcomes.states.count == 1)
            let item = try #require(try Cassette.load(directory: directory).items.first)
            #expect(item.tape.isPartial)
            let bytes = try read("\(directory)/\(item.name)")
            #expect(!String(decoding: bytes, as: UTF8.self).contains("sk-secret"))
            #expect(await queue.shutdown(within: .seconds(10)))
        }
    }

    @Test("ends what still runs when it is shut down, and takes nothing more")
    func shutdown() async throws {
        try await withDirectory { directory in
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            let recorder = CassetteRecorder(directory: directory, tool: "t", queue: queue, report: outcomes.add)
            let recording = recorder.begin(request, api: "api")
            recording.response(offset: 1, status: 200, headers: [])
            recording.chunk(offset: 7, bytes: [97])
            #expect(await queue.shutdown(within: .seconds(10)))
            recording.finish(offset: 8, TapeEnd(reason: .eof))
            let item = try #require(try Cassette.load(directory: directory).items.first)
            #expect(item.tape.end?.reason == .shutdown)
            #expect(item.tape.end?.offset == 7)
            #expect(!recorder.begin(request, api: "api").isActive)
            #expect(outcomes.states.count == 2)
            #expect(await queue.shutdown(within: .seconds(1)))
            await queue.flush()
        }
    }

    @Test("records many streams at once, each into its own tape")
    func many() async throws {
        try await withDirectory { directory in
            let queue = RecordingQueue()
            let recorder = CassetteRecorder(directory: directory, tool: "t", queue: queue)
            await withTaskGroup(of: Void.self) { group in
                for stream in 0..<40 {
                    group.addTask {
                        let recording = recorder.begin(liveRequest(#"{"model":"m\#(stream)"}"#), api: "api")
                        recording.response(offset: 0, status: 200, headers: [])
                        for index in 0..<100 {
                            recording.chunk(offset: Int64(index), bytes: Array("\(stream):\(index);".utf8))
                            if index % 25 == 0 { await Task.yield() }
                        }
                        recording.finish(offset: 100, TapeEnd(reason: .eof))
                    }
                }
            }
            #expect(await queue.shutdown(within: .seconds(30)))
            let cassette = try Cassette.load(directory: directory)
            #expect(cassette.items.count == 40)
            for item in cassette.items {
                let model = try #require(item.tape.request.model)
                let expected = (0..<100).map { "\(model.dropFirst()):\($0);" }.joined()
                #expect(item.tape.body == Array(expected.utf8))
                #expect(item.tape.chunks.count == 100)
            }
        }
    }

    @Test("makes plain, short names of whatever a request says")
    func plainNames() {
        #expect(TapeName.stem(api: "openai.chat", model: "gpt-4o", key8: "1a2b3c4d") == "openai.chat-gpt-4o-1a2b3c4d")
        #expect(TapeName.stem(api: "x", model: "../../etc/passwd", key8: "k") == "x-_.._etc_passwd-k")
        #expect(TapeName.stem(api: "", model: "é\0/", key8: "k") == "____-k")
        #expect(TapeName.stem(api: "x", model: nil, key8: "k") == "x-k")
        #expect(TapeName.stem(api: ".-.", model: "-", key8: "k") == "k")
        #expect(TapeName.stem(api: "x", model: String(repeating: "m", count: 900), key8: "k").utf8.count < 60)
    }

    @Test("dates tapes in UTC")
    func timestamps() {
        #expect(Timestamp.string(secondsSince1970: 0) == "1970-01-01T00:00:00Z")
        #expect(Timestamp.string(secondsSince1970: 1_709_209_845) == "2024-02-29T12:30:45Z")
    }
}
