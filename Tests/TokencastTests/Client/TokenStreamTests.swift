import Dialects
import TestSupport
import Testing

@testable import Tokencast

/// The Swift client over real sockets: against scripted servers, and against Tokencast itself.
@Suite struct TokenStreamTests {
    private func url(_ server: TestUpstream) -> String { "\(server.url)/streams/\(Answers.stream)" }

    private static let quick = TokenStream.Reconnection(longestWait: .milliseconds(1))

    @Test func killedAtEveryByteItGivesEachEventOnce() async throws {
        let whole = Array(Answers.rest(after: 0).utf8)
        let expected = Answers.whole.map(\.sequence)
        // Each cut is a channel's reader of its own: the first connection breaks off at that byte.
        let seen = Watched<Set<Int>>([])
        let server = try TestUpstream { request, connection in
            let cut =
                request.target.split(whereSeparator: { "=&".contains($0) }).dropFirst().first.flatMap { Int($0) } ?? 0
            var isFirst = false
            seen.update { isFirst = $0.insert(cut).inserted }
            try connection.head("200 OK", "Content-Type: text/event-stream", "Connection: close")
            guard isFirst else {
                try connection.send(Answers.rest(after: Answers.position(request)))
                return connection.close()
            }
            try connection.send(Array(whole[..<cut]))
            // An orderly end must be no different from a reset.
            if cut.isMultiple(of: 2) { connection.reset() } else { connection.close() }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for cut in stride(from: worker, through: whole.count, by: 8) {
                        let stream = TokenStream("\(server.url)/streams/x?cut=\(cut)", reconnection: Self.quick)
                        var got: [TokenStreamEvent] = []
                        for try await event in stream { got.append(event) }
                        #expect(got.map(\.sequence) == expected, "cut at \(cut)")
                        #expect(got.compactMap(\.text) == Answers.texts, "cut at \(cut)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func itResumesAtEveryEventOfARealServer() async throws {
        let words = Chat.words(12)
        try await withServer(eventLoops: 2, to: try Script.chat(words)) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let url = "http://127.0.0.1:\(server.port)/streams/\(id)"
            var whole: [TokenStreamEvent] = []
            for try await event in TokenStream(url) { whole.append(event) }
            #expect(whole.compactMap(\.text) == words)
            #expect(whole.allSatisfy { $0.stream == id })
            guard case .end(let end, "stop") = whole.last?.content else {
                Issue.record("no end: \(whole)")
                return
            }
            #expect(end.state == .complete)
            for (index, event) in whole.enumerated() {
                var rest: [TokenStreamEvent] = []
                for try await event in TokenStream(url, since: .event(event.id ?? "")) { rest.append(event) }
                #expect(rest == Array(whole.dropFirst(index + 1)), "behind event \(index)")
            }
            var texts: [String] = []
            for try await text in TokenStream.text(url) { texts.append(text) }
            #expect(texts == (1...words.count).map { words.prefix($0).joined() })
        }
    }

    @Test func aChannelIsReadUntilTheTaskIsCancelledWhichClosesItsConnection() async throws {
        try await withServer(eventLoops: 2, to: try Script.chat(["a", "b"])) { server async throws in
            let states = Watched<[Bool]>([])
            let texts = Watched<[String]>([])
            let reader = Task {
                let url = "http://127.0.0.1:\(server.port)/channels/all"
                for try await event in TokenStream(
                    url,
                    onConnection: { state in states.update { $0.append(state.isConnected) } }
                ) {
                    if let text = event.text { texts.update { $0.append(text) } }
                }
            }
            try await states.wait(for: "the connection") { $0 == [true] ? true : nil }
            for _ in 0..<2 { _ = try await fetch(Chat.request(), port: server.port) }
            try await texts.wait(for: "two streams") { $0.count == 4 ? true : nil }
            #expect(texts.current == ["a", "b", "a", "b"])
            reader.cancel()
            try await reader.value
            let gone = #"tokencast_subscribers{transport="sse"}"#
            while try await server.metric(gone) != 0 { await Task.yield() }
        }
    }

    @Test func whoJoinsLateByASnapshotHasTheSameTextInTheEnd() async throws {
        let gate = Gate()
        let words = Chat.words(6)
        try await withServer(eventLoops: 2, to: try Script.gated(words, gate)) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            let id = try #require(try await caller.head().value("tokencast-stream"))
            let url = "http://127.0.0.1:\(server.port)/streams/\(id)"
            gate.open(3)
            try await caller.response(until: "the third word") { $0.text.contains(words[2]) }
            var replay = TokenStream.text(url).makeAsyncIterator()
            for _ in 0..<3 { _ = try await replay.next() }
            var fold = TokenStream(url, catchUp: .fold).makeAsyncIterator()
            guard let event = try await fold.next(), case .snapshot(let snapshot) = event.content else {
                Issue.record("it doesn't begin with a snapshot")
                return
            }
            #expect(snapshot.streams.map(\.stream) == [id])
            #expect(snapshot.streams.map(\.text) == [words.prefix(3).joined()])
            #expect(event.id == snapshot.asOf)
            gate.open(words.count + 1)
            var texts = TextsSoFar()
            var folded = texts.add(event)
            while let event = try await fold.next() { folded = texts.add(event) ?? folded }
            var replayed: String?
            while let text = try await replay.next() { replayed = text }
            #expect(folded == words.joined())
            #expect(replayed == words.joined())
        }
    }

    @Test func aForeignIDGetsAResetAndASnapshot() async throws {
        try await withServer(eventLoops: 1, to: try Script.chat(["a", "b"])) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let url = "http://127.0.0.1:\(server.port)/streams/\(id)"
            var events: [TokenStreamEvent] = []
            for try await event in TokenStream(url, since: .event(Answers.id(3))) { events.append(event) }
            #expect(events.map(\.name) == ["reset", "snapshot", "end"])
            guard case .snapshot(let snapshot) = events[1].content else { return }
            #expect(snapshot.streams.map(\.text) == ["ab"])
        }
    }

    @Test func leavingTheLoopClosesTheConnection() async throws {
        let server = try TestUpstream { _, connection in
            try connection.eventStreamHead()
            try connection.chunk(Answers.rest(after: 3).replacing(Answers.end(7), with: ""))
            try connection.hang()
        }
        for try await event in TokenStream(url(server)) where event.sequence == 6 { break }
        try await server.log.wait(for: "the end of the connection") { $0.aborts.count == 1 ? true : nil }
    }

    @Test func aReaderThatDoesNotReadHoldsTheTransferUp() async throws {
        let big = String(repeating: "x", count: 10_000)
        let server = try TestUpstream { _, connection in
            try connection.eventStreamHead()
            for index in 1...20_000 {
                try connection.chunk(Answers.delta(index, big))
                connection.mark("sent")
            }
            try connection.chunk(Answers.end(20_001))
            try connection.endChunks()
        }
        var iterator = TokenStream(url(server)).makeAsyncIterator()
        #expect(try await iterator.next()?.sequence == 1)
        // 200 MB are on their way: where they stop is what sockets and the reader hold together.
        var sent = -1
        while case let now = server.log.current.marks["sent"] ?? 0, now != sent {
            sent = now
            try await Task.sleep(for: .milliseconds(300))
        }
        print("sent to a reader that doesn't read: \(sent * big.utf8.count >> 10) KiB")
        #expect(sent < 2000)
        for index in 2...20_000 { #expect(try await iterator.next()?.sequence == index) }
        #expect(try await iterator.next()?.name == "end")
        #expect(try await iterator.next() == nil)
    }

    @Test func refusalsAreThrownWithTheServersWords() async throws {
        try await withServer(eventLoops: 1, to: try Script.chat(["a"])) { server async throws in
            let base = "http://127.0.0.1:\(server.port)"
            await #expect { try await read(TokenStream("\(base)/streams/\(Answers.stream)")) } throws: { error in
                let error = error as? TokenStreamError
                return error?.code == .notFound && error?.status == 404
                    && error?.message.contains("there is no stream") == true
            }
            await #expect { try await read(TokenStream("\(base)/channels/all", since: .event("nonsense"))) } throws: {
                ($0 as? TokenStreamError)?.code == .badRequest
            }
            await #expect { try await read(TokenStream("\(base)/v1/models")) } throws: {
                ($0 as? TokenStreamError)?.code == .invalidURL
            }
        }
    }

    @Test func aServerThatIsAwayIsWaitedForAndGivenUpOn() async throws {
        let away = try RefusingPort()
        let states = Watched<[TokenStream.ConnectionState]>([])
        let stream = TokenStream(
            "http://127.0.0.1:\(away.port)/channels/demo",
            reconnection: .init(attempts: 3, longestWait: .milliseconds(5)),
            onConnection: { state in states.update { $0.append(state) } }
        )
        await #expect { try await read(stream) } throws: { ($0 as? TokenStreamError)?.code == .unreachable }
        #expect(states.current.map(\.failures) == [1, 2])
        #expect(states.current.allSatisfy { !$0.isConnected && $0.problem != nil && $0.retryAfter != nil })
    }

    @Test func aConnectionWithoutAByteIsMadeAnew() async throws {
        let server = try TestUpstream { request, connection in
            try connection.eventStreamHead()
            if request.value("last-event-id") == nil {
                try connection.chunk("retry: 1\n\n" + Answers.delta(2, "a"))
                try connection.hang()
            }
            try connection.chunk(Answers.delta(3, "b") + Answers.end(7))
            try connection.endChunks()
        }
        let stream = TokenStream(url(server), reconnection: .init(idle: .milliseconds(200)))
        var texts: [String?] = []
        for try await event in stream { texts.append(event.text) }
        #expect(texts == ["a", "b", nil])
    }

    @Test func theRequestSaysWhatWasAskedFor() async throws {
        let server = try TestUpstream { _, connection in
            try connection.head("204 No Content")
        }
        let stream = TokenStream(url(server) + "?merge=false", since: .now, catchUp: .fold, key: "tc_secret")
        #expect(try await read(stream) == 0)
        let request = try #require(server.log.current.requests.first)
        #expect(request.target == "/streams/\(Answers.stream)?merge=false&since=now&catchup=fold")
        #expect(request.value("authorization") == "Bearer tc_secret")
        #expect(request.value("accept") == "text/event-stream")
        await #expect { try await read(TokenStream(url(server), key: "a\r\nb")) } throws: {
            ($0 as? TokenStreamError)?.code == .unauthorized
        }
    }

    /// Reads to the end; gives how many events there were.
    @discardableResult
    private func read(_ stream: TokenStream) async throws -> Int {
        var count = 0
        for try await _ in stream { count += 1 }
        return count
    }
}
