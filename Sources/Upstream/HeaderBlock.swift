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
        if text.starts(with: "HTTP/".utf8) {
            takeStatusLine(String(decoding: text, as: UTF8.self))
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            fields.append(
                HeaderField(
                    // No space belongs before the colon; left in, it would hide the name (RFC 9112, section 5.1).
                    name: String(decoding: text[..<colon].trimmingSpace, as: UTF8.self),
                    bytes: text[text.index(after: colon)...].trimmingSpace.withoutBareReturns
                )
            )
        } else if let last = fields.indices.last {
            // An obsolete folded line (RFC 9112 § 5.2): a gateway replaces the fold by a space.
            fields[last].bytes.append(UInt8(ascii: " "))
            fields[last].bytes.append(contentsOf: text[...].trimmingSpace)
        }
        return nil
    }

    private mutating func takeStatusLine(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        version = String(parts[0].dropFirst(5))
        status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        reason = parts.count > 2 ? String(parts[2]) : ""
        fields = []
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var trimmingLineEnd: Slice<UnsafeRawBufferPointer> {
        var slice = self[...]
        while let last = slice.last, last == 0x0A || last == 0x0D { slice = slice.dropLast() }
        return slice
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// A carriage return that ends no line is a space (RFC 9112, section 2.2).
    fileprivate var withoutBareReturns: [UInt8] { map { $0 == 0x0D ? 0x20 : $0 } }

    fileprivate var trimmingSpace: Slice<UnsafeRawBufferPointer> {
        var slice = self.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = slice.last, last == 0x20 || last == 0x09 { slice = slice.dropLast() }
        return slice
    }
}
