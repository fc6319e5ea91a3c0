import NIOCore

/// What a node has for one of its event loops.
final class HubLoop: Sendable {
    let eventLoop: any EventLoop
    let feeds = RemoteFeeds()
    let memory = TurnMemory()
    /// Nil where every stream is read at once.
    let unread: UnreadStreams?

    init(_ eventLoop: any EventLoop, leavesUnread: Bool) {
        self.eventLoop = eventLoop
        unread = leavesUnread ? UnreadStreams() : nil
    }

    /// Does something with the streams that are left unread, if there are any: before anything that is handed to the loop from
    /// now on.
    ///
    /// - Parameter current: the caller's loop, if that is known; on that one it is done at once.
    func withUnread(from current: (any EventLoop)? = nil, _ body: @escaping @Sendable (UnreadStreams) -> Void) {
        guard let unread, !unread.isEmpty else { return }
        if eventLoop === current { body(unread) } else { eventLoop.execute { body(unread) } }
    }
}
