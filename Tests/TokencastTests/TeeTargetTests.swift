import Dialects
import TestSupport
import Testing
import Tokencast

/// What tees write, and where.
@Suite struct TeeTargetTests {
    /// An answer with all that is awkward: comments, cut characters, odd chunks, bytes behind the end.
    static let awkward = Array(
        (": warming up\n\n" + Chat.stream(["caf\u{E9}", " \u{1F980}"]) + ": behind the end\n\n" + Chat.frame("late"))
            .utf8
    )

    static func awkwardUpstream(size: Int) throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            for start in stride(from: 0, to: awkward.count, by: size) {
                try connection.chunk(Array(awkward[start..<min(start + size, awkward.count)]))
            }
            try connection.endChunks()
        }
    }

    @Test("Every format of one stream", arguments: [1, 7, 100, 10_000])
    func formats(chunkSize: Int) async throws {
        let upstream = try Self.awkwardUpstream(size: chunkSize)
        try await withDirectory { directory in
            var received: [UInt8] = []
            let tee = Configuration.Tee(
                .directory(directory, name: "{date}/{model}-{upstream}-{dialect}-{channel}-{status}"),
                formats: [.raw, .jsonl, .text]
            )
            try await withServer(.test(upstream) { $0.tee = [tee] }) { server async throws in
                let field = Field("Tokencast-Channel", "lab")
                received = try await fetch(Chat.request("../m", [field]), port: server.port).body
            }
            #expect(received == Self.awkward)
            let day = try #require(names(in: directory).first)
            #expect(day.utf8.count == 10 && day.hasPrefix("20"))
            let stem = "\(directory)/\(day)/_._m-test-openai.chat-lab-200"
            #expect(names(in: "\(directory)/\(day)").count == 3)
            #expect(contents(of: stem + ".raw") == Self.awkward)
            #expect(contents(of: stem + ".text") == Array("caf\u{E9} \u{1F980}\n".utf8))
            let lines = try Self.lines(of: stem + ".jsonl")
            #expect(lines.first?["request"]?["model"]?.string == "../m")
            #expect(lines.first?["request"]?["channel"]?.string == "lab")
            #expect(lines.first?["request"]?["upstream"]?.string == "test")
            #expect(lines.first?["data"]?["method"]?.string == "POST")
            #expect(lines.first?["data"]?["status"]?.int == 200)
            #expect(lines.last?["data"]?["finish"]?.string == "stop")
            #expect(lines.last?["data"]?["state"]?.string == "complete")
        }
    }

    @Test("A raw tee has the bodies of errors, of documents and of what is compressed")
    func otherBodies() async throws {
        let upstream = try TestUpstream { request, connection in
            try connection.readBody()
            if request.target.hasSuffix("?compressed") {
                try connection.head(
                    "200 OK",
                    "Content-Type: text/event-stream",
                    "Content-Encoding: gzip",
                    "Content-Length: 4"
                )
                try connection.send([0x1F, 0x8B, 0xFF, 0])
            } else {
                try connection.reply(#"{"error":{"message":"no"}}"#, status: "429 Too Many Requests")
            }
        }
        try await withDirectory { directory in
            let tee = Configuration.Tee(.directory(directory, name: "{status}"), formats: [.raw])
            try await withServer(.test(upstream) { $0.tee = [tee] }) { server async throws in
                _ = try await fetch(Chat.request(), port: server.port)
                _ = try await fetch(Chat.request(path: Chat.path + "?compressed"), port: server.port)
            }
            #expect(names(in: directory) == ["200.raw", "429.raw"])
            #expect(contents(of: directory + "/200.raw") == [0x1F, 0x8B, 0xFF, 0])
            #expect(contents(of: directory + "/429.raw") == Array(#"{"error":{"message":"no"}}"#.utf8))
        }
    }

    static let hostile = [
        "../../x", "/etc/passwd", "a\\u0000b", String(repeating: "x", count: 10_000), ".hidden", "con", "\u{1F980}",
    ]

    @Test("A hostile model's name stays in the directory", arguments: hostile)
    func hostileModels(model: String) async throws {
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            let tee = Configuration.Tee(.directory(directory + "/a/tee", name: "{model}/{model}"), formats: [.text])
            try await withServer(.test(upstream) { $0.tee = [tee] }) { server async throws in
                #expect(try await fetch(Chat.request(model), port: server.port).text == Chat.stream(["a"]))
            }
            #expect(names(in: directory) == ["a"] && names(in: directory + "/a") == ["tee"])
            let name = try #require(names(in: directory + "/a/tee").first)
            #expect(!name.hasPrefix("."))
            #expect(names(in: directory + "/a/tee/" + name) == [name + ".text"])
        }
    }

    @Test("Two hundred streams at once in one file: every line whole, every stream in order, none lost")
    func crowd() async throws {
        let count = 200
        let words = Chat.words(20)
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            for word in words { try connection.chunk(Chat.frame(word)) }
            try connection.chunk(Chat.finish + Chat.usage + Chat.done)
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let path = directory + "/all.jsonl"
            let text = directory + "/all.text"
            let rotated = directory + "/rotated"
            let tees = [
                Configuration.Tee(.file(path)), .init(.file(text), formats: [.text]),
                .init(.file(rotated), rotation: .init(bytes: 20_000, keep: 1000)),
            ]
            var ids: Set<String> = []
            try await withServer(.test(upstream) { $0.tee = tees }) { server async throws in
                ids = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<count {
                        group.addTask {
                            let response = try await fetch(Chat.request(), port: server.port)
                            return response.value("tokencast-stream") ?? ""
                        }
                    }
                    return try await group.reduce(into: []) { $0.insert($1) }
                }
                #expect(try await server.metric("tokencast_tee_failures_total") == 0)
            }
            #expect(ids.count == count)
            let names = names(in: directory).filter { $0.hasPrefix("rotated") }
            #expect(names.count > 10)
            let parts = (1..<names.count).reversed().map { "\(rotated).\($0)" } + [rotated]
            for part in parts { #expect(contents(of: part).last == 10 && contents(of: part).count <= 20_000) }
            for lines in [try Self.lines(of: path), try parts.flatMap { try Self.lines(of: $0) }] {
                let streams = Dictionary(grouping: lines) { $0["stream"]?.string ?? "" }
                #expect(Set(streams.keys) == ids)
                for lines in streams.values {
                    #expect(
                        lines.map { $0["type"]?.string } == ["start"] + words.map { _ in "delta" } + ["usage", "end"]
                    )
                    #expect(lines.compactMap { $0["data"]?["text"]?.string } == words)
                    let tokens = lines.compactMap { $0["id"]?.string }
                    #expect(tokens == tokens.sorted() && Set(tokens).count == lines.count)
                }
            }
            // The text of each stream is what stands under its headings.
            var texts: [String: String] = [:]
            var speaker = ""
            for line in String(decoding: contents(of: text), as: UTF8.self).split(separator: "\n") {
                if line.hasPrefix("── demo ") {
                    speaker = String(line.dropFirst(8))
                } else {
                    texts[speaker, default: ""] += line
                }
            }
            #expect(Set(texts.keys) == ids && texts.values.allSatisfy { $0 == words.joined() })
        }
    }

    @Test("A program that stops writes all, the end of streams that it cuts too")
    func stopping() async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(5), gate)
        try await withDirectory { directory in
            let path = directory + "/all.jsonl"
            try await withServer(.test(upstream) { $0.tee = [.init(.file(path))] }) { server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request())
                gate.open(3)
                try await caller.response(until: "the third word") { $0.text.contains(" w2") }
                try await server.stop()
            }
            let lines = try Self.lines(of: path)
            #expect(lines.compactMap { $0["data"]?["text"]?.string } == Chat.words(3))
            #expect(lines.last?["type"]?.string == "end")
            #expect(lines.last?["data"]?["state"]?.string == "error")
        }
    }

    static func lines(of path: String) throws -> [JSONValue] {
        try String(decoding: contents(of: path), as: UTF8.self).split(separator: "\n").map { try json(String($0)) }
    }
}
