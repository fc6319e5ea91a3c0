import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// What goes wrong reaches the caller as the real thing.
@Suite("Faults of a replay")
struct ReplayFaultTests {
    private let half = Array(ReplayServer.body[..<ReplayServer.chunks[0].count])

    @Test(
        "A connection that is dropped in the middle ends with what it was asked to end with",
        arguments: [
            ("drop", RawResponse.End.closed), ("reset", .reset),
        ]
    )
    func dropped(_ kind: String, _ end: RawResponse.End) async throws {
        try await ReplayServer.run(rules: #"{"exhausted":"last"}"#) { server async throws in
            for address in ["event:2", "byte:\(ReplayServer.first.utf8.count)", "ms:15"] {
                let response = try await ReplayServer.answer("\(kind)@\(address)", server)
                #expect(response.status == 200)
                #expect(response.end == end)
                #expect(response.value("tokencast-fault") == "\(kind)@\(address)")
                let expected = address == "ms:15" ? half : Array(ReplayServer.first.utf8)
                #expect(response.body == expected, "no word of ours is put in")
            }
            let whole = try await ReplayServer.answer("\(kind)@end", server)
            #expect(whole.body == ReplayServer.body)
            #expect(whole.end == end)
        }
    }

    @Test(
        "A connection that is dropped at the start gives no answer at all",
        arguments: [
            ("drop", RawResponse.End.closed), ("reset", .reset),
        ]
    )
    func droppedAtOnce(_ kind: String, _ end: RawResponse.End) async throws {
        try await ReplayServer.run { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(Chat.request("demo", [Field("Tokencast-Fault", kind)]))
            #expect(try await connection.closed() == end)
            #expect(connection.inbox.current.responses.isEmpty)
            #expect(try await fetch(Chat.request(), port: server.port).body == ReplayServer.body)
        }
    }

    @Test("Subscribers learn that a dropped stream is one")
    func subscribers() async throws {
        try await ReplayServer.run { server async throws in
            let response = try await ReplayServer.answer("drop@event:3", server)
            let id = try #require(response.value("tokencast-stream"))
            let events = try await fetch(.get("/streams/\(id)?view=delta"), port: server.port).text
            #expect(events.contains("as a fault of the replay says"))
            #expect(try await server.metric(#"tokencast_streams_ended_total{state="error"}"#) == 1)
        }
    }

    @Test("A stall leaves the connection open and silent until the caller leaves")
    func stalled() async throws {
        try await ReplayServer.run { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request("demo", [Field("Tokencast-Fault", "stall@event:2")]))
            let part = try await caller.response(until: "the first event") {
                $0.body.count >= ReplayServer.first.utf8.count
            }
            #expect(part.text == ReplayServer.first)
            // Others are answered meanwhile, and nothing more comes to this one.
            #expect(try await fetch(Chat.request(), port: server.port).end == .complete)
            #expect(try await server.metric("tokencast_streams") == 1)
            #expect(caller.inbox.current.last?.body == part.body)
            #expect(caller.inbox.current.end == .open)
            caller.close()
            while try await server.metric("tokencast_streams") > 0 { await Task.yield() }
        }
    }

    @Test("A stall ends when the server stops, and says so")
    func stalledToTheEnd() async throws {
        try await ReplayServer.run { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request("demo", [Field("Tokencast-Fault", "stall@event:2")]))
            try await caller.response(until: "the first event") { $0.body.count >= ReplayServer.first.utf8.count }
            try await server.stop()
            let response = try await caller.response()
            #expect(response.text.contains("the proxy is shutting down"))
        }
    }

    @Test("A stall for a time is over then")
    func stalledForATime() async throws {
        try await ReplayServer.run { server async throws in
            // From the request on: that the first part comes late is the machine's affair.
            var started = ContinuousClock.now
            let response = try await ReplayServer.answer("stall:200@event:2", server)
            #expect(response.body == ReplayServer.body)
            #expect(response.end == .complete)
            #expect(ContinuousClock.now - started >= .milliseconds(200))
            started = ContinuousClock.now
            _ = try await ReplayServer.answer("stall:200", server)
            #expect(ContinuousClock.now - started >= .milliseconds(200))
        }
    }

    @Test("A status is answered so many times, with retry-after; then the tape plays, though it may only once")
    func status() async throws {
        let rules = #"{"speed":0,"faults":["status:429;retry-after=7;times=2"]}"#
        try await ReplayServer.run(rules: rules) { server async throws in
            for _ in 0..<2 {
                let response = try await fetch(Chat.request(), port: server.port)
                #expect(response.status == 429)
                #expect(response.value("retry-after") == "7")
                #expect(response.value("content-type") == "application/json")
                #expect(response.value("tokencast-fault") == "status:429;retry-after=7;times=2")
                #expect(try ErrorShape(response.text).code == "status_429")
                #expect(response.end == .complete)
            }
            let passed = try await fetch(Chat.request(), port: server.port)
            #expect(passed.status == 200)
            #expect(passed.body == ReplayServer.body)
            #expect(passed.value("tokencast-fault") == nil)
            #expect(try await fetch(Chat.request(), port: server.port).status == 404)
        }
    }

    @Test(
        "The body is changed as a fault says, in chunks of HTTP",
        arguments: [
            ("dup@event:3", ["first", "second", "third", "third", "finish", "done"]),
            ("no-terminal", ["first", "second", "third", "finish"]),
            ("inject::%20ping%0A%0A@event:2", ["first", "ping", "second", "third", "finish", "done"]),
            ("malformed@event:2", ["first", "broken", "third", "finish", "done"]),
        ]
    )
    func changed(_ fault: String, _ names: [String]) async throws {
        let parts = [
            "first": ReplayServer.first, "second": ReplayServer.second, "third": ReplayServer.third,
            "finish": Chat.finish, "done": Chat.done, "ping": ": ping\n\n",
            "broken": "data: }" + ReplayServer.second.dropFirst("data: {".count),
        ]
        try await ReplayServer.run(options: ReplayOptions(rechunk: .event)) { server async throws in
            let response = try await ReplayServer.answer(fault, server)
            #expect(response.pieces.map { String(decoding: $0.bytes, as: UTF8.self) } == names.compactMap { parts[$0] })
            #expect(response.end == .complete)
            #expect(response.value("tokencast-fault") == fault)
        }
    }

    @Test("What has no place in the tape changes nothing, and isn't claimed")
    func nowhere() async throws {
        try await ReplayServer.run { server async throws in
            let response = try await ReplayServer.answer("drop@event:99+dup@event:1", server)
            #expect(response.text.hasPrefix(ReplayServer.first + ReplayServer.first))
            #expect(response.end == .complete)
            #expect(response.value("tokencast-fault") == "dup@event:1")
        }
    }

    @Test("Several requests on one connection fare each as it asks")
    func keepAlive() async throws {
        try await ReplayServer.run { server async throws in
            let connection = try RawConnection(port: server.port)
            for (index, fault) in ["status:503", "dup@event:1", "none", "drop@event:2"].enumerated() {
                try await connection.send(Chat.request("demo", [Field("Tokencast-Fault", fault)]))
                let response = try await connection.response(index)
                #expect(response.status == (index == 0 ? 503 : 200))
                #expect(response.end == (index == 3 ? .closed : .complete))
            }
        }
    }

    @Test("A recorded failure stays as it is: the same as through the proxy")
    func recordedFailure() async throws {
        var tape = ReplayServer.tape([Array(ReplayServer.first.utf8)])
        tape.end = TapeEnd(offset: 20_000, reason: .upstreamReset)
        try await ReplayServer.run(tape) { server async throws in
            let response = try await fetch(
                Chat.request("demo", [Field("Tokencast-Rechunk", "byte")]),
                port: server.port
            )
            #expect(response.text.hasPrefix(ReplayServer.first))
            #expect(response.text.contains("upstream_reset"))
            #expect(response.end == .complete)
        }
    }
}
