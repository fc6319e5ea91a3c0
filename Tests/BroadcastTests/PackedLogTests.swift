import Dialects
import NIOCore
import Testing

@testable import Broadcast

/// Logs of packed events against plain lists: whatever comes in whatever turns, and whatever is dropped.
@Suite("Packed logs and plain lists")
struct PackedLogTests {
    /// An event, with the frame's name and data where it is the last of one.
    private struct Plain: Equatable {
        var event: TokenEvent
        var frame: String?
    }

    /// A log, and what must be in it.
    private struct Log {
        var list: SegmentList
        var plain: [Plain] = []

        /// What can be read from a number on.
        func read(from sequence: Int) -> [Plain] {
            guard let first = list.index(of: sequence) else { return [] }
            var found: [Plain] = []
            var next = sequence
            for index in first..<list.count {
                let segment = list[index]
                guard let run = segment.run else { continue }
                var cursor = list.cursor(in: run, of: segment, from: next)
                while next < segment.next {
                    let event = cursor.next()
                    var plain = Plain(event: event)
                    if cursor.leftInFrame == 0 {
                        plain.frame = cursor.withFrame { name, data in
                            let name = name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                            return name + "|" + data.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                        }
                    }
                    found.append(plain)
                    next += 1
                }
            }
            return found
        }

        func check(_ random: inout SeededRandom) {
            #expect(list.next == plain.count + 1)
            var places = [list.earliest, list.next - 1, list.next]
            if list.earliest < list.next {
                for _ in 0..<3 { places.append(.random(in: list.earliest..<list.next, using: &random)) }
            }
            for place in places where place >= list.earliest {
                #expect(read(from: place) == Array(plain[(place - 1)...]), "from \(place)")
            }
        }
    }

    private static let texts = [
        "", "a", "fifteen letters", "sixteen letters!", "é🌊\u{0}", "a text that may stand in its frame",
        String(repeating: "long, ", count: 3000), String(repeating: "x", count: 127),
        String(repeating: "x", count: 128),
    ]

    private static func text(_ random: inout SeededRandom) -> String { texts.randomElement(using: &random) ?? "" }

    private static func number(_ random: inout SeededRandom) -> Int {
        [0, 0, 0, 1, -1, 63, 64, 127, 128, .max, .min].randomElement(using: &random) ?? 0
    }

    private static func event(_ random: inout SeededRandom) -> TokenEvent {
        func delta(_ content: TokenDelta.Content) -> TokenEvent {
            .delta(TokenDelta(choice: number(&random), part: number(&random), content: content))
        }
        func perhaps(_ random: inout SeededRandom) -> String? { random.next() % 2 == 0 ? nil : text(&random) }
        switch random.next() % 12 {
        case 0: return .opaque
        case 1: return .restart(StreamStart(id: perhaps(&random), model: perhaps(&random)))
        case 2:
            var usage = TokenUsage(input: number(&random), cached: number(&random), raw: text(&random))
            usage.isEstimated = random.next() % 2 == 0
            return .usage(usage)
        case 3: return .finish(choice: number(&random), FinishReason(raw: text(&random), kind: .length))
        case 4: return delta(.reasoning(text(&random)))
        case 5: return delta(.refusal(text(&random)))
        case 6:
            let call = ToolCallDelta(
                index: number(&random),
                id: perhaps(&random),
                name: perhaps(&random),
                arguments: text(&random)
            )
            return delta(.toolCall(call))
        case 7: return delta(.citation(Citation(url: perhaps(&random), title: perhaps(&random), raw: text(&random))))
        default: return delta(.text(text(&random)))
        }
    }

    /// What comes in a turn.
    private static func turn(_ random: inout SeededRandom) -> (EventBuffer, [Plain]) {
        var buffer = EventBuffer()
        var plain: [Plain] = []
        for _ in 0...Int.random(in: 0...3, using: &random) {
            let isFramed = random.next() % 5 > 0
            let name = random.next() % 2 == 0 ? "" : "name"
            let data = (0..<Int.random(in: 0...5, using: &random)).map { _ in text(&random) }.joined(separator: ",")
            if isFramed { buffer.openFrame(name: Array(name.utf8).span.bytes, data: Array(data.utf8).span.bytes) }
            let count = [0, 1, 1, 1, 2, 15, 16, 17].randomElement(using: &random) ?? 1
            for _ in 0..<(isFramed ? count : max(1, count)) {
                let event = event(&random)
                buffer.append(event)
                plain.append(Plain(event: event))
            }
            buffer.closeFrame()
            guard isFramed else { continue }
            if count == 0 { plain.append(Plain(event: .opaque)) }
            plain[plain.count - 1].frame = "\(name)|\(data)"
        }
        return (buffer, plain)
    }

    @Test(
        "Streams in turn, in logs of their own and in one of all, trimmed and not",
        arguments: 0..<40 as Range<UInt64>
    )
    func streams(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let held = HeldBytes()
        do {
            let packer = EventPacker()
            let infos = (0..<4).map { _ in makeInfo(StreamID()) }
            var pages = infos.map { _ in EventPages(held: held) }
            let merging = SegmentList.Merging(events: 40, bytes: 4000, ticks: seed % 2 == 0 ? nil : 3)
            var own = infos.map { _ in Log(list: SegmentList(merging: merging)) }
            var all = Log(list: SegmentList(merging: merging))
            var other: Log?
            var now = NIODeadline.uptimeNanoseconds(1 << 40)
            for step in 0..<150 {
                let stream = Int.random(in: 0..<infos.count, using: &random)
                // One stream often has some turns in a row.
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let (buffer, plain) = Self.turn(&random)
                    let batch = pages[stream].seal(buffer, infos[stream], offset: step, by: packer)
                    #expect(batch.events == buffer.events)
                    own[stream].list.append(.batch(batch), at: now)
                    own[stream].plain += plain
                    all.list.append(.batch(batch), at: now)
                    all.plain += plain
                    now = now + .milliseconds(Int64.random(in: 0...200, using: &random))
                }
                switch random.next() % 8 {
                case 0:
                    let events = Int.random(in: 1...200, using: &random)
                    all.list.trim(maximumEvents: events, maximumBytes: .max)
                case 1:
                    own[stream].list.trim(maximumEvents: .max, maximumBytes: Int.random(in: 1...9000, using: &random))
                case 2: all.list.expire(before: now - .milliseconds(Int64.random(in: 0...3000, using: &random)))
                // What another loop takes over, and what it holds later.
                case 3: other = all
                default: break
                }
                own[stream].check(&random)
                all.check(&random)
                other?.check(&random)
            }
            #expect(held.current > 0)
        }
        #expect(held.current == 0)
    }
}
