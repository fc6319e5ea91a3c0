import Dialects

/// Looks for secrets in a body that comes in chunks cut anywhere, whatever its framing.
///
/// It says what is to be masked, by place, and from where on nothing is decided yet; it keeps no body.
struct BodyScanner: Sendable {
    enum Framing {
        case eventStream
        case lines
        case document
        /// Binary messages of AWS: their payloads are frames.
        case messages
        /// Plain text, or what nothing is known of: looked at as it is.
        case raw
    }

    enum Place: Equatable {
        case lineStart
        /// In what may be the name `data`, so many bytes of which fit.
        case name(Int)
        case dataStart
        case data
        case otherLine
    }

    enum FrameKind {
        case unknown
        case json
        case text
    }

    let rules: SecretRules
    var framing: Framing
    var isSniffed = false
    var json: JSONSecretWalker
    /// The body as it is, where it isn't said to be anything else.
    var whole = SecretCursor()
    private let isLookedAtWhole: Bool
    /// The frames of an event stream that are text.
    var text = SecretCursor()
    /// A line of an event stream that has no data, or a message's headers.
    var line = SecretCursor()
    private var messages = AWSEventStreamCursor()

    var place = Place.lineStart
    var skipsLineFeed = false
    var lineStart = 0
    var kind = FrameKind.unknown
    var hasData = false
    var textFrames = 0
    /// By which frames that are alike are passed over.
    var template = FrameTemplate()

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Parameter said: what the body is said to be; its first byte may show that to be wrong.
    init(_ rules: SecretRules, framing said: Dialect.Framing?) {
        self.rules = rules
        framing =
            switch said {
            case .serverSentEvents: .eventStream
            case .ndjson: .lines
            case .document, .jsonArray: .document
            case .awsEventStream: .messages
            case nil: .raw
            }
        isLookedAtWhole = framing == .raw
        json = JSONSecretWalker(
            joins: framing == .eventStream || framing == .lines || framing == .messages,
            keepsNumbers: !isLookedAtWhole
        )
    }

    /// Whether all is decided. Asked after each chunk, and so made a part of whoever asks, who would copy all of this else.
    @inline(__always)
    var isIdle: Bool {
        if case .name = place { return false }
        return json.isIdle && !whole.isLive && !text.isLive && !line.isLive
    }

    /// Where the first byte stands that isn't decided, at or behind `floor`; nil where all is.
    func firstPosition(from floor: Int) -> Int? {
        var name: Int?
        if case .name = place { name = lineStart }
        let positions = [
            json.firstPosition(from: floor), whole.firstPosition(from: floor), text.firstPosition(from: floor),
            line.firstPosition(from: floor), name,
        ]
        return positions.compactMap(\.self).min()
    }

    /// Takes the next bytes.
    ///
    /// - Parameter base: the position of the first of them in the body.
    mutating func take(_ bytes: Span<UInt8>, base: Int, _ masks: inout SecretMasks) {
        if isLookedAtWhole { whole.take(bytes, bytes.indices, base: base, rules, &masks) }
        var start = 0
        if !isSniffed {
            start = sniff(bytes, base: base)
            guard isSniffed else { return }
        }
        switch framing {
        case .raw: if !isLookedAtWhole { text.take(bytes, start..<bytes.count, base: base, rules, &masks) }
        case .document: json.take(bytes, start..<bytes.count, base: base, rules, &masks)
        case .lines: takeLines(bytes, from: start, base: base, &masks)
        case .eventStream: takeEvents(bytes, from: start, base: base, &masks)
        case .messages: takeMessages(bytes, from: start, base: base, &masks)
        }
    }

    /// Whether nothing of what came before matters for the frame that comes: it is JSON's turn alone.
    @inline(__always)
    var isAtRest: Bool {
        json.isAtRest && !isLookedAtWhole && textFrames == 0 && kind == .unknown && !hasData && !text.isLive
            && !line.isLive
    }

    /// Ends a frame that began at rest; where it ends there, too, it is what others are compared with.
    mutating func learn(_ bytes: Span<UInt8>, _ range: Range<Int>, base: Int, _ masks: SecretMasks) {
        if masks.isEmpty, isAtRest { template.learn(bytes, range, base: base, json.slots) }
        json.slots.stop()
    }

    /// Takes the end of the body.
    mutating func end(_ masks: inout SecretMasks) {
        json.end(rules, &masks)
        whole.end(.cut, rules, &masks)
        text.end(.cut, rules, &masks)
        line.end(.cut, rules, &masks)
    }

    /// Masks what is undecided in a range that must be let go, but what is public of it.
    mutating func maskPending(in range: Range<Int>, _ masks: inout SecretMasks) {
        json.maskPending(in: range, rules, &masks)
        whole.maskPending(in: range, rules, &masks)
        text.maskPending(in: range, rules, &masks)
        line.maskPending(in: range, rules, &masks)
    }

    /// Whether all that is undecided could be read by anybody: `sk-`.
    var isPublic: Bool {
        json.isPublic(rules) && [whole, text, line].allSatisfy { $0.isPublic(rules) }
    }

    /// Looks at the first byte that is neither white space nor a byte order mark; gives back where it stands.
    private mutating func sniff(_ bytes: Span<UInt8>, base: Int) -> Int {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { continue }
            if base + index < 3, byte == Self.byteOrderMark[base + index] { continue }
            isSniffed = true
            let isJSON = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
            switch (framing, byte) {
            case (.eventStream, _) where isJSON, (.raw, _) where isJSON, (.messages, _) where isJSON:
                framing = .document
            case (.eventStream, _): break
            case (_, UInt8(ascii: ":")), (_, UInt8(ascii: "d")), (_, UInt8(ascii: "e")), (_, UInt8(ascii: "i")),
                (_, UInt8(ascii: "r")):
                framing = .eventStream
                json.joins = true
            case (.document, _) where !isJSON && byte != UInt8(ascii: "\""): framing = .raw
            default: break
            }
            return index
        }
        return bytes.count
    }

    private mutating func takeMessages(_ bytes: Span<UInt8>, from start: Int, base: Int, _ masks: inout SecretMasks) {
        var index = start
        while let run = messages.next(in: bytes.bytes, from: index) {
            switch run.part {
            case .prelude, .checksum: break
            case .headers: line.take(bytes, run.range, base: base, rules, &masks)
            case .payload: json.take(bytes, run.range, base: base, rules, &masks)
            case .unknown: text.take(bytes, run.range, base: base, rules, &masks)
            }
            if run.endsMessage {
                line.end(.closed, rules, &masks)
                json.endFrame(rules, &masks)
            }
            index = run.range.upperBound
        }
    }

    private mutating func takeLines(_ bytes: Span<UInt8>, from start: Int, base: Int, _ masks: inout SecretMasks) {
        var index = start
        while index < bytes.count {
            let isWhole = place == .lineStart && isAtRest
            if isWhole {
                if let end = template.end(of: bytes, from: index, rules) {
                    index = end
                    continue
                }
                json.slots.start()
            }
            let end = bytes.bytes.firstOffset(of: UInt8(ascii: "\n"), from: index) ?? bytes.count
            json.take(bytes, index..<end, base: base, rules, &masks)
            place = .otherLine
            if end < bytes.count {
                json.endFrame(rules, &masks)
                place = .lineStart
                if isWhole { learn(bytes, index..<end + 1, base: base, masks) }
            }
            index = end + 1
        }
        json.slots.stop()
    }
}
