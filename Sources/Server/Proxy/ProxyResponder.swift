import Broadcast
import Dialects
import EventLoops
import NIOCore
import NIOHTTP1
import Tapes
import Upstream

/// Takes a request in for an upstream: JSON is read whole, because its model may decide the route; the rest streams up.
final class ProxyResponder: Responder {
    private let head: HTTPRequestHead
    private let target: RequestTarget
    private let caller: Caller
    private let server: ServerContext
    private let connection: HTTPConnection
    private let writer: ResponseWriter
    private let eventLoop: EpollLoop
    private let length: Int?
    /// Whether the body can go up as it comes.
    private let streamsBody: Bool
    /// What is held back until the request can start; nil once it has.
    private var held: ByteBuffer? = ByteBuffer()
    private var exchange: Exchange?
    /// Bytes handed to the upstream that have not gone out yet.
    private var outstanding = 0

    init(
        head: HTTPRequestHead,
        target: RequestTarget,
        caller: Caller,
        server: ServerContext,
        connection: HTTPConnection,
        writer: ResponseWriter,
        eventLoop: EpollLoop
    ) {
        self.head = head
        self.target = target
        self.caller = caller
        self.server = server
        self.connection = connection
        self.writer = writer
        self.eventLoop = eventLoop
        length = head.headers.first(name: "content-length").flatMap { Int($0) }
        let type = head.headers.first(name: "content-type").map(MediaType.essence) ?? ""
        // What has no type is JSON from a client that doesn't say so, more often than not.
        let isJSON = type.isEmpty || type == "application/json" || type.hasSuffix("+json")
        let hasBody = (length ?? 0) > 0 || head.headers.contains(name: "transfer-encoding")
        streamsBody = hasBody && !isJSON
    }

    func begin() {
        if streamsBody, !needsWholeBody { startStreaming() }
    }

    private var isHead: Bool { head.method == .HEAD }

    /// Tapes hold and match whole requests, and a signature covers all of one.
    private var needsWholeBody: Bool {
        let model = Dialect.model(inPath: target.path)
        guard let destination = server.configuration.destination(path: target.path, model: model) else { return false }
        switch destination.upstream.kind {
        case .replay: return true
        case .http(_, let authentication) where authentication.needsWholeBody: return true
        default: break
        }
        return destination.tapes?.isOff == false
    }

    // MARK: The request's body

    func body(_ part: ByteBuffer) {
        guard held != nil else { return forward(part) }
        held?.writeImmutableBuffer(part)
        if let held, held.readableBytes > server.configuration.maximumBufferedBody { startStreaming() }
    }

    func bodyEnded() {
        if let held {
            self.held = nil
            let peek = RequestPeek(path: target.path, query: target.query, body: held)
            start(
                held.readableBytes == 0 && (length == nil || isHead) ? .none : .bytes(Array(held.readableBytesView)),
                peek
            )
        } else {
            exchange?.uploadEnded()
        }
    }

    private func startStreaming() {
        let first = held
        held = nil
        start(.stream(length: length), RequestPeek(path: target.path, query: target.query))
        if let first, first.readableBytes > 0 { forward(first) }
    }

    private func forward(_ part: ByteBuffer) {
        guard let exchange else { return }
        outstanding += part.readableBytes
        exchange.send(part)
        if outstanding > 1 << 20 { connection.hold(.upload) }
    }

    private func consumed(_ count: Int) {
        outstanding -= count
        if outstanding < 256 << 10 { connection.release(.upload) }
    }

    // MARK: Where it goes

    private func start(_ body: UpstreamRequest.Body, _ peek: RequestPeek) {
        guard let destination = server.configuration.destination(path: target.path, model: peek.model) else {
            let error = Destination.missing(head.method.rawValue, target.path, peek.model)
            return writer.reply(error, status: 404, in: .matching(path: target.path))
        }
        var bytes: [UInt8] = []
        if case .bytes(let whole) = body { bytes = whole }
        let order = Exchange.Order(
            method: head.method.rawValue,
            destination: destination,
            query: target.query,
            headers: head.headers,
            body: body,
            bytes: bytes,
            peek: peek,
            options: target.options,
            caller: caller
        )
        if let error = Exchange.teeRefusal(order, server) {
            writer.reply(error, status: 400, in: order.destination.errors)
            return
        }
        let exchange = Exchange(order, server: server, caller: writer, eventLoop: eventLoop)
        if case .stream = body { exchange.onBodyConsumed = { [weak self] in self?.consumed($0) } }
        self.exchange = exchange
        exchange.start()
    }

    // MARK: The caller's side

    func writable() { exchange?.callerWritable() }

    func disconnected() { exchange?.callerLeft() }
}
