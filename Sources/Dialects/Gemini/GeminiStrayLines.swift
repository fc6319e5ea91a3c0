/// Lines of an event stream that are no fields, and might together be an error in JSON (R14).
struct GeminiStrayLines: Sendable {
    /// The lines so far, behind a bracket that nobody sent: they are looked at as an array's only element.
    private var text: [UInt8] = []
    private var scanner = JSONArrayScanner()
    private var index = 0

    /// More than any error has; a hostile stream's lines aren't kept.
    private static let maximum = 64 << 10

    /// Takes the next line, as a field: up to its first colon, and what follows.
    ///
    /// - Returns: the error, once its last line is there.
    mutating func add(_ name: RawSpan, _ value: RawSpan) -> StreamError? {
        if text.isEmpty {
            let line = name.trimmed(0..<name.byteCount)
            guard !line.isEmpty, name.byte(at: line.lowerBound).beginsJSON else { return nil }
            text.append(UInt8(ascii: "["))
        }
        guard text.count + name.byteCount + value.byteCount < Self.maximum else { return reset() }
        text.append(name, 0..<name.byteCount)
        // A line without a colon has no value, and no line of JSON ends with one.
        if value.byteCount > 0 { text.append(UInt8(ascii: ":")) }
        text.append(value, 0..<value.byteCount)
        switch next() {
        case .began, .more: return nil
        case .closed, .broken: return reset()
        case .ended(let end):
            let whole = text
            reset()
            return StreamError(strayJSON: whole.span.bytes.extracting(1..<end))
        }
    }

    /// Looks at what hasn't been looked at.
    private mutating func next() -> JSONArrayScanner.Step {
        var scanner = scanner
        var index = index
        var step = JSONArrayScanner.Step.began(index)
        while case .began = step { step = scanner.next(in: text.span.bytes, from: &index) }
        self.scanner = scanner
        self.index = index
        return step
    }

    @discardableResult
    private mutating func reset() -> StreamError? {
        self = GeminiStrayLines()
        return nil
    }
}

extension StreamError {
    /// Nil for JSON that is no error.
    fileprivate init?(strayJSON bytes: RawSpan) {
        var scanner = JSONScanner(bytes)
        guard let value = scanner.nextValue(in: bytes), scanner.isAtEnd(in: bytes) else { return nil }
        guard value.firstElement(in: bytes).member("error", in: bytes).isError(in: bytes) else { return nil }
        self.init(gemini: bytes)
    }
}

extension UInt8 {
    fileprivate var beginsJSON: Bool { self == UInt8(ascii: "{") || self == UInt8(ascii: "[") }
}
