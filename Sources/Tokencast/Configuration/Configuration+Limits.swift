import Broadcast
import NIOCore
import Server

extension Configuration {
    /// How much is taken on. At a limit what is new is refused; nothing is taken from those who are there.
    public struct Limits: Sendable, Hashable {
        /// Subscribers at once, on all transports together.
        public var subscribers = Server.Limits().subscribers
        /// Channels at once.
        public var channels = Broadcast.Retention().maximumChannels
        /// Subscriptions of one WebSocket.
        public var socketSubscriptions = Server.Limits().socketSubscriptions
        /// Bytes of a published event's data.
        public var publishBytes = Server.Limits().publishBytes
        /// Events that may be published to a channel in a second, on average.
        public var publishRate = Server.Limits().publishRate
        /// Events that may be published to a channel at once.
        public var publishBurst = Server.Limits().publishBurst

        public init() {}

        var server: Server.Limits {
            var limits = Server.Limits()
            limits.subscribers = subscribers
            limits.socketSubscriptions = socketSubscriptions
            limits.publishBytes = publishBytes
            limits.publishRate = publishRate
            limits.publishBurst = publishBurst
            return limits
        }
    }

    /// What is kept of streams and channels, and for how long.
    public struct Retention: Sendable, Hashable {
        /// Events of one stream or channel; older ones are trimmed.
        public var events = Broadcast.Retention().maximumEvents
        /// Bytes of one stream or channel.
        public var bytes = Broadcast.Retention().maximumBytes
        /// Seconds for which a stream can be read behind its end, and a channel's events behind their coming.
        public var seconds = Double(Broadcast.Retention().afterEnd.nanoseconds) / 1e9
        /// Bytes of all events together. Beyond it ended streams go, oldest first, and then the older events of all.
        public var totalBytes = Broadcast.Retention().maximumTotalBytes

        public init() {}

        func server(channels: Int) -> Broadcast.Retention {
            var retention = Broadcast.Retention()
            retention.maximumEvents = events
            retention.maximumBytes = bytes
            retention.afterEnd = .nanoseconds(Int64(seconds * 1e9))
            retention.maximumTotalBytes = totalBytes
            retention.maximumChannels = channels
            return retention
        }
    }

    /// Reads `limits` and `retention`.
    mutating func readLimits(_ root: ConfigurationReader) throws(ConfigurationError) {
        if let reader = try root.object("limits") { try limits.read(reader) }
        if let reader = try root.object("retention") { try retention.read(reader) }
    }
}

extension Configuration.Limits {
    fileprivate mutating func read(_ reader: ConfigurationReader) throws(ConfigurationError) {
        let keys: [(String, WritableKeyPath<Self, Int>, ClosedRange<Int>)] = [
            ("subscribers", \.subscribers, 1...10_000_000), ("channels", \.channels, 1...10_000_000),
            ("socketSubscriptions", \.socketSubscriptions, 1...100_000),
            ("publishBytes", \.publishBytes, 1...(16 << 20)), ("publishRate", \.publishRate, 1...10_000_000),
            ("publishBurst", \.publishBurst, 1...10_000_000),
        ]
        try reader.allow(keys.map(\.0))
        for (key, path, range) in keys {
            if let number = try reader.integer(key, in: range) { self[keyPath: path] = number }
        }
    }
}

extension Configuration.Retention {
    fileprivate mutating func read(_ reader: ConfigurationReader) throws(ConfigurationError) {
        let keys: [(String, WritableKeyPath<Self, Int>, ClosedRange<Int>)] = [
            ("events", \.events, 1...100_000_000), ("bytes", \.bytes, 1024...(1 << 40)),
            ("totalBytes", \.totalBytes, 1024...(1 << 40)),
        ]
        try reader.allow(keys.map(\.0) + ["seconds"])
        for (key, path, range) in keys {
            if let number = try reader.integer(key, in: range) { self[keyPath: path] = number }
        }
        if let seconds = try reader.number("seconds") { self.seconds = seconds }
    }
}
