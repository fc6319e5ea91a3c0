import Dialects
import NIOCore
import Server
import TestSupport
import Testing

/// `?live=long-poll`.
@Suite struct LongPollTests {
    /// Polls until the end, with this much in between; returns every event, and the statuses.
    private func all(_ target: String, _ server: TestServer) async throws -> (events: [JSONValue], statuses: [String]) {
        var events: [JSONValue] = []
        var statuses: [String] = []
        var since = "earliest"
        for _ in 0..<1000 {
            let answer = try await server.json("\(target)&live=long-poll&since=\(since)")
            events += answer["events"]?.array ?? []
            statuses.append(answer["status"]?.string ?? "")
            since = try #require(answer["next"]?.string)
            if statuses.last == "closed" { return (events, statuses) }
        }
        throw Failure("it doesn't end")
    }

    @Test(
        "A stream polled while it runs is whole, in every view, with the ids that a WebSocket has",
        arguments: ["delta", "text", "raw", "openai"]
    )
    func whole(view: String) async throws {
        let gate = Gate()
        let words = Chat.words(6)
        let upstream = try Script.gated(words, gate)
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            let id = try #require(try await caller.head().value("tokencast-stream"))
            async let polled = all("/streams/\(id)?view=\(view)", server)
            for _ in 0...6 {
                gate.open()
                try await eventually("the poll waits again") {
                    try await server.metric(#"tokencast_subscribers{transport="long-poll"}"#) == 1
                        || caller.inbox.current.last?.end == .complete
                }
            }
            let (events, statuses) = try await polled
            #expect(statuses.dropLast().allSatisfy { $0 == "events" })
            let socket = try await WebSocketClient(port: server.port, "/streams/\(id)?view=\(view)")
            let frames = try await socket.closed().filter { $0.opcode == 1 }.map(\.text)
            #expect(events.map(\.jsonText) == frames)
            #expect(frames.count > 6)
        }
    }

    @Test("It wakes at once, with what came")
    func wakes() async throws {
        let gate = Gate()
        let upstream = try Script.gated([" a"], gate)
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let poll = try RawConnection(port: server.port)
            try await poll.send(.get("/channels/demo?live=long-poll&timeout=120"))
            try await eventually("it waits") {
                try await server.metric(#"tokencast_subscribers{transport="long-poll"}"#) == 1
            }
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request("m", [Field("Tokencast-Channel", "demo")]))
            let asked = ContinuousClock.now
            gate.open()
            let answer = try await poll.response()
            #expect(ContinuousClock.now - asked < .seconds(5))
            #expect(answer.value("cache-control") == "no-store")
            // A channel is no stream.
            #expect(answer.value("tokencast-stream") == nil)
            let document = try json(answer.text)
            #expect(document["status"]?.string == "events")
            #expect(document["events"]?[0]?["type"]?.string == "start")
            // It goes on behind that, on the same connection.
            gate.open()
            let next = try #require(document["next"]?.string)
            try await poll.send(.get("/channels/demo?live=long-poll&since=\(next)"))
            let rest = try json(try await poll.response(1).text)
            #expect(rest["events"]?.array?.isEmpty == false)
        }
    }

    @Test("The time is kept, and the place with it", arguments: ["/channels/demo", "/channels/demo?view=raw"])
    func timesOut(target: String) async throws {
        try await withServer(eventLoops: 2, to: try Script.chat([])) { server async throws in
            let query = target.contains("?") ? "&" : "?"
            let began = ContinuousClock.now
            let answer = try await server.json("\(target)\(query)live=long-poll&timeout=0.3")
            let took = ContinuousClock.now - began
            #expect(took >= .milliseconds(300) && took < .milliseconds(900))
            #expect(answer["status"]?.string == "timeout" && answer["events"]?.array?.isEmpty == true)
            #expect(answer["next"]?.isNull == target.contains("raw"))
            #expect(try await server.metric(#"tokencast_subscribers{transport="long-poll"}"#) == 0)
        }
    }

    @Test("Without patience there is what there is", arguments: [1, 3])
    func impatient(eventLoops: Int) async throws {
        try await withServer(eventLoops: eventLoops, to: try Script.chat([" a"])) { server async throws in
            // Each on a connection of its own, so that all event loops are met.
            for _ in 0..<6 {
                let nothing = try await server.json("/channels/demo?live=long-poll&timeout=0")
                #expect(nothing["status"]?.string == "timeout")
            }
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            for _ in 0..<6 {
                let all = try await server.json("/streams/\(id)?live=long-poll&timeout=0")
                #expect(all["status"]?.string == "closed" && all["events"]?.array?.count == 4)
                let head = try await fetch(RawRequest("HEAD", "/streams/\(id)?live=long-poll"), port: server.port)
                #expect(head.status == 200 && head.body.isEmpty)
                let next = try #require(all["next"]?.string)
                let over = try await server.json("/streams/\(id)?live=long-poll&timeout=0&since=\(next)")
                #expect(over["status"]?.string == "closed" && over["events"]?.array?.isEmpty == true)
                #expect(over["next"]?.string == next)
            }
        }
    }

    @Test("A channel's streams come one behind the other where a view shows one at a time")
    func oneAtATime() async throws {
        try await withServer(eventLoops: 2, to: try Script.chat([" a", " b"])) { server async throws in
            var next: String?
            for _ in 0..<3 {
                let poll = try RawConnection(port: server.port)
                try await poll.send(
                    .get("/channels/demo?view=openai&live=long-poll" + (next.map { "&since=\($0)" } ?? ""))
                )
                try await eventually("it waits") {
                    try await server.metric(#"tokencast_subscribers{transport="long-poll"}"#) == 1
                }
                _ = try await fetch(Chat.request("m", [Field("Tokencast-Channel", "demo")]), port: server.port)
                var text = ""
                var document = try json(try await poll.response().text)
                text += document["events"]?.jsonText ?? ""
                var turn = 0
                while !text.contains("[DONE]") {
                    turn += 1
                    next = try #require(document["next"]?.string)
                    try await poll.send(.get("/channels/demo?view=openai&live=long-poll&since=\(next ?? "")"))
                    document = try json(try await poll.response(turn).text)
                    text += document["events"]?.jsonText ?? ""
                    #expect(document["status"]?.string == "events")
                }
                next = try #require(document["next"]?.string)
                #expect(text.ranges(of: "[DONE]").count == 1 && text.contains(" a") && text.contains(" b"))
            }
        }
    }

    @Test("A caller that leaves is forgotten")
    func leaves() async throws {
        try await withServer(eventLoops: 2, to: try Script.chat([])) { server async throws in
            let polls = try (0..<20).map { _ in try RawConnection(port: server.port) }
            for poll in polls { try await poll.send(.get("/channels/all?live=long-poll")) }
            try await eventually("all wait") {
                try await server.metric(#"tokencast_subscribers{transport="long-poll"}"#) == 20
            }
            for poll in polls { poll.close() }
            try await eventually("none waits") {
                try await server.metric(#"tokencast_subscribers{transport="long-poll"}"#) == 0
            }
        }
    }

    @Test("One that waits when the server stops is answered")
    func stopped() async throws {
        try await withServer(eventLoops: 2, to: try Script.chat([])) { server async throws in
            let poll = try RawConnection(port: server.port)
            try await poll.send(.get("/channels/all?live=long-poll&timeout=120"))
            let raw = try RawConnection(port: server.port)
            try await raw.send(.get("/channels/all?view=raw&live=long-poll&timeout=120"))
            try await eventually("both wait") {
                try await server.metric(#"tokencast_subscribers{transport="long-poll"}"#) == 2
            }
            try await server.stop()
            #expect(try json(try await poll.response().text)["status"]?.string == "timeout")
            #expect(try json(try await raw.response().text)["status"]?.string == "timeout")
        }
    }

    @Test(
        "What can't be asked is refused",
        arguments: [
            "/channels/all?timeout=3", "/channels/all?live=long-poll&timeout=121", "/channels/all?live=poll",
            "/channels/all?live=long-poll&timeout=-1", "/channels/all?live=long-poll&since=x",
        ]
    )
    func refused(target: String) async throws {
        try await withServer(to: try Script.chat([])) { server async throws in
            #expect(try await fetch(.get(target), port: server.port).status == 400)
        }
    }
}
