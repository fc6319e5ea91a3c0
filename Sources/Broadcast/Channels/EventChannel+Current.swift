public import NIOCore

extension EventChannel {
    /// The generation to show to a reader of a view that shows one at a time. From any thread.
    ///
    /// Without a token it is the newest that runs, or else the next to start. With one of a stream of this channel it is
    /// that stream, until the reader has all of it; then the next one that started after it, whether it runs or not.
    ///
    /// - Parameters:
    ///   - token: what the reader has.
    ///   - view: what "all of it" means.
    /// - Returns: the stream's log, and what ends the wait for it, which then fails with ``ChannelClosed``.
    public func currentStream(
        after token: ResumeToken? = nil,
        in view: View = .raw
    ) -> (stream: EventLoopFuture<EventLog>, cancel: @Sendable () -> Void) {
        let ticket = nextTicket()
        let stream = log.eventLoop.flatSubmit {
            let promise = self.log.eventLoop.makePromise(of: EventLog.self)
            if self.isClosed {
                promise.fail(ChannelClosed())
            } else if let log = self.current(after: token, in: view) {
                promise.succeed(log)
            } else {
                self.waiting[ticket] = promise
            }
            return promise.futureResult
        }
        let cancel = { @Sendable in
            self.log.eventLoop.execute { self.waiting.removeValue(forKey: ticket)?.fail(ChannelClosed()) }
        }
        return (stream, cancel)
    }

    private func current(after token: ResumeToken?, in view: View) -> EventLog? {
        if let token, begun.contains(token.epoch) {
            if let log = begun.log(of: token.epoch), !log.isOver(after: token.sequence, in: view) { return log }
            return begun.next(after: token.epoch)
        }
        return fold.newest.flatMap { begun.log(of: $0) }
    }
}
