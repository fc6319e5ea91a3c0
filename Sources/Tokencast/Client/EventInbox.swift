import NIOCore
import Synchronization

/// What a reader is yet to take: filled by a connection, emptied by the reader's task.
final class EventInbox: Sendable {
    typealias Result = Swift.Result<TokenStreamEvent?, TokenStreamError>

    private struct State {
        var events = CircularBuffer<TokenStreamEvent>()
        /// The bytes of their data.
        var size = 0
        var waiting: CircularBuffer<CheckedContinuation<Result, Never>> = []
        /// Set once nothing more is put in; an error is given once.
        var end: Result?
        /// Whether the connection is to be told when there is room.
        var isFull = false
    }

    private let state = Mutex(State())
    private let onRoom: @Sendable () -> Void

    /// So much, of one or the other, stops the transfer; at half of it it goes on.
    static let mostEvents = 256
    static let mostBytes = 256 << 10

    /// - Parameter onRoom: is called when there is room again after ``put(_:)`` has said that there is none.
    init(onRoom: @escaping @Sendable () -> Void) {
        self.onRoom = onRoom
    }

    /// Adds an event; false where no more should follow for now.
    func put(_ event: TokenStreamEvent) -> Bool {
        let (waiting, hasRoom) = state.withLock { state -> (CheckedContinuation<Result, Never>?, Bool) in
            guard state.end == nil else { return (nil, true) }
            if let waiting = state.waiting.popFirst() { return (waiting, true) }
            state.events.append(event)
            state.size += event.data.utf8.count
            if state.events.count >= Self.mostEvents || state.size >= Self.mostBytes { state.isFull = true }
            return (nil, !state.isFull)
        }
        waiting?.resume(returning: .success(event))
        return hasRoom
    }

    /// Nothing more comes. What is there can still be taken, unless the reader itself has had enough.
    func finish(_ error: TokenStreamError?, dropping: Bool = false) {
        let waiting = state.withLock { state in
            if dropping { state.events = [] }
            if dropping || state.end == nil { state.end = error.map { .failure($0) } ?? .success(nil) }
            defer { state.waiting = [] }
            return Array(state.waiting)
        }
        for (index, continuation) in waiting.enumerated() {
            continuation.resume(returning: index == 0 ? takeEnd() : .success(nil))
        }
    }

    /// Waits for the next event.
    func take(isolation actor: isolated (any Actor)?) async -> Result {
        await withCheckedContinuation(isolation: actor) { continuation in
            let (result, hasRoom) = state.withLock { state -> (Result?, Bool) in
                if let event = state.events.popFirst() {
                    state.size -= event.data.utf8.count
                    let isHalf = state.events.count <= Self.mostEvents / 2 && state.size <= Self.mostBytes / 2
                    defer { if isHalf { state.isFull = false } }
                    return (.success(event), state.isFull && isHalf)
                }
                if let end = state.end {
                    state.end = .success(nil)
                    return (end, false)
                }
                state.waiting.append(continuation)
                return (nil, false)
            }
            if hasRoom { onRoom() }
            if let result { continuation.resume(returning: result) }
        }
    }

    private func takeEnd() -> Result {
        state.withLock { state in
            defer { state.end = .success(nil) }
            return state.end ?? .success(nil)
        }
    }
}
