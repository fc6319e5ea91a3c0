import Dialects

/// One input of the fuzzer: a body, and how it is decoded.
///
/// The first byte chooses dialect and framing, the second how the body is cut; both are the same in every target.
struct Trial {
    let dialect: Dialect
    let framing: Dialect.Framing?
    let isCertain: Bool
    let limits: StreamDecoder.Limits
    /// Bytes at a time at most, 1 for byte by byte.
    let longestChunk: Int
    let body: [UInt8]

    init?(_ input: [UInt8], _ target: Target) {
        guard input.count >= 2 else { return nil }
        let choice = Int(input[0])
        if let framing = target.framing {
            dialect = .generic
            self.framing = framing
        } else {
            dialect = Dialect.all[choice % Dialect.all.count]
            let framings = Dialect.Framing.allCases
            // Half of them have the dialect's own framing, whose meaning goes deeper.
            let other = choice / Dialect.all.count % (framings.count * 2)
            framing = other < framings.count ? framings[other] : nil
        }
        isCertain = target.framing != nil || input[1] & 0x80 != 0
        // Small enough that inputs exceed them.
        limits = input[1] & 0x40 != 0 ? .init(line: 96, frame: 64) : .init()
        longestChunk = Int(input[1] & 0x1F) + 1
        var body = Array(input[2...])
        // No fuzzer guesses a checksum; the wrong ones are the other half.
        if (framing ?? dialect.framing) == .awsEventStream, input[1] & 0x20 == 0 { AWSMessages.seal(&body) }
        self.body = body
    }

    /// The first two bytes of an input, for a body that is to be decoded whole by the dialect of a name.
    static func head(_ dialect: Dialect, cut: UInt8) -> [UInt8] {
        let index = Dialect.all.firstIndex { $0.name == dialect.name } ?? 0
        // The last multiple that fits a byte lies where the framing is the dialect's own.
        let multiple = Dialect.Framing.allCases.count
        return [UInt8(index + multiple * Dialect.all.count), cut]
    }

    func run() {
        let whole = Outcome(of: self, in: [body])
        whole.check(input: body.count)
        let cut = Outcome(of: self, in: chunks)
        require(cut.events == whole.events, "the events depend on how the body is cut")
        require(cut.frames == whole.frames, "the frames depend on how the body is cut")
        require(cut.end == whole.end, "the end depends on how the body is cut")
        require(cut.framing == whole.framing, "the framing depends on how the body is cut")
        require(cut.dialect == whole.dialect, "the dialect depends on how the body is cut")
        if let filler = whole.filler {
            let filled = Outcome(of: self, in: chunks, filler: filler)
            require(filled.events == whole.events, "something put in at a frame's boundary changed the events")
            require(filled.end == whole.end, "something put in at a frame's boundary changed the end")
        }
        guard whole.end.error?.code != "frame_too_large", whole.dialect == Dialect.generic.name else { return }
        if let frames = ReferenceFrames.of(body, whole.framing) {
            require(whole.frames == frames, "the frames aren't those of the specification")
        }
    }

    /// The body in pieces: all of one length, or of changing lengths.
    private var chunks: [[UInt8]] {
        var chunks: [[UInt8]] = []
        var index = 0
        while index < body.count {
            let length = longestChunk < 16 ? longestChunk : chunks.count * 7 % longestChunk + 1
            chunks.append(Array(body[index..<min(body.count, index + length)]))
            index += length
        }
        return chunks
    }
}
