import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// Readers whose sockets don't take everything.
@Suite("Readers that lag")
struct LaggingReaderTests {
    private let loop = EmbeddedEventLoop()
    private let info = makeInfo(StreamID())
    private let counters = Counters()

    private func makeLog(_ events: Int = 65_536, bytes: Int = 8 << 20) -> TestLog {
        var retention = Retention()
        retention.maximumEvents = events
        retention.maximumBytes = bytes
        return TestLog(info, on: loop, retention: retention, counters: counters)
    }

    private func join(_ log: TestLog, _ view: View = .delta, merges: Bool = true) -> (FakeReader, LogReader) {
        let connection = FakeReader()
        let reader = LogReader(
            format: ViewFormat(view: view, transport: .plainEventStream),
            position: .earliest,
            merges: merges,
            connection: connection
        )
        log.log.add(reader, on: loop, feeds: RemoteFeeds())
        return (connection, reader)
    }

    private func tool(_ text: String, id: String? = nil) -> TokenEvent {
        .delta(TokenDelta(choice: 0, part: 1, content: .toolCall(.init(id: id, name: id, arguments: text))))
    }

    private func piece(_ text: String) -> TokenEvent {
        .delta(TokenDelta(choice: 0, part: 0, content: .text(text)))
    }

    @Test("get adjacent deltas of a part in one event, which says where it begins")
    func merging() {
        let log = makeLog()
        let (connection, reader) = join(log)
        connection.isWritable = false
        let events: [TokenEvent] = [
            .start(StreamStart()), text("a"), .opaque, text("b"), text("c"), text("x", choice: 1), text("d"),
            tool("", id: "t"), tool("1"), tool("2"), .usage(TokenUsage()), text("e"), .restart(StreamStart()),
            text("f"),
        ]
        for event in events {
            log.append(makeBatch(info, [event]))
            loop.run()
        }
        connection.isWritable = true
        reader.writable()
        let told = connection.events.map { event in
            let data = try? JSONValue(parsing: Array(event.data.utf8))
            let first = data?["first"]?.string.map { " from \(Int($0.suffix(10)) ?? 0)" } ?? ""
            let text = data?["text"]?.string ?? data?["arguments"]?.string ?? event.name
            return "\(Int(event.id.suffix(10)) ?? 0)\(first): \(text)"
        }
        #expect(
            told == [
                "1: start", "5 from 2: abc", "6: x", "7: d", "8: ", "10 from 9: 12", "11: usage", "12: e",
                "13: restart",
                "14: f",
            ]
        )
        // It has caught up: events come as they are again.
        log.append(makeBatch(info, [text("g"), text("h")]))
        loop.run()
        #expect(connection.events.count == told.count + 2)
    }

    @Test("get texts of a stream in one, and each on its own if they want that", arguments: [true, false])
    func texts(merges: Bool) {
        let log = makeLog()
        let (connection, reader) = join(log, .text, merges: merges)
        connection.isWritable = false
        for word in ["a", "b", "c"] {
            log.append(makeBatch(info, [.opaque, piece(word)]))
            loop.run()
        }
        connection.isWritable = true
        reader.writable()
        #expect(connection.events.map(\.data) == (merges ? ["abc"] : ["a", "b", "c"]))
        #expect(connection.events.last?.id.hasSuffix("_0000000006") == true)
    }

    @Test("hold a piece of a large turn, not all of it")
    func pieces() {
        let log = makeLog()
        let (stalled, _) = join(log)
        let (reading, _) = join(log)
        stalled.onWrite = { stalled.isWritable = false }
        stalled.isWritable = true
        for _ in 0..<200 { log.append(makeBatch(info, [piece(String(repeating: "x", count: 5000))])) }
        loop.run()
        #expect(stalled.bytes.count < 40 << 10)
        #expect(reading.bytes.count > 1_000_000)
        #expect(reading.events.count == 200)
    }

    @Test("are told once per lag that they are about to lose events", arguments: [true, false])
    func slow(byBytes: Bool) {
        let log = byBytes ? makeLog(bytes: 100 * 44) : makeLog(100)
        let (connection, reader) = join(log)
        func lag(_ count: Int) {
            connection.isWritable = false
            for _ in 0..<count {
                log.append(makeBatch(info, [piece("x")]))
                loop.run()
            }
            connection.isWritable = true
            reader.writable()
        }
        lag(60)
        #expect(connection.events.count { $0.name == "slow" } == 0)
        lag(byBytes ? 85 : 80)
        lag(byBytes ? 85 : 80)
        #expect(connection.events.count { $0.name == "slow" } == 2)
        #expect(counters.slowReaders.current == 2)
        #expect(connection.events.allSatisfy { $0.name != "reset" })
        if !byBytes {
            #expect(connection.events.first { $0.name == "slow" }?.data == #"{"behind":80,"retained":100}"#)
        }
    }

    @Test("of views that have no word for it are cut off once events are gone", arguments: [View.raw, .openai])
    func cutOff(view: View) {
        let log = makeLog(5)
        let (connection, _) = join(log, view)
        connection.isWritable = false
        for _ in 0..<10 {
            log.append(makeBatch(info, [piece("x")]))
            loop.run()
        }
        #expect(connection.end == .incomplete)
        #expect(connection.bytes.isEmpty)
        let (late, _) = join(log, view)
        #expect(late.end == .incomplete)
    }
}
