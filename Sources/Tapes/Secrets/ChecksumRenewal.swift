import Dialects

/// Makes the checksums of binary messages right again in which something was masked: a reader would refuse them else.
///
/// Masks keep lengths, so only the checksum at a message's end changes. A message without a mask stays as it came.
struct ChecksumRenewal: Sendable {
    private var cursor = AWSEventStreamCursor()
    private var checksum = CRC32()
    private var isMasked = false
    /// The right checksum of the message that is at its end.
    private var renewed: [UInt8] = []
    /// What has been masked, in chunks that haven't come yet, from the body's beginning.
    private var masks: [Range<Int>] = []
    private var position = 0

    mutating func masked(_ range: Range<Int>) { masks.append(range) }

    /// Takes the next chunk of the body as it goes out.
    mutating func pass(_ chunk: inout [UInt8]) {
        var index = 0
        while let run = cursor.next(in: chunk.span.bytes, from: index) {
            switch run.part {
            case .unknown: break
            case .prelude, .headers, .payload:
                if run.offset == 0 {
                    checksum = CRC32()
                    isMasked = false
                }
                checksum.update(chunk.span.bytes.extracting(run.range))
                let range = position + run.range.lowerBound..<position + run.range.upperBound
                if masks.contains(where: { $0.overlaps(range) }) { isMasked = true }
            case .checksum:
                if isMasked { write(run, into: &chunk) }
            }
            if run.endsMessage { renewed = [] }
            index = run.range.upperBound
        }
        position += chunk.count
        masks.removeAll { $0.upperBound <= position }
    }

    private mutating func write(_ run: AWSEventStreamCursor.Run, into chunk: inout [UInt8]) {
        if renewed.isEmpty { renewed = (0..<4).map { UInt8(truncatingIfNeeded: checksum.value >> (24 - 8 * $0)) } }
        for place in run.range {
            guard let byte = renewed.first else { return }
            chunk[place] = byte
            renewed.removeFirst()
        }
    }
}
