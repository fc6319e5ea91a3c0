import Dialects
import ServerSentEvents
import Testing

@testable import Tapes

@Suite("A body is cut anew")
struct RechunkTests {
    private let stream = tape(
        (1, "data: caf\u{E9}\n\n"),
        (5, ": ping\r\n\r\ndata: a\r\rda"),
        (9, "ta: \u{1F980}\n\ndata: tail")
    )

    @Test(
        "where each way of cutting says",
        arguments: [
            (Rechunk.recorded, ["data: café\n\n", ": ping\r\n\r\ndata: a\r\rda", "ta: 🦀\n\ndata: tail"], [1, 5, 9]),
            (
                .event, ["data: café\n\n", ": ping\r\n\r\n", "data: a\r\r", "data: 🦀\n\n", "data: tail"],
                [1, 5, 5, 9, 9]
            ),
            (
                .line,
                [
                    "data: café\n", "\n", ": ping\r\n", "\r\n", "data: a\r", "\r", "data: 🦀\n", "\n", "data: tail",
                ],
                [1, 1, 5, 5, 5, 5, 9, 9, 9]
            ),
            (.crlfSplit, ["data: café\n\n: ping\r", "\n\r", "\ndata: a\r\rdata: 🦀\n\ndata: tail"], [5, 5, 9]),
            (.coalesce, ["data: café\n\n: ping\r\n\r\ndata: a\r\rdata: 🦀\n\ndata: tail"], [9]),
        ] as [(Rechunk, [String], [Int64])]
    )
    func modes(_ mode: Rechunk, _ pieces: [String], _ milliseconds: [Int64]) throws {
        let played = try Played(stream, mode)
        #expect(played.pieces.map { Array($0.utf8) } == pieces.map { Array($0.utf8) })
        #expect(played.dues == milliseconds.map { $0 * 1000 })
        #expect(played.bytes == stream.body)
        #expect(played.head == 1000)
        #expect(played.end == 10_000)
        #expect(played.ending == .complete)
    }

    @Test("within every character of more than one byte, and nowhere else")
    func characters() throws {
        let played = try Played(stream, .utf8Split)
        let body = stream.body
        let inner = body.indices.filter { body[$0] & 0xC0 == 0x80 }
        #expect(played.cuts == inner + [body.count])
        #expect(inner.count == 4)
    }

    @Test("at every byte")
    func bytes() throws {
        let played = try Played(stream, .byte)
        #expect(played.cuts == Array(1...stream.body.count))
        #expect(Set(played.dues) == [1000, 5000, 9000])
    }

    @Test("at every so many bytes", arguments: [2, 20, 47, 48, 49, 1 << 30])
    func sizes(_ size: Int) throws {
        let count = stream.body.count
        #expect(try Played(stream, .size(size)).cuts == stride(from: size, to: count, by: size).map { $0 } + [count])
    }

    @Test("at every pause of the recording alone, whatever the speed", arguments: [0, 0.1, 1, 10])
    func coalesced(_ speed: Double) throws {
        let tape = tape((1, "a"), (50, "b"), (149, "c"), (249, "d"), (250, "e"), (1000, "f"))
        #expect(try Played(tape, .coalesce, speed: speed).pieces == ["abc", "de", "f"])
        if speed == 1 { #expect(try Played(tape, .coalesce).dues == [149_000, 250_000, 1_000_000]) }
    }

    @Test("into events as the content type frames them")
    func framings() throws {
        let lines = "{\"a\":1}\r\n\n{\"b\":\"\r\"}\n{\"c\":1}"
        #expect(
            try Played(tape((1, lines), type: "application/x-ndjson"), .event).pieces.map { Array($0.utf8) }
                == ["{\"a\":1}\r\n", "\n", "{\"b\":\"\r\"}\n", "{\"c\":1}"].map { Array($0.utf8) }
        )
        let document = "{\n\n\"a\": 1}\n"
        #expect(try Played(tape((1, document), type: "application/json; charset=utf-8"), .event).pieces == [document])
        #expect(try Played(tape((1, document), type: "image/png"), .event).pieces == [document])
        // A stream that was asked for is one without a content type, too; and what is plainly JSON is none.
        #expect(try Played(tape((1, "data: a\n\ndata: b\n\n"), type: nil), .event).pieces.count == 2)
        #expect(try Played(tape((1, document), type: "text/event-stream"), .event).pieces == [document])
    }

    /// As Google streams without `alt=sse`.
    static let elements = ["[{\"a\":\"],\"}", "\r\n,\r\n{\n\"b\":[]\n}", "\r\n,\r\n{\"c\":1}", "\r\n]\r\n"]
    static let arrayPath = "/v1beta/models/m:streamGenerateContent"

    @Test("into the elements of an array, where the dialect streams arrays")
    func arrays() throws {
        let body = Array(Self.elements.joined().utf8)
        let array = tape([(1, body)], type: "application/json", path: Self.arrayPath)
        #expect(try Played(array, .event).pieces == Self.elements)
        #expect(try Played(array, .byte).text == Self.elements.joined())
        let other = tape([(1, body)], type: "application/json")
        #expect(try Played(other, .event).pieces == [Self.elements.joined()])
        // What is half, or no array, comes whole.
        for tail in ["{\"d\":", "x{\"d\":1}", "]]", ""] {
            let body = [Self.elements[0], "\r\n,\r\n" + tail]
            let bytes = Array(body.joined().utf8)
            #expect(
                try Played(tape([(1, bytes)], type: "application/json", path: Self.arrayPath), .event).pieces == body
            )
        }
    }

    @Test("the same way for the same seed, on every platform")
    func seeds() throws {
        let body = Array(repeating: UInt8(ascii: "x"), count: 1000)
        let tape = tape([(1, body)])
        let cuts = try Played(tape, .random(seed: 7)).cuts
        #expect(cuts.prefix(12) == Self.expectedCuts[...])
        #expect(try Played(tape, .random(seed: 7)).cuts == cuts)
        #expect(try Played(tape, .random(seed: 8)).cuts != cuts)
        #expect(cuts.count > 10)
    }

    /// Reckoned by another program from the published algorithm.
    private static let expectedCuts = [14, 21, 24, 34, 36, 39, 120, 183, 187, 191, 202, 206]

    @Test("with a seed that is drawn, told, and good for another run")
    func drawnSeed() throws {
        let tape = tape([(1, Array(0..<255))])
        let first = try Played(tape, .random(seed: nil))
        guard case .random(let seed?) = first.rechunk else { throw Failure("there is no seed") }
        #expect(try Played(tape, .random(seed: seed)).cuts == first.cuts)
        let others = try (0..<8).map { _ in try Played(tape, .random(seed: nil)).rechunk }
        #expect(Set(others).count == 8)
    }

    @Test("The generator gives the numbers of its paper")
    func splitMix() {
        var random = SplitMix64(seed: 1_234_567)
        let numbers: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(numbers.allSatisfy { random.next() == $0 })
    }

    @Test("Any body in any chunks keeps its bytes, and every chunk comes when its last byte came")
    func anyBody() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        for round in 0..<300 {
            let body = RandomBody(using: &random)
            let tape = body.tape(using: &random)
            let came = Self.times(of: tape)
            let modes: [Rechunk] = [
                .recorded, .event, .line, .byte, .size(Int.random(in: 1...20, using: &random)), .utf8Split, .crlfSplit,
                .coalesce, .random(seed: random.next()),
            ]
            for mode in modes {
                let played = try Played(tape, mode)
                #expect(played.bytes == body.bytes, "\(mode), round \(round) of seed \(seed)")
                for (cut, due) in zip(played.cuts, played.dues) {
                    #expect(due == came[cut - 1], "\(mode), round \(round) of seed \(seed)")
                }
                #expect(played.ending == .complete)
            }
            try checkEvents(body, tape, "round \(round) of seed \(seed)")
        }
    }

    /// When each byte came.
    private static func times(of tape: Tape) -> [Int64] {
        tape.entries.flatMap { entry -> [Int64] in
            guard case .chunk(let bytes) = entry.content else { return [] }
            return Array(repeating: entry.offset, count: bytes.count)
        }
    }

    /// The events must be those that a parser finds, each with the chunk in which it is complete.
    private func checkEvents(_ body: RandomBody, _ tape: Tape, _ comment: Comment) throws {
        guard tape.framing == .serverSentEvents else { return }
        let frames = Array(BodyFrames(body: body.bytes, framing: .serverSentEvents))
        var parser = EventStreamParser()
        var counter = EventCounter()
        for frame in frames {
            let before = counter.count
            try parser.parse(body.bytes.span.bytes.extracting(frame.range), into: &counter)
            if frame.isWhole {
                #expect(counter.count - before == (frame.isEvent ? 1 : 0), comment)
                #expect(parser.isAtBoundary, comment)
            }
        }
        let before = counter.count
        try parser.finish(flushingInto: &counter)
        if let last = frames.last, !last.isWhole { #expect(counter.count - before == (last.isEvent ? 1 : 0), comment) }
    }

    private struct EventCounter: EventStreamHandler {
        var count = 0
        mutating func event(name: RawSpan, data: RawSpan, lastEventID: RawSpan) { count += 1 }
    }

    @Test("Bodies without a byte and with one are played in every mode", arguments: [[], [0x80], [0x0A], [0xEF]])
    func tiny(_ bytes: [UInt8]) throws {
        let modes: [Rechunk] = [
            .recorded, .event, .line, .byte, .size(1), .size(1 << 30), .utf8Split, .crlfSplit, .coalesce,
            .random(seed: 1),
        ]
        for mode in modes {
            #expect(try Played(tape([(1, bytes)]), mode).chunks.map(\.bytes) == (bytes.isEmpty ? [] : [bytes]))
            #expect(try Played(tape([]), mode).chunks.isEmpty)
        }
    }
}
