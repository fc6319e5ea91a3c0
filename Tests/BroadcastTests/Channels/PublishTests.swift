import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// Events of anybody's own in a channel.
@Suite("Published events")
struct PublishTests {
    private let loop = EmbeddedEventLoop()

    @Test(
        "may have plain names that are none of ours",
        arguments: [
            ("message", true), ("tick", true), ("a.b_c-d:9", true), (String(repeating: "x", count: 128), true),
            ("", false), (String(repeating: "x", count: 129), false), ("a b", false), ("a\nb", false), ("é", false),
            ("start", false), ("delta", false), ("end", false), ("snapshot", false), ("reset", false), ("slow", false),
            ("usage", false), ("restart", false), ("error", false), ("open", false),
        ]
    )
    func names(name: String, isValid: Bool) {
        #expect(PublishedEvent.isValid(name: name) == isValid)
        #expect((PublishedEvent(name: name, data: Array("1".utf8)) != nil) == isValid)
    }

    @Test("are one line of data", arguments: ["", "1\n2", "1\r2"])
    func lines(data: String) {
        #expect(PublishedEvent(data: Array(data.utf8)) == nil)
    }

    @Test("are shown by the views delta and cloudevents alone, under the channel's numbers")
    func views() throws {
        let hub = Hub(eventLoops: [loop])
        let channel = try #require(hub.channel(named: "c"))
        let id = channel.log.epoch
        let readers = View.allCases.map { view in (view, FakeReader()) }
        for (view, connection) in readers {
            hub.subscribe(LogReader(connection, view: view), to: channel.log, on: loop)
        }
        let socket = FakeReader()
        let format = ViewFormat(view: .delta, transport: .webSocket)
        hub.subscribe(LogReader(format: format, position: .now, connection: socket), to: channel.log, on: loop)
        let event = try #require(PublishedEvent(name: "tick", data: Array(#"{"n":1}"#.utf8)))
        let token = channel.publish(event)
        loop.run()
        #expect(try token.wait() == ResumeToken(epoch: id, sequence: 1))
        for (view, connection) in readers {
            let told = connection.events.map { "\($0.name) \($0.id) \($0.data)" }
            switch view {
            case .delta: #expect(told == ["tick \(id)_0000000001 {\"n\":1}"])
            case .cloudevents: #expect(told.count == 1 && told[0].hasSuffix(#","data":{"n":1}}"#))
            case .text, .raw, .openai: #expect(told.isEmpty, "\(view)")
            }
        }
        #expect(
            WebSocketClient.parse(socket.bytes).map(\.text) == [
                #"{"type":"message","id":"\#(id)_0000000001","channel":"c","event":"tick","data":{"n":1}}"#
            ]
        )
    }

    @Test("that come too fast are refused, and it is said for how long")
    func rate() throws {
        let hub = Hub(eventLoops: [loop], publishing: PublishLimits(rate: 1, burst: 3))
        let channel = try #require(hub.channel(named: "c"))
        let event = try #require(PublishedEvent(data: Array("1".utf8)))
        let tokens = (0..<5).map { _ in channel.publish(event) }
        loop.run()
        #expect(try tokens.prefix(3).map { try $0.wait().sequence } == [1, 2, 3])
        for token in tokens.suffix(2) {
            let refusal = #expect(throws: PublishRefusal.self) { try token.wait() }
            #expect(refusal?.seconds == 1)
        }
        // A channel's rate is its own.
        let other = try #require(hub.channel(named: "d")).publish(event)
        loop.run()
        #expect(try other.wait().sequence == 1)
        hub.close()
        loop.run()
        let late = channel.publish(event)
        loop.run()
        #expect(throws: ChannelClosed.self) { try late.wait() }
    }

    @Test("keep a channel until they are too old, each by its own age")
    func age() throws {
        let hub = Hub(eventLoops: [loop])
        let channel = try #require(hub.channel(named: "c"))
        let now = NIODeadline.now()
        for minutes in [12, 11, 3, 1] {
            let event = try #require(PublishedEvent(data: Array("1".utf8)))
            channel.log.home.append(.published(Publication(event)), at: now - .minutes(Int64(minutes)))
        }
        hub.tidy()
        loop.run()
        #expect(channel.log.home.list.earliest == 3)
        // Who comes now gets what is kept, and nothing says that it should have been more.
        let connection = FakeReader()
        hub.subscribe(LogReader(connection), to: channel.log, on: loop)
        #expect(connection.events.map(\.name) == ["message", "message"])
    }
}
