import Dialects
import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// A secret that an answer brings in pieces reaches no disk, wherever it is cut.
@Suite struct SecretScrubTests {
    /// Nobody told the proxy of it; it is put together so that no scanner takes this file for a leak.
    private static let detected = "sk-" + "proj-q7Rk2mZp9Xw4Tn8Bv3Ls6Yc1Hd5Gf0Ja"
    /// The caller's own key, which looks like nothing in particular.
    private static let own = "opaque.value_of/the=caller"

    /// Answers with what the request's prompt says: the frame or frames, and where a chunk ends.
    private static func upstream(_ secret: String, splitsDeltas: Bool, _ gate: Gate? = nil) throws -> TestUpstream {
        try TestUpstream { _, connection in
            let body = try connection.readBody().body
            let prompt = try JSONValue(parsing: body).value(at: "/messages/0/content")?.string
            let place = prompt.flatMap { Int($0) } ?? 0
            let text = "it is \(secret), yes"
            try connection.eventStreamHead()
            let pieces: [String]
            if splitsDeltas {
                let cut = text.index(text.startIndex, offsetBy: 6 + place)
                pieces = [Chat.frame(String(text[..<cut])), ": keep-alive\n\n" + Chat.frame(String(text[cut...]))]
            } else {
                let frame = Chat.frame(text)
                let start = frame.ranges(of: secret).first?.lowerBound ?? frame.startIndex
                let cut = frame.index(start, offsetBy: place)
                pieces = [String(frame[..<cut]), String(frame[cut...])]
            }
            try connection.chunk(pieces[0])
            if let gate { try gate.pass() } else { connection.rest(milliseconds: 3) }
            try connection.chunk(pieces[1] + Chat.finish + Chat.done)
            try connection.endChunks()
        }
    }

    private static func request(_ place: Int) -> RawRequest {
        .post(Chat.path, Chat.body(prompt: "\(place)"), [Field("Authorization", "Bearer \(own)")])
    }

    private func files(in cassette: String) -> [(name: String, text: String)] {
        names(in: cassette).map { ($0, String(decoding: contents(of: "\(cassette)/\($0)"), as: UTF8.self)) }
    }

    @Test("No position of the cut lets it through", arguments: [false, true], [detected, own])
    func everyPosition(splitsDeltas: Bool, secret: String) async throws {
        let upstream = try Self.upstream(secret, splitsDeltas: splitsDeltas)
        let places = Array(0...secret.count)
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let live = try await RecordReplayTests.record(upstream, cassette) { server async throws in
                var answers: [RawResponse] = []
                for place in places {
                    answers.append(try await fetch(Self.request(place), port: server.port))
                    for file in self.files(in: cassette) { #expect(!file.text.contains(secret), "\(file.name)") }
                }
                return answers
            }
            // The caller has it as the upstream sent it, in one piece or two.
            for (place, answer) in zip(places, live) {
                let text = answer.text
                if !splitsDeltas || place == 0 || place == secret.count {
                    #expect(text.contains(secret))
                } else {
                    #expect(text.contains(secret.prefix(place)) && text.contains(secret.dropFirst(place)))
                }
            }
            let cassetteRead = try Cassette.load(directory: cassette)
            #expect(cassetteRead.items.count == places.count)
            #expect(cassetteRead.items.allSatisfy { $0.tape.header.redact == TapeSecrets.version })
            #expect(cassetteRead.items.allSatisfy { $0.tape.end?.text == "it is \(Self.stars(secret)), yes" })
            for file in files(in: cassette) {
                #expect(!file.text.contains(secret))
                // Half of a key is half a leak.
                #expect(
                    !file.text.contains(secret.prefix(12)) && !file.text.contains(secret.suffix(12)),
                    "\(file.name)"
                )
            }
            try await RecordReplayTests.replay(cassette, speed: 0) { server async throws in
                for (place, answer) in zip(places, live) {
                    let again = try await fetch(Self.request(place), port: server.port)
                    #expect(again.status == 200)
                    #expect(again.body.count == answer.body.count)
                    #expect(again.events.count == answer.events.count)
                    #expect(Self.text(again) == "it is \(Self.stars(secret)), yes", "cut at \(place)")
                }
            }
        }
    }

    private static func stars(_ secret: String) -> String { String(repeating: "*", count: secret.utf8.count) }

    private static func text(_ response: RawResponse) -> String {
        response.events.compactMap {
            try? JSONValue(parsing: $0.data).value(at: "/choices/0/delta/content")?.string
        }.joined()
    }

    @Test("What is on the disk while half of it has come is no half", arguments: [false, true])
    func whileItRuns(splitsDeltas: Bool) async throws {
        let gate = Gate()
        let upstream = try Self.upstream(Self.detected, splitsDeltas: splitsDeltas, gate)
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await RecordReplayTests.record(upstream, cassette) { server async throws in
                for place in [1, 4, 15, 30, Self.detected.count - 1] {
                    let caller = try RawConnection(port: server.port)
                    try await caller.send(Self.request(place))
                    try await caller.response(until: "the first piece") { $0.text.contains("it is") }
                    try await eventually("the head is on the disk") {
                        self.files(in: cassette).contains { $0.name.hasSuffix(".part") && $0.text.contains("[\"r\"") }
                    }
                    let part = try #require(self.files(in: cassette).first { $0.name.hasSuffix(".part") })
                    #expect(!part.text.contains(Self.detected.prefix(max(place, 9))), "cut at \(place)")
                    gate.open()
                    #expect(try await caller.response().text.contains("[DONE]"))
                }
            }
            for file in files(in: cassette) { #expect(!file.text.contains(Self.detected.prefix(12))) }
        }
    }

    @Test("Neither a name of a file, nor a marker, nor the log has one")
    func elsewhere() async throws {
        let key = Self.detected
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            let program = try ChildProcess(
                built: "tokencast",
                [
                    "serve", "--port", "0", "--upstream", upstream.url, "--record", directory + "/tapes", "--log-level",
                    "trace",
                ]
            )
            let port = try await program.port()
            let fields = [Field("Authorization", "Bearer \(Self.own)"), Field("x-stainless-lang", key)]
            let path = "/v1/bot/\(key)/chat/completions?key=\(Self.own)&alt=\(key)"
            for model in [key, "m-\(Self.own)"] {
                _ = try await fetch(.post(path, Chat.body(model, prompt: "use \(key)"), fields), port: port)
            }
            program.signal(15)
            let state = try await program.exit()
            #expect(state.exit == 0)
            #expect(state.errors.contains("recorded "))
            let files = files(in: directory + "/tapes")
            #expect(files.count == 2)
            for text in [state.errors, state.output] + files.flatMap({ [$0.name, $0.text] }) {
                #expect(!text.contains(key.dropFirst(3)))
                #expect(!text.contains(Self.own))
                #expect(!text.contains("opaque.value_of"))
            }
        }
    }

    @Test("A prompt with a key is found again, whichever key it is")
    func promptsMatch() async throws {
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let other = "sk-" + "proj-" + String(Self.detected.dropFirst(8).reversed())
            try await RecordReplayTests.record(upstream, cassette) { server async throws in
                let body = Chat.body(prompt: "my key: \(Self.detected)")
                _ = try await fetch(.post(Chat.path, body), port: server.port)
            }
            try await RecordReplayTests.replay(cassette, speed: 0) { server async throws in
                let answer = try await fetch(.post(Chat.path, Chat.body(prompt: "my key: \(other)")), port: server.port)
                #expect(answer.status == 200)
            }
        }
    }

    @Test("With --request-body hash no prompt is on a tape, and requests are found all the same")
    func requestBodies() async throws {
        let upstream = try Script.chat(["a"])
        try await withDirectory { directory in
            let tapes = directory + "/tapes"
            let arguments = ["serve", "--port", "0", "--upstream", upstream.url, "--record", tapes]
            let program = try ChildProcess(built: "tokencast", arguments + ["--request-body", "hash"])
            let request = RawRequest.post(Chat.path, Chat.body(prompt: "nobody's business"))
            _ = try await fetch(request, port: try await program.port())
            program.signal(15)
            #expect(try await program.exit().exit == 0)
            let file = try #require(files(in: tapes).first)
            #expect(!file.text.contains("business"))
            #expect(file.text.contains(#"["qb","/model","demo"]"#))
            #expect(file.text.contains(#"["qh","/messages/0","sha256:"#))
            try await RecordReplayTests.replay(tapes, speed: 0) { server async throws in
                #expect(try await fetch(request, port: server.port).status == 200)
                let miss = try await fetch(.post(Chat.path, Chat.body(prompt: "another")), port: server.port)
                #expect(miss.status == 404)
                #expect(try ErrorShape(miss.text).message.contains("/messages/0 (recorded \"sha256:"))
            }
            let wrong = try await ChildProcess(built: "tokencast", arguments + ["--request-body", "some"]).exit()
            #expect(wrong.exit == 78)
            #expect(wrong.errors.contains("neither full nor hash"))
        }
    }

    @Test("tape scan finds what was missed, in tapes and beside them, and shows none of it")
    func scan() async throws {
        let key = Self.detected
        func chunk(_ text: String) -> String { JSONValue.string(Chat.frame(text)).jsonText }
        try await withDirectory { directory in
            let lines = [
                #"{"tape":1}"#, #"["q","POST","/"]"#, #"["qb","/prompt","\#(key)"]"#,
                #"["r",1,200,[["content-type","text/event-stream"]]]"#, #"["c",2,\#(chunk("sk-proj-q7Rk2m"))]"#,
                #"["c",3,\#(chunk(String(key.dropFirst(14)) + " \\u0073k-\(key.dropFirst(3))"))]"#,
            ]
            try write(lines.joined(separator: "\n") + "\n", to: directory + "/a.tape.jsonl.part")
            try write("hello\nmy key: \(key)\n\(Self.own)\n", to: directory + "/notes.text")
            try write(
                #"{"data":{"text":"sk-proj-q7Rk2m"}}"# + "\n" + #"{"data":{"text":"\#(key.dropFirst(14))"}}"#,
                to: directory + "/t.jsonl"
            )
            try write("nothing here", to: directory + "/clean.txt")
            let found = try await ChildProcess(
                built: "tokencast",
                ["tape", "scan", ".", "--secret-env", "OWN"],
                environment: ["OWN": Self.own],
                directory: directory
            ).exit()
            #expect(found.exit == 1)
            let places = found.output.split(separator: "\n").map {
                $0.split(separator: ": ").prefix(2).joined(separator: ": ")
            }
            #expect(
                places == [
                    "./a.tape.jsonl.part:3: openai", "./a.tape.jsonl.part:5: openai", "./a.tape.jsonl.part:6: openai",
                    "./notes.text:2: openai", "./notes.text:3: value of OWN", "./t.jsonl:1: openai",
                ]
            )
            #expect(
                !found.output.contains("q7Rk2m") && !found.output.contains("opaque") && !found.output.contains("5Gf0Ja")
            )
            let clean = try await ChildProcess(
                built: "tokencast",
                ["tape", "scan", directory + "/clean.txt", "--json"]
            ).exit()
            #expect(clean.exit == 0)
            #expect(clean.output == #"{"files":1,"findings":[],"problems":[]}"# + "\n")
            let missing = try await ChildProcess(built: "tokencast", ["tape", "scan", directory + "/no"]).exit()
            #expect(missing.exit == 1)
            #expect(missing.errors.contains("/no"))
            let unset = try await ChildProcess(built: "tokencast", ["tape", "scan", ".", "--secret-env", "NO"]).exit()
            #expect(unset.exit == 64)
        }
    }
}
