import Dialects
import Tapes
import Testing

@Suite("A fault")
struct FaultTests {
    /// Events at 10, 20, 30, 40 ms, the terminal at 50 ms, the end at 51 ms; the second event has a comment in front.
    private let stream = tape(
        (10, "data: {\"n\":1}\n\n"),
        (20, ": c\n\nda"),
        (30, "ta: {\"n\":2}\n\n"),
        (40, "data: {\"n\":3}\n\n"),
        (50, "data: [DONE]\n\n")
    )
    private let e1 = "data: {\"n\":1}\n\n"
    private let comment = ": c\n\n"
    private let e2 = "data: {\"n\":2}\n\n"
    private let e3 = "data: {\"n\":3}\n\n"
    private let done = "data: [DONE]\n\n"

    @Test(
        "drops at its address, with what came before and not a byte more",
        arguments: [
            ("drop", nil, "", 1000),
            ("drop@start", nil, "", 1000),
            ("drop@event:1", 1000, "", 10_000),
            ("drop@event:2", 1000, "e1 c", 30_000),
            ("drop@event:4", 1000, "e1 c e2 e3", 50_000),
            ("drop@byte:0", 1000, "", 10_000),
            ("drop@byte:15", 1000, "e1", 20_000),
            ("drop@ms:0", nil, "", 0),
            ("drop@ms:1", nil, "", 1000),
            ("drop@ms:5", 1000, "", 5000),
            ("drop@ms:10", 1000, "", 10_000),
            ("drop@ms:35", 1000, "e1 c e2", 35_000),
            ("drop@ms:51", 1000, "e1 c e2 e3 done", 51_000),
            ("drop@end", 1000, "e1 c e2 e3 done", 51_000),
        ] as [(String, Int64?, String, Int64)]
    )
    func drop(_ text: String, _ head: Int64?, _ body: String, _ end: Int64) throws {
        for (kind, ending) in [
            ("drop", ReplayPlan.Ending.drop(reset: false)), ("reset", .drop(reset: true)), ("stall", .stall),
        ] {
            let text = text.replacing("drop", with: kind)
            let played = try Played(stream, .event, [text])
            #expect(played.head == head)
            #expect(played.text == words(body))
            #expect(played.ending == ending)
            #expect(played.end == end)
            #expect(played.faults.map(\.description) == [text.replacing("@start", with: "")])
            #expect(played.notes == [])
        }
    }

    /// A body by the names of its parts.
    private func words(_ names: String) -> String {
        let parts = ["e1": e1, "c": comment, "e2": e2, "e3": e3, "done": done]
        return names.split(separator: " ").compactMap { parts[String($0)] }.joined()
    }

    @Test(
        "cuts a chunk at its byte, whatever the way of cutting",
        arguments: [
            Rechunk.recorded, .event, .line, .byte, .size(7), .utf8Split, .crlfSplit, .coalesce, .random(seed: 3),
        ]
    )
    func everyByte(_ mode: Rechunk) throws {
        let body = stream.body
        for position in body.indices {
            let played = try Played(stream, mode, ["drop@byte:\(position)"])
            #expect(played.bytes == Array(body[..<position]))
            #expect(played.ending == .drop(reset: false))
            let stalled = try Played(stream, mode, ["stall:5@byte:\(position)"])
            #expect(stalled.bytes == body)
            #expect(position == 0 || stalled.cuts.contains(position))
            #expect(stalled.end == 56_000)
        }
    }

    @Test("strikes before its event or in place of it, with the dues of the recording")
    func times() throws {
        let played = try Played(stream, nil, ["stall:1000@event:3"])
        #expect(played.dues == [10_000, 20_000, 30_000, 1_040_000, 1_050_000])
        #expect(played.end == 1_051_000)
        #expect(try Played(stream, nil, ["stall:1000"]).head == 1_001_000)
        #expect(
            try Played(stream, nil, ["stall:1000@ms:25"]).dues == [10_000, 20_000, 1_030_000, 1_040_000, 1_050_000]
        )
        #expect(try Played(stream, nil, ["stall:1000@end"]).end == 1_051_000)
        #expect(try Played(stream, nil, ["stall:1000@end"]).dues.last == 50_000)
    }

    @Test(
        "slows all that follows",
        arguments: [
            ("slow:3", 3000, [30_000, 60_000, 90_000, 120_000, 150_000], 153_000),
            ("slow:3@event:1", 1000, [10_000, 40_000, 70_000, 100_000, 130_000], 133_000),
            ("slow:3@ms:25", 1000, [10_000, 20_000, 40_000, 70_000, 100_000], 103_000),
            ("slow:3@end", 1000, [10_000, 20_000, 30_000, 40_000, 50_000], 51_000),
            ("slow:0.5", 500, [5000, 10_000, 15_000, 20_000, 25_000], 25_500),
            ("slow:2@event:1+slow:2@event:3", 1000, [10_000, 30_000, 50_000, 70_000, 110_000], 114_000),
            ("stall:100@event:3+slow:2@event:3", 1000, [10_000, 20_000, 30_000, 140_000, 160_000], 162_000),
        ] as [(String, Int64, [Int64], Int64)]
    )
    func slow(_ text: String, _ head: Int64, _ dues: [Int64], _ end: Int64) throws {
        let played = try Played(stream, nil, [text])
        #expect(played.head == head)
        #expect(played.dues == dues)
        #expect(played.end == end)
        #expect(played.bytes == stream.body)
    }

    @Test(
        "puts bytes in between, as a chunk of their own",
        arguments: [
            ("inject:X", 0, 10_000), ("inject:X@event:1", 0, 10_000), ("inject:X@event:2", 20, 20_000),
            ("inject:X@byte:3", 3, 10_000), ("inject:X@ms:0", 0, 1000), ("inject:X@ms:25", 22, 25_000),
            ("inject:X@end", 64, 51_000),
        ] as [(String, Int, Int64)]
    )
    func inject(_ text: String, _ position: Int, _ due: Int64) throws {
        let played = try Played(stream, nil, [text])
        var expected = stream.body
        expected.insert(UInt8(ascii: "X"), at: position)
        #expect(played.bytes == expected)
        let chunk = try #require(played.chunks.first { $0.bytes == [UInt8(ascii: "X")] })
        #expect(chunk.due == due)
        #expect(played.end == 51_000)
    }

    @Test(
        "doubles the event at any address",
        arguments: [
            ("dup", "e1 e1 c e2 e3 done"), ("dup@event:1", "e1 e1 c e2 e3 done"), ("dup@event:2", "e1 c e2 e2 e3 done"),
            ("dup@byte:16", "e1 c e2 e2 e3 done"), ("dup@byte:30", "e1 c e2 e2 e3 done"),
            ("dup@byte:15", "e1 c e2 e2 e3 done"), ("dup@ms:35", "e1 c e2 e3 e3 done"),
            ("dup@ms:0", "e1 e1 c e2 e3 done"),
            ("dup@end", "e1 c e2 e3 done done"), ("dup@event:4", "e1 c e2 e3 done done"),
            ("dup@event:1+dup@event:1", "e1 e1 e1 c e2 e3 done"),
        ]
    )
    func dup(_ text: String, _ body: String) throws {
        for mode in [Rechunk.recorded, .event, .byte, .size(7)] {
            let played = try Played(stream, mode, [text])
            #expect(played.text == words(body))
            #expect(played.end == 51_000)
        }
        // It comes with the event, not with the next one.
        if text == "dup@event:2" {
            #expect(try Played(stream, nil, [text]).dues == [10_000, 20_000, 30_000, 30_000, 40_000, 50_000])
        }
    }

    @Test(
        "breaks the JSON of the event at any address, and no framing",
        arguments: [
            ("malformed", 0), ("malformed@event:1", 0), ("malformed@event:2", 1), ("malformed@byte:17", 1),
            ("malformed@ms:35", 2), ("malformed@event:4", 3), ("malformed@end", 3),
        ]
    )
    func malformed(_ text: String, _ index: Int) throws {
        let played = try Played(stream, .line, [text])
        let plain = try Played(stream, .line)
        #expect(played.cuts == plain.cuts)
        #expect(played.dues == plain.dues)
        let data = played.pieces.filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6).dropLast()) }
        #expect(data.count == 4)
        for (position, value) in data.enumerated() {
            let isWhole = (try? JSONValue(parsing: value)) != nil || value == "[DONE]"
            #expect(isWhole == (position != index), "\(value)")
        }
    }

    @Test(
        "breaks JSON in every framing",
        arguments: [
            ("{\"a\":1}\n{\"b\":2}\n", "application/x-ndjson", "malformed@event:2", "{\"a\":1}\n}\"b\":2}\n"),
            (" \n{\"a\":1}", "application/json", "malformed", " \n}\"a\":1}"),
            (
                "\u{FEFF}data:{}\r\rdata\r\rdata: \rdata:[]\r\r", "text/event-stream", "malformed@event:1",
                "\u{FEFF}data:}}\r\rdata\r\rdata: \rdata:[]\r\r"
            ),
            (
                "data:{}\n\ndata\n\ndata: \rdata:[]\r\r", "text/event-stream", "malformed@event:3",
                "data:{}\n\ndata\n\ndata: \rdata:}]\r\r"
            ),
        ]
    )
    func malformedFramings(_ body: String, _ type: String, _ fault: String, _ expected: String) throws {
        let played = try Played(tape((1, body), type: type), nil, [fault])
        #expect(played.bytes == Array(expected.utf8))
    }

    @Test(
        "strikes the elements of an array as events",
        arguments: [
            ("malformed@event:1", #"[}"a":1},"# + "\n" + #"{"b":2}]"#),
            ("malformed@event:2", #"[{"a":1},"# + "\n" + #"}"b":2}]"#),
            ("malformed@end", #"[{"a":1},"# + "\n" + #"}"b":2}]"#), ("drop@event:2", #"[{"a":1}"#),
            ("drop@event:1", ""),
            ("dup@event:1", #"[{"a":1},{"a":1},"# + "\n" + #"{"b":2}]"#),
            ("dup@event:2", #"[{"a":1},"# + "\n" + #"{"b":2},{"b":2}]"#),
            ("dup@end", #"[{"a":1},"# + "\n" + #"{"b":2},{"b":2}]"#),
            ("inject:X@event:2", #"[{"a":1}X,"# + "\n" + #"{"b":2}]"#),
        ]
    )
    func arrays(_ fault: String, _ expected: String) throws {
        let body = Array((#"[{"a":1},"# + "\n" + #"{"b":2}]"#).utf8)
        for mode in [Rechunk.recorded, .event, .byte] {
            let array = tape([(1, body)], type: "application/json", path: RechunkTests.arrayPath)
            #expect(try Played(array, mode, [fault]).text == expected)
        }
        let tooFar = try Played(
            tape([(1, body)], type: "application/json", path: RechunkTests.arrayPath),
            nil,
            ["drop@event:3"]
        )
        #expect(tooFar.notes.count == 1)
    }

    @Test("leaves out what ends the stream in its dialect, and all behind it")
    func noTerminal() throws {
        let played = try Played(stream, nil, ["no-terminal"])
        #expect(played.text == words("e1 c e2 e3"))
        #expect(played.ending == .complete)
        #expect(played.end == 51_000)
        let twice = tape((1, e1 + done + done + ": bye\n\n"))
        #expect(try Played(twice, .byte, ["no-terminal"]).text == e1)
        let only = tape((1, done))
        #expect(try Played(only, .byte, ["no-terminal"]).chunks.isEmpty)
        // A last event that lacks its blank line ends a stream as well.
        #expect(try Played(tape((1, e1 + "data: [DONE]")), nil, ["no-terminal"]).text == e1)
        // Words of the model are no terminal, and the finish reason stays.
        let finish =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"[DONE]\"},\"finish_reason\":\"stop\"}]}\n\n"
        #expect(try Played(tape((1, finish + done)), .event, ["no-terminal"]).text == finish)
        let broken = tape([(1, Array((e1 + done).utf8))], reason: .upstreamReset)
        #expect(try Played(broken, nil, ["no-terminal"]).ending == .complete)
    }

    @Test("leaves out what ends a message of Anthropic's, with its blank line and without")
    func noMessageStop() throws {
        let head =
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n"
            + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
        let stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}"
        for last in [stop, stop + "\n\n", stop + "\n\n" + done] {
            // Whatever the path says: the first event tells the dialect.
            for path in ["/v1/messages", "/v1/chat/completions", "/x"] {
                let played = try Played(tape([(1, Array((head + last).utf8))], path: path), nil, ["no-terminal"])
                #expect(played.text == head, "\(path)")
            }
        }
        let failing = tape([(1, Array((head + "event: error\ndata: {}\n\n").utf8))], path: "/v1/messages")
        #expect(try Played(failing, .event, ["no-terminal"]).notes.count == 1)
    }

    @Test("puts a status in the place of the answer, at once, in the words of its dialect")
    func status() throws {
        let plan = ReplayPlan(
            stream,
            ReplayOptions(rechunk: .byte, faults: [Fault(.status(429, retryAfter: 1), times: 2)])
        )
        let first = try #require(plan.first { _ in true })
        guard case .head(let response) = first.action else { throw Failure("there is no head") }
        #expect(response.status == 429)
        #expect(response.headers.map(\.name) == ["content-type", "retry-after"])
        #expect(response.headers.map(\.value) == ["application/json", "1"])
        let played = Played(plan)
        let error = try JSONValue(parsing: played.text)["error"]
        #expect(error?["message"]?.string?.contains("status:429;retry-after=1;times=2") == true)
        #expect(error?["type"]?.string == "tape_fault")
        #expect(played.end == 0)
        #expect(played.chunks.allSatisfy { $0.bytes.count == 1 })
        let plain = ReplayPlan(stream, ReplayOptions(faults: [Fault(.status(503, retryAfter: nil))]))
        guard case .head(let response) = try #require(plain.first { _ in true }).action else {
            throw Failure("no head")
        }
        #expect(response.headers.map(\.name) == ["content-type"])
        #expect(Played(plain).ending == .complete)
        #expect(try Played(stream, nil, ["status:204"]).chunks.isEmpty)
        // Of two, the first counts; what else goes wrong befalls the new answer.
        let two = try Played(stream, nil, ["status:429", "status:500", "drop@event:3", "drop@byte:9"])
        #expect(two.faults.map(\.description) == ["status:429", "drop@byte:9"])
        #expect(two.bytes.count == 9)
        #expect(two.notes.count == 2)
    }

    @Test(
        "that has no place in the tape does nothing, and is said",
        arguments: [
            ("drop@event:5", "the body has 4 events"), ("dup@event:5", "4 events"), ("malformed@event:99", "4 events"),
            ("inject:x@byte:64", "64 bytes"), ("stall@byte:1000000000", "64 bytes"), ("dup@byte:64", "64 bytes"),
            ("drop@ms:52", "over by then"), ("slow:2@ms:86400000", "over by then"),
        ]
    )
    func nowhere(_ text: String, _ reason: String) throws {
        let played = try Played(stream, nil, [text])
        let plain = try Played(stream)
        #expect(played.chunks.map(\.bytes) == plain.chunks.map(\.bytes))
        #expect(played.dues == plain.dues)
        #expect(played.ending == .complete)
        #expect(played.faults == [])
        #expect(played.notes.count == 1)
        #expect(played.notes.first?.contains(reason) == true, "\(played.notes)")
        #expect(played.notes.first?.contains(text) == true)
    }

    @Test("knows where it can't strike for other reasons")
    func impossible() throws {
        func note(_ tape: Tape, _ fault: String) throws -> String? {
            let played = try Played(tape, .event, [fault])
            #expect(played.faults == [])
            #expect(played.bytes == tape.body)
            return played.notes.first
        }
        #expect(try note(tape((1, "data\n\n")), "malformed")?.contains("no data") == true)
        #expect(try note(tape((1, e1 + "data: tail")), "dup@event:2")?.contains("isn't whole") == true)
        #expect(try note(tape((1, e1)), "no-terminal")?.contains("openai.chat") == true)
        let other = tape([(1, Array(e1.utf8))], path: "/x")
        #expect(try note(other, "no-terminal")?.contains("generic") == true)
        let failing = tape((1, e1 + "data: {\"error\":{\"message\":\"x\"}}\n\n" + done))
        #expect(try note(failing, "no-terminal") != nil)
        #expect(try note(tape([]), "dup")?.contains("0 events") == true)
        var refused = makeTape(reason: .connectFailed)
        refused.response = nil
        #expect(try note(refused, "inject:x")?.contains("no body") == true)
        #expect(try note(refused, "drop@event:1") != nil)
        // What needs no body strikes there too.
        #expect(try Played(refused, nil, ["drop"]).ending == .drop(reset: false))
        #expect(try Played(refused, nil, ["stall:5"]).end == 6000)
        #expect(try Played(refused, nil, ["reset@end"]).ending == .drop(reset: true))
    }

    @Test("goes by the time of the replay, whatever its speed")
    func speeds() throws {
        #expect(
            try Played(stream, nil, ["drop@ms:15"], speed: 2).text == words("e1 c") + "da"
        )
        #expect(try Played(stream, nil, ["drop@ms:15"], speed: 0).notes.count == 1)
        #expect(try Played(stream, nil, ["drop@ms:0"], speed: 0).ending == .drop(reset: false))
        #expect(try Played(stream, nil, ["stall:70@event:3"], speed: 0).dues == [0, 0, 0, 70_000, 70_000])
        #expect(try Played(stream, nil, ["drop@ms:7"], maxGap: 0.005).chunks.count == 1)
        #expect(try Played(stream, nil, ["drop@ms:99"], maxGap: 0.005).notes.count == 1)
    }

    @Test("may come with others: the first to end the answer ends it")
    func several() throws {
        let played = try Played(stream, .event, ["reset@event:4+dup@event:2", "inject:X@event:3", "stall:10@event:3"])
        #expect(played.text == words("e1 c e2 e2") + "X" + e3)
        #expect(played.ending == .drop(reset: true))
        #expect(played.dues == [10_000, 20_000, 30_000, 30_000, 40_000, 50_000])
        #expect(played.faults.count == 4)
        #expect(try Played(stream, nil, ["drop@ms:45", "stall@ms:30"]).ending == .stall)
        #expect(try Played(stream, nil, ["no-terminal", "drop@event:4"]).notes.count == 1)
    }

    @Test("of any kind at any address leaves any tape playable")
    func anything() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        let kinds = [
            "drop", "reset", "stall", "stall:3", "malformed", "inject:%0A", "no-terminal", "dup", "slow:2",
            "status:500",
        ]
        for round in 0..<500 {
            let body = RandomBody(using: &random)
            var tape = body.tape(using: &random)
            if round % 9 == 0 {
                tape.response = nil
                tape.entries = []
            }
            let faults = (0..<Int.random(in: 1...4, using: &random)).map { _ -> String in
                let kind = kinds.randomElement(using: &random) ?? "drop"
                if kind == "no-terminal" || kind == "status:500" { return kind }
                let number = Int.random(in: 0..<30, using: &random)
                let places = ["", "@end", "@event:\(number + 1)", "@byte:\(number)", "@ms:\(number * 20)"]
                return kind + (places.randomElement(using: &random) ?? "")
            }
            let mode: Rechunk = [.recorded, .event, .byte, .random(seed: 1)].randomElement(using: &random) ?? .line
            let played = try Played(
                tape,
                mode,
                faults,
                speed: [0, 1, 3].randomElement(using: &random),
                maxGap: round % 5 == 0 ? 0.01 : nil
            )
            #expect(
                played.faults.count + played.notes.count == faults.count,
                "\(faults), round \(round) of seed \(seed)"
            )
            if played.faults.isEmpty { #expect(played.bytes == tape.body, "\(faults), round \(round) of seed \(seed)") }
        }
    }

    @Test(
        "made by hand with nonsense numbers does no harm",
        arguments: [
            Fault(.drop(reset: false), at: .byte(-1)), Fault(.duplicate, at: .event(0)),
            Fault(.malformed, at: .event(.min)),
            Fault(.stall(milliseconds: .min), at: .milliseconds(.min)),
            Fault(.stall(milliseconds: .max), at: .milliseconds(.max)),
            Fault(.stall(milliseconds: .max)), Fault(.slow(factor: -.infinity)), Fault(.slow(factor: .nan)),
            Fault(.slow(factor: .infinity)), Fault(.inject([]), at: .byte(.max)), Fault(.inject([]), at: .end),
        ]
    )
    func nonsense(_ fault: Fault) {
        let played = Played(ReplayPlan(stream, ReplayOptions(faults: [fault])))
        #expect(played.end >= 0)
    }
}
