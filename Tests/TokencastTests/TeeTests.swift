import Dialects
import TestSupport
import Testing
import Tokencast

/// Files that streams are written to while they run.
@Suite struct TeeTests {
    @Test func eachStreamHasItsEventsAndItsText() async throws {
        let words = ["caf\u{E9}", " \u{1F980}", " x"]
        let upstream = try Script.chat(words)
        try await withDirectory { directory in
            let tee = directory + "/deep/tee"
            var ids: [String] = []
            try await withServer(.test(upstream) { $0.tee = [.init(directory: tee)] }) { server async throws in
                for _ in 0..<3 {
                    ids.append(
                        try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
                    )
                }
            }
            #expect(names(in: tee) == ids.flatMap { [$0 + ".jsonl", $0 + ".text"] }.sorted())
            for id in ids {
                #expect(String(decoding: contents(of: "\(tee)/\(id).text"), as: UTF8.self) == words.joined() + "\n")
                let text = String(decoding: contents(of: "\(tee)/\(id).jsonl"), as: UTF8.self)
                let lines = try text.split(separator: "\n").map { try json(String($0)) }
                #expect(lines.map { $0["type"]?.string } == ["start", "delta", "delta", "delta", "usage", "end"])
                #expect(lines.allSatisfy { $0["stream"]?.string == id })
                #expect(lines.compactMap { $0["id"]?.string } == lines.compactMap { $0["id"]?.string }.sorted())
                let times = lines.compactMap { $0["us"]?.int }
                #expect(times.count == lines.count && times == times.sorted())
                #expect(lines[0]["data"]?["model"]?.string == "demo")
                #expect(lines[0]["data"]?["path"]?.string == Chat.path)
                #expect(lines[1]["data"]?["text"]?.string == words[0])
                #expect(lines.last?["data"]?["state"]?.string == "complete")
                #expect(lines.last?["usage"]?["total_tokens"]?.int == 5)
            }
        }
    }

    @Test func aFileGrowsWhileItsStreamRuns() async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(5), gate)
        try await withDirectory { directory in
            try await withServer(.test(upstream) { $0.tee = [.init(directory: directory, formats: [.text])] }) {
                server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request())
                let id = try #require(try await caller.head().value("tokencast-stream"))
                for index in 0..<5 {
                    gate.open()
                    let expected = Array(Chat.words(index + 1).joined().utf8)
                    try await eventually("word \(index) is in the file") {
                        contents(of: "\(directory)/\(id).text") == expected
                    }
                }
                gate.open()
                try await caller.response()
                #expect(names(in: directory) == ["\(id).text"])
            }
        }
    }

    @Test func aDirectoryThatCannotBeMadeStopsNoRelay() async throws {
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            try write("a file", to: directory + "/file")
            try await withServer(.test(upstream) { $0.tee = [.init(directory: directory + "/file/tee")] }) {
                server async throws in
                #expect(try await fetch(Chat.request(), port: server.port).text == Chat.stream(["a"]))
            }
        }
    }
}
