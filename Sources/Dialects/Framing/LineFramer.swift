/// Cuts a body of one JSON text a line into its lines (NDJSON), from chunks that may be cut anywhere.
struct LineFramer: Sendable {
    /// The longest line, in bytes.
    let limit: Int
    /// The head of a line whose end hasn't come yet.
    private var line: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    var isAtBoundary: Bool { line.isEmpty }

    mutating func parse(_ bytes: RawSpan, from start: Int, into sink: inout FrameSink) throws(FramingError) {
        var index = start
        while index < bytes.byteCount {
            let end = bytes.firstOffset(of: UInt8(ascii: "\n"), from: index)
            let tail = index..<(end ?? bytes.byteCount)
            guard line.count + tail.count <= limit else { throw FramingError.lineTooLong(limit) }
            guard let end else {
                line.append(bytes, tail)
                return
            }
            if line.isEmpty {
                take(bytes, tail, into: &sink)
            } else {
                line.append(bytes, tail)
                flush(into: &sink)
            }
            index = end + 1
        }
    }

    /// Takes what is left as the last line: its end may be missing.
    mutating func flush(into sink: inout FrameSink) {
        take(line.span.bytes, 0..<line.count, into: &sink)
        line.removeAll(keepingCapacity: line.capacity <= 64 << 10)
    }

    private func take(_ bytes: RawSpan, _ line: Range<Int>, into sink: inout FrameSink) {
        var line = line
        if !line.isEmpty, bytes.byte(at: line.upperBound - 1) == UInt8(ascii: "\r") {
            line = line.lowerBound..<line.upperBound - 1
        }
        let data = bytes.extracting(line)
        // Blank lines keep a connection alive and are no frames.
        guard !data.isBlank else { return }
        sink.frame(name: RawSpan(), data: data)
    }
}

/// Why a body couldn't be cut into frames.
package struct FramingError: Error, Hashable {
    package var message: String
    /// For programs: what kind of failure it was.
    package var code = "frame_too_large"

    static func lineTooLong(_ limit: Int) -> FramingError {
        FramingError(message: "a line of the body is longer than \(limit) bytes")
    }

    static func documentTooLong(_ limit: Int) -> FramingError {
        FramingError(message: "the body is longer than \(limit) bytes")
    }
}
