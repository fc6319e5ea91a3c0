import Dialects

/// Reads packed events in order.
///
/// How many there are is known to who asks; what the page has was packed by ``EventPacker``, and isn't checked again.
struct EventCursor {
    private let page: EventPage
    private var position: Int
    private var name = 0..<0
    private var data = 0..<0
    /// How many events are left of the frame that it is in.
    private(set) var leftInFrame = 0
    private var hasSummary = false
    /// When the last event came, in milliseconds since the stream was made.
    private(set) var milliseconds = 0

    init(_ page: EventPage, at start: Int) {
        self.page = page
        position = start
    }

    /// Calls `body` with the event name and the data of the frame that the last event came from.
    func withFrame<R>(_ body: (RawSpan, RawSpan) -> R) -> R {
        body(page.bytes(name).bytes, page.bytes(data).bytes)
    }

    // MARK: Events

    /// Passes one event.
    ///
    /// - Returns: the stream's end, if it was that.
    @discardableResult
    mutating func skip() -> StreamEnd? {
        let tag = nextTag()
        switch kind(tag) {
        case .frame, .opaque: break
        case .delta: skipDelta(tag)
        case .start, .restart:
            _ = text()
            _ = text()
        case .usage: _ = usage()
        case .finish:
            _ = integer()
            _ = text()
            _ = text()
        case .end: return end(tag)
        }
        return nil
    }

    private mutating func skipDelta(_ tag: UInt8) {
        if tag & PackedEvent.hasChoice != 0 { _ = number() }
        if tag & PackedEvent.hasPart != 0 { _ = number() }
        switch content(tag) {
        case .text, .reasoning, .refusal: break
        case .toolCall:
            _ = number()
            _ = text()
            _ = text()
        case .citation:
            _ = text()
            _ = text()
        }
        _ = text()
    }

    /// The next event.
    mutating func next() -> TokenEvent {
        let tag = nextTag()
        return switch kind(tag) {
        case .frame, .opaque: .opaque
        case .delta: .delta(delta(tag))
        case .start: .start(start())
        case .restart: .restart(start())
        case .usage: .usage(usage())
        case .finish: finish()
        case .end: .end(end(tag))
        }
    }

    /// What the stream came to. To be asked behind its `end`, once.
    mutating func summary() -> StreamSummary? {
        guard hasSummary else { return nil }
        hasSummary = false
        var summary = StreamSummary(finish: string())
        summary.hasVoided = flag()
        if flag() { summary.usage = usage() }
        return summary
    }

    private mutating func delta(_ tag: UInt8) -> TokenDelta {
        let choice = tag & PackedEvent.hasChoice != 0 ? integer() : 0
        let part = tag & PackedEvent.hasPart != 0 ? integer() : 0
        let content: TokenDelta.Content
        switch self.content(tag) {
        case .text: content = .text(string() ?? "")
        case .reasoning: content = .reasoning(string() ?? "")
        case .refusal: content = .refusal(string() ?? "")
        case .toolCall:
            let index = integer()
            let id = string()
            let name = string()
            content = .toolCall(ToolCallDelta(index: index, id: id, name: name, arguments: string() ?? ""))
        case .citation:
            let url = string()
            let title = string()
            content = .citation(Citation(url: url, title: title, raw: string() ?? ""))
        }
        return TokenDelta(choice: choice, part: part, content: content)
    }

    private mutating func start() -> StreamStart {
        let id = string()
        return StreamStart(id: id, model: string())
    }

    private mutating func usage() -> TokenUsage {
        var usage = TokenUsage()
        usage.input = count()
        usage.output = count()
        usage.total = count()
        usage.cached = count()
        usage.cacheCreation = count()
        usage.reasoning = count()
        usage.isEstimated = flag()
        usage.raw = string() ?? ""
        return usage
    }

    private mutating func finish() -> TokenEvent {
        let choice = integer()
        let raw = string() ?? ""
        return .finish(
            choice: choice,
            FinishReason(raw: raw, kind: string().flatMap { FinishReason.Kind(rawValue: $0) } ?? .other)
        )
    }

    private mutating func end(_ tag: UInt8) -> StreamEnd {
        hasSummary = tag & PackedEvent.hasSummary != 0
        let state = string().flatMap { StreamEnd.State(rawValue: $0) } ?? .truncated
        var end = StreamEnd(state: state, terminal: string())
        if flag() {
            var error = StreamError(message: string() ?? "")
            error.type = string()
            error.code = string()
            error.status = count()
            end.error = error
        }
        return end
    }

    // MARK: Records

    private func kind(_ tag: UInt8) -> PackedEvent.Kind { PackedEvent.Kind(rawValue: tag & 7) ?? .opaque }

    private func content(_ tag: UInt8) -> PackedEvent.Content {
        PackedEvent.Content(rawValue: tag >> PackedEvent.contentShift & 7) ?? .text
    }

    /// Takes the time of a turn and enters the frame that begins here, if they do, and takes the first byte of the event.
    private mutating func nextTag() -> UInt8 {
        var tag = byte()
        while true {
            if kind(tag) == .frame {
                enter(tag)
            } else if tag == PackedEvent.time {
                milliseconds = Int(clamping: number())
            } else {
                break
            }
            tag = byte()
        }
        leftInFrame -= 1
        return tag
    }

    private mutating func enter(_ tag: UInt8) {
        let few = Int(tag >> PackedEvent.eventCountShift)
        leftInFrame = few > 0 ? few : Int(number())
        let nameLength = tag & PackedEvent.hasName != 0 ? Int(number()) : 0
        let dataLength = Int(number())
        name = position..<position + nameLength
        data = name.upperBound..<name.upperBound + dataLength
        position = data.upperBound
    }

    // MARK: Members

    @inline(__always)
    private mutating func byte() -> UInt8 {
        defer { position += 1 }
        return page.byte(at: position)
    }

    private mutating func flag() -> Bool { byte() != 0 }

    private mutating func count() -> Int? { flag() ? integer() : nil }

    @inline(__always)
    private mutating func number() -> UInt {
        var number: UInt = 0
        var shift: UInt = 0
        while true {
            let byte = byte()
            number |= UInt(byte & 0x7F) &<< shift
            guard byte >= 0x80 else { return number }
            shift += 7
        }
    }

    private mutating func integer() -> Int {
        let number = number()
        return Int(bitPattern: number >> 1) ^ -Int(number & 1)
    }

    /// Where a text stands; nil where there is none.
    private mutating func text() -> Range<Int>? {
        let head = number()
        guard head > 0 else { return nil }
        let length = Int((head - 1) >> 1)
        if (head - 1) & 1 == 1 {
            let start = data.lowerBound + Int(number())
            return start..<start + length
        }
        defer { position += length }
        return position..<position + length
    }

    private mutating func string() -> String? {
        text().map { String(decoding: page.bytes($0), as: UTF8.self) }
    }
}
