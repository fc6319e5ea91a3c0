import Dialects
import EventLoops
import NIOCore
import Upstream

/// The response to one request: framed here, below NIO's encoders, and written once a turn.
///
/// What the socket doesn't take stays here as bytes, and ``backlog`` says how many; nothing is merged into frames
/// of another's making. Confined to the connection's loop.
final class ResponseWriter {
    /// The most that stands around a chunk: its size, and two line ends.
    private static let chunkFrame = 20
    private let connection: HTTPConnection
    private let acceptsChunks: Bool
    private let isHead: Bool
    private var framing = ResponseHead.Framing.none
    /// Not checked for overlapping access at run time: nothing is called while it changes.
    @exclusivity(unchecked) private var pending = ByteBuffer()
    private let buffers: LoopBuffers
    /// What the caller's browser is told with any answer; nil where no page of another origin asks.
    var crossOrigin: CrossOrigin?
    private(set) var hasHead = false
    private(set) var isDone = false
    private var remaining = 0

    init(connection: HTTPConnection, acceptsChunks: Bool, isHead: Bool) {
        self.connection = connection
        self.acceptsChunks = acceptsChunks
        self.isHead = isHead
        buffers = connection.channel.loop.buffers
    }

    /// Bytes that wait for the socket.
    var backlog: Int { pending.readableBytes }

    var isWritable: Bool { connection.isWritable }

    /// Whether event streams to this caller are framed in chunks (HTTP/1.0 knows none).
    var isChunked: Bool { framing == .chunked }

    /// Begins the response.
    ///
    /// - Parameter length: the body's length where it is known; else it is chunked, or ended by the connection's end.
    func head(_ head: ResponseHead, length: Int? = nil) {
        guard !hasHead, !isDone else { return }
        hasHead = true
        if isHead || head.status == 204 || head.status == 304 {
            framing = length.map { .length($0) } ?? .none
        } else if let length {
            framing = .length(length)
            remaining = length
        } else {
            framing = acceptsChunks ? .chunked : .close
        }
        if framing == .close { connection.isKeptAlive = false }
        var head = head
        if let crossOrigin { head.headers = crossOrigin.apply(to: head.headers) }
        head.write(into: &pending, framing: framing, isKeptAlive: connection.isKeptAlive)
    }

    /// Adds bytes to the body; ``flush()`` sends them.
    func body(_ bytes: ByteBuffer) {
        guard hasHead, !isDone, bytes.readableBytes > 0, !isHead else { return }
        if pending.capacity == 0 { pending = buffers.lend() }
        switch framing {
        case .chunked:
            bytes.withUnsafeReadableBytes { source in
                let size = source.count + Self.chunkFrame
                _ = pending.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
                    var text = TextWriter(target)
                    text.writeHexadecimal(source.count)
                    text.write("\r\n")
                    text.write(source)
                    text.write("\r\n")
                    return text.count
                }
            }
        case .length:
            remaining -= bytes.readableBytes
            guard remaining >= 0 else { return abort() }
            pending.writeImmutableBuffer(bytes)
        case .close:
            pending.writeImmutableBuffer(bytes)
        case .none:
            break
        }
    }

    /// Writes bytes that carry their framing already and are shared with other connections.
    func shared(_ bytes: ByteBuffer) {
        guard hasHead, !isDone else { return }
        flush()
        if pending.readableBytes > 0 {
            // The socket is behind: never overtake what waits.
            pending.writeImmutableBuffer(bytes)
        } else {
            connection.write(bytes)
        }
    }

    /// Hands over what waits, if the socket takes it.
    func flush() {
        guard pending.readableBytes > 0, connection.isWritable else { return }
        let bytes = exchange(&pending, with: ByteBuffer())
        if connection.write(bytes) { buffers.takeBack(bytes) }
    }

    /// Completes the body; the connection goes on to its next request, or closes.
    func end() {
        guard hasHead, !isDone else { return }
        if case .length = framing, remaining > 0, !isHead { return abort() }
        isDone = true
        if framing == .chunked { pending.writeStaticString("0\r\n\r\n") }
        let bytes = pending
        pending = ByteBuffer()
        if bytes.readableBytes > 0 { connection.write(bytes) }
        connection.responseDone()
    }

    /// Cuts the connection so that the caller can't take what it has for a whole response.
    func abort() {
        guard !isDone else { return }
        isDone = true
        let bytes = pending
        pending = ByteBuffer()
        connection.abort(after: bytes)
    }

    /// Closes the connection behind what there is, without the end of the response.
    func hangUp() {
        guard !isDone else { return }
        isDone = true
        let bytes = pending
        pending = ByteBuffer()
        connection.hangUp(after: bytes)
    }

    /// A whole small response.
    func reply(_ head: ResponseHead, _ body: ByteBuffer) {
        self.head(head, length: body.readableBytes)
        self.body(body)
        end()
    }

    func reply(status: Int, headers: [HeaderField] = [], contentType: String = "application/json", _ text: String) {
        let fields = [HeaderField("content-type", contentType)] + headers
        reply(ResponseHead(status: status, headers: fields), ByteBuffer(string: text))
    }
}

extension ResponseWriter {
    /// An error, worded as its reader's provider does.
    func reply(_ error: StreamError, status: Int, headers: [HeaderField] = [], in format: ErrorFormat) {
        let own = format.headers(status: status).map { HeaderField($0.name, $0.value) }
        reply(status: status, headers: own + headers, format.body(error, status: status))
    }
}
