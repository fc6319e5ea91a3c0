import Broadcast
import ServerSentEvents

/// Turns the bytes of one connection after another into events, each once, and keeps the place to resume from.
struct EventIntake {
    /// Behind what to resume: the last event that was given; nil where the request itself says where to begin.
    private(set) var token: String?
    /// What the server wants to be waited for before it is asked again.
    private(set) var retry: Duration?
    /// Whether the stream's end was given.
    private(set) var isOver = false

    private let subject: StreamAddress.Subject
    private let since: TokenStream.Since
    private var parser = EventStreamParser()
    /// Up to where events were given; behind a reset nothing is known to be.
    private var given: String?

    init(_ subject: StreamAddress.Subject, since: TokenStream.Since) {
        self.subject = subject
        self.since = since
        given = since.id
    }

    /// Drops what a lost connection left half said.
    mutating func reconnect() {
        parser = EventStreamParser()
    }

    mutating func take(_ bytes: RawSpan) throws(EventStreamProblem) -> [TokenStreamEvent] {
        var gatherer = Gatherer(lastID: parser.lastEventID)
        var problem: EventStreamError?
        do throws(EventStreamError) {
            try parser.parse(bytes, into: &gatherer)
        } catch {
            problem = error
        }
        if let milliseconds = gatherer.retry { retry = .milliseconds(min(milliseconds, 3_600_000)) }
        var events: [TokenStreamEvent] = []
        for block in gatherer.blocks where !isOver {
            let id = block.id.map { String(decoding: $0, as: UTF8.self) }
            let name = block.name.isEmpty ? "message" : String(decoding: block.name, as: UTF8.self)
            let event = TokenStreamEvent(name: name, data: block.data, id: id, of: subject)
            if let event = admit(event) { events.append(event) }
        }
        // Whoever begins now has a place before its first event, which it must not lose.
        if token == nil, since == .now, !parser.lastEventID.isEmpty {
            token = String(decoding: parser.lastEventID, as: UTF8.self)
        }
        if let problem { throw EventStreamProblem(given: events, message: "\(problem)") }
        return events
    }

    /// Gives the event, unless it was given before, and moves the place.
    private mutating func admit(_ event: TokenStreamEvent) -> TokenStreamEvent? {
        var event = event
        switch event.content {
        case .reset:
            // The snapshot behind it is what moves the place: without it, the reader must be told again.
            given = nil
            event.id = nil
            return event
        case .slow:
            event.id = nil
            return event
        case .snapshot(let snapshot):
            // It is a state, not an event: it may come at any place.
            event.id = event.id ?? snapshot.asOf
        default:
            if let id = event.id, isGiven(id) { return nil }
        }
        if let id = event.id {
            token = id
            given = id
        }
        if case .end = event.content, case .stream = subject { isOver = true }
        return event
    }

    private func isGiven(_ id: String) -> Bool {
        guard let given else { return false }
        guard let old = ResumeToken(given), let new = ResumeToken(id), old.epoch == new.epoch else {
            return id == given
        }
        return new.sequence <= old.sequence
    }

    /// The events of one piece.
    private struct Gatherer: EventStreamHandler {
        struct Block {
            var name: [UInt8]
            var data: [UInt8]
            /// Its own; nil where the event has none.
            var id: [UInt8]?
        }

        var blocks: [Block] = []
        var retry: Int?
        var lastID: [UInt8]

        mutating func event(name: RawSpan, data: RawSpan, lastEventID: RawSpan) {
            let id = Self.copy(lastEventID)
            // The parser says the last id there was: an event that has none of its own repeats it.
            blocks.append(Block(name: Self.copy(name), data: Self.copy(data), id: id == lastID ? nil : id))
            lastID = id
        }

        mutating func retry(milliseconds: Int) { retry = milliseconds }

        private static func copy(_ bytes: RawSpan) -> [UInt8] { bytes.withUnsafeBytes { Array($0) } }
    }
}

/// A stream that can't be parsed any further.
struct EventStreamProblem: Error {
    /// What came before.
    var given: [TokenStreamEvent]
    var message: String
}
