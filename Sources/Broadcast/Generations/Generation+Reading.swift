import Dialects
public import NIOCore
import Synchronization

/// Reading the body: at the end of the turn that brought it where somebody follows the stream, or it has just begun; else when
/// some of it has come together, or somebody asks for what is in it.
extension Generation {
    /// How many bytes may wait. With so many the work is small that each chunk has a part in, whatever its size.
    private static let fewUnread = 2 << 10

    /// What is kept of the memory in which they wait, in bytes.
    private static let mostKept = 4 << 10

    /// Takes the next bytes of the body, `offset` microseconds after the request.
    public func feed(_ bytes: ByteBuffer, offset: Int) {
        self.offset = offset
        for sink in sinks { sink.append(bytes, of: self) }
        guard hasResponse else { return }
        bytes.withUnsafeReadableBytes { bytes in
            if unreadStreams != nil, unread.count + bytes.count <= Self.mostKept {
                unread.append(contentsOf: bytes)
            } else {
                parseUnread()
                parse(bytes.bytes)
            }
        }
    }

    /// Hands on what has come since the last call: once a turn of the event loop.
    public func seal() {
        guard unread.isEmpty || !leavesUnread() else { return }
        parseUnread()
        guard !buffer.isEmpty else { return }
        // Handed on, not copied: a copy would count references up and down.
        let content = exchange(&buffer, with: EventBuffer())
        addUp(content)
        folded = 0
        isBorrowing = false
        var summary: StreamSummary?
        if ended != nil {
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

    /// Reads what was left unread, and hands it on.
    func readUnread() {
        guard !unread.isEmpty else { return }
        parseUnread()
        seal()
    }

    // MARK: Leaving unread

    /// Whether what came may wait, and does.
    ///
    /// The first pieces never do: from them on it is known what the stream is, and how long they took.
    private func leavesUnread() -> Bool {
        guard let unreadStreams, tokenCount > 0, unread.count < Self.fewUnread, ended == nil, buffer.isEmpty,
            sinks.isEmpty
        else { return false }
        if !isListedUnread {
            isListedUnread = true
            unreadStreams.append(self, at: .coarse())
        }
        return !isFollowed
    }

    /// As ``hasReaders``, but its logs are asked only after a reader joined or left one: what this looks at is in use
    /// with every stream.
    private var isFollowed: Bool {
        let readership = hub.counters.readership.load(ordering: .sequentiallyConsistent)
        if following.readership != readership { following = (hasReaders, readership) }
        return following.isFollowed
    }

    // MARK: Parsing

    private func parseUnread() {
        guard !unread.isEmpty else { return }
        // Taken out, as whoever hears of an end may ask for more.
        var bytes = exchange(&unread, with: [])
        parse(bytes.span.bytes)
        guard ended == nil else { return }
        bytes.removeAll(keepingCapacity: true)
        unread = bytes
    }

    private func parse(_ bytes: RawSpan) {
        if !isBorrowing {
            isBorrowing = true
            if buffer.isEmpty, let lent = memory.lend() { buffer = lent }
        }
        // Fed beyond the stream's end too: whether the bytes end at a frame's end still matters to the caller.
        decoder.feed(bytes, into: &buffer)
        if decoder.hasEnded, ended == nil, let end = decoder.end { finish(end) }
    }

    /// Adds what has come to the fold: with the batch that it becomes, so that the fold is where the log is.
    func addUp(_ content: borrowing EventBuffer) {
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
}
