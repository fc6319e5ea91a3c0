import Glibc
package import NIOCore

/// An accepted connection: a NIO channel whose bytes are read and written here, on the loop's own epoll.
///
/// What the socket takes at once is never queued: a write is one system call and nothing else. The pipeline is there
/// for what comes in; what goes out may pass it by, through ``send(_:)``.
///
/// `@unchecked Sendable`: confined to its loop, but for ``close(promise:)`` and its like, which go through the pipeline.
package final class SocketChannel: @unchecked Sendable {
    package let loop: EpollLoop
    private(set) var descriptor: CInt
    var pending = PendingWrites()
    private var interest: Readiness = []
    /// Whether the pipeline has asked for bytes.
    private var wantsRead = false
    private var mayWrite = true
    private var isOpen = true
    private var isRegistered = false
    private let closed: EventLoopPromise<Void>
    private var pipelineIfMade: ChannelPipeline?
    /// While more than so many bytes wait, it isn't writable; when fewer than a third of that do, it is again.
    package static let highWaterMark = 48 << 10
    package static let lowWaterMark = 16 << 10

    /// Takes over `descriptor`, which has to be non-blocking.
    package init(descriptor: CInt, on loop: EpollLoop) {
        self.descriptor = descriptor
        self.loop = loop
        closed = loop.makePromise()
    }

    package var pipeline: ChannelPipeline {
        if let pipelineIfMade { return pipelineIfMade }
        let pipeline = ChannelPipeline(channel: self)
        pipelineIfMade = pipeline
        return pipeline
    }

    package var isActive: Bool { isOpen }
    package var isWritable: Bool { isOpen && mayWrite }
    package var closeFuture: EventLoopFuture<Void> { closed.futureResult }

    /// Begins to listen to the peer, once the handlers are there.
    package func activate() {
        guard isOpen, !isRegistered else { return }
        isRegistered = true
        interest = .peerClosed
        loop.watch(descriptor, interest, by: self)
        pipeline.fireChannelRegistered()
        pipeline.fireChannelActive()
        if isOpen { pipeline.read() }
    }

    // MARK: To the peer

    /// Sends bytes, or keeps what the socket doesn't take now.
    ///
    /// - Returns: whether nothing of them is kept.
    @discardableResult
    package func send(_ bytes: ByteBuffer) -> Bool {
        guard isOpen else { return true }
        guard pending.isEmpty else {
            keep(bytes, nil)
            return false
        }
        let count = write(bytes)
        guard count < bytes.readableBytes, isOpen else { return true }
        var rest = bytes
        rest.moveReaderIndex(forwardBy: count)
        keep(rest, nil)
        return false
    }

    /// The bytes that the socket took at once.
    private func write(_ bytes: ByteBuffer) -> Int {
        guard bytes.readableBytes > 0 else { return 0 }
        var count = 0
        repeat {
            count = bytes.withUnsafeReadableBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
        } while count < 0 && errno == EINTR
        guard count < 0 else { return count }
        let code = errno
        if code != EAGAIN, code != EWOULDBLOCK { fail("send", code) }
        return 0
    }

    func keep(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
        pending.append(bytes, promise)
        change(interest.union(.write))
        guard mayWrite, pending.count > Self.highWaterMark else { return }
        mayWrite = false
        pipeline.fireChannelWritabilityChanged()
    }

    /// Sends what waits, as far as the socket takes it.
    func sendPending() {
        while isOpen, let bytes = pending.first {
            let count = write(bytes)
            guard isOpen else { return }
            pending.sent(count)?.succeed()
            if count < bytes.readableBytes { break }
        }
        guard isOpen else { return }
        if pending.isEmpty {
            change(interest.subtracting(.write))
            end()
        }
        guard isOpen, !mayWrite, pending.count < Self.lowWaterMark else { return }
        mayWrite = true
        pipeline.fireChannelWritabilityChanged()
    }

    /// Bytes that were sent and that the peer has not acknowledged: those that wait here, and those that the system
    /// holds for it.
    package var unacknowledgedBytes: Int {
        var queued: CInt = 0
        guard isOpen, ioctl(descriptor, UInt(TIOCOUTQ), &queued) == 0 else { return pending.count }
        return pending.count + Int(queued)
    }

    /// Makes closing reset the connection: the peer sees an error, not a clean end.
    package func resetsOnClose() {
        guard isOpen else { return }
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    // MARK: From the peer

    func askForBytes() {
        wantsRead = true
        change(interest.union(.read))
    }

    /// Reads once; what is left is told again.
    private func receive() {
        guard wantsRead else { return change(interest.subtracting(.read)) }
        guard let bytes = read() else { return }
        wantsRead = false
        pipeline.fireChannelRead(bytes)
        pipeline.fireChannelReadComplete()
        if isOpen, !wantsRead { pipeline.read() }
    }

    /// The peer has closed its side: what it sent before is finite, and is taken now, whether it is wanted or not.
    private func receiveRest() {
        while isOpen, let bytes = read() {
            pipeline.fireChannelRead(bytes)
            pipeline.fireChannelReadComplete()
        }
    }

    /// The next bytes; nil where there are none now, or the connection is closed.
    private func read() -> ByteBuffer? {
        var count = 0
        repeat {
            count = recv(descriptor, loop.scratch.baseAddress, loop.scratch.count, 0)
        } while count < 0 && errno == EINTR
        if count > 0 { return ByteBuffer(bytes: UnsafeRawBufferPointer(rebasing: loop.scratch[..<count])) }
        if count == 0 {
            closeNow(ChannelError.eof)
        } else if errno != EAGAIN, errno != EWOULDBLOCK {
            fail("recv", errno)
        }
        return nil
    }

    // MARK: Ends

    private func fail(_ call: StaticString, _ code: CInt) {
        let error = IOError(errnoCode: code, reason: "\(call)")
        pipeline.fireErrorCaught(error)
        // Where whoever heard of the error hasn't done so.
        closeNow(error)
    }

    /// Closes this side once everything that waits has gone out; the peer may go on sending.
    package func closeOutput() {
        guard isOpen else { return }
        pending.ending = .closeOutput
        if pending.isEmpty { end() }
    }

    /// Closes once everything that waits has gone out; a peer that doesn't take it is not waited for beyond `limit`.
    package func closeAfterWrites(within limit: TimeAmount) {
        guard isOpen else { return }
        pending.ending = .close
        guard !pending.isEmpty else { return end() }
        let timer = loop.after(limit) { [weak self] in self?.close() }
        closed.futureResult.assumeIsolated().whenComplete { _ in timer.cancel() }
    }

    /// Closes at once.
    package func close() { closeNow(ChannelError.ioOnClosedChannel) }

    private func end() {
        switch pending.ending {
        case .none: break
        case .closeOutput: shutdown(descriptor, CInt(SHUT_WR))
        case .close: close()
        }
    }

    func closeNow(_ error: any Error) {
        guard isOpen else { return }
        isOpen = false
        if isRegistered { loop.unwatch(descriptor) }
        Glibc.close(descriptor)
        descriptor = -1
        let pipeline = self.pipeline
        for promise in pending.removeAll() { promise.fail(error) }
        guard isRegistered else { return finishClosing(pipeline) }
        pipeline.fireChannelInactive()
        pipeline.fireChannelUnregistered()
        // Not within a handler's own call.
        loop.soon { self.finishClosing(pipeline) }
    }

    private func finishClosing(_ pipeline: ChannelPipeline) {
        removeHandlers(pipeline: pipeline)
        closed.succeed()
    }

    private func change(_ new: Readiness) {
        guard new != interest, isOpen, isRegistered else { return }
        interest = new
        loop.rewatch(descriptor, new)
    }
}

extension SocketChannel: Watcher {
    package func ready(_ descriptor: CInt, _ events: Readiness) {
        if events.isOver {
            // What came before the end is the peer's last word.
            receiveRest()
            return closeNow(ChannelError.eof)
        }
        if events.canWrite { sendPending() }
        if events.isPeerClosed, isOpen {
            receiveRest()
        } else if events.canRead, isOpen {
            receive()
        }
    }

    package func loopStops() { closeNow(EventLoopError.shutdown) }
}
