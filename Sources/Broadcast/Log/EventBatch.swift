public import Dialects

/// What doesn't change about a stream once its first event is out.
public final class StreamInfo: Sendable {
    public let id: StreamID
    /// Seconds since 1970.
    public let created: Int
    public let dialect: String
    public let method: String
    /// The request's path, without its query.
    public let path: String
    /// The model that the request asked for.
    public let requestedModel: String?
    /// The channel that the request named.
    public let channel: String?
    /// The upstream's HTTP status; nil where it never answered.
    public let status: Int?
    /// What the upstream's first frame said.
    public let start: StreamStart

    public init(
        id: StreamID,
        created: Int,
        dialect: String,
        method: String,
        path: String,
        requestedModel: String?,
        channel: String?,
        status: Int?,
        start: StreamStart
    ) {
        self.id = id
        self.created = created
        self.dialect = dialect
        self.method = method
        self.path = path
        self.requestedModel = requestedModel
        self.channel = channel
        self.status = status
        self.start = start
    }

    public var model: String? { start.model ?? requestedModel }
}

/// Events of one stream that came in one turn of its event loop: sealed, immutable, shared by every log and loop.
public final class EventBatch: Sendable {
    /// What a reader of the last event wants to know of all before it.
    public struct Summary: Sendable {
        public var finish: String?
        public var usage: TokenUsage?
        /// Whether something was said that the provider took back.
        public var hasVoided: Bool

        public init(finish: String? = nil, usage: TokenUsage? = nil, hasVoided: Bool = false) {
            self.finish = finish
            self.usage = usage
            self.hasVoided = hasVoided
        }
    }

    public let info: StreamInfo
    public let content: EventBuffer
    /// Microseconds from the start of the request to the last byte of this batch.
    public let offset: Int
    /// Set in the batch that holds the `end`.
    public let summary: Summary?
    /// About what this batch takes in memory.
    public let byteCount: Int
    private let held: HeldBytes?

    /// - Parameter held: where its bytes are counted while it lives; nil for nowhere.
    public init(
        info: StreamInfo,
        content: EventBuffer,
        offset: Int,
        summary: Summary? = nil,
        held: HeldBytes? = nil
    ) {
        self.info = info
        self.content = content
        self.offset = offset
        self.summary = summary
        self.held = held
        var byteCount = 160 + content.bytes.count + content.events.count * 64 + content.frames.count * 16
        for event in content.events { byteCount += event.textSize }
        self.byteCount = byteCount
        held?.add(byteCount)
    }

    deinit { held?.subtract(byteCount) }

    var count: Int { content.events.count }
}

extension TokenEvent {
    /// The bytes of its text, which lie beside it.
    fileprivate var textSize: Int {
        switch self {
        case .delta(let delta):
            switch delta.content {
            case .text, .reasoning, .refusal: delta.textSize
            // They lie in a box of their own.
            case .toolCall, .citation: 64 + delta.textSize
            }
        case .start(let start): size(start.id) + size(start.model)
        case .restart(let start): 64 + size(start.id) + size(start.model)
        case .usage(let usage): 160 + usage.raw.utf8.count
        case .finish(_, let reason): 64 + reason.raw.utf8.count
        case .opaque: 0
        case .end(let end): 160 + size(end.error?.message) + size(end.error?.type) + size(end.error?.code)
        }
    }

    private func size(_ text: String?) -> Int { text?.utf8.count ?? 0 }
}
