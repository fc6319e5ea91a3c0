import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// Single situations of a log and its readers.
@Suite struct FeedTests {
    private let home = EmbeddedEventLoop()
    private let away = EmbeddedEventLoop()
    private let counters = Counters()
    private let info = makeInfo(StreamID())

    private func makeLog(_ retention: Retention = Retention()) -> TestLog {
        TestLog(info, on: home, retention: retention, counters: counters)
    }

    private func run() {
        for _ in 0..<6 {
            home.run()
            away.run()
        }
    }

    @Test func allThatComesInATurnIsOneWriteForEachReader() {
        let log = makeLog()
        let readers = (0..<3).map { _ in FakeReader() }
        for reader in readers { log.log.add(LogReader(reader), on: home, feeds: RemoteFeeds()) }
        for reader in readers { #expect(reader.writes == 1) }
        for index in 0..<10 { log.append(makeBatch(info, [text("\(index)")])) }
        home.run()
        for reader in readers {
            #expect(reader.writes == 2)
            #expect(reader.events.count == 10)
        }
        #expect(counters.deliveries.current == 30)
    }

    @Test func aReaderThatLagsBehindWhatIsKeptIsTold() {
        var retention = Retention()
        retention.maximumEvents = 5
        let log = makeLog(retention)
        let connection = FakeReader()
        let reader = LogReader(connection)
        log.log.add(reader, on: home, feeds: RemoteFeeds())
        log.append(makeBatch(info, [text("1")]))
        home.run()
        connection.isWritable = false
        for index in 2...20 { log.append(makeBatch(info, [text("\(index)")])) }
        home.run()
        connection.isWritable = true
        reader.writable()
        // The lost ones and those that are kept are in the snapshot alike.
        #expect(connection.events.map(\.name) == ["delta", "reset", "snapshot"])
        #expect(connection.events[1].id.hasSuffix("_0000000001"))
        #expect(connection.events[2].id.hasSuffix("_0000000020"))
        #expect(connection.events[2].data.contains(#""text":"\#((1...20).map(String.init).joined())""#))
        #expect(counters.resets.current == 1)
    }

    @Test func aReaderOfAnotherLoopThatLeavesWithinItsWelcomeTakesNobodyAlong() {
        let log = makeLog()
        let feeds = RemoteFeeds()
        let hasty = FakeReader()
        let leaving = LogReader(hasty)
        hasty.onWrite = { leaving.cancel() }
        let stayer = FakeReader()
        // Both wait for the same feed; the first is gone before the second is served.
        log.log.add(leaving, on: away, feeds: feeds)
        log.log.add(LogReader(stayer), on: away, feeds: feeds)
        run()
        log.append(makeBatch(info, [text("1")]))
        log.log.end()
        run()
        #expect(stayer.events.count == 1)
        #expect(stayer.end == .complete)
        #expect(log.log.readerCount == 0)
    }

    @Test func aReaderWhoComesBackToAnIdleLoopIsServed() {
        let log = makeLog()
        let feeds = RemoteFeeds()
        for index in 1...5 {
            let connection = FakeReader()
            let reader = LogReader(connection)
            log.log.add(reader, on: away, feeds: feeds)
            if index % 2 == 0 { run() }
            log.append(makeBatch(info, [text("\(index)")]))
            run()
            #expect(connection.events.count == index)
            reader.cancel()
            if index % 2 == 0 { run() }
        }
        #expect(log.log.readerCount == 0)
    }

    @Test func closingEndsEveryReader() {
        let log = makeLog()
        let near = FakeReader()
        let far = FakeReader()
        log.log.add(LogReader(near), on: home, feeds: RemoteFeeds())
        log.log.add(LogReader(far), on: away, feeds: RemoteFeeds())
        run()
        log.log.close()
        run()
        #expect(near.end == .shutdown)
        #expect(far.end == .shutdown)
        #expect(log.log.readerCount == 0)
    }

    @Test func heartbeatsComeToWhoHasHeardNothing() {
        let log = makeLog()
        let near = FakeReader()
        let far = FakeReader()
        let stalled = FakeReader()
        log.log.add(LogReader(near), on: home, feeds: RemoteFeeds())
        log.log.add(LogReader(stalled), on: home, feeds: RemoteFeeds())
        log.log.add(LogReader(far), on: away, feeds: RemoteFeeds())
        run()
        stalled.isWritable = false
        log.log.heartbeat(silentSince: .now() - .hours(1))
        run()
        #expect(near.writes == 1 && far.writes == 1)
        log.log.heartbeat(silentSince: .now() + .hours(1))
        run()
        #expect(near.bytes.suffix(7) == Array(": ping\n".utf8)[...])
        #expect(far.bytes.suffix(7) == Array(": ping\n".utf8)[...])
        #expect(stalled.writes == 1)
    }

    @Test func whatHasAllIsKnownPerView() {
        let log = makeLog()
        #expect(!log.log.isOver(after: 5, in: .delta))
        log.append(wholeStream(info))
        log.log.end()
        #expect(
            (0...7).map { log.log.isOver(after: $0, in: .delta) } == [
                false, false, false, false, false, true, false, false,
            ]
        )
        // The raw view shows nothing of an end that the upstream's own frames tell.
        #expect(
            (0...7).map { log.log.isOver(after: $0, in: .raw) } == [
                false, false, false, false, true, true, false, false,
            ]
        )
    }
}
