import Dialects
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Broadcast

/// Readers on other loops than the log's see the same events in the same order as those beside it.
@Suite("Readers on any loop")
struct CrossLoopTests {
    /// A reader that takes bytes only sometimes, and says when its log is over.
    private final class Reader: ReaderConnection {
        private let done: EventLoopPromise<String>
        private let eventLoop: any EventLoop
        private var random: SeededRandom
        private var received = ""
        private var subscription: LogReader?
        var isWritable = true

        init(_ eventLoop: any EventLoop, seed: UInt64, _ done: EventLoopPromise<String>) {
            self.eventLoop = eventLoop
            self.done = done
            random = SeededRandom(seed: seed)
        }

        func subscribe(_ hub: Hub, _ log: EventLog, _ catchUp: CatchUp) {
            let format = ViewFormat(view: .delta, transport: .plainEventStream)
            let reader = LogReader(format: format, position: .earliest, catchUp: catchUp, connection: self)
            subscription = reader
            hub.subscribe(reader, to: log, on: eventLoop)
        }

        func write(_ bytes: ByteBuffer) {
            received += String(buffer: bytes)
            guard random.next() % 3 == 0 else { return }
            isWritable = false
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            eventLoop.scheduleTask(in: .microseconds(Int64(random.next() % 2000))) {
                bound.value.isWritable = true
                bound.value.subscription?.writable()
            }
        }

        func ended(_ reason: ReaderEnd) { done.succeed(received) }
    }

    @Test(
        "join at any time, stall at any time: nothing is lost, nothing doubled",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    func everyReaderGetsAll(_ seed: UInt64) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
        let loops = Array(group.makeIterator())
        let hub = Hub(eventLoops: loops, leavesUnread: seed % 2 == 0)
        let home = loops[0]
        let words = (0..<400).map { " w\($0)" }
        let publisher = try await home.submit {
            NIOLoopBound(Publisher(hub, home, words: words, seed: seed), eventLoop: home)
        }.get()
        let log = try await home.submit { publisher.value.generation.log }.get()
        var results: [(text: EventLoopFuture<String>, catchUp: CatchUp)] = []
        var random = SeededRandom(seed: seed)
        for number in 0..<30 {
            let loop = loops[number % loops.count]
            let promise = loop.makePromise(of: String.self)
            let delay = TimeAmount.microseconds(Int64(random.next() % 30_000))
            let readerSeed = random.next()
            let catchUp: CatchUp = number % 5 < 3 ? .replay : .fold
            loop.scheduleTask(in: delay) {
                Reader(loop, seed: readerSeed, promise).subscribe(hub, log, catchUp)
            }
            results.append((promise.futureResult, catchUp))
        }
        home.execute { publisher.value.publish() }
        for (result, catchUp) in results {
            let text = try await result.get()
            // Some deltas were merged while the reader lagged.
            #expect(Self.words(in: text).joined() == words.joined(), "seed \(seed)")
            if catchUp == .replay { #expect(text.components(of: "event: start\n") == 1) }
            // What the snapshot has is the beginning of the text.
            #expect(text.components(of: "event: snapshot\n") == (catchUp == .fold ? 1 : 0))
            #expect(text.components(of: "event: end\n") == 1)
            #expect(Self.sequences(in: text) == Self.sequences(in: text).sorted())
        }
        #expect(log.readerCount == 0)
        try await group.shutdownGracefully()
    }

    private static func words(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            guard let start = line.firstRange(of: "\"text\":\"") else { return nil }
            return String(line.suffix(from: start.upperBound).prefix { $0 != "\"" })
        }
    }

    private static func sequences(in text: String) -> [String] {
        text.split(separator: "\n\n").compactMap { block in
            guard block.contains("event: ") else { return nil }
            return block.split(separator: "\n").first { $0.hasPrefix("id: ") }.map(String.init)
        }
    }
}

/// Feeds a generation a few tokens a turn, so that segments are of many sizes.
private final class Publisher {
    let generation: Generation
    private let eventLoop: any EventLoop
    private var rest: ArraySlice<String>
    private var random: SeededRandom

    init(_ hub: Hub, _ eventLoop: any EventLoop, words: [String], seed: UInt64) {
        self.eventLoop = eventLoop
        rest = ArraySlice(words)
        random = SeededRandom(seed: seed)
        let request = Generation.Request(method: "POST", path: "/v1/chat/completions")
        generation = hub.makeGeneration(request, dialect: .openAIChat, on: eventLoop)
        generation.responded(status: 200, framing: .serverSentEvents)
    }

    func publish() {
        for _ in 0..<(random.next() % 5) {
            guard let word = rest.popFirst() else { break }
            feed(#"{"choices":[{"index":0,"delta":{"content":"\#(word)"}}]}"#)
        }
        guard !rest.isEmpty else {
            feed("[DONE]")
            generation.bodyEnded(offset: 1)
            return generation.seal()
        }
        generation.seal()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .microseconds(Int64(random.next() % 300))) { bound.value.publish() }
    }

    private func feed(_ data: String) {
        generation.feed(ByteBuffer(string: "data: \(data)\n\n"), offset: 1)
    }
}

extension String {
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
