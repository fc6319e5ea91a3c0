import Dialects
import Tapes
import Testing

/// What a plan delivers, gathered.
struct Played {
    var head: Int64?
    var chunks: [(due: Int64, bytes: [UInt8])] = []
    var end: Int64 = -1
    var ending: ReplayPlan.Ending?
    var rechunk: Rechunk
    var faults: [Fault]
    var notes: [String]

    var bytes: [UInt8] { Array(chunks.map(\.bytes).joined()) }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var pieces: [String] { chunks.map { String(decoding: $0.bytes, as: UTF8.self) } }
    var dues: [Int64] { chunks.map(\.due) }
    /// Where the body is cut, its end included.
    var cuts: [Int] {
        var end = 0
        return chunks.map { chunk in
            end += chunk.bytes.count
            return end
        }
    }

    /// Plays a plan to its end, and checks what holds for any.
    init(_ plan: ReplayPlan, sourceLocation: SourceLocation = #_sourceLocation) {
        rechunk = plan.rechunk
        faults = plan.faults
        notes = plan.notes
        var last: Int64 = 0
        for step in plan {
            #expect(ending == nil, "a step comes behind the end", sourceLocation: sourceLocation)
            #expect(step.due >= last, "a time falls", sourceLocation: sourceLocation)
            last = step.due
            switch step.action {
            case .head:
                #expect(head == nil && chunks.isEmpty, "the head isn't first", sourceLocation: sourceLocation)
                head = step.due
            case .chunk(let bytes):
                #expect(!bytes.isEmpty, "a chunk is empty", sourceLocation: sourceLocation)
                chunks.append((step.due, Array(bytes)))
            case .end(let how):
                ending = how
                end = step.due
            }
        }
        #expect(ending != nil, "there is no end", sourceLocation: sourceLocation)
    }

    init(
        _ tape: Tape,
        _ rechunk: Rechunk? = nil,
        _ faults: [String] = [],
        speed: Double? = nil,
        maxGap: Double? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let list = faults.isEmpty ? nil : try Fault.list(parsing: faults)
        let options = ReplayOptions(speed: speed, maxGap: maxGap, rechunk: rechunk, faults: list)
        self.init(ReplayPlan(tape, options), sourceLocation: sourceLocation)
    }
}

/// A tape whose head came at 1 ms, its chunks at these milliseconds, its end 1 ms after the last.
func tape(
    _ chunks: [(Int64, [UInt8])],
    type: String? = "text/event-stream",
    path: String = "/v1/chat/completions",
    reason: TapeEnd.Reason = .eof
) -> Tape {
    var tape = makeTape(path: path)
    tape.response?.offset = 1000
    tape.response?.headers = type.map { [TapeField("Content-Type", $0)] } ?? []
    tape.entries = chunks.map { Tape.Entry(offset: $0.0 * 1000, .chunk($0.1)) }
    tape.end = TapeEnd(offset: (chunks.last?.0 ?? 1) * 1000 + 1000, reason: reason)
    return tape
}

func tape(_ chunks: (Int64, String)..., type: String? = "text/event-stream") -> Tape {
    tape(chunks.map { ($0.0, Array($0.1.utf8)) }, type: type)
}

/// A body of one kind or another, and a content type that may fit it.
struct RandomBody {
    let type: String?
    let bytes: [UInt8]

    private static let kinds = [
        "text/event-stream", "application/x-ndjson", "application/json", "application/octet-stream", nil,
    ]

    init(using random: inout SplitMix64) {
        type = Self.kinds.randomElement(using: &random) ?? nil
        let words = [
            "data: ", "data:", "data", "{\"a\":1}", "é", "🦀", "\n", "\r", "\r\n", "\n\n", ": c", "event: x", "[DONE]",
            " ",
            "\u{FEFF}", "id", "x", ":",
        ]
        let count = [0, 1, 2, 5, 40, 200].randomElement(using: &random) ?? 0
        var bytes: [UInt8] = []
        for _ in 0..<count {
            if UInt8.random(in: 0..<8, using: &random) == 0 {
                bytes.append(.random(in: 0 ... .max, using: &random))
            } else {
                bytes += Array((words.randomElement(using: &random) ?? "").utf8)
            }
        }
        self.bytes = bytes
    }

    /// A tape of it in random chunks at random times.
    func tape(using random: inout SplitMix64) -> Tape {
        var chunks: [(Int64, [UInt8])] = []
        var start = 0
        var time: Int64 = 1
        while start < bytes.count {
            let size = min(bytes.count - start, 1 << Int.random(in: 0..<7, using: &random))
            chunks.append((time, Array(bytes[start..<start + size])))
            start += size
            time += [0, 0, 1, 7, 150].randomElement(using: &random) ?? 0
        }
        return TapesTests.tape(chunks, type: type)
    }
}
