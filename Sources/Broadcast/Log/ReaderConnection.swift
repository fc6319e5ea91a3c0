public import NIOCore

/// What a reader's connection offers to the log. Called on the reader's event loop only.
public protocol ReaderConnection: AnyObject {
    /// Whether the socket takes more; while it doesn't, nothing is written and the reader's cursor stays.
    var isWritable: Bool { get }
    /// Writes and flushes; the buffer is shared with other readers.
    func write(_ bytes: ByteBuffer)
    /// The reader has been given what was there when it came, as far as the socket took it.
    func joined()
    /// Nothing more will be written, and why.
    func ended(_ reason: ReaderEnd)
}

extension ReaderConnection {
    public func joined() {}
}

/// Why a reader's subscription is over.
public enum ReaderEnd: Sendable, Hashable {
    /// The log has ended and all of it is written.
    case complete
    /// Events that this view can't do without are gone: the reader came too late, or was too slow.
    case incomplete
    /// This node stops; the reader may come back.
    case shutdown
}
