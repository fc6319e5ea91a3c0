import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// What a reader of a channel gets in place of events that are gone: what they added up to, and all that is kept.
@Suite("A channel's reset")
struct ChannelResetTests {
    private let home = EmbeddedEventLoop()
    private let away = EmbeddedEventLoop()

    @Test(
        "gives a stream's text once, whether trimmed or kept, and every event that is kept",
        arguments: [true, false]
    )
    func straddling(isAway: Bool) throws {
        var retention = Retention()
        retention.maximumEvents = 12
        let hub = Hub(eventLoops: [home, away], retention: retention)
        let channel = try #require(hub.channel(named: "c"))
        let owner = channel.log.eventLoop === home ? home : away
        let other = owner === home ? away : home
        let request = Generation.Request(method: "POST", path: "/", channel: "c")
        // On the channel's own loop and on another: folds are shared there, and made anew here.
        for loop in [owner, other] {
            let words = Chat.words(20)
            let generation = hub.makeGeneration(request, dialect: .openAIChat, on: loop)
            generation.responded(status: 200, framing: .serverSentEvents)
            for word in words {
                generation.feed(ByteBuffer(string: Chat.frame(word)), offset: 1)
                generation.seal()
                run()
            }
            _ = channel.publish(try #require(PublishedEvent(data: Array("1".utf8))))
            run()

            let connection = FakeReader()
            let reader = LogReader(connection, position: .after(ResumeToken(epoch: StreamID(), sequence: 1)))
            hub.subscribe(reader, to: channel.log, on: isAway ? other : owner)
            run()
            let events = connection.events
            #expect(events.prefix(2).map(\.name) == ["reset", "snapshot"])
            let snapshot = try JSONValue(parsing: Array(events[1].data.utf8))
            #expect(EventKind.snapshot.data.problems(with: snapshot) == [])
            #expect(snapshot["asOf"]?.string == events[1].id)
            let streams = try #require(snapshot["streams"]?.array)
            #expect(streams.map { $0["stream"]?.string } == [generation.id.description])
            let before = streams[0].value(at: "/choices/0/parts/0/text")?.string ?? "-"
            let after = try events.filter { $0.name == "delta" }.map {
                try JSONValue(parsing: Array($0.data.utf8))["text"]?.string ?? "-"
            }
            #expect(!before.isEmpty && !after.isEmpty)
            #expect(before + after.joined() == words.joined())
            #expect(events.last?.name == "message")
            generation.feed(ByteBuffer(string: Chat.finish + Chat.done), offset: 2)
            generation.bodyEnded(offset: 2)
            run()
            #expect(connection.events.last?.name == "end")
            reader.cancel()
            // What is over by the time that the log begins is in no snapshot.
            for _ in 0..<12 { _ = channel.publish(try #require(PublishedEvent(data: Array("2".utf8)))) }
            run()
        }
    }

    private func run() {
        for _ in 0..<6 {
            home.run()
            away.run()
        }
    }
}
