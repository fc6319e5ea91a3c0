public import Dialects
public import NIOCore

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
    public private(set) var end: StreamEnd?

    private var request: Request { record.request }
    private let hub: Hub
    private let channels: [EventChannel]
    private var sinks: [any GenerationSink]
    private let isCertain: Bool
    // Three that every chunk changes. None of them knows this generation, so nothing that they call comes back here while
    // they change: the check of that at run time would cost a tenth of a lone chunk.
    @exclusivity(unchecked) private var decoder: StreamDecoder
    @exclusivity(unchecked) private var buffer = EventBuffer()
    @exclusivity(unchecked) private var pages: EventPages
    private var hasResponse = false
    private var info: StreamInfo?
    private let state: StreamFold
    /// Whether the buffer is one of the loop's, to be given back.
    private var isBorrowing = false
    private let memory: TurnMemory
    /// How many of the buffer's events are in the fold.
    private var folded = 0
    private var offset = 0
    /// How many pieces of the answer came.
    private var tokenCount = 0

    init(
        record: StreamRecord,
        fold: StreamFold,
        dialect: Dialect,
        isCertain: Bool,
        channels: [EventChannel],
        sinks: [any GenerationSink],
        memory: TurnMemory,
        hub: Hub
    ) {
        self.record = record
        state = fold
        self.channels = channels
        self.sinks = sinks
        self.memory = memory
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
    public var isAtFrameBoundary: Bool { !hasResponse || decoder.isAtFrameBoundary }

    /// What to put behind the body so far to tell the caller of an error of ours, in the stream's own words; nil where
    /// it would stand within a frame, or can't be read there.
    public func errorFrame(_ error: StreamError, status: Int) -> [UInt8]? {
        guard hasResponse else { return nil }
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

    /// Takes the next bytes of the body, `offset` microseconds after the request.
    public func feed(_ bytes: ByteBuffer, offset: Int) {
        self.offset = offset
        for sink in sinks { sink.append(bytes, of: self) }
        guard hasResponse else { return }
        if !isBorrowing {
            isBorrowing = true
            if buffer.isEmpty, let lent = memory.lend() { buffer = lent }
        }
        // Fed beyond the stream's end too: whether the bytes end at a frame's end still matters to the caller.
        bytes.withUnsafeReadableBytes { decoder.feed($0.bytes, into: &buffer) }
        if decoder.hasEnded, end == nil, let end = decoder.end { finish(end) }
    }

    /// The body has ended; how, is the dialect's judgement. Nothing happens where the stream has ended already.
    public func bodyEnded(offset: Int) {
        self.offset = offset
        defer { finishSinks() }
        guard end == nil else { return }
        let end = hasResponse ? decoder.finish(into: &buffer) : StreamEnd(state: .complete)
        finish(end)
    }

    /// The stream has ended for a reason of its own: the transport failed, nobody wants the rest.
    public func abandon(_ end: StreamEnd) {
        defer { finishSinks() }
        guard self.end == nil else { return }
        finish(end)
    }

    /// Hands on what has come since the last call: once a turn of the event loop.
    public func seal() {
        guard !buffer.isEmpty else { return }
        // Handed on, not copied: a copy would count references up and down.
        let content = exchange(&buffer, with: EventBuffer())
        addUp(content)
        folded = 0
        isBorrowing = false
        var summary: StreamSummary?
        if end != nil {
            summary = StreamSummary(finish: fold.finishReason, usage: fold.usage, hasVoided: fold.hasVoided)
        }
        let batch = pages.seal(content, sealedInfo(content), offset: offset, summary: summary, by: memory.packer)
        memory.takeBack(content)
        let now = NIODeadline.coarse()
        log.append(batch, at: now)
        for channel in channels { channel.append(batch, of: log, fold: state, at: now) }
        for sink in sinks { sink.append(batch) }
        hub.keepWithinBudget()
    }

    /// The stream's end may come before the body's: bytes behind a `[DONE]` are the sinks' all the same.
    private func finishSinks() {
        let sinks = self.sinks
        self.sinks = []
        for sink in sinks { sink.finish() }
    }

    /// Adds what has come to the fold: with the batch that it becomes, so that the fold is where the log is.
    private func addUp(_ content: borrowing EventBuffer) {
        let tokens = state.add(content, from: folded)
        folded = content.events.count
        guard tokens > 0 else { return }
        hub.counters.tokens.add(tokens)
        if tokenCount == 0 { sawFirstToken() }
        tokenCount += tokens
    }

    private func sawFirstToken() {
        hub.counters.timeToFirstToken.record(microseconds: offset)
        record.update { $0.firstToken = Hub.milliseconds }
    }

    private func finish(_ judged: StreamEnd) {
        addUp(buffer)
        var end = judged
        if let status, status >= 400 {
            // An error status is an error, whatever the body looked like.
            end.state = .error
            if end.error == nil { end.error = StreamError(message: "the upstream answered with status \(status)") }
            end.error?.status = status
        }
        if info == nil, !buffer.events.contains(where: \.isStart) { buffer.append(.start(StreamStart())) }
        if end.state != .complete { estimateUsage() }
        buffer.append(.end(end))
        self.end = end
        seal()
        for channel in channels { channel.leave() }
        log.end()
        hub.ended(self, end)
    }

    /// A stream that broke off has cost tokens all the same: what the provider would have counted at its end is
    /// counted by the pieces that came.
    private func estimateUsage() {
        guard tokenCount > 0, fold.usage?.output == nil else { return }
        buffer.append(.usage(TokenUsage(output: tokenCount, isEstimated: true, raw: "")))
    }

    /// Made with the first batch, which holds the `start`: from then on nothing in it changes.
    private func sealedInfo(_ content: borrowing EventBuffer) -> StreamInfo {
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

extension TokenEvent {
    fileprivate var isStart: Bool {
        if case .start = self { return true }
        return false
    }
}
