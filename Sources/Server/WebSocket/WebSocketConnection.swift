import EventLoops
package import NIOCore
package import WebSockets

/// A connection once it is a WebSocket: frames, pings, the closing handshake. What is said in messages is its
/// application's affair.
///
/// Confined to its event loop.
package final class WebSocketConnection: ChannelInboundHandler, Swept {
    package typealias InboundIn = ByteBuffer

    package struct Limits: Sendable {
        /// Bytes of a message. Default 64 KiB.
        package var message = 64 << 10
        /// Bytes of answers that may wait while the socket takes none: who asks on without reading is cut off. Default
        /// 12 KiB, which is within 64 KiB together with what waits already when a socket is found full.
        package var unsent = 12 << 10
        /// How long a peer may take nothing while there is something for it. Default 30 s.
        package var stall: TimeAmount
        package var times = KeepAlive.Times()

        package init(stall: TimeAmount = .seconds(30)) { self.stall = stall }
    }

    private enum Phase {
        case open
        /// A close frame is out; the peer's is to come.
        case closing
        /// Nothing more goes out; the peer has to close its side.
        case ended
    }

    private let application: any WebSocketApplication
    private let limits: Limits
    private let sweep: Sweep
    private var decoder: MessageDecoder
    private var keepAlive: KeepAlive
    /// Nil until the connection is this one's, and once it is closed.
    private var channel: SocketChannel?
    private var phase = Phase.open
    private var unsent = 0
    private var progress: SocketProgress
    /// All bytes that were ever sent.
    private var written = 0
    package var place = 0

    package init(_ application: any WebSocketApplication, _ sweep: Sweep, limits: Limits = .init()) {
        self.application = application
        self.limits = limits
        self.sweep = sweep
        progress = SocketProgress(patience: limits.stall)
        decoder = MessageDecoder(maximumMessage: limits.message)
        let interval = max(limits.times.interval, 1)
        keepAlive = KeepAlive(
            limits.times,
            at: NIODeadline.now().nanoseconds,
            first: .random(in: interval / 4...interval)
        )
    }

    // MARK: To the peer

    /// Whether neither side has closed.
    package var isOpen: Bool { phase == .open }

    /// Whether the socket takes more; while it doesn't, only answers are to be sent.
    package var isWritable: Bool { phase == .open && channel?.isWritable ?? false }

    /// Sends whole frames, which other connections may share.
    package func write(_ frames: ByteBuffer) {
        guard phase == .open else { return }
        written += frames.readableBytes
        channel?.send(frames)
    }

    /// Sends a message because of one that came. Who has too many answers waiting for it is cut off.
    package func answer(_ opcode: Opcode, _ payload: [UInt8]) {
        guard phase == .open, let channel else { return }
        if !channel.isWritable {
            unsent += payload.count
            guard unsent <= limits.unsent else { return drop() }
        }
        write(ByteBuffer(bytes: FrameEncoder.frame(opcode, payload)))
    }

    /// Begins the closing handshake: the peer answers and the connection is closed; one that doesn't is not waited for.
    package func close(_ code: CloseCode, _ reason: String = "") {
        guard phase == .open else { return }
        phase = .closing
        sendClose(code, reason, andEnd: false)
    }

    /// Fails the connection (RFC 6455, section 7.1.7): what comes from here on is not looked at.
    private func fail(_ failure: WebSocketFailure) {
        guard phase == .open else { return end() }
        phase = .ended
        sendClose(failure.code, failure.reason, andEnd: true)
    }

    private func sendClose(_ code: CloseCode?, _ reason: String, andEnd: Bool) {
        keepAlive.closes(at: NIODeadline.now().nanoseconds)
        application.closed()
        channel?.send(ByteBuffer(bytes: FrameEncoder.close(code, reason)))
        if andEnd { end() }
    }

    /// Closes this side, behind what waits to be sent. The peer reads the end and closes its own, or is dropped after a
    /// while: were both sides closed
    /// at once, bytes that it still sends would make the system throw away what it hasn't read.
    private func end() {
        phase = .ended
        keepAlive.closes(at: NIODeadline.now().nanoseconds)
        channel?.closeOutput()
    }

    /// Closes at once.
    private func drop() {
        if phase == .open { application.closed() }
        phase = .ended
        channel?.close()
    }

    // MARK: From the network

    /// The connection is this handler's: what the peer sent right behind its request comes after this.
    package func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel as? SocketChannel
        sweep.add(self)
        application.opened(self)
    }

    package func handlerRemoved(context: ChannelHandlerContext) { channel = nil }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        keepAlive.heard()
        guard phase != .ended else { return }
        var index = 0
        do throws(WebSocketFailure) {
            while let item = try decoder.next(in: bytes.readableBytesSpan, from: &index) {
                take(item)
                guard phase != .ended else { return }
            }
        } catch {
            fail(error)
        }
    }

    private func take(_ item: MessageDecoder.Item) {
        if case .close(let code, _) = item { return closedByPeer(code) }
        guard phase == .open else { return }
        switch item {
        case .text(let text): application.received(text: text)
        case .binary(let data): application.received(binary: data)
        case .ping(let payload): answer(.pong, payload)
        case .pong, .close: break
        }
    }

    private func closedByPeer(_ code: CloseCode?) {
        guard phase == .open else { return end() }
        phase = .ended
        sendClose(code, "", andEnd: true)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isWritable {
            unsent = 0
            application.writable()
        }
        context.fireChannelWritabilityChanged()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        if phase == .open { application.closed() }
        phase = .ended
        sweep.remove(self)
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { drop() }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is HTTPConnection.Drain, phase == .open { application.draining() }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Time

    /// Pings when it is time, and gives up a peer that isn't there, or takes nothing.
    package func check(at now: NIODeadline) {
        if phase == .open {
            let isStalled = progress.isStalled(written: written, unacknowledged: unacknowledged, at: now)
            if isStalled { application.stalled() }
        }
        switch keepAlive.check(at: now.nanoseconds, takesPing: { isWritable && unacknowledged < Self.soon }) {
        case .nothing: break
        case .ping: write(ByteBuffer(bytes: FrameEncoder.frame(.ping)))
        case .lost: drop()
        }
    }

    /// Bytes that were sent and that the peer hasn't acknowledged.
    private var unacknowledged: Int { channel?.unacknowledgedBytes ?? 0 }

    /// Behind no more than so many bytes a ping reaches the peer soon.
    private static let soon = 16 << 10
}

extension NIODeadline {
    /// Nanoseconds of a clock that never goes back.
    fileprivate var nanoseconds: Int { Int(clamping: uptimeNanoseconds) }
}
