/// Gathers header lines into a head: skips interim answers (1xx), ignores trailers.
struct HeaderBlock {
    private var status = 0
    private var reason = ""
    private var version = ""
    private var fields: [HeaderField] = []
    private var isDone = false

    /// Takes one line, its line end included; returns the head with the blank line that ends a final block.
    mutating func take(_ line: UnsafeRawBufferPointer, offset: Int) -> UpstreamHead? {
        guard !isDone else { return nil }
        let text = line.trimmingLineEnd
        if text.isEmpty {
            // 101 too is skipped: nothing was asked to be upgraded.
            guard status >= 200 else { return nil }
            isDone = true
            return UpstreamHead(status: status, reason: reason, httpVersion: version, headers: fields, offset: offset)
        }
        if text.count >= 5, text[0] == UInt8(ascii: "H"), text.starts(with: "HTTP/".utf8) {
            takeStatusLine(text)
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            fields.append(
                HeaderField(
                    // No space belongs before the colon; left in, it would hide the name (RFC 9112, section 5.1).
                    name: String(decoding: text.part(0, colon).trimmingSpace, as: UTF8.self),
                    bytes: text.part(colon + 1, text.count).trimmingSpace.withoutBareReturns
                )
            )
        } else if let last = fields.indices.last {
            // An obsolete folded line (RFC 9112 § 5.2): a gateway replaces the fold by a space.
            fields[last].bytes.append(UInt8(ascii: " "))
            fields[last].bytes.append(contentsOf: text.trimmingSpace)
        }
        return nil
    }

    /// The line is cut at its first two spaces.
    private mutating func takeStatusLine(_ line: UnsafeRawBufferPointer) {
        let first = line.firstIndex(of: UInt8(ascii: " ")) ?? line.count
        let code = line.part(min(first + 1, line.count), line.count)
        let second = code.firstIndex(of: UInt8(ascii: " ")) ?? code.count
        version = String(decoding: line.part(5, max(5, first)), as: UTF8.self)
        status = code.part(0, second).decimal ?? 0
        reason = String(decoding: code.part(min(second + 1, code.count), code.count), as: UTF8.self)
        fields = []
        fields.reserveCapacity(16)
    }
}

/// All of these stay within the line that libcurl lends.
extension UnsafeRawBufferPointer {
    fileprivate func part(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer { .init(rebasing: self[start..<end]) }

    fileprivate var trimmingLineEnd: UnsafeRawBufferPointer {
        var end = count
        while end > 0, self[end - 1] == 0x0A || self[end - 1] == 0x0D { end -= 1 }
        return part(0, end)
    }

    fileprivate var trimmingSpace: UnsafeRawBufferPointer {
        var start = 0
        var end = count
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return part(start, end)
    }

    /// A carriage return that ends no line is a space (RFC 9112, section 2.2).
    fileprivate var withoutBareReturns: [UInt8] {
        contains(0x0D) ? map { $0 == 0x0D ? 0x20 : $0 } : Array(self)
    }

    /// The number that these digits are; nil where they are none, or too many for a status.
    fileprivate var decimal: Int? {
        guard !isEmpty, count <= 9 else { return nil }
        var value = 0
        for byte in self {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }
}
