/// How a recorded stream ended, and what it added up to.
public struct TapeEnd: Sendable {
    /// Why the recording ended. Later versions may know more of them.
    public struct Reason: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        public var rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The body ended as HTTP says.
        public static let eof = Reason(rawValue: "eof")
        /// The connection closed before the announced length or the last chunk.
        public static let upstreamShort = Reason(rawValue: "upstream_short")
        public static let upstreamReset = Reason(rawValue: "upstream_reset")
        public static let timeoutFirst = Reason(rawValue: "timeout_first")
        public static let timeoutIdle = Reason(rawValue: "timeout_idle")
        public static let timeoutTotal = Reason(rawValue: "timeout_total")
        public static let connectFailed = Reason(rawValue: "connect_failed")
        public static let tls = Reason(rawValue: "tls")
        /// Nobody wanted the rest.
        public static let cancelled = Reason(rawValue: "cancelled")
        /// The proxy stopped while the stream ran.
        public static let shutdown = Reason(rawValue: "shutdown")
        /// The disk didn't keep up: the rest of the stream wasn't recorded.
        public static let recorderOverflow = Reason(rawValue: "recorder_overflow")
        /// Set when a partial tape is sealed after the recorder died.
        public static let crash = Reason(rawValue: "crash")

        public var description: String { rawValue }

        /// Whether it was the stream's own end, not the recorder's failure.
        var isServable: Bool { self != .recorderOverflow && self != .crash && self != .shutdown }
    }

    /// Microseconds since the request went out; the recorder fills it in.
    public var offset: Int64
    public var reason: Reason
    /// The name of the dialect that the body was read with: `openai.chat`.
    public var dialect: String?
    /// What ended the stream in its dialect: `[DONE]`; nil where nothing did.
    public var terminal: String?
    /// The size of the body as stored; the recorder fills it in.
    public var bytes: Int
    /// How many chunks it came in; the recorder fills it in.
    public var chunks: Int
    /// The body's digest in lower-case hex; the recorder fills it in.
    public var sha256: String
    /// The folded text of the answer.
    public var text: String?
    /// The provider's word for why it stopped.
    public var finish: String?
    /// The provider's usage object as JSON text.
    public var usage: String?

    public init(
        offset: Int64 = 0,
        reason: Reason,
        dialect: String? = nil,
        terminal: String? = nil,
        bytes: Int = 0,
        chunks: Int = 0,
        sha256: String = "",
        text: String? = nil,
        finish: String? = nil,
        usage: String? = nil
    ) {
        self.offset = offset
        self.reason = reason
        self.dialect = dialect
        self.terminal = terminal
        self.bytes = bytes
        self.chunks = chunks
        self.sha256 = sha256
        self.text = text
        self.finish = finish
        self.usage = usage
    }
}
