import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// How much a node holds, and what it lets go of.
@Suite("A node's memory")
struct MemoryTests {
    private let loop = EmbeddedEventLoop()

    private func run(_ hub: Hub, bytes: Int, ends: Bool = true) -> Generation {
        let generation = hub.makeGeneration(.init(method: "POST", path: "/"), dialect: .openAIChat, on: loop)
        generation.responded(status: 200, framing: .serverSentEvents)
        for _ in 0..<10 {
            generation.feed(ByteBuffer(string: Chat.frame(String(repeating: "x", count: bytes / 20))), offset: 1)
            generation.seal()
        }
        if ends { generation.feed(ByteBuffer(string: Chat.finish + Chat.done), offset: 1) }
        loop.run()
        return generation
    }

    @Test("Events are counted while something holds them, once however many logs do")
    func counted() throws {
        let hub = Hub(eventLoops: [loop])
        let before = hub.heldBytes
        var generation: Generation? = run(hub, bytes: 100_000)
        let one = hub.heldBytes - before
        // The frames once, though two logs have them, and their texts nowhere else.
        #expect((50_000...55_000).contains(one))
        _ = try #require(hub.channel(named: "c")).publish(try #require(PublishedEvent(data: Array("12345".utf8))))
        loop.run()
        #expect((140...400).contains(hub.heldBytes - before - one))
        generation = nil
        #expect(generation == nil && hub.heldBytes >= one)
        let all = try #require(hub.channel(named: Hub.allChannel))
        _ = all.log.expire(before: .now() + .hours(1))
        // The stream itself is kept.
        #expect(hub.heldBytes > one * 9 / 10)
    }

    @Test("Strings beside the events are counted")
    func strings() {
        let citation = Citation(
            url: String(repeating: "u", count: 1000),
            title: "t",
            raw: String(repeating: "r", count: 2000)
        )
        let batch = makeBatch(
            makeInfo(StreamID()),
            [.delta(TokenDelta(choice: 0, part: 0, content: .citation(citation)))]
        )
        #expect(batch.byteCount > 3000)
    }

    @Test("Beyond the bound ended streams go, oldest first, then every log is trimmed until it fits")
    func bound() throws {
        var retention = Retention()
        retention.maximumTotalBytes = 1 << 20
        let hub = Hub(eventLoops: [loop], retention: retention)
        let ended = (0..<40).map { _ in run(hub, bytes: 100_000).id }
        let kept = ended.filter { hub.stream($0) != nil }
        #expect(!kept.isEmpty && kept.count < 20)
        #expect(kept == Array(ended.suffix(kept.count)))
        #expect(hub.heldBytes < (1 << 20) + 300_000)
        // Nothing is over that could be let go of: what runs is trimmed.
        let running = (0..<30).map { _ in run(hub, bytes: 100_000, ends: false) }
        for _ in 0..<12 {
            hub.tidy()
            loop.run()
        }
        #expect(hub.heldBytes < (1 << 20) + 300_000)
        #expect(running.allSatisfy { hub.stream($0.id) != nil && $0.log.newest > 10 })
        #expect(running.contains { $0.log.home.list.earliest > 1 })
    }
}
