public import Dialects
import NIOCore

/// One upstream completion: what its bytes mean, its log, its message so far, who else wants it.
///
/// It observes: the caller's bytes go past it untouched. It is confined to one event loop and outlives its caller.
public final class Generation {
    /// What is known of a stream from its request.
    public struct Request: Sendable {
        public var method: String
        public var path: String
        public var model: String?
        public var channel: String?
        /// The name of the key that it came with; nil where none was needed.
        public var owner: String?
        /// The name of the upstream that answers.
        public var upstream: String?

        public init(
            method: String,
            path: String,
            model: String? = nil,
            channel: String? = nil,
            owner: String? = nil,
            upstream: String? = nil
        ) {
            self.method = method
            self.path = path
            self.model = model
            self.channel = channel
            self.owner = owner
            self.upstream = upstream
        }
    }

    /// What others see of it, wherever they are.
    public let record: StreamRecord
    public var id: StreamID { record.id }
    public var log: EventLog { record.log }
    /// What gives its bytes their meaning: as the request told, until the first frame shows that to be wrong.
    public var dialect: Dialect { decoder.dialect }
    /// Seconds since 1970.
    public var created: Int { record.created / 1000 }
    /// The upstream's HTTP status; nil until it answers.
    public private(set) var status: Int?
    /// What the upstream says that its body is; nil where it doesn't, or until it answers.
    public private(set) var contentType: String?
    /// The message as far as the log has it, of 8 MiB of text at most, since a stream may never end.
    public var fold: MessageFold { state.message }
    /// How it ended; nil while it runs.
    public var end: StreamEnd? {
        readUnread()
        return ended
    }

    private var request: Request { record.request }
    let hub: Hub
    let channels: [EventChannel]
    var sinks: [any GenerationSink]
    private let isCertain: Bool
    // Four that chunks change. None of them knows this generation, so nothing that they call comes back here while they
    // change: the check of that at run time would cost a tenth of a lone chunk.
    @exclusivity(unchecked) var decoder: StreamDecoder
    @exclusivity(unchecked) var buffer = EventBuffer()
    @exclusivity(unchecked) var pages: EventPages
    /// Bytes of the body that weren't read yet.
    @exclusivity(unchecked) var unread: [UInt8] = []
    /// Where the loop keeps the streams that are left unread; nil where none are.
    let unreadStreams: UnreadStreams?
    var isListedUnread = false
    /// Whether somebody followed it when the readership was this.
    var following = (isFollowed: false, readership: -1)
    var hasResponse = false
    /// Nil before the first batch.
    private(set) var info: StreamInfo?
    let state: StreamFold
    /// Whether the buffer is one of the loop's, to be given back.
    var isBorrowing = false
    let memory: TurnMemory
    /// How many of the buffer's events are in the fold.
    var folded = 0
    var offset = 0
    /// How many pieces of the answer came.
    var tokenCount = 0
    /// How it ended, as far as it was read.
    var ended: StreamEnd?

    init(
        record: StreamRecord,
        fold: StreamFold,
        dialect: Dialect,
        isCertain: Bool,
        channels: [EventChannel],
        sinks: [any GenerationSink],
        memory: TurnMemory,
        unreadStreams: UnreadStreams?,
        hub: Hub
    ) {
        self.record = record
        state = fold
        self.channels = channels
        self.sinks = sinks
        self.memory = memory
        self.unreadStreams = unreadStreams
        self.hub = hub
        pages = EventPages(held: hub.held)
        self.isCertain = isCertain
        decoder = StreamDecoder(dialect: dialect, isCertain: isCertain)
    }

    /// Whether anyone subscribes to it, directly or through a channel.
    public var hasReaders: Bool {
        log.readerCount > 0 || channels.contains { $0.log.readerCount > 0 }
    }

    /// Whether the bytes so far end where a frame ends (true before the first).
    public var isAtFrameBoundary: Bool {
        readUnread()
        return !hasResponse || decoder.isAtFrameBoundary
    }

    /// What to put behind the body so far to tell the caller of an error of ours, in the stream's own words; nil where
    /// it would stand within a frame, or can't be read there.
    public func errorFrame(_ error: StreamError, status: Int) -> [UInt8]? {
        guard hasResponse else { return nil }
        readUnread()
        return decoder.errorFrame(error, status: status, in: dialect.errors(forPath: request.path))
    }

    /// The upstream has answered; from here on its body may be fed.
    ///
    /// - Parameters:
    ///   - framing: how the body is cut; nil where it can't be read on its way, being compressed. Such a stream has no
    ///     events but its start and its end.
    ///   - contentType: the header's value.
    public func responded(status: Int, framing: Dialect.Framing?, contentType: String? = nil) {
        self.status = status
        self.contentType = contentType
        record.update { $0.status = status }
        if info == nil { state.info = makeInfo(StreamStart()) }
        guard let framing else { return }
        hasResponse = true
        decoder = StreamDecoder(dialect: dialect, isCertain: isCertain, framing: framing)
    }

    /// Made with the first batch, which holds the `start`: from then on nothing in it changes.
    func sealedInfo(_ content: borrowing EventBuffer) -> StreamInfo {
        if let info { return info }
        var start = StreamStart()
        for case .start(let found) in content.events { start = found }
        let info = makeInfo(start)
        state.info = info
        self.info = info
        record.update {
            $0.model = info.model
            $0.dialect = info.dialect
        }
        return info
    }

    private func makeInfo(_ start: StreamStart) -> StreamInfo {
        StreamInfo(
            id: id,
            created: created,
            createdMilliseconds: record.created,
            dialect: dialect.name,
            method: request.method,
            path: request.path,
            requestedModel: request.model,
            channel: request.channel,
            status: status,
            start: start
        )
    }
}
