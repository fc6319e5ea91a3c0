/// Cuts a JSON array into its elements as they arrive, from chunks that may be cut anywhere.
///
/// An element counts once its last byte is there, whether or not the array is ever closed. What follows the array is
/// ignored; what can't stand between its elements is an error, since nobody could say where the next one begins.
struct JSONArrayFramer: Sendable {
    /// The longest element, in bytes.
    let limit: Int
    private var scanner = JSONArrayScanner()
    /// The head of an element whose end hasn't come yet.
    private var element: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether an element of ours, or the array's end, may follow.
    var isAtBoundary: Bool { !scanner.isInElement && !scanner.isOver }

    /// Whether a comma has to come before an element of ours.
    var needsComma: Bool { scanner.needsComma }

    mutating func parse(_ bytes: RawSpan, from start: Int, into sink: inout FrameSink) throws(FramingError) {
        var index = start
        var first = start
        while true {
            switch scanner.next(in: bytes, from: &index) {
            case .began(let offset):
                first = offset
            case .ended(let offset):
                try take(bytes, first..<offset, into: &sink)
            case .closed:
                break
            case .broken(let offset):
                throw FramingError.notAnArray(bytes.byte(at: offset))
            case .more:
                if scanner.isInElement { try keep(bytes, first..<bytes.byteCount) }
                return
            }
        }
    }

    /// Takes the end of the body: half an element is none.
    mutating func finish() {
        element = []
    }

    private mutating func take(
        _ bytes: RawSpan,
        _ tail: Range<Int>,
        into sink: inout FrameSink
    ) throws(FramingError) {
        guard !element.isEmpty else {
            guard tail.count <= limit else { throw FramingError.elementTooLong(limit) }
            return sink.frame(name: RawSpan(), data: bytes.extracting(tail))
        }
        try keep(bytes, tail)
        sink.frame(name: RawSpan(), data: element.span.bytes)
        element.removeAll(keepingCapacity: element.capacity <= 64 << 10)
    }

    private mutating func keep(_ bytes: RawSpan, _ tail: Range<Int>) throws(FramingError) {
        guard element.count + tail.count <= limit else { throw FramingError.elementTooLong(limit) }
        element.append(bytes, tail)
    }
}

extension FramingError {
    fileprivate static func elementTooLong(_ limit: Int) -> FramingError {
        FramingError(message: "an element of the body's array is longer than \(limit) bytes")
    }

    fileprivate static func notAnArray(_ byte: UInt8) -> FramingError {
        let hex = String(byte, radix: 16)
        return FramingError(
            message: "the body is no JSON array of whole elements: the byte 0x\(hex.count < 2 ? "0" : "")\(hex) can't "
                + "stand between two of them",
            code: "malformed_array"
        )
    }
}
