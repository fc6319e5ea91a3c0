import CCurl
public import NIOCore
import Synchronization

/// The event loop's end of one transfer.
///
/// `@unchecked Sendable`: `receiver`, `isTouched` and `isOver` are read and written on `eventLoop` only; the rest is constant.
public final class UpstreamTransfer: @unchecked Sendable {
    public let eventLoop: any EventLoop
    let id: UInt64
    private let engine: UpstreamEngine
    private var receiver: (any UpstreamReceiver)?
    /// Whether this burst has touched the receiver, which then wants its ``UpstreamReceiver/turnEnded()``.
    var isTouched = false
    private var isOver = false
    /// Bytes of the body that the curl thread has handed over and the event loop hasn't taken.
    let inFlight = Atomic<Int>(0)
    /// Whether the curl thread holds the transfer back until the loop has caught up.
    let isHeldBack = Atomic<Bool>(false)
    /// A loop may be this far behind before its upstream is held back, and this far when that goes on.
    static let mostInFlight = 1 << 20
    static let resumeInFlight = 256 << 10

    init(id: UInt64, engine: UpstreamEngine, eventLoop: any EventLoop, receiver: any UpstreamReceiver) {
        self.id = id
        self.engine = engine
        self.eventLoop = eventLoop
        self.receiver = receiver
    }

    /// Stops the transfer and closes its connection. The receiver hears nothing more.
    public func cancel() {
        eventLoop.preconditionInEventLoop()
        guard receiver != nil else { return }
        receiver = nil
        engine.submit(.cancel(id))
    }

    /// Stops reading from the upstream until ``resume()``; the idle time-out rests meanwhile.
    public func pause() { engine.submit(.pause(id)) }

    public func resume() { engine.submit(.resume(id)) }

    /// The next part of a body announced as ``UpstreamRequest/Body/stream(length:)``; nil ends it.
    public func send(_ part: ByteBuffer?) { engine.submit(.body(id, part)) }

    /// Ends it without the curl thread, which is gone.
    func fail(_ failure: UpstreamFailure) {
        var nothing = ByteBuffer()
        deliver(.end(failure, offset: 0), from: &nothing)
        endTurn()
    }

    func deliver(_ record: Outbox.Record.Kind, from bytes: inout ByteBuffer) {
        switch record {
        case .head(let head):
            receiver?.head(head)
        case .chunk(let count, let offset):
            guard let slice = bytes.readSlice(length: count) else { return }
            let rest = inFlight.wrappingSubtract(count, ordering: .sequentiallyConsistent).newValue
            if rest < Self.resumeInFlight, isHeldBack.exchange(false, ordering: .sequentiallyConsistent) {
                engine.submit(.release(id))
            }
            receiver?.chunk(slice, offset: offset)
        case .bodyConsumed(let count):
            receiver?.bodyConsumed(count)
        case .end(let failure, let offset):
            isOver = true
            receiver?.end(failure, offset: offset)
        }
    }

    func endTurn() {
        isTouched = false
        receiver?.turnEnded()
        if isOver { receiver = nil }
    }
}
