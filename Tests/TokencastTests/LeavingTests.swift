import TestSupport
import Testing

/// When the caller leaves: the upstream is closed within a second, unless somebody else wants the rest.
@Suite struct LeavingTests {
    @Test(
        "The upstream is closed when nobody reads any more",
        arguments: ["before the head", "before the first byte", "within the stream"]
    )
    func nobodyElse(moment: String) async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            if moment != "before the head" { try connection.eventStreamHead() }
            if moment == "within the stream" { try connection.chunk(Chat.frame(" a")) }
            connection.mark("waiting")
            try connection.hang()
        }
        try await withServer(to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            if moment != "before the head" { try await caller.head() }
            if moment == "within the stream" { try await caller.response(until: "a") { !$0.body.isEmpty } }
            try await upstream.log.wait(for: "the upstream to wait") { $0.marks["waiting"] }
            let left = ContinuousClock.now
            caller.close()
            let closed = try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
            #expect(closed - left < .seconds(1))
            let ended = #"tokencast_streams_ended_total{state="cancelled"}"#
            try await eventually("the stream counts as cancelled") { try await server.metric(ended) == 1 }
            #expect(try await server.metric("tokencast_streams") == 0)
        }
    }

    @Test(
        "A subscriber keeps it going, and the last one to leave ends it",
        arguments: ["/streams/", "/channels/demo", "/channels/all"]
    )
    func subscribers(target: String) async throws {
        let upstream = try Script.endless()
        try await withServer(eventLoops: 3, to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request("m", [Field("Tokencast-Channel", "demo")]))
            let id = try #require(try await caller.head().value("tokencast-stream"))
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get(target == "/streams/" ? target + id : target))
            let seen = try await reader.response(until: "an event") { $0.events.count > 1 }.events.count
            caller.close()
            try await reader.response(until: "many more events") { $0.events.count > seen + 50 }
            #expect(upstream.log.current.aborts.isEmpty)
            let left = ContinuousClock.now
            reader.close()
            let closed = try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
            // A check each quarter of a second, and a word that finds the connection closed.
            #expect(closed - left < .seconds(2))
            let events = try await fetch(.get("/streams/\(id)"), port: server.port).events
            #expect(events.last?.data.contains(#""state":"cancelled""#) == true)
        }
    }

    @Test func aCallerWhoLeavesBehindTheEndHasAStreamThatIsComplete() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            try connection.chunk(Chat.stream([" a"]))
            // [DONE] is there, and the connection stays: as with some servers.
            try connection.hang()
        }
        try await withServer(to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            try await caller.response(until: "[DONE]") { $0.text.hasSuffix(Chat.done) }
            caller.close()
            try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
            #expect(try await server.metric(#"tokencast_streams_ended_total{state="complete"}"#) == 1)
        }
    }

    @Test func aRequestThatIsNoStreamIsStoppedAsWell() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            connection.mark("waiting")
            try connection.hang()
        }
        try await withServer(to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(.get("/v1/models"))
            try await upstream.log.wait(for: "the upstream to wait") { $0.marks["waiting"] }
            caller.close()
            try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
        }
    }
}
