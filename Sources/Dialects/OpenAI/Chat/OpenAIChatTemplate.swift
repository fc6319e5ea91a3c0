/// A chunk of the stream with a hole where its text was: most chunks are the one before with other words in it.
///
/// JSON with one string put in another's place is the same JSON but for that string. So where a chunk differs from the
/// last only there, it means the same, and needn't be read again. The random padding that some servers add to every
/// chunk, which means nothing, is a second hole.
struct OpenAIChatTemplate: Sendable {
    private var bytes: [UInt8] = []
    private var text = 0..<0
    /// Behind the text, or empty at the end where there is none.
    private var padding = 0..<0
    /// What kind of text it is, and which choice it belongs to.
    private(set) var kind = MessageFold.Part.Kind.text
    private(set) var slot = 0
    /// How many chunks in a row were not like the one that was learnt.
    private var misses = 0

    /// Learns a chunk that said nothing but one piece of text.
    mutating func learn(
        _ data: RawSpan,
        text: JSONSlice,
        padding: JSONSlice,
        kind: MessageFold.Part.Kind,
        slot: Int
    ) {
        misses &+= 1
        // Where no two chunks are alike, learning each is in vain; now and then is enough to notice a change.
        guard misses <= 8 || misses % 32 == 0 else { return }
        bytes.removeAll(keepingCapacity: true)
        // Long text isn't token by token, and a copy of it not worth having.
        guard data.byteCount <= 4096 else { return }
        bytes.append(data, 0..<data.byteCount)
        self.text = text.range
        let hasPadding = padding.isString && padding.range.lowerBound >= text.range.upperBound
        self.padding = hasPadding ? padding.range : bytes.count..<bytes.count
        self.kind = kind
        self.slot = slot
    }

    /// The text of a chunk that is like the one that was learnt, or nil if it isn't or has none.
    mutating func match(_ data: RawSpan) -> JSONSlice? {
        guard let found = text(of: data) else { return nil }
        misses = 0
        return found
    }

    private func text(of data: RawSpan) -> JSONSlice? {
        guard !bytes.isEmpty else { return nil }
        let known = bytes.span.bytes
        guard data.starts(with: known, 0..<text.lowerBound, at: 0),
            let found = data.jsonString(at: text.lowerBound), found.range.count > 2
        else { return nil }
        let middle = text.upperBound..<padding.lowerBound
        var index = found.range.upperBound
        guard data.starts(with: known, middle, at: index) else { return nil }
        index += middle.count
        if !padding.isEmpty {
            guard let filling = data.jsonString(at: index) else { return nil }
            index = filling.range.upperBound
        }
        let tail = padding.upperBound..<bytes.count
        guard data.byteCount - index == tail.count, data.starts(with: known, tail, at: index) else { return nil }
        return found
    }
}

extension RawSpan {
    /// The string that begins at an offset, or nil if none does.
    fileprivate func jsonString(at offset: Int) -> JSONSlice? {
        guard offset < byteCount, byte(at: offset) == UInt8(ascii: "\"") else { return nil }
        var scanner = JSONScanner(self)
        scanner.index = offset
        return scanner.string(self)
    }

    /// Whether a part of other bytes stands at an offset.
    @inline(__always)
    fileprivate func starts(with other: RawSpan, _ range: Range<Int>, at offset: Int) -> Bool {
        guard byteCount - offset >= range.count else { return false }
        return extracting(offset..<offset + range.count).isEqual(to: other.extracting(range))
    }
}
