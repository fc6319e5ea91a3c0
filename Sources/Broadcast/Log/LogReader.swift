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

/// One subscriber of one log: a cursor, not a queue.
///
/// `@unchecked Sendable`: after it is made it is used on its feed's event loop only.
public final class LogReader: @unchecked Sendable {
    let format: ViewFormat
    private(set) var connection: (any ReaderConnection)?
    /// The next sequence number to deliver.
    var cursor = 0
    /// Where to begin; resolved to a cursor when the log is at hand.
    let position: ReadPosition
    /// Its index among the readers of its format.
    var place = 0
    weak var feed: LogFeed?
    /// The log that counts this reader, until it leaves.
    private var log: EventLog?
    private var epoch: StreamID?

    public init(format: ViewFormat, position: ReadPosition, connection: any ReaderConnection) {
        self.format = format
        self.position = position
        self.connection = connection
    }

    /// The id of the last event that it was given; nil until it has joined its log.
    public var token: ResumeToken? {
        guard let epoch, cursor > 0 else { return nil }
        return ResumeToken(epoch: epoch, sequence: cursor - 1)
    }

    /// The number of the newest event of the log that it reads.
    var newest: Int { log?.newest ?? 0 }

    /// The connection takes bytes again.
    public func writable() { feed?.catchUp(self) }

    /// The connection is gone, or wants no more.
    public func cancel() {
        feed?.remove(self)
        connection = nil
        leave()
    }

    func finish(_ reason: ReaderEnd) {
        let connection = self.connection
        self.connection = nil
        leave()
        connection?.ended(reason)
    }

    func join(_ log: EventLog) {
        self.log = log
        epoch = log.epoch
        log.readerCame()
    }

    private func leave() {
        log?.readerLeft()
        log = nil
    }
}
