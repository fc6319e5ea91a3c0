public import NIOCore

/// The event loop's end of one transfer. Confined to that loop.
public final class UpstreamTransfer {
    private let driver: CurlDriver?
    /// libcurl's end; nil once that is over.
    var transfer: Transfer?
    private var receiver: (any UpstreamReceiver)?
    /// Whether this round has touched the receiver, which then wants its ``UpstreamReceiver/turnEnded()``.
    var isTouched = false
    private var isOver = false

    /// - Parameter driver: nil where the engine is stopped already.
    init(driver: CurlDriver?, receiver: any UpstreamReceiver) {
        self.driver = driver
        self.receiver = receiver
    }

    /// Stops the transfer and closes its connection. The receiver hears nothing more.
    public func cancel() {
        receiver = nil
        if let transfer { driver?.remove(transfer) }
    }

    /// Stops reading from the upstream until ``resume()``; the idle time-out rests meanwhile.
    public func pause() { setPaused(true) }

    public func resume() { setPaused(false) }

    private func setPaused(_ isPaused: Bool) {
        guard let transfer, transfer.isPaused != isPaused else { return }
        transfer.isPaused = isPaused
        if !isPaused, transfer.lastByte != nil { transfer.lastByte = monotonicNanoseconds() }
        driver?.pausesChanged(of: transfer)
    }

    /// The next part of a body announced as ``UpstreamRequest/Body/stream(length:)``; nil ends it.
    public func send(_ part: ByteBuffer?) {
        guard let transfer else { return }
        transfer.upload?.append(part)
        guard transfer.upload?.isWaiting == true else { return }
        transfer.upload?.isWaiting = false
        driver?.pausesChanged(of: transfer)
    }

    /// Ends it without libcurl.
    func fail(_ failure: UpstreamFailure) {
        var nothing = ByteBuffer()
        deliver(.end(failure, offset: 0), from: &nothing)
        endTurn()
    }

    func deliver(_ record: Outbox.Record.Kind, from bytes: inout ByteBuffer) {
        // A receiver may shut the engine down in the middle of a round: nothing comes behind the end.
        let receiver = isOver ? nil : self.receiver
        switch record {
        case .head(let head):
            receiver?.head(head)
        case .chunk(let count, let offset):
            // Taken out of the round's bytes even where nobody listens any more: the next chunk lies behind it.
            guard let slice = bytes.readSlice(length: count) else { return }
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
