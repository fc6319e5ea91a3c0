import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// Streams that nobody follows are read some bytes at a time, and nobody can tell.
@Suite struct UnreadTests {
    private let loop = EmbeddedEventLoop()
    private let hub: Hub

    init() { hub = Hub(eventLoops: [loop], leavesUnread: true) }

    private func begin(_ sinks: [any GenerationSink] = [], on hub: Hub? = nil) -> Generation {
        let generation = (hub ?? self.hub).makeGeneration(
            .init(method: "POST", path: Chat.path, model: "asked"),
            dialect: .openAIChat,
            sinks: sinks,
            on: loop
        )
        generation.responded(status: 200, framing: .serverSentEvents)
        return generation
    }

    /// A turn that brings so much.
    private func turn(_ text: String, _ generation: Generation) {
        generation.feed(ByteBuffer(string: text), offset: 1)
        generation.seal()
        loop.run()
    }

    private final class Sink: GenerationSink {
        var count = 0
        func append(_ batch: EventBatch) { count += batch.run.count }
    }

    @Test("the first pieces are read at once, the next ones wait until somebody asks")
    func waits() {
        let generation = begin()
        turn(Chat.frame("a"), generation)
        #expect(generation.log.newest == 2)
        turn(Chat.frame("b"), generation)
        turn(Chat.frame("c"), generation)
        #expect(generation.log.newest == 2)
        #expect(generation.fold.text == "a")
        hub.readUnread(on: loop)
        #expect(generation.log.newest == 4)
        #expect(generation.fold.text == "abc")
        #expect(hub.counters.tokens.current == 3)
    }

    @Test("no more than some kilobytes wait")
    func isBounded() {
        let generation = begin()
        var text = ""
        for number in 0..<200 {
            text += "\(number) "
            turn(Chat.frame("\(number) "), generation)
            #expect(generation.unread.count < 2 << 10)
        }
        #expect(generation.fold.text.utf8.count > text.utf8.count * 8 / 10)
        turn(Chat.frame(String(repeating: "x", count: 5000)), generation)
        #expect(generation.fold.text == text + String(repeating: "x", count: 5000))
    }

    @Test("an end that waits is seen by whoever asks how the stream ended")
    func unreadEnd() {
        let generation = begin()
        turn(Chat.frame("a"), generation)
        turn(Chat.finish + Chat.done, generation)
        #expect(generation.ended == nil)
        #expect(generation.end?.state == .complete)
        #expect(hub.counters.completeStreams.current == 1)
        turn(": more\n\n", generation)
        #expect(generation.isAtFrameBoundary)
        turn("data: half", generation)
        #expect(!generation.isAtFrameBoundary)
    }

    @Test("what waits is in the log before the end, however that comes", arguments: [true, false])
    func readBeforeTheEnd(_ isAbandoned: Bool) {
        let generation = begin()
        for word in ["a", "b", "c"] { turn(Chat.frame(word), generation) }
        if isAbandoned {
            generation.abandon(StreamEnd(state: .cancelled))
        } else {
            generation.bodyEnded(offset: 2)
        }
        #expect(generation.fold.text == "abc")
        #expect(generation.end?.state == (isAbandoned ? .cancelled : .truncated))
        #expect(generation.fold.usage?.output == 3)
    }

    @Test("a stream with a sink is read at once")
    func sinks() {
        let sink = Sink()
        let generation = begin([sink])
        for word in ["a", "b", "c"] { turn(Chat.frame(word), generation) }
        #expect(sink.count == 4)
    }

    @Test("a reader gets what waited as history, and all that follows at once", arguments: [true, false])
    func readers(_ ofChannel: Bool) throws {
        let generation = begin()
        for word in ["a", "b"] { turn(Chat.frame(word), generation) }
        let connection = FakeReader()
        let reader = LogReader(connection)
        let log = ofChannel ? try #require(hub.channel(named: Hub.allChannel)).log : generation.log
        hub.subscribe(reader, to: log, on: loop)
        loop.run()
        #expect(connection.events.filter { $0.name == "delta" }.count == 2)
        turn(Chat.frame("c"), generation)
        #expect(connection.events.filter { $0.name == "delta" }.count == 3)
        reader.cancel()
        turn(Chat.frame("d"), generation)
        #expect(generation.fold.text == "abc")
    }

    @Test("what has waited for long is read when other streams are left unread, or nothing comes")
    func patience() {
        let streams = UnreadStreams()
        let (old, new) = (begin(), begin())
        for generation in [old, new] {
            turn(Chat.frame("a"), generation)
            turn(Chat.frame("b"), generation)
        }
        let now = NIODeadline.now()
        streams.append(old, at: now)
        streams.append(new, at: now + .seconds(1))
        #expect(old.fold.text == "a")
        let later = now + .milliseconds(2500)
        streams.append(begin(), at: later)
        #expect(old.fold.text == "ab")
        #expect(new.fold.text == "a")
        streams.readOld(at: later + .seconds(10))
        #expect(new.fold.text == "ab")
        #expect(streams.isEmpty)
    }

    @Test(
        "however the body is cut and whoever comes and goes, it is the log of a stream that is read at once",
        arguments: 0..<60
    )
    func isTheSame(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var body = ""
        for number in 0..<Int.random(in: 1...60, using: &random) {
            body += Chat.frame(String(repeating: "w\(number) ", count: Int.random(in: 1...9, using: &random)))
        }
        if Bool.random(using: &random) { body += Chat.finish + Chat.usage + Chat.done }
        let eager = begin(on: Hub(eventLoops: [loop]))
        let generation = begin()
        var readers: [LogReader] = []
        var rest = ArraySlice(body.utf8)
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...300, using: &random))
            rest = rest.dropFirst(part.count)
            for stream in [eager, generation] {
                stream.feed(ByteBuffer(bytes: part), offset: 1)
            }
            guard Int.random(in: 0..<4, using: &random) > 0 else { continue }
            eager.seal()
            generation.seal()
            switch Int.random(in: 0..<30, using: &random) {
            case 0: hub.readUnread(on: loop)
            case 1: #expect(generation.end?.state == eager.end?.state)
            case 2: #expect(generation.isAtFrameBoundary == eager.isAtFrameBoundary)
            case 3:
                let reader = LogReader(FakeReader())
                hub.subscribe(reader, to: generation.log, on: loop)
                readers.append(reader)
            case 4: readers.popLast()?.cancel()
            default: break
            }
            loop.run()
        }
        for stream in [eager, generation] { stream.bodyEnded(offset: 2) }
        #expect(generation.fold.text == eager.fold.text)
        #expect(generation.log.newest == eager.log.newest)
        #expect(raw(generation.log) == raw(eager.log))
        #expect(generation.end == eager.end)
    }

    /// All that a log holds, as a late reader has it.
    private func raw(_ log: EventLog) -> [String] {
        let connection = FakeReader()
        hub.subscribe(LogReader(connection, view: .raw), to: log, on: loop)
        loop.run()
        return connection.events.map { "\($0.name): \($0.data)" }
    }
}
