/// What hears of its descriptors on an event loop. Called on that loop only.
package protocol Watcher: AnyObject {
    /// Something can be done with a descriptor.
    func ready(_ descriptor: CInt, _ events: Readiness)
    /// The loop is about to end: whatever is open has to be closed now.
    func loopStops()
}

/// What a loop asks in each of its rounds, once the sockets have been looked at: for work that gathers there, and for times of its own.
package protocol RoundMember: AnyObject {
    /// When it wants to be asked even if no socket has news, in nanoseconds of the monotonic clock; `.max` for never.
    var deadline: UInt64 { get }
    /// Whether it has something to do before the loop may sleep.
    var isPending: Bool { get }
    func round(at now: UInt64)
    func loopStops()
}

/// What epoll tells of a descriptor, and what it is asked to tell.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let read = Readiness(rawValue: 0x001)
    package static let write = Readiness(rawValue: 0x004)
    /// Told whether it is asked for or not.
    package static let error = Readiness(rawValue: 0x008)
    /// Both sides are closed; told whether it is asked for or not.
    package static let hangUp = Readiness(rawValue: 0x010)
    /// The peer has closed its side: what it sent before can still be read.
    package static let peerClosed = Readiness(rawValue: 0x2000)

    // Bits, not arrays of them: another module's set algebra is not inlined, and allocates for each event of a socket.
    package var canRead: Bool { rawValue & 0x001 != 0 }
    package var canWrite: Bool { rawValue & 0x004 != 0 }
    package var isPeerClosed: Bool { rawValue & 0x2000 != 0 }
    /// Whether there was an error, or both sides are closed.
    package var isOver: Bool { rawValue & 0x018 != 0 }
}
