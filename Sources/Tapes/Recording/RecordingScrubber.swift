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

    mutating func chunk(offset: Int64, _ bytes: [UInt8], to encoder: inout TapeEncoder) {
        takenCount += 1
        scrubber.feed(offset: offset, bytes, into: &decided)
        write(to: &encoder)
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
