import Broadcast
import NIOCore
import NIOWebSocket

/// A reader over a WebSocket: a text frame per event.
final class WebSocketSubscriber: ChannelInboundHandler, ReaderConnection {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = ByteBuffer

    private enum CloseCode {
        static let normal: UInt16 = 1000
        static let protocolError: UInt16 = 1002
        static let policy: UInt16 = 1008
        static let tooBig: UInt16 = 1009
        static let restart: UInt16 = 1012
    }

    private let subscription: Subscription
    private let server: ServerContext
    private let eventLoop: any EventLoop
    private var context: ChannelHandlerContext?
    private var isOver = false
    private var isClosing = false

    init(
        _ subscription: Subscription,
        _ server: ServerContext,
        _ eventLoop: any EventLoop
    ) {
        self.subscription = subscription
        self.server = server
        self.eventLoop = eventLoop
    }

    /// Begins to read; the connection is this handler's by now.
    func open() {
        server.counters.webSocketSubscribers.add()
        subscription.begin(.webSocket, for: self)
    }

    // MARK: ReaderConnection

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func write(_ bytes: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func ended(_ reason: ReaderEnd) {
        switch reason {
        case .complete: close(CloseCode.normal)
        case .incomplete: close(CloseCode.policy)
        case .shutdown: close(CloseCode.restart)
        }
    }

    // MARK: From the network

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        // A client must mask (RFC 6455, section 5.1).
        guard frame.maskKey != nil else { return close(CloseCode.protocolError) }
        // Who asks without reading the answers would have them pile up here.
        guard context.channel.isWritable else { return context.close(promise: nil) }
        switch frame.opcode {
        case .ping:
            write(Self.frame(0x8A, frame.unmaskedData))
        case .connectionClose:
            answerClose(frame.unmaskedData)
        case .text, .binary, .continuation:
            guard !isClosing else { return }
            let answer = #"{"type":"error","code":"unsupported","message":"this socket takes no messages"}"#
            write(Self.frame(0x81, ByteBuffer(string: answer)))
        default:
            break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { subscription.writable() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error as? NIOWebSocketError {
        case .invalidFrameLength: close(CloseCode.tooBig)
        case .some: close(CloseCode.protocolError)
        case nil: context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is HTTPConnection.Drain, !subscription.isReading { close(CloseCode.restart) }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Closing

    private func close(_ code: UInt16) {
        guard !isClosing else { return }
        isClosing = true
        leave()
        write(Self.frame(0x88, ByteBuffer(integer: code)))
        // The peer answers and closes; one that doesn't is not waited for.
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .seconds(5)) { bound.value.context?.close(promise: nil) }
    }

    private func answerClose(_ payload: ByteBuffer) {
        if !isClosing {
            isClosing = true
            write(Self.frame(0x88, payload.getSlice(at: payload.readerIndex, length: min(2, payload.readableBytes))))
        }
        leave()
        context?.close(promise: nil)
    }

    private func leave() {
        guard !isOver else { return }
        isOver = true
        server.counters.webSocketSubscribers.subtract()
        subscription.cancel()
    }

    /// A short frame, at most 125 bytes of payload as control frames have it.
    private static func frame(_ head: UInt8, _ payload: ByteBuffer?) -> ByteBuffer {
        let payload = payload ?? ByteBuffer()
        var buffer = ByteBuffer()
        buffer.writeInteger(head)
        buffer.writeInteger(UInt8(truncatingIfNeeded: min(payload.readableBytes, 125)))
        buffer.writeImmutableBuffer(
            payload.getSlice(at: payload.readerIndex, length: min(payload.readableBytes, 125)) ?? payload
        )
        return buffer
    }
}
