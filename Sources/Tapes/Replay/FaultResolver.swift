import Dialects

/// Finds the places of faults in a tape.
///
/// Addresses are those of the recorded body, and times those of the replay without faults, whatever other faults do.
struct FaultResolver {
    private(set) var body: ReplayBody
    private(set) var edits: [ReplayEdit] = []
    /// The faults that have their place.
    private(set) var resolved: [Fault] = []
    /// Why the others have none.
    private(set) var notes: [String] = []
    /// Whether the recorded failure is left out.
    private(set) var endsAsHTTPSays = false

    private let dialect: Dialect
    private let framing: Dialect.Framing
    private let hasHead: Bool
    private let makeTimeline: (ReplayBody) -> ReplayTimeline

    /// - Parameter makeTimeline: the times of a body that nothing befalls.
    init(_ tape: Tape, _ body: ReplayBody, _ makeTimeline: @escaping (ReplayBody) -> ReplayTimeline) {
        self.body = body
        self.makeTimeline = makeTimeline
        dialect = tape.dialect
        framing = tape.framing
        hasHead = tape.response != nil
    }

    /// - Parameter status: the fault in whose place the tape stands already.
    mutating func resolve(_ faults: [Fault], status: Fault?) {
        // What is left out has no addresses: it goes first.
        for fault in faults where fault.kind == .noTerminal { take(fault) }
        for fault in faults where fault.kind != .noTerminal {
            if case .status = fault.kind, fault == status {
                resolved.append(fault)
            } else {
                take(fault)
            }
        }
    }

    private mutating func take(_ fault: Fault) {
        if let reason = apply(fault) {
            notes.append("the fault \(fault) doesn't strike: \(reason)")
        } else {
            resolved.append(fault)
        }
    }

    /// Does what a fault wants, or says why that can't be.
    private mutating func apply(_ fault: Fault) -> String? {
        switch fault.kind {
        case .drop(let reset): edit(.stop(.drop(reset: reset)), fault.address)
        case .stall(nil): edit(.stop(.stall), fault.address)
        case .stall(let milliseconds?): edit(.delay(Self.microseconds(milliseconds)), fault.address)
        case .slow(let factor): edit(.stretch(factor), fault.address)
        case .inject(let bytes): inject(bytes, fault.address)
        case .status: "another status stands for the answer already"
        case .malformed: breakEvent(fault.address)
        case .duplicate: doubleEvent(fault.address)
        case .noTerminal: leaveOutTerminal()
        }
    }

    private mutating func edit(_ action: ReplayEdit.Action, _ address: Fault.Address) -> String? {
        let place: ReplayEdit.Place
        switch address {
        case .start:
            switch action {
            case .insert: place = .position(0)
            // From the very beginning, not from when the head is due.
            case .stretch: place = .time(0)
            case .delay, .again, .stop: place = .head
            }
        case .end: place = .position(body.count)
        case .event, .byte:
            guard let position = event(address)?.range.lowerBound ?? byte(address) else { return missing(address) }
            place = .position(position)
        case .milliseconds(let number):
            var timeline = makeTimeline(body)
            let time = Self.microseconds(number)
            guard time <= timeline.duration() else { return missing(address) }
            place = .time(time)
        }
        edits.append(ReplayEdit(action: action, place: place))
        return nil
    }

    private mutating func inject(_ bytes: [UInt8], _ address: Fault.Address) -> String? {
        guard hasHead else { return "there is no body" }
        guard !bytes.isEmpty else { return "it has no bytes" }
        return edit(.insert(bytes), address)
    }

    private func byte(_ address: Fault.Address) -> Int? {
        if case .byte(let number) = address, (0..<body.count).contains(number) { number } else { nil }
    }

    // MARK: Events

    private var frames: BodyFrames { BodyFrames(body: body.bytes, framing: framing) }

    /// The event with a number.
    private func event(_ address: Fault.Address) -> BodyFrames.Frame? {
        guard case .event(let number) = address, number > 0 else { return nil }
        var count = 0
        return frames.first { frame in
            if frame.isEvent { count += 1 }
            return count == number
        }
    }

    /// The event at any address.
    private func event(at address: Fault.Address) -> BodyFrames.Frame? {
        switch address {
        case .event: return event(address)
        case .start: return event(.event(1))
        case .byte: return byte(address).flatMap(event(after:))
        case .end: return frames.reduce(nil) { $1.isEvent ? $1 : $0 }
        case .milliseconds(let number):
            var timeline = makeTimeline(body)
            _ = timeline.headDue()
            while let piece = timeline.next(upTo: .max) {
                if piece.due >= Self.microseconds(number) { return event(after: piece.range.lowerBound) }
            }
            return nil
        }
    }

    /// The event that has a byte, or the next one.
    private func event(after position: Int) -> BodyFrames.Frame? {
        frames.first { $0.isEvent && $0.range.upperBound > position }
    }

    private mutating func breakEvent(_ address: Fault.Address) -> String? {
        guard let frame = event(at: address) else { return missing(address) }
        guard let start = frames.dataStart(of: frame) else { return "the event has no data" }
        // No JSON text begins with it, and no framing ends with it.
        body.bytes[start] = UInt8(ascii: "}")
        if framing == .awsEventStream {
            // The message stays one: it is its payload that nobody can read.
            var message = Array(body.bytes[frame.range])
            AWSEventStreamMessage.renewChecksums(of: &message)
            body.bytes.replaceSubrange(frame.range, with: message)
        }
        return nil
    }

    private mutating func doubleEvent(_ address: Fault.Address) -> String? {
        guard let frame = event(at: address) else { return missing(address) }
        guard frame.isWhole else { return "the event isn't whole" }
        if framing == .jsonArray, let start = frames.dataStart(of: frame) {
            // What stands before an element isn't always the comma that its double needs.
            let again = [UInt8(ascii: ",")] + body.bytes[start..<frame.range.upperBound]
            edits.append(ReplayEdit(action: .insert(again), place: .position(frame.range.upperBound)))
            return nil
        }
        edits.append(ReplayEdit(action: .again(frame.range), place: .position(frame.range.upperBound)))
        return nil
    }

    private mutating func leaveOutTerminal() -> String? {
        guard let start = terminal() else { return "nothing ends this body in its dialect, \(dialect.name)" }
        body.truncate(to: start)
        endsAsHTTPSays = true
        return nil
    }

    /// Where the frame begins that completes the stream in its dialect.
    private func terminal() -> Int? {
        var decoder = StreamDecoder(dialect: dialect, framing: framing)
        for frame in frames {
            var events = EventBuffer()
            decoder.feed(body.bytes.span.bytes.extracting(frame.range), into: &events)
            if !frame.isWhole { _ = decoder.finish(into: &events) }
            guard decoder.hasEnded else { continue }
            let isTerminal = decoder.end?.state == .complete && decoder.end?.terminal != nil
            return isTerminal ? frame.range.lowerBound : nil
        }
        return nil
    }

    // MARK: Words

    private func missing(_ address: Fault.Address) -> String {
        switch address {
        case .byte: "the body has \(body.count) bytes"
        case .milliseconds: "the answer is over by then"
        case .start, .event, .end: "the body has \(frames.count { $0.isEvent }) events"
        }
    }

    private static func microseconds(_ milliseconds: Int) -> Int64 {
        ReplayPace.microseconds(Double(milliseconds) * 1000)
    }
}
