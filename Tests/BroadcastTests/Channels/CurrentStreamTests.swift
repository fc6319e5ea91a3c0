import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// Which stream a view shows that shows a channel's streams one at a time.
@Suite("A channel's current stream")
struct CurrentStreamTests {
    private let loop = EmbeddedEventLoop()
    private let hub: Hub
    private let channel: EventChannel

    init() throws {
        hub = Hub(eventLoops: [loop])
        channel = try #require(hub.channel(named: "c"))
    }

    private func begin() -> Generation {
        let request = Generation.Request(method: "POST", path: "/", channel: "c")
        let generation = hub.makeGeneration(request, dialect: .openAIChat, on: loop)
        generation.responded(status: 200, framing: .serverSentEvents)
        generation.feed(ByteBuffer(string: Chat.frame("a")), offset: 1)
        generation.seal()
        return generation
    }

    private func end(_ generation: Generation) {
        generation.feed(ByteBuffer(string: Chat.finish + Chat.done), offset: 2)
        generation.bodyEnded(offset: 2)
    }

    /// The stream to show; nil where it is waited for.
    private func current(after generation: Generation, _ sequence: Int) -> StreamID? {
        let found = Watched<StreamID?>(nil)
        let token = ResumeToken(epoch: generation.id, sequence: sequence)
        channel.currentStream(after: token, in: .openai).stream.whenSuccess { log in found.update { $0 = log.epoch } }
        loop.run()
        return found.current
    }

    @Test("is the reader's own until it has all of it, then the next that started")
    func order() {
        let first = begin()
        #expect(current(after: first, 1) == first.id)
        let second = begin()
        // A newer one runs, but the reader's own isn't over.
        #expect(current(after: first, 2) == first.id)
        end(first)
        let last = first.log.newest
        #expect(current(after: first, last - 1) == first.id)
        #expect(current(after: first, last) == second.id)
        end(second)
        let third = begin()
        // Also one that is over by now; nobody skips what is kept.
        #expect(current(after: first, last) == second.id)
        #expect(current(after: second, second.log.newest) == third.id)
        end(third)
        #expect(current(after: third, third.log.newest) == nil)
    }

    @Test("that is waited for is the next to start")
    func waiting() throws {
        let first = begin()
        end(first)
        let token = ResumeToken(epoch: first.id, sequence: first.log.newest)
        let next = channel.currentStream(after: token).stream
        loop.run()
        let second = begin()
        loop.run()
        #expect(try next.wait() === second.log)
    }

    @Test("is the newest that runs for a token of another channel's stream")
    func foreign() {
        let other = hub.makeGeneration(.init(method: "POST", path: "/"), dialect: .openAIChat, on: loop)
        let first = begin()
        #expect(current(after: other, 3) == first.id)
    }
}
