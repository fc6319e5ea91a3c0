import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// `?view=cloudevents`.
@Suite("The view cloudevents")
struct CloudEventViewTests {
    private let id = StreamID()
    private let base = "https://tokens.example/t"

    private func renderer(_ transport: ViewFormat.Transport = .json) -> EventRenderer {
        EventRenderer(format: ViewFormat(view: .cloudevents, transport: transport, base: base))
    }

    /// What others would read of it, each an event by the specification.
    private func events(_ elements: ByteBuffer) throws -> [CloudEvent] {
        let text = "[\(String(buffer: elements))]"
        return try CloudEvent.batch(json: try JSONValue(parsing: text), atMost: .max)
    }

    /// What came so many milliseconds after its stream was made.
    private func batch(
        _ milliseconds: Int,
        _ events: [TokenEvent],
        summary: StreamSummary? = nil,
        in pages: inout EventPages,
        _ info: StreamInfo
    ) -> EventBatch {
        var buffer = EventBuffer()
        for event in events { buffer.append(event) }
        let offset = milliseconds * 1000 + 999
        return pages.seal(buffer, info, offset: offset, summary: summary, by: EventPacker())
    }

    /// A list of events of every kind that streams have.

    private var everything: SegmentList {
        let contents: [TokenDelta.Content] = [
            .text("\"é\n\u{2028}"), .reasoning("r"), .refusal("no"),
            .toolCall(ToolCallDelta(index: 0, id: "c", name: "f", arguments: "{}")),
            .citation(Citation(url: "u", raw: "{}")),
        ]
        let deltas = contents.map { TokenEvent.delta(TokenDelta(choice: 1, part: 2, content: $0)) }
        let rest: [TokenEvent] = [.restart(StreamStart(id: "c2", model: "m2")), .usage(TokenUsage(output: 1))]
        let finish = TokenEvent.finish(choice: 0, FinishReason(openAI: "stop"))
        let end = TokenEvent.end(StreamEnd(state: .error, error: StreamError(message: "m")))
        let summary = StreamSummary(finish: "stop")
        var pages = EventPages()
        let info = makeInfo(id)
        var list = SegmentList(merging: .init(events: 100, bytes: 1 << 20))
        list.append(batch(0, [.start(StreamStart(id: "c1"))], in: &pages, info))
        list.append(batch(7, deltas + [.opaque], in: &pages, info))
        list.append(batch(1234, rest, in: &pages, info))
        list.append(batch(100_000, [finish, end], summary: summary, in: &pages, info))
        return list
    }

    @Test("One event, byte by byte")
    func bytes() {
        var list = SegmentList()
        var pages = EventPages()
        list.append(batch(62_007, [text("a")], in: &pages, makeInfo(id)))
        #expect(
            String(buffer: renderer().render(list, from: 1, atMost: .max, epoch: id).bytes) == #"{"specversion":"1.0","#
                + #""id":"\#(id)_0000000001","source":"https://tokens.example/t/streams/\#(id)","#
                + #""type":"dev.tokencast.delta.v1","subject":"\#(id)","time":"2023-11-14T22:14:22.007Z","#
                + #""sequence":"0000000001","sequencetype":"Integer","datacontenttype":"application/json","#
                + #""data":{"choice":0,"part":0,"type":"text","text":"a"}}"#
        )
    }

    @Test("It has the events of the view delta, with their ids, data and times, in a stream and in a channel")
    func likeDelta() throws {
        for channel in [nil, "demo"] {
            let epoch = channel == nil ? id : StreamID()
            let list = everything
            let delta = EventRenderer(format: ViewFormat(view: .delta, transport: .json))
                .render(list, from: 1, atMost: .max, epoch: epoch, channel: channel)
            let wanted = try #require(try JSONValue(parsing: "[\(String(buffer: delta.bytes))]").array)
            let piece = renderer().render(list, from: 1, atMost: .max, epoch: epoch, channel: channel)
            let found = try events(piece.bytes)
            #expect(piece.count == wanted.count && piece.next == list.next && found.count == wanted.count)
            for (event, wanted) in zip(found, wanted) {
                #expect(event.type == "dev.tokencast.\(wanted["type"]?.string ?? "").v1")
                #expect(event.id == wanted["id"]?.string)
                #expect(event.source == base + (channel.map { "/channels/\($0)" } ?? "/streams/\(id)"))
                #expect(event.string("subject") == id.description)
                #expect(event.string("sequence").map { "\(epoch)_\($0)" } == event.id)
                #expect(event.string("sequencetype") == "Integer")
                guard case .json(let data) = event.data else {
                    Issue.record("no data in \(event.id)")
                    continue
                }
                #expect(String(decoding: data, as: UTF8.self) == wanted["data"]?.jsonText)
                let kind = try #require(EventKind.all.first { $0.cloudEventType == event.type })
                #expect(kind.data.problems(with: try JSONValue(parsing: data)) == [])
            }
            let times = found.compactMap { $0.string("time") }.map { String($0.suffix(10)) }
            let pieces = Array(repeating: "13:20.007Z", count: 5)
            #expect(times == ["13:20.000Z"] + pieces + ["13:21.234Z", "13:21.234Z", "15:00.000Z"])
        }
    }

    @Test("Wherever one begins to read, an event is the same to the byte, its time included")
    func everyPlace() {
        let list = everything
        #expect(list.count < 3)
        // Alone; empty where it isn't shown.
        let whole = (1..<list.next).map { number in
            let piece = renderer().render(list, from: number, atMost: 1, epoch: id)
            return String(buffer: piece.bytes).contains("\(id)_\(String(10_000_000_000 + number).dropFirst())")
                ? String(buffer: piece.bytes) : ""
        }
        for from in 1..<list.next {
            let rest = renderer().render(list, from: from, atMost: .max, epoch: id).bytes
            let expected = whole[(from - 1)...].filter { !$0.isEmpty }
            #expect(String(buffer: rest) == expected.joined(separator: ","))
            // A reader that lags gets them one by one as well.
            #expect(renderer().render(list, from: from, atMost: .max, epoch: id, merges: true).bytes == rest)
        }
    }

    @Test("An event stream has them as data under their ids, a WebSocket in a frame each")
    func transports() throws {
        let list = everything
        let texts = try events(renderer().render(list, from: 1, atMost: .max, epoch: id).bytes).map(\.json)
            .map { String(decoding: $0, as: UTF8.self) }
        let stream = renderer(.plainEventStream).render(list, from: 1, atMost: .max, epoch: id).bytes
        let parsed = ServerSentEvent.parse(Array(stream.readableBytesView))
        #expect(parsed.map(\.data) == texts)
        #expect(parsed.allSatisfy { $0.name == "message" && $0.data.contains("\"id\":\"\($0.id)\"") })
        let frames = renderer(.webSocket).render(list, from: 1, atMost: .max, epoch: id).bytes
        #expect(WebSocketClient.parse(Array(frames.readableBytesView)).map(\.text) == texts)
    }

    @Test("Snapshots, resets and warnings are events of their own, with ids that no other event has")
    func notices() throws {
        for (channel, path) in [(nil, "/streams/\(id)"), ("demo", "/channels/demo")] {
            let token = ResumeToken(epoch: id, sequence: 7)
            let snapshot = Snapshot(asOf: token, earliest: token, openJSON: Array(#"{"asOf":"\#(token)""#.utf8))
            let told = renderer().render(snapshot, reset: "trimmed", channel: channel)
            let slow = renderer().renderSlow(behind: 3, retained: 4, epoch: id, channel: channel)
            let again = renderer().renderSlow(behind: 3, retained: 4, epoch: id, channel: channel)
            let found = try events(told) + events(slow) + events(again)
            #expect(found.map(\.type) == ["reset", "snapshot", "slow", "slow"].map { "dev.tokencast.\($0).v1" })
            #expect(Set(found.map(\.id)).count == 4)
            #expect(found.allSatisfy { $0.source == base + path && $0["sequence"] == nil && $0["time"] != nil })
            #expect(
                found.map { $0.string("subject") } == Array(repeating: channel == nil ? id.description : nil, count: 4)
            )
            // The snapshot's id leads on as the token does; those of the others lead nowhere.
            #expect(found.map { ReadPosition($0.id) } == [nil, .after(token), nil, nil])
            let stream = renderer(.plainEventStream).render(snapshot, reset: "trimmed", channel: channel)
            let ids = String(buffer: stream).split(separator: "\n").filter { $0.hasPrefix("id: ") }
            #expect(ids == ["id: \(token)"])
        }
        #expect(ReadPosition(".snapshot") == nil && ReadPosition("now.snapshot") == nil)
    }

    @Test("What is published comes as it was, or as an event of ours with its name for a subject")
    func published() throws {
        let loop = EmbeddedEventLoop()
        let hub = Hub(eventLoops: [loop])
        let channel = try #require(hub.channel(named: "c"))
        let text = #"{"specversion":"1.0","id":"a","source":"/s","type":"t","x":1,"data":[1.0]}"#
        let foreign = try CloudEvent(json: try JSONValue(parsing: text))
        let before = Hub.milliseconds
        let tokens = channel.publish([
            try #require(PublishedEvent(name: "tick", data: Array("1".utf8))), try #require(PublishedEvent(foreign)),
        ])
        let connection = FakeReader()
        let format = ViewFormat(view: .cloudevents, transport: .plainEventStream, base: base)
        hub.subscribe(LogReader(format: format, position: .earliest, connection: connection), to: channel.log, on: loop)
        loop.run()
        let shown = connection.events.filter { !$0.data.isEmpty }
        #expect(shown.map(\.id) == (try tokens.wait()).map(\.description))
        #expect(shown[1].data == text)
        let own = try CloudEvent(json: try JSONValue(parsing: shown[0].data))
        #expect(own.type == "dev.tokencast.message.v1" && own.string("subject") == "tick" && own.id == shown[0].id)
        #expect(own.source == base + "/channels/c")
        let seconds = try #require(own.string("time").flatMap { Timestamp.seconds(rfc3339: $0) })
        #expect((before / 1000...Hub.milliseconds / 1000).contains(seconds))
        let other = FakeReader()
        hub.subscribe(LogReader(other), to: channel.log, on: loop)
        #expect(other.events.suffix(1).map { "\($0.name) \($0.data)" } == ["t [1.0]"])
    }

    @Test("Several are published at once or not at all")
    func atOnce() throws {
        let loop = EmbeddedEventLoop()
        let hub = Hub(eventLoops: [loop], publishing: PublishLimits(rate: 1, burst: 3))
        let channel = try #require(hub.channel(named: "c"))
        let event = try #require(PublishedEvent(data: Array("1".utf8)))
        let first = channel.publish([event, event])
        let second = channel.publish([event, event])
        let third = channel.publish([event])
        let none = channel.publish([])
        loop.run()
        #expect(try first.wait().map(\.sequence) == [1, 2])
        #expect(throws: PublishRefusal.self) { try second.wait() }
        #expect(try third.wait().map(\.sequence) == [3])
        #expect(try none.wait().isEmpty)
    }
}
