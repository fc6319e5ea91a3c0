import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// What a node keeps, and what it lets go of.
@Suite struct HubTests {
    private let loop = EmbeddedEventLoop()

    private func run(_ hub: Hub, words: Int = 1) -> Generation {
        let generation = hub.makeGeneration(.init(method: "POST", path: "/"), dialect: .openAIChat, on: loop)
        generation.responded(status: 200, framing: .serverSentEvents)
        generation.feed(ByteBuffer(string: Chat.stream(Chat.words(words))), offset: 1)
        generation.seal()
        return generation
    }

    @Test func channelsAreMadeOnceAndLimited() throws {
        var retention = Retention()
        retention.maximumChannels = 3
        let hub = Hub(eventLoops: [loop], retention: retention)
        let first = try #require(hub.channel(named: "a"))
        #expect(hub.channel(named: "a") === first)
        #expect(hub.channel(named: "b") != nil)
        // "all" is one of the three.
        #expect(hub.channel(named: "c") == nil)
        #expect(hub.channel(named: "no good") == nil)
        #expect(hub.channel(named: Hub.allChannel)?.name == "all")
    }

    @Test func theOldestEndedStreamsGoFirst() {
        var retention = Retention()
        retention.maximumTotalBytes = 5000
        let hub = Hub(eventLoops: [loop], retention: retention)
        let running = hub.makeGeneration(.init(method: "POST", path: "/"), dialect: .openAIChat, on: loop)
        let ended = (0..<10).map { _ in run(hub) }
        let kept = ended.filter { hub.stream($0.id) != nil }
        #expect(!kept.isEmpty && kept.count < 10)
        #expect(kept.map(\.id) == ended.suffix(kept.count).map(\.id))
        #expect(hub.stream(running.id) != nil)
    }

    @Test func oldStreamsAndIdleChannelsAreLetGo() throws {
        var retention = Retention()
        retention.afterEnd = .nanoseconds(-1)
        let hub = Hub(eventLoops: [loop], retention: retention)
        let ended = run(hub)
        let running = hub.makeGeneration(.init(method: "POST", path: "/"), dialect: .openAIChat, on: loop)
        let idle = try #require(hub.channel(named: "idle"))
        let read = try #require(hub.channel(named: "read"))
        let reader = LogReader(FakeReader())
        hub.subscribe(reader, to: read.log, on: loop)
        hub.tidy()
        loop.run()
        #expect(hub.stream(ended.id) == nil)
        #expect(hub.stream(running.id) != nil)
        #expect(hub.channel(named: "idle") !== idle)
        #expect(hub.channel(named: "read") === read)
    }

    @Test func aChannelsViewOfOneStreamFollowsTheNewest() throws {
        let hub = Hub(eventLoops: [loop])
        let channel = try #require(hub.channel(named: "c"))
        let waited = Watched<StreamID?>(nil)
        channel.currentStream().stream.whenSuccess { log in waited.update { $0 = log.epoch } }
        loop.run()
        #expect(waited.current == nil)
        func begin() -> Generation {
            let request = Generation.Request(method: "POST", path: "/", channel: "c")
            let generation = hub.makeGeneration(request, dialect: .openAIChat, on: loop)
            generation.responded(status: 200, framing: .serverSentEvents)
            generation.feed(ByteBuffer(string: Chat.frame("a")), offset: 1)
            generation.seal()
            loop.run()
            return generation
        }
        func current() throws -> StreamID {
            let current = channel.currentStream().stream
            loop.run()
            return try current.wait().epoch
        }
        let first = begin()
        #expect(waited.current == first.id)
        let second = begin()
        #expect(try current() == second.id)
        second.abandon(StreamEnd(state: .cancelled))
        loop.run()
        #expect(try current() == first.id)
    }

    @Test func closingLetsGoOfWhoWaits() throws {
        let hub = Hub(eventLoops: [loop])
        let channel = try #require(hub.channel(named: "c"))
        let waiting = channel.currentStream().stream
        let connection = FakeReader()
        hub.subscribe(LogReader(connection), to: channel.log, on: loop)
        hub.close()
        loop.run()
        #expect(connection.end == .shutdown)
        #expect(throws: ChannelClosed.self) { try waiting.wait() }
    }

    @Test func theHistogramIsCumulative() {
        let histogram = Counters.Histogram()
        for microseconds in [1, 5000, 5001, 90_000_000] { histogram.record(microseconds: microseconds) }
        let snapshot = histogram.snapshot
        #expect(snapshot.count == 4)
        #expect(snapshot.sum == 90_010_002)
        #expect(snapshot.cumulative.first == 2)
        #expect(snapshot.cumulative[1] == 3)
        #expect(snapshot.cumulative.last == 3)
        #expect(snapshot.cumulative.count == Counters.Histogram.bounds.count)
    }
}
