public import Dialects

extension Generation {
    /// The body has ended; how, is the dialect's judgement. Nothing happens where the stream has ended already.
    public func bodyEnded(offset: Int) {
        readUnread()
        self.offset = offset
        defer { finishSinks() }
        guard ended == nil else { return }
        let end = hasResponse ? decoder.finish(into: &buffer) : StreamEnd(state: .complete)
        finish(end)
    }

    /// The stream has ended for a reason of its own: the transport failed, nobody wants the rest.
    public func abandon(_ end: StreamEnd) {
        readUnread()
        // Nothing came that says when.
        offset = max(offset, (Hub.milliseconds - record.created) * 1000)
        defer { finishSinks() }
        guard ended == nil else { return }
        finish(end)
    }

    /// The stream's end may come before the body's: bytes behind a `[DONE]` are the sinks' all the same.
    private func finishSinks() {
        let sinks = self.sinks
        self.sinks = []
        for sink in sinks { sink.finish() }
    }

    func finish(_ judged: StreamEnd) {
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
        ended = end
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
}

extension TokenEvent {
    fileprivate var isStart: Bool {
        if case .start = self { return true }
        return false
    }
}
