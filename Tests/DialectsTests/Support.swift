import Dialects
import Testing

/// What a decoder made of a body.
struct Decoded: Equatable {
    var events: [TokenEvent]
    /// The frames' names and data.
    var frames: [String]
    /// How many events each frame has.
    var counts: [Int]
    var end: StreamEnd
    /// What was taken for the stream's dialect in the end.
    var dialect: String

    var fold: MessageFold { MessageFold(events) }
    var deltas: [TokenDelta] {
        events.compactMap { if case .delta(let delta) = $0 { delta } else { nil } }
    }
}

extension Decoded {
    /// Parts and calls are numbered without gaps since the last restart, and a part has one kind.
    func requireOrder() throws {
        var kinds: [Int: String] = [:]
        var calls: [Int: Int] = [:]
        for event in events {
            switch event {
            case .restart:
                kinds = [:]
                calls = [:]
            case .delta(let delta):
                let kind =
                    switch delta.content {
                    case .toolCall: "call"
                    case .reasoning: "reasoning"
                    case .refusal: "refusal"
                    case .text, .citation: "text"
                    }
                try #require(delta.part <= kinds.count && kinds[delta.part, default: kind] == kind)
                kinds[delta.part] = kind
                if case .toolCall(let call) = delta.content {
                    try #require(call.index <= calls.count && calls[call.index, default: delta.part] == delta.part)
                    calls[call.index] = delta.part
                }
            default: break
            }
        }
        try #require(counts.reduce(0, +) <= events.count)
    }
}

/// Decodes a body that arrives in chunks, and checks what holds for every decoder.
func decode(
    _ chunks: [[UInt8]],
    _ dialect: Dialect = .openAIChat,
    framing: Dialect.Framing? = nil,
    isCertain: Bool = false,
    limits: StreamDecoder.Limits = .init()
) -> Decoded {
    var decoder = StreamDecoder(dialect: dialect, isCertain: isCertain, framing: framing, limits: limits)
    var buffer = EventBuffer()
    for chunk in chunks { decoder.feed(chunk.span.bytes, into: &buffer) }
    return decoded(&decoder, &buffer)
}

func decode(
    _ text: String,
    _ dialect: Dialect = .openAIChat,
    framing: Dialect.Framing? = nil
) -> Decoded {
    decode([Array(text.utf8)], dialect, framing: framing)
}

/// Decodes a body that is cut in two at a byte, without copying it.
func decode(_ body: [UInt8], cutAt index: Int, _ dialect: Dialect, framing: Dialect.Framing? = nil) -> Decoded {
    var decoder = StreamDecoder(dialect: dialect, framing: framing)
    var buffer = EventBuffer()
    let bytes = body.span.bytes
    decoder.feed(bytes.extracting(0..<index), into: &buffer)
    decoder.feed(bytes.extracting(index..<bytes.byteCount), into: &buffer)
    return decoded(&decoder, &buffer)
}

private func decoded(_ decoder: inout StreamDecoder, _ buffer: inout EventBuffer) -> Decoded {
    let end = decoder.finish(into: &buffer)
    var counts: [Int] = []
    var last = -1
    var frames: [String] = []
    for frame in buffer.frames {
        counts.append(Int(frame.lastEvent) - last)
        last = Int(frame.lastEvent)
        frames.append(
            buffer.withFrame(frame) { name, data in
                let text = data.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                let name = name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                return name.isEmpty ? text : "\(name): \(text)"
            }
        )
    }
    return Decoded(events: buffer.events, frames: frames, counts: counts, end: end, dialect: decoder.dialect.name)
}

extension [UInt8] {
    var singleBytes: [[UInt8]] { map { [$0] } }

    /// Cut into pieces of 1 to `longest` bytes.
    func cut(upTo longest: Int, _ random: inout SeededRandom) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var index = 0
        while index < count {
            let next = Swift.min(count, index + Int.random(in: 1...longest, using: &random))
            chunks.append(Array(self[index..<next]))
            index = next
        }
        return chunks
    }
}

/// SplitMix64: the same numbers for the same seed, so that a failure can be run again.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A chunk of a chat completion with one choice.
func chunk(_ delta: String, choice: Int = 0, finish: String = "null") -> String {
    #"data: {"id":"c1","object":"chat.completion.chunk","model":"m1","choices":[{"index":\#(choice),"delta":\#(delta),"#
        + #""finish_reason":\#(finish)}]}"# + "\n\n"
}

let done = "data: [DONE]\n\n"

/// An event of a response: its name, its type and the members that follow.
func responseEvent(_ type: String, _ members: String = "") -> String {
    "event: \(type)\ndata: {\"type\":\"\(type)\"\(members.isEmpty ? "" : ",")\(members)}\n\n"
}
