import Dialects

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes records into memory of its own, which grows as it must.
struct PackedWriter {
    private var memory: UnsafeMutableRawPointer
    private(set) var capacity: Int
    /// Where the next byte goes.
    private(set) var position = 0
    /// The data of the frame whose events are packed.
    private var frame = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Where the last text was found in it, and how many more of its bytes may be looked at to find others.
    private var found = 0
    private var patience = 0

    init(capacity: Int) {
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 1)
    }

    /// Gives the memory back; to be called once, at last.
    func deallocate() { memory.deallocate() }

    /// What is written, until more is.
    var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: position) }

    mutating func clear() { position = 0 }

    /// Makes room for what comes next.
    @inline(__always)
    mutating func reserve(_ count: Int) {
        if capacity - position < count { grow(by: count) }
    }

    private mutating func grow(by count: Int) {
        let larger = UnsafeMutableRawPointer.allocate(byteCount: max(position + count, 2 * capacity), alignment: 1)
        larger.copyMemory(from: memory, byteCount: position)
        memory.deallocate()
        memory = larger
        capacity = max(position + count, 2 * capacity)
    }

    /// What comes now belongs to no frame.
    mutating func leaveFrame() { frame = UnsafeRawBufferPointer(start: nil, count: 0) }

    // MARK: Records

    /// What comes now came then.
    mutating func append(milliseconds: Int) {
        reserve(1 + PackedEvent.longestNumber)
        append(PackedEvent.time)
        append(number: UInt(max(0, milliseconds)))
    }

    mutating func append(_ frame: EventBuffer.Frame, of bytes: UnsafeRawBufferPointer, eventCount: Int) {
        let nameLength = Int(frame.nameLength)
        let start = Int(frame.offset)
        let middle = start + nameLength
        var tag = PackedEvent.Kind.frame.rawValue
        if nameLength > 0 { tag |= PackedEvent.hasName }
        reserve(1 + 3 * PackedEvent.longestNumber + nameLength + Int(frame.dataLength))
        let isFew = eventCount > 0 && eventCount < 16
        if isFew { tag |= UInt8(eventCount) << PackedEvent.eventCountShift }
        append(tag)
        if !isFew { append(number: UInt(eventCount)) }
        if nameLength > 0 { append(number: UInt(nameLength)) }
        append(number: UInt(frame.dataLength))
        append(UnsafeRawBufferPointer(rebasing: bytes[start..<middle + Int(frame.dataLength)]))
        self.frame = UnsafeRawBufferPointer(rebasing: bytes[middle..<middle + Int(frame.dataLength)])
        found = 0
        patience = PackedEvent.searchedPasses * Int(frame.dataLength)
    }

    mutating func append(_ event: TokenEvent, _ summary: StreamSummary?) {
        // Texts make room for themselves.
        reserve(PackedEvent.longestEvent)
        switch event {
        case .delta(let delta): append(delta)
        case .opaque: append(.opaque)
        case .start(let start): append(start, .start)
        case .restart(let start): append(start, .restart)
        case .usage(let usage):
            append(.usage)
            append(usage)
        case .finish(let choice, let reason):
            append(.finish)
            append(integer: choice)
            append(text: reason.raw)
            append(text: reason.kind.rawValue)
        case .end(let end): append(end, summary)
        }
    }

    private mutating func append(_ start: StreamStart, _ kind: PackedEvent.Kind) {
        append(kind)
        append(text: start.id)
        append(text: start.model)
    }

    mutating func append(_ delta: TokenDelta) {
        reserve(PackedEvent.longestEvent)
        switch delta.content {
        case .text(let text): append(text, .text, delta.choice, delta.part)
        case .reasoning(let text): append(text, .reasoning, delta.choice, delta.part)
        case .refusal(let text): append(text, .refusal, delta.choice, delta.part)
        case .toolCall(let call):
            appendHead(.toolCall, delta.choice, delta.part)
            append(integer: call.index)
            append(text: call.id)
            append(text: call.name)
            append(text: call.arguments)
        case .citation(let citation):
            appendHead(.citation, delta.choice, delta.part)
            append(text: citation.url)
            append(text: citation.title)
            append(text: citation.raw)
        }
    }

    @inline(__always)
    private mutating func append(_ text: String, _ content: PackedEvent.Content, _ choice: Int, _ part: Int) {
        appendHead(content, choice, part)
        append(text: text)
    }

    @inline(__always)
    private mutating func appendHead(_ content: PackedEvent.Content, _ choice: Int, _ part: Int) {
        var tag = PackedEvent.Kind.delta.rawValue | content.rawValue << PackedEvent.contentShift
        if choice != 0 { tag |= PackedEvent.hasChoice }
        if part != 0 { tag |= PackedEvent.hasPart }
        append(tag)
        if choice != 0 { append(integer: choice) }
        if part != 0 { append(integer: part) }
    }

    private mutating func append(_ usage: TokenUsage) {
        append(count: usage.input)
        append(count: usage.output)
        append(count: usage.total)
        append(count: usage.cached)
        append(count: usage.cacheCreation)
        append(count: usage.reasoning)
        append(usage.isEstimated ? 1 : 0)
        append(text: usage.raw)
    }

    private mutating func append(_ end: StreamEnd, _ summary: StreamSummary?) {
        append(PackedEvent.Kind.end.rawValue | (summary == nil ? 0 : PackedEvent.hasSummary))
        append(text: end.state.rawValue)
        append(text: end.terminal)
        append(end.error == nil ? 0 : 1)
        if let error = end.error {
            append(text: error.message)
            append(text: error.type)
            append(text: error.code)
            append(count: error.status)
        }
        guard let summary else { return }
        append(text: summary.finish)
        append(summary.hasVoided ? 1 : 0)
        append(summary.usage == nil ? 0 : 1)
        if let usage = summary.usage { append(usage) }
    }

    // MARK: Members

    private mutating func append(_ kind: PackedEvent.Kind) { append(kind.rawValue) }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        memory.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
        position += 1
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        (memory + position).copyMemory(from: base, byteCount: bytes.count)
        position += bytes.count
    }

    @inline(__always)
    private mutating func append(number: UInt) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func append(integer: Int) {
        append(number: UInt(bitPattern: integer << 1 ^ integer >> (Int.bitWidth - 1)))
    }

    private mutating func append(count: Int?) {
        append(count == nil ? 0 : 1)
        if let count { append(integer: count) }
    }

    private mutating func append(text: String?) {
        guard let text else { return append(0) }
        append(text: text)
    }

    /// A text: one more than its length, doubled, and one more where its place in the frame follows. 0 is none.
    @inline(__always)
    private mutating func append(text: String) {
        let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable {
            append(text: UnsafeRawBufferPointer($0))
        }
        if isContiguous == nil { Array(text.utf8).withUnsafeBytes { append(text: $0) } }
    }

    private mutating func append(text bytes: UnsafeRawBufferPointer) {
        reserve(2 * PackedEvent.longestNumber + bytes.count + PackedEvent.longestEvent)
        if bytes.count >= PackedEvent.shortestReference, let place = place(of: bytes) {
            append(number: UInt(bytes.count) << 1 + 2)
            append(number: UInt(place))
        } else {
            append(number: UInt(bytes.count) << 1 + 1)
            append(bytes)
        }
    }

    /// Where a text stands in the frame's data, if it does and is long enough to be worth it.
    ///
    /// It is looked for at so many places that begin as it does, and no further, and a frame is gone through so often for all
    /// of its texts: what an upstream chose must not make the search long. Texts mostly stand in the order of their events.
    private mutating func place(of text: UnsafeRawBufferPointer) -> Int? {
        let place = self.place(of: text, from: found) ?? (found > 0 ? self.place(of: text, from: 0) : nil)
        if let place { found = place }
        return place
    }

    private mutating func place(of text: UnsafeRawBufferPointer, from first: Int) -> Int? {
        guard patience > 0, let base = frame.baseAddress, let wanted = text.baseAddress else { return nil }
        let head = wanted.loadUnaligned(as: UInt64.self)
        var start = first
        var comparisons = 0
        defer { patience -= start - first + comparisons * text.count }
        for _ in 0..<PackedEvent.searchedPlaces {
            // Where it still fits.
            let rest = frame.count - text.count + 1 - start
            guard rest > 0 else { return nil }
            guard let hit = memchr(base + start, Int32(text[0]), rest) else {
                start += rest
                return nil
            }
            let found = UnsafeRawPointer(hit)
            if found.loadUnaligned(as: UInt64.self) == head {
                if memcmp(found, wanted, text.count) == 0 {
                    start = found - base
                    return start
                }
                comparisons += 1
                guard comparisons < PackedEvent.searchedComparisons else { return nil }
            }
            start = found - base + 1
        }
        return nil
    }
}
