import Dialects
import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// `DELETE /streams/{id}`.
@Suite struct StoppingTests {
    @Test("A stream is stopped: its upstream is cut, its caller and its readers are told")
    func running() async throws {
        let upstream = try Script.endless()
        try await withServer(eventLoops: 3, to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            let id = try #require(try await caller.head().value("tokencast-stream"))
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/streams/\(id)"))
            try await reader.response(until: "a few events") { $0.events.count > 3 }
            let answer = try await fetch(RawRequest("DELETE", "/streams/\(id)"), port: server.port)
            #expect(answer.status == 204 && answer.body.isEmpty)
            try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
            let heard = try await caller.response()
            #expect(heard.end == .complete)
            #expect(heard.text.hasSuffix("\n\n"))
            let last = try #require(heard.events.last?.data)
            #expect(try ErrorShape(last).code == "cancelled")
            let events = try await reader.response().events
            #expect(events.last?.name == "end")
            #expect(try json(events.last?.data ?? "")["state"]?.string == "cancelled")
            // It is over; to stop it again changes nothing.
            let again = try await fetch(RawRequest("DELETE", "/streams/\(id)"), port: server.port)
            #expect(again.status == 204)
            #expect(try await server.json("/streams?state=cancelled")["streams"]?.array?.count == 1)
        }
    }

    @Test("Within a frame the caller is cut off: nothing of ours completes what the upstream began")
    func withinAFrame() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame(" a") + "data: {\"half")
            try connection.hang()
        }
        try await withServer(to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            let id = try #require(try await caller.head().value("tokencast-stream"))
            try await caller.response(until: "half a frame") { $0.text.hasSuffix("half") }
            _ = try await fetch(RawRequest("DELETE", "/streams/\(id)"), port: server.port)
            #expect(try await caller.closed() == .reset)
            #expect(caller.inbox.current.last?.text.hasSuffix("half") == true)
        }
    }

    @Test("Before any answer the caller gets one")
    func unanswered() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.hang()
        }
        try await withServer(to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            let id = try await found("the stream is listed") {
                try await server.json("/streams")["streams"]?[0]?["stream"]?.string
            }
            _ = try await fetch(RawRequest("DELETE", "/streams/\(id)"), port: server.port)
            let answer = try await caller.response()
            #expect(answer.status == 409 && answer.value("x-should-retry") == "false")
            #expect(answer.value("tokencast-stream") == id)
            #expect(try ErrorShape(answer.text).code == "cancelled")
            // The connection is as good as before.
            try await caller.send(.get("/healthz"))
            #expect(try await caller.response(1).status == 200)
        }
    }

    @Test("A tape that was being recorded ends as cancelled")
    func recorded() async throws {
        try await withDirectory { directory in
            let upstream = try Script.endless()
            let configuration = Configuration.test(upstream) {
                $0.tapes.mode = .all
                $0.tapes.cassette = directory
            }
            try await withServer(configuration) { server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request())
                let id = try #require(try await caller.head().value("tokencast-stream"))
                try await caller.response(until: "words") { $0.events.count > 2 }
                _ = try await fetch(RawRequest("DELETE", "/streams/\(id)"), port: server.port)
                try await caller.response()
                try await eventually("the tape is finished") {
                    try await server.metric("tokencast_tapes_recorded_total") == 1
                }
            }
            let item = try #require(try Cassette.load(directory: directory).items.first)
            #expect(item.tape.end?.reason == .cancelled)
        }
    }

    @Test("What isn't there can't be stopped", arguments: ["x", "01k85d3l8pc83q32jubagdvsh1klabs5mfra"])
    func unknown(id: String) async throws {
        try await withServer(to: try Script.chat([])) { server async throws in
            let answer = try await fetch(RawRequest("DELETE", "/streams/\(id)"), port: server.port)
            #expect(answer.status == 404)
            #expect(try ErrorShape(answer.text).code == "no_stream")
        }
    }
}
