import Dialects

/// Writes the lines of chunks that are UTF-8, and remembers the last one that it wrote byte by byte: of a chunk that is
/// like it but for some bytes in its middle, only these are written, and the rest is copied.
struct ChunkTemplate: ~Copyable {
    private var bytes: [UInt8] = []
    /// The same as the content of a JSON string.
    private var escaped: [UInt8] = []
    /// Where each byte begins in `escaped`, and where the last one ends.
    private var places: [UInt16] = []

    /// What is longer isn't kept.
    private static let longest = 4 << 10
    /// Where more differs than this, the next template is made.
    private static let longestMiddle = 256

    /// Writes a chunk's line; false where the chunk isn't UTF-8.
    mutating func write(_ chunk: Span<UInt8>, offset: Int64, into lines: inout LineBuffer) -> Bool {
        if writeLike(chunk, offset: offset, into: &lines) { return true }
        guard (try? UTF8Span(validating: chunk)) != nil else { return false }
        lines.append(atMost: LineWriter.size(plain: chunk.count)) { room in
            var line = LineWriter(room)
            line.begin(offset)
            let start = line.count
            line.escape(chunk.bytes)
            if chunk.count <= Self.longest { learn(chunk, line.written(from: start)) }
            line.end()
            return line.count
        }
        return true
    }

    private mutating func learn(_ chunk: Span<UInt8>, _ text: UnsafeRawBufferPointer) {
        bytes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        escaped.removeAll(keepingCapacity: true)
        chunk.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        escaped.append(contentsOf: text)
        var place: UInt16 = 0
        for byte in bytes {
            places.append(place)
            place += UInt16(JSONValue.escapedLength(of: byte))
        }
        places.append(place)
    }

    private func writeLike(_ chunk: Span<UInt8>, offset: Int64, into lines: inout LineBuffer) -> Bool {
        guard !bytes.isEmpty else { return false }
        var prefix = bytes.span.bytes.commonPrefix(from: 0, chunk.bytes, from: 0)
        // What is copied, and so what is not, ends and begins with a whole character.
        while prefix > 0, prefix < bytes.count, ChunkText.isContinuation(bytes[prefix]) { prefix -= 1 }
        let rest = min(bytes.count, chunk.count) - prefix
        var suffix = bytes.span.bytes.commonSuffix(chunk.bytes, upTo: rest)
        while suffix > 0, ChunkText.isContinuation(bytes[bytes.count - suffix]) { suffix -= 1 }
        let middle = chunk.extracting(prefix..<chunk.count - suffix)
        guard middle.count <= Self.longestMiddle, (try? UTF8Span(validating: middle)) != nil else { return false }
        let head = Int(places[prefix])
        let tail = Int(places[bytes.count - suffix])
        lines.append(atMost: LineWriter.size(escaped: escaped.count, plain: middle.count)) { room in
            escaped.withUnsafeBytes { escaped in
                var line = LineWriter(room)
                line.begin(offset)
                line.append(UnsafeRawBufferPointer(rebasing: escaped[..<head]))
                line.escape(middle.bytes)
                line.append(UnsafeRawBufferPointer(rebasing: escaped[tail...]))
                line.end()
                return line.count
            }
        }
        return true
    }
}
