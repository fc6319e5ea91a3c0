import Dialects
import Glibc
import TestSupport
import Testing
import Tokencast

/// What can go wrong with a tee, none of which a caller notices; and what must never be in one.
@Suite struct TeeFailureTests {
    private func failures(_ server: TestServer) async throws -> Double {
        try await server.metric("tokencast_tee_failures_total")
    }

    @Test("A full disk is counted for each stream, and stops none")
    func fullDisk() async throws {
        let upstream = try Script.chat(["a", "b"])
        try await withServer(.test(upstream) { $0.tee = [.init(.file("/dev/full"))] }) { server async throws in
            for count in 1...3 {
                #expect(try await fetch(Chat.request(), port: server.port).text == Chat.stream(["a", "b"]))
                try await eventually("failure \(count) is counted") { try await failures(server) == Double(count) }
            }
        }
    }

    @Test("A directory that is removed ends the streams that were written there; the next make it anew")
    func removed() async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(4), gate)
        try await withDirectory { directory in
            let tee = directory + "/tee"
            try await withServer(.test(upstream) { $0.tee = [.init(.file(tee + "/all.jsonl"))] }) {
                server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request())
                gate.open(2)
                try await eventually("the file grows") { contents(of: tee + "/all.jsonl").count > 400 }
                unlink(tee + "/all.jsonl")
                rmdir(tee)
                gate.open(3)
                #expect(try await caller.response().text.hasSuffix(Chat.done))
                try await eventually("the failure is counted") { try await failures(server) == 1 }
                gate.open(5)
                let id = try await fetch(Chat.request(), port: server.port).value("tokencast-stream")
                try await eventually("the next stream is there") {
                    let lines = try TeeTargetTests.lines(of: tee + "/all.jsonl")
                    return lines.last?["type"]?.string == "end" && lines.allSatisfy { $0["stream"]?.string == id }
                }
                #expect(try await failures(server) == 1)
            }
        }
    }

    @Test("A file that others put aside is followed by another, and no line is lost")
    func movedAside() async throws {
        let gate = Gate()
        let upstream = try TestUpstream { _, connection in
            let isHeld = String(decoding: try connection.readBody().body, as: UTF8.self).contains("held")
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame("a"))
            if isHeld { try gate.pass() }
            try connection.chunk(Chat.frame("b") + Chat.finish + Chat.usage + Chat.done)
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let path = directory + "/all.jsonl"
            try await withServer(.test(upstream) { $0.tee = [.init(.file(path))] }) { server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request("held"))
                try await eventually("the file grows") { contents(of: path).last == 10 }
                rename(path, path + ".old")
                _ = try await fetch(Chat.request(), port: server.port)
                gate.open()
                try await caller.response()
                try await server.stop()
                #expect(names(in: directory) == ["all.jsonl", "all.jsonl.old"])
                let lines = try [path + ".old", path].flatMap { try TeeTargetTests.lines(of: $0) }
                let streams = Dictionary(grouping: lines) { $0["stream"]?.string ?? "" }
                #expect(streams.count == 2)
                for lines in streams.values {
                    #expect(lines.map { $0["type"]?.string } == ["start", "delta", "delta", "usage", "end"])
                }
            }
        }
    }

    @Test("A directory that can't be written to is counted, and stops no stream")
    func readOnly() async throws {
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            try write("", to: directory + "/file")
            let tees = [Configuration.Tee(directory: directory + "/file/tee"), .init(.file(directory + "/file/all"))]
            try await withServer(.test(upstream) { $0.tee = tees }) { server async throws in
                #expect(try await fetch(Chat.request(), port: server.port).text == Chat.stream(["a"]))
                try await eventually("both are counted") { try await failures(server) == 2 }
            }
        }
    }

    @Test("A pipe that nobody reads from costs no more than its share, and no stream")
    func stuckPipe() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            let frame = Chat.frame(String(repeating: "x", count: 60_000))
            for _ in 0..<100 { try connection.chunk(frame) }
            try connection.chunk(Chat.done)
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let pipe = directory + "/pipe"
            mkfifo(pipe, 0o600)
            // Open at its other end, but never read from.
            let reader = open(pipe, O_RDONLY | O_NONBLOCK)
            var configuration = Configuration.test(upstream) { $0.tee = [.init(.file(pipe))] }
            configuration.drainSeconds = 0.1
            try await withServer(configuration) { server async throws in
                for _ in 0..<4 {
                    #expect(try await fetch(Chat.request(), port: server.port).text.hasSuffix(Chat.done))
                }
                try await eventually("it is counted") { try await failures(server) > 0 }
                // Read after all, so that the server can go.
                detachThread {
                    var buffer = [UInt8](repeating: 0, count: 1 << 20)
                    while case let count = read(reader, &buffer, buffer.count), count != 0 {
                        if count < 0 { usleep(1000) }
                    }
                    close(reader)
                }
            }
        }
    }

    @Test("A credential that an answer repeats in pieces is in no file at any moment")
    func secrets() async throws {
        let gate = Gate()
        let key = "sk-callers-own-0123456789"
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            // Cut by chunks, at every place.
            for byte in Chat.frame("your key is \(key)!").utf8 {
                try gate.pass()
                try connection.chunk([byte])
            }
            // Cut by deltas.
            for piece in ["it is ", "sk-cal", "lers-own-0123", "456789", "."] {
                try gate.pass()
                try connection.chunk(Chat.frame(piece))
            }
            try connection.chunk(Chat.done)
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let tees = [
                Configuration.Tee(.directory(directory, name: "own"), formats: [.jsonl, .text, .raw]),
                .init(.file(directory + "/all.text"), formats: [.text]),
            ]
            func texts() -> [String] {
                names(in: directory).map { String(decoding: contents(of: "\(directory)/\($0)"), as: UTF8.self) }
            }
            try await withServer(.test(upstream) { $0.tee = tees }) { server async throws in
                let caller = try RawConnection(port: server.port)
                let field = Field("Authorization", "Bearer \(key)")
                try await caller.send(Chat.request("m", [field]))
                for _ in 0..<(Chat.frame("your key is \(key)!").utf8.count + 5) {
                    gate.open()
                    for text in texts() { #expect(!text.contains(key) && !text.contains("0123")) }
                }
                let response = try await caller.response()
                #expect(response.text.contains(key))
            }
            let stars = String(repeating: "*", count: key.utf8.count)
            let whole = "your key is \(stars)!it is \(stars).\n"
            #expect(String(decoding: contents(of: directory + "/own.text"), as: UTF8.self) == whole)
            let lines = try TeeTargetTests.lines(of: directory + "/own.jsonl")
            #expect(lines.compactMap { $0["data"]?["text"]?.string }.joined() + "\n" == whole)
            #expect(texts().count == 4)
            for text in texts() { #expect(!text.contains(key) && !text.contains("0123")) }
        }
    }
}
