import Broadcast
import EventLoops
import Logging
import NIOCore
import NIOHTTP1

/// One HTTP/1.1 connection: hands each request to a responder, one after the other, and frames no byte itself.
///
/// A pipelined request waits, unread beyond its first parts, until the one before it is answered.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    /// Why nothing is read from the caller for now.
    struct Holds: OptionSet {
        let rawValue: UInt8
        /// The next request has to wait for its turn.
        static let pipeline = Holds(rawValue: 1)
        /// The upstream takes an upload more slowly than it comes.
        static let upload = Holds(rawValue: 2)
    }

    /// The user event that tells connections to close once they are idle.
    struct Drain {}

    private let server: ServerContext
    let channel: SocketChannel
    private var context: ChannelHandlerContext?
    private var responder: (any Responder)?
    private var writer: ResponseWriter?
    private var waiting: CircularBuffer<HTTPServerRequestPart> = []
    private var isBodyComplete = true
    private var holds: Holds = []
    /// Body bytes of an answered request that were read for nothing.
    private var drained = 0
    private var wantsRead = false
    private var isClosing = false
    private var isAdvancing = false
    /// Since when it waits for a request; nil while it has one.
    private var idleSince: NIODeadline?
    /// Stays from one request to the next: whoever asks often doesn't pay for it each time.
    private var idleTimer: LoopTimer?
    /// Runs while a request's body is awaited.
    private var bodyTimer: LoopTimer?
    private var lastPart = NIODeadline.now()
    /// All bytes that were ever written.
    private(set) var written = 0
    /// Whether another request may follow on this connection.
    var isKeptAlive = true

    init(server: ServerContext, channel: SocketChannel) {
        self.server = server
        self.channel = channel
    }

    /// False too once the connection is another handler's.
    var isWritable: Bool { context != nil && channel.isWritable }
    /// Those of the bytes ``written`` that the caller has not acknowledged.
    var unacknowledged: Int { context == nil ? 0 : channel.unacknowledgedBytes }

    // MARK: From the network

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        leave()
    }

    func channelActive(context: ChannelHandlerContext) {
        startIdleTimer()
        context.fireChannelActive()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isBodyComplete {
            lastPart = .now()
            awaitBody(for: server.configuration.keepAliveTimeout)
        }
        context.fireChannelReadComplete()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        let mustWait = isHead(part) && (responder != nil || isClosing)
        guard waiting.isEmpty, !mustWait else {
            waiting.append(part)
            return hold(.pipeline)
        }
        take(part)
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            begin(head)
        case .body(let bytes):
            if let responder { responder.body(bytes) } else { drain(bytes.readableBytes) }
        case .end:
            isBodyComplete = true
            responder?.bodyEnded()
            if context != nil { nextIfDone() }
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        idleSince = nil
        guard context != nil, !isClosing else { return }
        isBodyComplete = false
        // NIO's decoder takes nothing more behind a request that asks for another protocol, whether it gets it or not.
        isKeptAlive = head.isKeepAlive && !server.isDraining && !head.headers.contains(name: "upgrade")
        server.counters.requests.add()
        if head.headers.contains(name: "expect"),
            head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" })
        {
            write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
        }
        let writer = ResponseWriter(
            connection: self,
            acceptsChunks: head.version == .http1_1,
            isHead: head.method == .HEAD
        )
        self.writer = writer
        let responder = server.router.responder(to: head, on: self, writer: writer, eventLoop: channel.loop)
        // A request that was refused at once is answered by now.
        guard !writer.isDone else { return }
        self.responder = responder
        responder?.begin()
        // A write may have found the caller gone, before there was a responder to tell.
        if !channel.isActive { leave() }
    }

    /// The rest of a body that nobody wants: read so that the answer arrives, but not without end.
    private func drain(_ count: Int) {
        drained += count
        guard drained > 8 << 20, !isClosing else { return }
        closeAfterWrites()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if channel.isWritable {
            writer?.flush()
            responder?.writable()
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isAnswerable = error is HTTPParserError && writer?.hasHead != true && !isClosing && channel.isActive
        // Whoever is at work on the request learns first that nobody reads the answer.
        leave()
        guard isAnswerable else { return channel.close() }
        isKeptAlive = false
        isBodyComplete = true
        let writer = ResponseWriter(connection: self, acceptsChunks: true, isHead: false)
        writer.reply(
            status: 400,
            #"{"error":{"message":"this is not HTTP/1.1 as RFC 9112 has it","type":"invalid_request_error"}}"#
        )
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Drain {
            isKeptAlive = false
            if responder == nil { closeAfterWrites() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func leave() {
        idleTimer?.cancel()
        idleTimer = nil
        bodyTimer?.cancel()
        bodyTimer = nil
        let responder = self.responder
        self.responder = nil
        writer = nil
        waiting.removeAll()
        responder?.disconnected()
    }

    /// Drops a peer that began a body and sends no more of it, whether its request is answered already or waits for the
    /// rest. While an upstream takes an upload slowly, or answers before the body's end, the peer isn't to blame.
    ///
    /// The timers hold this until ``leave()``, which always comes: a weak reference would make each use of this slower.
    private func awaitBody(for time: TimeAmount) {
        guard bodyTimer == nil else { return }
        bodyTimer = channel.loop.after(time) { self.checkBody() }
    }

    private func checkBody() {
        bodyTimer = nil
        guard context != nil, !isBodyComplete else { return }
        let patience = server.configuration.keepAliveTimeout
        let isExcused = holds.contains(.upload) || writer?.hasHead == true
        let left = isExcused ? patience : patience - (.now() - lastPart)
        guard left <= .zero else { return awaitBody(for: left) }
        leave()
        channel.close()
    }

    // MARK: Reading at the responder's pace

    func read(context: ChannelHandlerContext) {
        if holds.isEmpty { context.read() } else { wantsRead = true }
    }

    /// Stops reading from the caller.
    func hold(_ reason: Holds) { holds.insert(reason) }

    func release(_ reason: Holds) {
        holds.remove(reason)
        guard holds.isEmpty, wantsRead else { return }
        wantsRead = false
        context?.read()
    }

    // MARK: To the network

    /// - Returns: whether the memory of the bytes is free again.
    @discardableResult
    func write(_ bytes: ByteBuffer) -> Bool {
        guard context != nil else { return true }
        written += bytes.readableBytes
        return channel.send(bytes)
    }

    func responseDone() {
        responder = nil
        writer = nil
        drained = 0
        // What is left of an upload is read on, or its sender would never look for the answer.
        release(.upload)
        nextIfDone()
    }

    /// Takes the next request once the last one is read and answered.
    private func nextIfDone() {
        guard responder == nil, isBodyComplete, writer == nil else { return }
        guard isKeptAlive else {
            return closeAfterWrites()
        }
        release(.pipeline)
        startIdleTimer()
        // Requests that are answered at once come back here: one loop takes them all, however many wait.
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while let part = waiting.first, responder == nil || !isHead(part) {
            waiting.removeFirst()
            take(part)
        }
        if !waiting.isEmpty { hold(.pipeline) }
    }

    /// Closes once everything written has gone out; a peer that doesn't read it is not waited for without end.
    private func closeAfterWrites() {
        guard context != nil, !isClosing else { return }
        isClosing = true
        waiting.removeAll()
        channel.closeAfterWrites(within: .seconds(30))
    }

    private func isHead(_ part: HTTPServerRequestPart) -> Bool {
        if case .head = part { return true }
        return false
    }

    /// Sends what there is, then closes the connection in the middle of a response.
    func hangUp(after bytes: ByteBuffer) {
        let responder = self.responder
        self.responder = nil
        writer = nil
        defer { responder?.disconnected() }
        if bytes.readableBytes > 0 { write(bytes) }
        closeAfterWrites()
    }

    /// Sends what there is, then resets the connection.
    func abort(after bytes: ByteBuffer) {
        let responder = self.responder
        self.responder = nil
        writer = nil
        isClosing = true
        defer { responder?.disconnected() }
        guard context != nil else { return }
        if bytes.readableBytes > 0 { write(bytes) }
        channel.resetsOnClose()
        channel.close()
    }

    private func startIdleTimer() {
        guard context != nil, idleSince == nil, responder == nil, isKeptAlive else { return }
        idleSince = .now()
        if idleTimer == nil { awaitRequest(for: server.configuration.keepAliveTimeout) }
    }

    private func awaitRequest(for time: TimeAmount) {
        idleTimer = channel.loop.after(time) { self.checkIdle() }
    }

    private func checkIdle() {
        idleTimer = nil
        guard let idleSince, responder == nil else { return }
        let left = server.configuration.keepAliveTimeout - (.now() - idleSince)
        if left > .zero { awaitRequest(for: left) } else { channel.close() }
    }

    /// Gives the connection to another handler; this one is gone afterwards. Where the connection is closing already
    /// nothing is done.
    func upgrade(response: ByteBuffer, to handler: any ChannelHandler) {
        guard let context, !isClosing else { return }
        responder = nil
        writer = nil
        write(response)
        // That write may have found the caller gone.
        guard channel.isActive else { return }
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(handler, position: .last)
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            pipeline.removeHandler(context: context, promise: nil)
            // Last: what it holds of the caller's first frames goes to the new handler.
            pipeline.removeHandler(context: decoder, promise: nil)
        } catch {
            channel.close()
        }
    }
}
