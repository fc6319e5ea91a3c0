import Dialects
import ServerSentEvents

/// Looks for secrets in a body that comes in chunks cut anywhere, whatever its framing.
///
/// It says what is to be masked, by place, and from where on nothing is decided yet; it keeps no body.
struct BodyScanner: Sendable {
    enum Framing {
        case eventStream
        case lines
        case document
        /// Plain text, or what nothing is known of: looked at as it is.
        case raw
    }

    private enum Place {
        case lineStart
        /// In what may be the name `data`, so many bytes of which fit.
        case name(Int)
        case dataStart
        case data
        case otherLine
    }

    private enum FrameKind {
        case unknown
        case json
        case text
    }

    private let rules: SecretRules
    private var framing: Framing
    private var isSniffed = false
    private var json: JSONSecretWalker
    /// The body as it is, where it isn't said to be anything else.
    private var whole = SecretCursor()
    private let isLookedAtWhole: Bool
    /// The frames of an event stream that are text.
    private var text = SecretCursor()
    /// A line of an event stream that has no data.
    private var line = SecretCursor()

    private var place = Place.lineStart
    private var skipsLineFeed = false
    private var lineStart = 0
    private var kind = FrameKind.unknown
    private var hasData = false
    private var textFrames = 0

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let data = Array("data:".utf8)

    /// - Parameter contentType: what the body is said to be; its first byte may show that to be wrong.
    init(_ rules: SecretRules, contentType: String?) {
        self.rules = rules
        framing =
            switch contentType.flatMap({ Dialect.Framing(contentType: $0) }) {
            case .serverSentEvents: .eventStream
            case .ndjson: .lines
            case .document: .document
            case nil: .raw
            }
        isLookedAtWhole = framing == .raw
        json = JSONSecretWalker(
            joins: framing == .eventStream || framing == .lines,
            keepsNumbers: !isLookedAtWhole
        )
    }

    /// Where the first byte stands that isn't decided, at or behind `floor`; nil where all is.
    func firstPosition(from floor: Int) -> Int? {
        var name: Int?
        if case .name = place { name = lineStart }
        if json.isIdle, !whole.isLive, !text.isLive, !line.isLive { return name }
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
        }
    }

    /// Takes the end of the body.
    mutating func end(_ masks: inout SecretMasks) {
        json.end(rules, &masks)
        whole.end(.cut, rules, &masks)
        text.end(.cut, rules, &masks)
        line.end(.cut, rules, &masks)
    }

    /// Masks what is undecided in a range that must be let go, but what is public of it.
    func maskPending(in range: Range<Int>, _ masks: inout SecretMasks) {
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
            case (.eventStream, _) where isJSON, (.raw, _) where isJSON: framing = .document
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

    private mutating func takeLines(_ bytes: Span<UInt8>, from start: Int, base: Int, _ masks: inout SecretMasks) {
        var index = start
        while index < bytes.count {
            let end = bytes.bytes.firstOffset(of: UInt8(ascii: "\n"), from: index) ?? bytes.count
            json.take(bytes, index..<end, base: base, rules, &masks)
            if end < bytes.count { json.endFrame(rules, &masks) }
            index = end + 1
        }
    }

    // MARK: Event streams

    private mutating func takeEvents(_ bytes: Span<UInt8>, from start: Int, base: Int, _ masks: inout SecretMasks) {
        var ends = LineEnds()
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            switch place {
            case .lineStart:
                if skipsLineFeed {
                    skipsLineFeed = false
                    if byte == UInt8(ascii: "\n") {
                        index += 1
                        continue
                    }
                }
                if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                    skipsLineFeed = byte == UInt8(ascii: "\r")
                    endEvent(&masks)
                    index += 1
                } else {
                    lineStart = base + index
                    place = .name(0)
                }
            case .name(let count):
                guard byte == Self.data[count] else {
                    // What fitted so far is part of another line.
                    for offset in 0..<count {
                        let source = SourceByte(position: lineStart + offset, length: 1)
                        line.take(Self.data[offset], source, rules, &masks)
                    }
                    place = .otherLine
                    continue
                }
                index += 1
                place = count + 1 == Self.data.count ? .dataStart : .name(count + 1)
            case .dataStart:
                if byte == UInt8(ascii: " ") { index += 1 }
                if hasData { beginFurtherData(&masks) }
                hasData = true
                place = .data
            case .data, .otherLine:
                let end = ends.next(in: bytes.bytes, from: index)
                if case .data = place {
                    takeData(bytes, index..<end, base: base, &masks)
                } else {
                    line.take(bytes, index..<end, base: base, rules, &masks)
                }
                index = end
                guard end < bytes.count else { break }
                if case .otherLine = place { line.end(.closed, rules, &masks) }
                skipsLineFeed = bytes[end] == UInt8(ascii: "\r")
                place = .lineStart
                index += 1
            }
        }
    }

    /// Between two lines of data stands a line feed that isn't in the body.
    private mutating func beginFurtherData(_ masks: inout SecretMasks) {
        guard kind != .json || textFrames > 0 else { return }
        text.take(UInt8(ascii: "\n"), SourceByte(position: 0, length: 0), rules, &masks)
    }

    private mutating func takeData(_ bytes: Span<UInt8>, _ range: Range<Int>, base: Int, _ masks: inout SecretMasks) {
        if kind == .unknown {
            for index in range {
                let byte = bytes[index]
                if byte == 0x20 || byte == 0x09 { continue }
                let isJSON = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"")
                kind = isJSON ? .json : .text
                if !isJSON { textFrames += 1 }
                break
            }
        }
        if kind == .json { json.take(bytes, range, base: base, rules, &masks) }
        // Where frames are text, one that looks like JSON may only be the next piece of it.
        if kind != .json || textFrames > 0 { text.take(bytes, range, base: base, rules, &masks) }
    }

    private mutating func endEvent(_ masks: inout SecretMasks) {
        guard hasData else { return }
        if kind == .json { json.endFrame(rules, &masks) }
        kind = .unknown
        hasData = false
    }
}
