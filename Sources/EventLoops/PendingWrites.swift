import NIOCore

/// What a socket hasn't taken yet, in order.
struct PendingWrites {
    private var list: CircularBuffer<(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)> = .init(initialCapacity: 0)
    /// Bytes that wait.
    private(set) var count = 0
    /// What is to be done behind the last of them.
    var ending = Ending.none

    enum Ending {
        case none
        /// This side is closed, the peer's isn't.
        case closeOutput
        case close
    }

    var isEmpty: Bool { list.isEmpty }
    var first: ByteBuffer? { list.first?.bytes }

    mutating func append(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
        list.append((bytes, promise))
        count += bytes.readableBytes
    }

    /// So many bytes of the first have gone out; it is over where that is all of it.
    ///
    /// - Returns: the promise that is to be kept then: whoever waits for it may write again.
    mutating func sent(_ sent: Int) -> EventLoopPromise<Void>? {
        guard !list.isEmpty else { return nil }
        count -= sent
        let index = list.startIndex
        list[index].bytes.moveReaderIndex(forwardBy: sent)
        guard list[index].bytes.readableBytes == 0 else { return nil }
        let promise = list.removeFirst().promise
        if list.isEmpty { list = .init(initialCapacity: 0) }
        return promise
    }

    /// Lets go of all that waits.
    ///
    /// - Returns: the promises that can't be kept.
    mutating func removeAll() -> [EventLoopPromise<Void>] {
        defer {
            list = .init(initialCapacity: 0)
            count = 0
        }
        return list.compactMap(\.promise)
    }
}
