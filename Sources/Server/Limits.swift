/// How much a server takes on. At a limit what is new is refused; nothing is taken from those who are there.
public struct Limits: Sendable, Hashable {
    /// Subscribers at once, on all transports together; long polls count while they wait. Default 50,000.
    public var subscribers = 50_000
    /// Subscriptions of one WebSocket. Default 100.
    public var socketSubscriptions = 100
    /// Bytes of a published event's data. Default 256 KiB.
    public var publishBytes = 256 << 10
    /// Events that may be published to one channel a second, on average, and at once. Defaults: 1000 and 2000.
    public var publishRate = 1000
    public var publishBurst = 2000

    public init() {}
}
