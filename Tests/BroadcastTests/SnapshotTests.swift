import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// One event in place of many.
@Suite("Snapshots")
struct SnapshotTests {
    private let loop = EmbeddedEventLoop()
    private let hub: Hub

    init() { hub = Hub(eventLoops: [loop]) }

    private func begin() -> Generation {
        let request = Generation.Request(method: "POST", path: Chat.path, model: "asked", channel: "c")
        return hub.makeGeneration(request, dialect: .openAIChat, on: loop)
    }

    private func json(_ snapshot: Snapshot) throws -> JSONValue {
        try JSONValue(parsing: snapshot.openJSON + Array("}".utf8))
    }

    private func fold(_ log: EventLog, _ view: View = .delta) -> FakeReader {
        let connection = FakeReader()
        let format = ViewFormat(view: view, transport: .plainEventStream)
        let reader = LogReader(format: format, position: .earliest, catchUp: .fold, connection: connection)
        hub.subscribe(reader, to: log, on: loop)
        return connection
    }

    @Test("tell of a stream that has said nothing yet")
    func nothing() throws {
        let generation = begin()
        let snapshot = try json(generation.log.snapshot(.resource))
        #expect(snapshot["asOf"]?.string == "\(generation.id)_0000000000")
        #expect(snapshot["state"]?.string == "streaming" && snapshot["model"]?.string == "asked")
        #expect(snapshot["status"].map { $0.jsonText } == "null")
        generation.responded(status: 203, framing: .serverSentEvents)
        #expect(try json(generation.log.snapshot(.resource))["status"]?.int == 203)
        #expect(EventKind.snapshot.data.problems(with: snapshot) == [])
    }

    @Test("leave the end to the event behind them, but as a resource have it")
    func ended() throws {
        let generation = begin()
        generation.responded(status: 200, framing: .serverSentEvents)
        generation.feed(ByteBuffer(string: Chat.stream([" a", " b"])), offset: 1)
        let log = generation.log
        let connection = fold(log)
        loop.run()
        #expect(connection.events.map(\.name) == ["snapshot", "end"])
        #expect(connection.end == .complete)
        let told = try JSONValue(parsing: Array(connection.events[0].data.utf8))
        #expect(told["state"]?.string == "streaming" && told["end"]?.jsonText == "null")
        #expect(told["asOf"]?.string == ResumeToken(epoch: log.epoch, sequence: log.newest - 1).description)
        #expect(told.value(at: "/choices/0/finish")?.string == "stop")
        #expect(told.value(at: "/usage/total_tokens")?.int == 5)
        let whole = try json(log.snapshot(.resource))
        #expect(whole["state"]?.string == "complete" && whole.value(at: "/end/terminal")?.string == "[DONE]")
        #expect(whole["asOf"]?.string == ResumeToken(epoch: log.epoch, sequence: log.newest).description)
        #expect(EventKind.snapshot.data.problems(with: whole) == [])
        // As text it is the text.
        #expect(fold(log, .text).events.map(\.data).first == " a b")
    }

    @Test("are made once for all who ask while nothing comes", arguments: [Snapshot.Form.delta, .text, .resource])
    func cached(form: Snapshot.Form) throws {
        let generation = begin()
        generation.responded(status: 200, framing: .serverSentEvents)
        generation.feed(ByteBuffer(string: Chat.frame("a")), offset: 1)
        generation.seal()
        let channel = try #require(hub.channel(named: "c"))
        for log in [generation.log, channel.log] {
            let first = log.snapshot(form)
            #expect(log.snapshot(form) === first)
            // What has come but is in no log yet is in no snapshot either.
            generation.feed(ByteBuffer(string: Chat.frame("b")), offset: 2)
            #expect(log.snapshot(form) === first)
            generation.seal()
            let second = log.snapshot(form)
            #expect(second.asOf.sequence == first.asOf.sequence + 1)
            #expect(second.openJSON.count > first.openJSON.count)
        }
    }

    @Test("give a reader of another loop the same, and then exactly what follows")
    func away() throws {
        let loops = [EmbeddedEventLoop(), EmbeddedEventLoop()]
        let hub = Hub(eventLoops: loops)
        let generation = hub.makeGeneration(.init(method: "POST", path: "/"), dialect: .openAIChat, on: loops[0])
        generation.responded(status: 200, framing: .serverSentEvents)
        let crowd = (0..<3).map { _ in FakeReader() }
        for (index, word) in ["a", "b", "c", "d"].enumerated() {
            generation.feed(ByteBuffer(string: Chat.frame(word)), offset: 1)
            generation.seal()
            if index < 3 {
                let format = ViewFormat(view: .text, transport: .plainEventStream)
                hub.subscribe(
                    LogReader(format: format, position: .earliest, catchUp: .fold, connection: crowd[index]),
                    to: generation.log,
                    on: loops[1]
                )
            }
            for _ in 0..<3 { for loop in loops { loop.run() } }
        }
        #expect(crowd.map { $0.events.map(\.data) } == [["a", "b", "c", "d"], ["ab", "c", "d"], ["abc", "d"]])
    }

    @Test("give way to the events, where the reader has a token and they are there")
    func since() {
        let generation = begin()
        generation.responded(status: 200, framing: .serverSentEvents)
        generation.feed(ByteBuffer(string: Chat.frame("a") + Chat.frame("b")), offset: 1)
        generation.seal()
        let connection = FakeReader()
        let reader = LogReader(
            format: ViewFormat(view: .delta, transport: .plainEventStream),
            position: .after(ResumeToken(epoch: generation.id, sequence: 2)),
            catchUp: .fold,
            connection: connection
        )
        hub.subscribe(reader, to: generation.log, on: loop)
        #expect(connection.events.map(\.name) == ["delta"])
    }
}
