import EventLoops

/// Which of libcurl's sockets an event loop watches, and for what.
///
/// libcurl takes its interest back when a transfer ends and shows it again when the next begins on the same connection. To
/// stay in epoll meanwhile saves two system calls an exchange, one of them between the upstream's answer and the caller. That
/// holds for connections, whose end is told; others, as those that a resolver's thread wakes it by, are closed without a word.
struct WatchedSockets {
    enum Step { case nothing, change, watch }

    private struct Entry {
        /// Nil while it isn't watched.
        var events: Readiness?
        var isWanted = false
        var isConnection = false
    }

    /// By descriptor.
    private var entries: [Entry] = []

    /// libcurl wants to hear of these events; what the loop has to do for that.
    mutating func want(_ socket: CInt, _ events: Readiness) -> Step {
        let index = make(socket)
        let known = entries[index].events
        entries[index].events = events
        entries[index].isWanted = true
        guard let known else { return .watch }
        return known == events ? .nothing : .change
    }

    /// libcurl doesn't want to hear of it for now; whether it may stay watched all the same.
    mutating func rest(_ socket: CInt) -> Bool {
        let index = make(socket)
        entries[index].isWanted = false
        if !entries[index].isConnection { entries[index].events = nil }
        return entries[index].isConnection
    }

    /// A connection has this socket now, until it is closed.
    mutating func opened(_ socket: CInt) { entries[make(socket)].isConnection = true }

    private mutating func make(_ socket: CInt) -> Int {
        let index = Int(socket)
        while entries.count <= index { entries.append(Entry()) }
        return index
    }

    func isWanted(_ socket: CInt) -> Bool {
        entries.indices.contains(Int(socket)) && entries[Int(socket)].isWanted
    }

    /// It isn't watched any more.
    mutating func unwatched(_ socket: CInt) { entries[make(socket)].events = nil }

    /// It is about to be closed; whether it was watched.
    mutating func closes(_ socket: CInt) -> Bool {
        let index = make(socket)
        defer { entries[index] = Entry() }
        return entries[index].events != nil
    }
}
