public import NIOCore

/// The status line and the headers of an upstream's answer.
public struct UpstreamHead: Sendable {
    public var status: Int
    public var reason: String
    /// `1.0`, `1.1` or `2`.
    public var httpVersion: String
    /// In wire order, duplicates and letter case kept.
    public var headers: [HeaderField]
    /// Microseconds since the request was started.
    public var offset: Int

    public init(status: Int, reason: String, httpVersion: String, headers: [HeaderField], offset: Int) {
        self.status = status
        self.reason = reason
        self.httpVersion = httpVersion
        self.headers = headers
        self.offset = offset
    }
}

/// Takes what arrives from an upstream, always on the transfer's event loop.
///
/// The order is: at most one head, any number of chunks, exactly one end (none after ``UpstreamTransfer/cancel()``).
/// ``turnEnded()`` follows each burst of calls: the place to flush.
public protocol UpstreamReceiver: AnyObject {
    func head(_ head: UpstreamHead)
    /// A chunk as libcurl delivered it. `offset` is in microseconds since the request was started, never falling.
    func chunk(_ bytes: ByteBuffer, offset: Int)
    func end(_ failure: UpstreamFailure?, offset: Int)
    /// So many bytes of a streamed request body have gone out.
    func bodyConsumed(_ count: Int)
    func turnEnded()
}

/// Why a transfer failed.
public struct UpstreamFailure: Error, Sendable, Hashable {
    /// The words that tapes, metrics and error answers use.
    public enum Reason: String, Sendable, Hashable {
        case dns
        case refused = "connect_failed"
        case tls
        case connectTimeout = "timeout_connect"
        case firstByteTimeout = "timeout_first"
        case idleTimeout = "timeout_idle"
        /// The upstream closed before the body was whole.
        case short = "upstream_short"
        case reset = "upstream_reset"
        /// The upstream doesn't speak HTTP as RFC 9112 has it.
        case malformed = "upstream_malformed"
        /// The request can't be sent: a bad URL, no such protocol.
        case invalidRequest = "invalid_request"
        case shutdown
    }

    public var reason: Reason
    /// libcurl's words.
    public var message: String

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// 504 for a time-out, 502 for the rest: what a gateway answers (RFC 9110 § 15.6).
    public var status: Int {
        switch reason {
        case .connectTimeout, .firstByteTimeout, .idleTimeout: 504
        case .dns, .refused, .tls, .short, .reset, .malformed, .invalidRequest: 502
        case .shutdown: 503
        }
    }
}
