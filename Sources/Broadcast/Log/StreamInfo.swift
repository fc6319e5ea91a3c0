public import Dialects

/// What doesn't change about a stream once its first event is out.
public final class StreamInfo: Sendable {
    public let id: StreamID
    /// Seconds since 1970.
    public var created: Int { createdMilliseconds / 1000 }
    /// The same in milliseconds.
    public let createdMilliseconds: Int
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

    /// - Parameters:
    ///   - created: seconds since 1970.
    ///   - createdMilliseconds: the same in milliseconds, where that is known.
    public init(
        id: StreamID,
        created: Int,
        createdMilliseconds: Int? = nil,
        dialect: String,
        method: String,
        path: String,
        requestedModel: String?,
        channel: String?,
        status: Int?,
        start: StreamStart
    ) {
        self.id = id
        self.createdMilliseconds = createdMilliseconds ?? created * 1000
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

/// What a reader of a stream's last event wants to know of all before it.
public struct StreamSummary: Sendable, Hashable {
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

/// What a view says of a stream beside its events.
public struct EventContext: Sendable {
    public let info: StreamInfo
    /// Set for the `end` alone.
    public var summary: StreamSummary?

    public init(info: StreamInfo, summary: StreamSummary? = nil) {
        self.info = info
        self.summary = summary
    }
}
