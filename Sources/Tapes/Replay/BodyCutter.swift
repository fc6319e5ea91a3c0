import Dialects

/// Says where a body is cut, from its beginning to its end, in constant memory however many chunks that makes.
struct BodyCutter: Sendable {
    private let body: ReplayBody
    private let mode: Rechunk
    private let framing: Dialect.Framing
    private var random: SplitMix64
    private var chunk = 0

    /// - Parameters:
    ///   - mode: a random one must have its seed.
    ///   - framing: what makes an event.
    init(_ body: ReplayBody, _ mode: Rechunk, _ framing: Dialect.Framing) {
        self.body = body
        self.mode = mode
        self.framing = framing
        if case .random(let seed?) = mode { random = SplitMix64(seed: seed) } else { random = SplitMix64(seed: 0) }
    }

    /// Where the chunk ends that begins at `start`: where the last one ended, and before the body's end.
    mutating func end(from start: Int) -> Int {
        let bytes = body.bytes
        switch mode {
        case .recorded:
            return body.ends[recordedChunk(at: start)]
        case .coalesce:
            var index = recordedChunk(at: start)
            while index + 1 < body.ends.count, body.offsets[index + 1] - body.offsets[index] < Rechunk.pause {
                index += 1
            }
            return body.ends[index]
        case .event:
            return BodyFrames(body: bytes, framing: framing).frame(at: start).range.upperBound
        case .line:
            return BodyLines.line(of: bytes, at: start).end
        case .byte:
            return start + 1
        case .size(let size):
            return min(body.count, start + max(1, min(size, body.count)))
        case .utf8Split:
            return (start + 1..<body.count).first { bytes[$0] & 0xC0 == 0x80 } ?? body.count
        case .crlfSplit:
            let cut = (start + 1..<body.count).first {
                bytes[$0] == UInt8(ascii: "\n") && bytes[$0 - 1] == UInt8(ascii: "\r")
            }
            return cut ?? body.count
        case .random:
            return min(body.count, start + randomSize())
        }
    }

    /// The recorded chunk that has a byte; asked from front to back.
    private mutating func recordedChunk(at position: Int) -> Int {
        while body.ends[chunk] <= position { chunk += 1 }
        return chunk
    }

    /// From 1 to 256, small ones as likely as large.
    private mutating func randomSize() -> Int {
        let number = random.next()
        let bits = 1 + number & 7
        return 1 + Int((number >> 8) % (1 << bits))
    }
}

/// The body of a tape, and the chunks that it was recorded in.
struct ReplayBody: Sendable {
    /// The whole of it; empty where only `pieces` are asked for.
    var bytes: [UInt8]
    /// The recorded chunks.
    let pieces: [[UInt8]]
    /// Where each of them ends, and when it came. Never falling.
    private(set) var ends: [Int] = []
    private(set) var offsets: [Int64] = []
    /// How much of it is played.
    private(set) var count: Int

    /// - Parameter isWhole: whether the bytes are needed in one piece.
    init(_ tape: Tape, isWhole: Bool) {
        var pieces: [[UInt8]] = []
        count = 0
        for entry in tape.entries {
            guard case .chunk(let bytes) = entry.content, !bytes.isEmpty else { continue }
            pieces.append(bytes)
            count += bytes.count
            ends.append(count)
            offsets.append(max(entry.offset, offsets.last ?? 0))
        }
        self.pieces = pieces
        bytes = isWhole ? Array(pieces.joined()) : []
    }

    /// Leaves out what is behind a position.
    mutating func truncate(to count: Int) {
        guard count < self.count else { return }
        self.count = count
        bytes.removeSubrange(min(count, bytes.count)...)
        let kept = (ends.firstIndex { $0 >= count } ?? ends.count - 1) + 1
        ends.removeSubrange(kept...)
        offsets.removeSubrange(kept...)
        ends[kept - 1] = count
    }

    /// Some of the bytes. Where there is no whole, they are those of one recorded chunk.
    func slice(_ range: Range<Int>, ofPiece index: Int) -> ArraySlice<UInt8> {
        guard bytes.isEmpty else { return bytes[range] }
        let start = index == 0 ? 0 : ends[index - 1]
        return pieces[index][range.lowerBound - start..<range.upperBound - start]
    }
}
