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

    public init(info: StreamInfo, content: EventBuffer, offset: Int, summary: Summary? = nil) {
        self.info = info
        self.content = content
        self.offset = offset
        self.summary = summary
        self.byteCount = 160 + content.bytes.count + content.events.count * 64 + content.frames.count * 16
    }

    var count: Int { content.events.count }
}
