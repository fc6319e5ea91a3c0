public import NIOCore

/// What is kept, and for how long.
public struct Retention: Sendable, Hashable {
    /// Events held per log; older ones are trimmed. Default 65,536.
    public var maximumEvents = 65_536
    /// Bytes held per log. Default 8 MiB.
    public var maximumBytes = 8 << 20
    /// How long a stream can be read after its end, and how old each of a channel's events gets. Default 10 minutes.
    public var afterEnd = TimeAmount.minutes(10)
    /// Bytes held by all events of the node together, each counted once however many logs share it. Beyond it ended streams
    /// go, oldest first, and then what each log may hold is halved until it fits, and doubled again later. Default 64 MiB.
    public var maximumTotalBytes = 64 << 20
    /// Channels known at once; naming one more is refused. Default 10,000.
    public var maximumChannels = 10_000

    public init() {}
}
