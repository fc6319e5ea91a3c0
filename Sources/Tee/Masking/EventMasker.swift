import Broadcast
import Dialects
import Tapes

/// An event whose texts hold no secret any more, with what its line says of it.
struct MaskedEvent {
    var event: TokenEvent
    /// Its sequence number in the stream's log.
    var sequence: Int
    /// Microseconds since the request.
    var offset: Int
}

/// Masks secrets in a stream's events, those that are spread over several deltas too.
///
/// Each part of the answer is one text to the scrubbers. A delta waits until the scrubber has decided all of its text,
/// and everything behind it waits with it, so that the order stays.
struct EventMasker {
    private struct Part: Hashable {
        var choice: Int
        var part: Int
    }

    private struct Text {
        /// Nil where all that came is decided.
        var scrubber: TextScrubber?
        /// Decided, but not given to a delta yet.
        var decided: [UInt8] = []
    }

    private let secrets: TapeSecrets
    private var texts: [Part: Text] = [:]
    private var waiting: [MaskedEvent] = []
    private var waitingBytes = 0
    /// Whether there are texts that are over, and can go once all they said is given away.
    private var hasSettled = false

    /// How much may wait for the end of what may become a secret: a part that isn't continued holds up the others.
    static let waitingLimit = 256 << 10
    /// How many events may wait so.
    static let waitingEvents = 4096
    /// How many parts are looked at at once.
    static let partLimit = 256

    init(_ secrets: TapeSecrets) {
        self.secrets = secrets
    }

    /// Takes the next event and appends those that are decided with it.
    mutating func take(_ event: TokenEvent, sequence: Int, offset: Int, into released: inout [MaskedEvent]) {
        waiting.append(MaskedEvent(event: event, sequence: sequence, offset: offset))
        switch event {
        case .delta(let delta): feed(delta)
        case .finish(let choice, _): settle(isCut: false) { $0.choice == choice }
        case .end(let end): settle(isCut: end.state != .complete) { _ in true }
        // What begins anew has other parts under the same numbers.
        case .restart: settle(isCut: true) { _ in true }
        case .start, .usage, .opaque: break
        }
        let isFull = waitingBytes > Self.waitingLimit || waiting.count > Self.waitingEvents
        if isFull || texts.count > Self.partLimit { settle(isCut: true) { _ in true } }
        release(into: &released)
    }

    private mutating func feed(_ delta: TokenDelta) {
        let bytes = Array(delta.text.utf8)
        waitingBytes += bytes.count
        let key = Part(choice: delta.choice, part: delta.part)
        if texts[key]?.scrubber == nil { texts[key, default: Text()].scrubber = TextScrubber(secrets) }
        if let decided = texts[key]?.scrubber?.feed(bytes) { texts[key]?.decided += decided }
    }

    /// Decides what is held back of some parts.
    ///
    /// - Parameter isCut: whether more of it was to come, so that the beginning of a secret is masked too.
    private mutating func settle(isCut: Bool, _ isOver: (Part) -> Bool) {
        for key in texts.keys where isOver(key) {
            guard let rest = texts[key]?.scrubber?.finish(isCut: isCut) else { continue }
            texts[key]?.decided += rest.utf8
            texts[key]?.scrubber = nil
            hasSettled = true
        }
    }

    private mutating func release(into released: inout [MaskedEvent]) {
        var count = 0
        while count < waiting.count {
            if case .delta(let delta) = waiting[count].event {
                guard let masked = decided(delta) else { break }
                waiting[count].event = .delta(masked)
            } else {
                waiting[count].event = secrets.masking(waiting[count].event)
            }
            count += 1
        }
        guard count > 0 else { return }
        released += waiting.prefix(count)
        waiting.removeFirst(count)
        if waiting.isEmpty, hasSettled {
            texts = texts.filter { $0.value.scrubber != nil }
            hasSettled = false
        }
    }

    /// A delta with its text masked; nil where that isn't decided.
    private mutating func decided(_ delta: TokenDelta) -> TokenDelta? {
        let count = delta.text.utf8.count
        let key = Part(choice: delta.choice, part: delta.part)
        guard count > 0 else { return secrets.masking(delta, text: "") }
        guard let text = texts[key], text.decided.count >= count else { return nil }
        let masked = String(decoding: text.decided.prefix(count), as: UTF8.self)
        texts[key]?.decided.removeFirst(count)
        waitingBytes -= count
        return secrets.masking(delta, text: masked)
    }
}
