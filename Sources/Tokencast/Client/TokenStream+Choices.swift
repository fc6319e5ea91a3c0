extension TokenStream {
    /// Where a reader begins.
    public struct Since: Sendable, Hashable {
        /// As the query says it.
        let text: String

        /// The oldest event that the server still has.
        public static let earliest = Since(text: "earliest")
        /// Only what comes from now on.
        public static let now = Since(text: "now")

        /// Behind an event that was read before.
        ///
        /// - Parameter id: its ``TokenStreamEvent/id``.
        public static func event(_ id: String) -> Since { Since(text: id) }

        /// The event's id; nil for the words.
        var id: String? { self == .earliest || self == .now ? nil : text }
    }

    /// How a reader that begins at ``Since/earliest`` learns of what is past.
    public struct CatchUp: Sendable, Hashable {
        let text: String

        /// Event by event.
        public static let replay = CatchUp(text: "replay")
        /// By one ``TokenStreamEvent/Content/snapshot(_:)``, which costs the same however long the stream is.
        public static let fold = CatchUp(text: "fold")
    }

    /// How a lost connection is made again.
    ///
    /// The first attempt is made when the server's own `retry` time is over, or after about 1 s where it has said none;
    /// each one that fails doubles the wait, up to ``longestWait``, and half of it is left to chance. `Retry-After` is
    /// obeyed.
    public struct Reconnection: Sendable, Hashable {
        /// After how many failed attempts in a row to give up; nil, the default, for never.
        public var attempts: Int?
        /// How long the server may be away; nil, the default, for any time.
        public var timeLimit: Duration?
        /// The longest wait between two attempts. Default 30 s.
        public var longestWait: Duration
        /// After so long without a byte a connection counts as dead; a heartbeat comes at least every 20 s. Default 45 s.
        public var idle: Duration
        /// Whether a server that couldn't be reached even once is waited for as well. Default true.
        public var waitsForFirst: Bool

        public init(
            attempts: Int? = nil,
            timeLimit: Duration? = nil,
            longestWait: Duration = .seconds(30),
            idle: Duration = .seconds(45),
            waitsForFirst: Bool = true
        ) {
            self.attempts = attempts
            self.timeLimit = timeLimit
            self.longestWait = longestWait
            self.idle = idle
            self.waitsForFirst = waitsForFirst
        }
    }

    /// What a connection has become.
    public struct ConnectionState: Sendable, Hashable {
        /// Whether events can come.
        public var isConnected: Bool
        /// Why they can't, in words for a person; nil while they can.
        public var problem: String?
        /// When the next attempt is made, from now on; nil while connected.
        public var retryAfter: Duration?
        /// How many attempts have failed in a row.
        public var failures: Int
    }
}
