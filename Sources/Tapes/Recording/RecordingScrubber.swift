/// Puts a body and what happens beside it on a tape, with the secrets masked.
///
/// Chunks that may hold a part of a secret wait, and markers wait behind them, so that lines keep their order and times.
struct RecordingScrubber {
    private struct Marker {
        /// How many chunks stand before it.
        var chunks: Int
        var offset: Int64
        var name: String
    }

    private var scrubber: SecretScrubber
    private var decided: [SecretScrubber.Chunk] = []
    private var markers: [Marker] = []
    private var takenCount = 0
    private var writtenCount = 0

    init(_ secrets: TapeSecrets, contentType: String?) {
        scrubber = SecretScrubber(secrets, contentType: contentType)
    }

    /// Takes some chunks that came one behind the other.
    mutating func chunks(_ range: Range<Int>, of chunks: RecordedChunks, to encoder: inout TapeEncoder) {
        guard let first = range.first else { return }
        let bytes = chunks.bytes.span
        var start = chunks.start(of: first)
        // What passes as it came is digested at once with its neighbours.
        var undigested = start
        for index in range {
            let (offset, end) = chunks.ends[index]
            let chunk = bytes.extracting(start..<end)
            takenCount += 1
            if scrubber.passes(offset: offset, chunk, into: &decided) {
                encoder.line(offset: offset, chunk)
                writtenCount += 1
            } else {
                encoder.digest(bytes.extracting(undigested..<start))
                undigested = end
                write(to: &encoder)
            }
            start = end
        }
        encoder.digest(bytes.extracting(undigested..<start))
    }

    mutating func marker(offset: Int64, name: String, to encoder: inout TapeEncoder) {
        markers.append(Marker(chunks: takenCount, offset: offset, name: name))
        writeMarkers(to: &encoder)
    }

    /// Writes what waits: nothing more comes.
    mutating func finish(to encoder: inout TapeEncoder) {
        scrubber.finish(into: &decided)
        write(to: &encoder)
    }

    private mutating func write(to encoder: inout TapeEncoder) {
        for chunk in decided {
            encoder.chunk(offset: chunk.offset, chunk.bytes)
            writtenCount += 1
            if !markers.isEmpty { writeMarkers(to: &encoder) }
        }
        decided.removeAll(keepingCapacity: true)
    }

    private mutating func writeMarkers(to encoder: inout TapeEncoder) {
        while let marker = markers.first, marker.chunks <= writtenCount {
            encoder.marker(offset: marker.offset, name: marker.name)
            markers.removeFirst()
        }
    }
}
