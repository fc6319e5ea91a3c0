/// Everything up to a place of a log in one value: rendered once for all who want it at that place.
public final class Snapshot: Sendable {
    /// What it is for.
    enum Form: Sendable, Hashable {
        /// An event of the `delta` view. Of a stream that has ended it holds all but the `end`, which follows it.
        case delta
        /// An event of the `text` view.
        case text
        /// A resource of its own, the end included.
        case resource
    }

    /// Which snapshot a reader needs.
    struct Request: Sendable, Hashable {
        var form: Form
        /// Whether it stands for events that are gone, in a channel: then everything that is kept follows it. Else it
        /// covers all there is.
        var isBehind: Bool
    }

    /// The last event that it covers.
    public let asOf: ResumeToken
    /// Where to begin to get all events that were kept then: the place before the oldest.
    public let earliest: ResumeToken
    /// A JSON object but for its closing brace, so that more members can be appended; in the form `text`, the text.
    public let openJSON: [UInt8]

    init(asOf: ResumeToken, earliest: ResumeToken, openJSON: [UInt8]) {
        self.asOf = asOf
        self.earliest = earliest
        self.openJSON = openJSON
    }
}

/// The snapshots of one place of a log, made when somebody asks.
struct SnapshotCache {
    private var found: [Snapshot.Form: Snapshot] = [:]

    subscript(form: Snapshot.Form) -> Snapshot? {
        get { found.isEmpty ? nil : found[form] }
        set { found[form] = newValue }
    }

    /// The log has moved on.
    mutating func removeAll() {
        if !found.isEmpty { found.removeAll() }
    }
}
