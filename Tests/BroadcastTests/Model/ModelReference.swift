import Dialects

@testable import Broadcast

/// What was appended to one log, in a plain list: the truth that readers are held to.
struct ModelReference {
    enum Entry {
        case event(TokenEvent, stream: StreamID)
        case published(name: String, data: String)
    }

    /// The event with the number `n` is at `n - 1`.
    private(set) var entries: [Entry] = []
    private(set) var isOver = false

    var count: Int { entries.count }

    mutating func append(_ batch: EventBatch) {
        entries += batch.events.map { .event($0, stream: batch.info.id) }
    }

    mutating func append(_ event: PublishedEvent) {
        entries.append(.published(name: event.name, data: String(decoding: event.data, as: UTF8.self)))
    }

    mutating func end() { isOver = true }

    subscript(sequence: Int) -> Entry? {
        sequence >= 1 && sequence <= entries.count ? entries[sequence - 1] : nil
    }

    /// Whether a view shows the event of that number.
    func shows(_ sequence: Int, in view: View) -> Bool {
        switch self[sequence] {
        case .published: view == .delta
        case .event(let event, _): Self.shows(event, in: view)
        case nil: false
        }
    }

    private static func shows(_ event: TokenEvent, in view: View) -> Bool {
        switch event {
        case .opaque, .finish: false
        case .start, .usage: view == .delta
        case .restart, .end: true
        case .delta(let delta):
            if view == .delta { true } else if case .text = delta.content { delta.choice == 0 } else { false }
        }
    }

    /// The bytes of text of an event; 0 where it is none.
    func textSize(_ sequence: Int) -> Int {
        guard case .event(.delta(let delta), _) = self[sequence] else { return 0 }
        return Self.piece(delta).text.utf8.count
    }

    /// The streams that run behind the event of that number, in order of their starts.
    func running(through sequence: Int) -> [StreamID] {
        var ids: [StreamID] = []
        for case .event(let event, let stream) in entries.prefix(sequence) {
            switch event {
            case .start: ids.append(stream)
            case .end: ids.removeAll { $0 == stream }
            default: break
            }
        }
        return ids
    }

    /// What a stream has said through the event of that number: a line for each part of each choice.
    func said(by stream: StreamID, through sequence: Int) -> [String] {
        var parts: [(choice: Int, part: Int, kind: String, text: String)] = []
        for case .event(.delta(let delta), stream) in entries.prefix(sequence) {
            let (kind, text) = Self.piece(delta)
            if let index = parts.firstIndex(where: { $0.choice == delta.choice && $0.part == delta.part }) {
                parts[index].text += text
            } else {
                parts.append((delta.choice, delta.part, kind, text))
            }
        }
        return parts.map { "\($0.choice).\($0.part) \($0.kind) \($0.text)" }.sorted()
    }

    /// What the `text` view has of a stream.
    func text(of stream: StreamID, through sequence: Int) -> String {
        var text = ""
        for case .event(.delta(let delta), stream) in entries.prefix(sequence) where delta.choice == 0 {
            if case .text(let piece) = delta.content { text += piece }
        }
        return text
    }

    static func piece(_ delta: TokenDelta) -> (kind: String, text: String) {
        switch delta.content {
        case .text(let text): ("text", text)
        case .reasoning(let text): ("reasoning", text)
        case .refusal(let text): ("refusal", text)
        case .toolCall(let call): ("tool_call", call.arguments)
        case .citation: ("citation", "")
        }
    }

    /// Whether a delta says nothing but text, so that it may stand in one event with others.
    static func isMergeable(_ delta: TokenDelta) -> Bool {
        switch delta.content {
        case .text, .reasoning, .refusal: true
        case .toolCall(let call): call.id == nil && call.name == nil
        case .citation: false
        }
    }
}
