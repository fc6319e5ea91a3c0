import Dialects
import TestSupport

@testable import Broadcast

/// What one reader was told over all its connections, held to the reference event by event.
struct ModelTranscript {
    let view: View
    let epoch: StreamID
    /// Everything through this number is here, or was given in a snapshot; nil until that is known.
    private(set) var through: Int?
    /// What is wrong, in words; empty where nothing is.
    private(set) var problems: [String] = []
    private(set) var resets = 0
    private(set) var merges = 0
    private(set) var snapshots = 0
    private(set) var slows = 0
    private(set) var events = 0
    private var isResetting = false
    /// The next event must be a snapshot that nobody needs to explain.
    private var awaitsSnapshot = false

    init(view: View, epoch: StreamID, through: Int?) {
        self.view = view
        self.epoch = epoch
        self.through = through
    }

    mutating func wantsSnapshot() { awaitsSnapshot = true }

    mutating func stands(at sequence: Int) { if through == nil { through = sequence } }

    /// - Parameter mayReset: whether events can be gone.
    mutating func take(_ message: JSONValue, _ reference: ModelReference, mayReset: Bool) {
        let type = message["type"]?.string ?? "?"
        let id = message["id"]?.string.flatMap { ResumeToken($0) }
        if type == "slow" {
            slows += 1
            if message["id"] != nil { problems.append("slow has an id") }
            return
        }
        if type == "reset" {
            resets += 1
            isResetting = true
            if !mayReset { problems.append("reset without a reason") }
            // Whoever loses the snapshot behind it must not come back behind that.
            if message["id"] != nil { problems.append("reset has an id") }
            return
        }
        guard let id, id.epoch == epoch else { return problems.append("no id of the log: \(message.jsonText)") }
        let wasResetting = isResetting
        isResetting = false
        switch type {
        case "snapshot":
            snapshots += 1
            if !wasResetting, !awaitsSnapshot { problems.append("a snapshot that nobody asked for") }
            awaitsSnapshot = false
            take(snapshot: message["data"] ?? .null, at: id.sequence, reference)
            if let through, id.sequence < through { problems.append("went back from \(through) to \(id.sequence)") }
            through = id.sequence
        default:
            if wasResetting || awaitsSnapshot { problems.append("\(type) in place of a snapshot") }
            take(event: message, type, id.sequence, reference, mayBeginAnywhere: mayReset)
        }
    }

    // MARK: Events

    private mutating func take(
        event message: JSONValue,
        _ type: String,
        _ last: Int,
        _ reference: ModelReference,
        mayBeginAnywhere: Bool
    ) {
        events += 1
        let data = message["data"] ?? .null
        let first = data["first"]?.string.flatMap { ResumeToken($0)?.sequence } ?? last
        // The text view doesn't say where a merged event begins.
        let begin = view == .text ? beginning(of: data.string ?? "", at: last, reference) : first
        if let through {
            for gone in stride(from: through + 1, to: begin, by: 1) where reference.shows(gone, in: view) {
                problems.append("\(gone) is lost, before \(first)")
            }
            if begin <= through { problems.append("\(first) is doubled") }
        } else if !mayBeginAnywhere, (1..<begin).contains(where: { reference.shows($0, in: view) }) {
            problems.append("begins at \(begin)")
        }
        through = last
        if begin < last { merges += 1 }
        compare(message, type, begin...max(begin, last), reference)
    }

    /// The number of the first event of those that a text can have been merged from.
    private func beginning(of text: String, at last: Int, _ reference: ModelReference) -> Int {
        var begin = last
        var missing = text.utf8.count - reference.textSize(last)
        while missing > 0, begin > 1 {
            begin -= 1
            while begin > 1, !reference.shows(begin, in: .text) { begin -= 1 }
            missing -= reference.textSize(begin)
        }
        return begin
    }

    private mutating func compare(
        _ message: JSONValue,
        _ type: String,
        _ range: ClosedRange<Int>,
        _ reference: ModelReference
    ) {
        let shown = range.filter { reference.shows($0, in: view) }
        guard shown.first == range.lowerBound, shown.last == range.upperBound else {
            return problems.append("\(range) doesn't begin and end with events")
        }
        switch reference[range.upperBound] {
        case .published(let name, let data):
            if type != "message" || message["event"]?.string != name || message["data"]?.jsonText != data
                || shown.count > 1
            {
                problems.append("\(range): \(message.jsonText) isn't what was published: \(name) \(data)")
            }
        case .event(.delta(let delta), let stream):
            compare(message, delta, stream, shown, reference)
        case .event(let event, let stream):
            let name = DeltaView.name(of: event).map { "\($0)" }
            if type != name || shown.count > 1 || message["stream"]?.string != stream.description {
                problems.append("\(range): \(message.jsonText) isn't \(event)")
            }
        case nil:
            problems.append("\(range) was never appended")
        }
    }

    private mutating func compare(
        _ message: JSONValue,
        _ last: TokenDelta,
        _ stream: StreamID,
        _ shown: [Int],
        _ reference: ModelReference
    ) {
        var text = ""
        let kind = ModelReference.piece(last).kind
        for sequence in shown {
            guard case .event(.delta(let delta), stream) = reference[sequence], delta.choice == last.choice,
                delta.part == last.part, ModelReference.piece(delta).kind == kind,
                shown.count == 1 || ModelReference.isMergeable(delta)
            else { return problems.append("\(sequence) was merged into \(message.jsonText)") }
            text += ModelReference.piece(delta).text
        }
        let data = message["data"]
        let found = view == .text ? data?.string : data?["text"]?.string ?? data?["arguments"]?.string
        if found != text || message["stream"]?.string != stream.description {
            problems.append("\(shown): \(message.jsonText) isn't \(text)")
        }
        guard view == .delta else { return }
        if data?["type"]?.string != kind || data?["choice"]?.int != last.choice || data?["part"]?.int != last.part {
            problems.append("\(shown): \(message.jsonText) is of another part")
        }
    }

    // MARK: Snapshots

    private mutating func take(snapshot: JSONValue, at sequence: Int, _ reference: ModelReference) {
        if sequence > reference.count { problems.append("a snapshot of what hasn't come") }
        let isStream = reference.isStream(epoch)
        let running = isStream ? [epoch] : reference.running(through: sequence)
        if view == .text {
            let text = running.map { reference.text(of: $0, through: sequence) }.joined()
            if snapshot.string != text {
                problems.append("snapshot of \(sequence): \(snapshot.jsonText) isn't \(text)")
            }
            return
        }
        if snapshot["asOf"]?.string != ResumeToken(epoch: epoch, sequence: sequence).description {
            problems.append("a snapshot's asOf isn't its id")
        }
        let streams = isStream ? [snapshot] : snapshot["streams"]?.array ?? []
        if streams.compactMap({ $0["stream"]?.string }) != running.map(\.description) {
            problems.append("snapshot of \(sequence) has not the streams \(running)")
        }
        for (stream, id) in zip(streams, running) {
            let wanted = reference.said(by: id, through: sequence)
            let found = Self.said(in: stream)
            if found != wanted { problems.append("snapshot of \(sequence): \(found) isn't \(wanted)") }
            if stream["state"]?.string != "streaming" { problems.append("a running stream's state") }
        }
        // Costly, so not for each of them.
        if sequence % 8 == 0 { problems += EventKind.snapshot.data.problems(with: snapshot) }
    }

    private static func said(in stream: JSONValue) -> [String] {
        (stream["choices"]?.array ?? []).flatMap { choice in
            (choice["parts"]?.array ?? []).map { part in
                let text = part["text"]?.string ?? part["arguments"]?.string ?? ""
                return "\(choice["index"]?.int ?? -1).\(part["part"]?.int ?? -1) \(part["type"]?.string ?? "") \(text)"
            }
        }.sorted()
    }
}

extension ModelReference {
    /// Whether the log is that stream's own.
    fileprivate func isStream(_ epoch: StreamID) -> Bool {
        if case .event(_, epoch)? = entries.first { true } else { false }
    }
}
