import NIOCore
import NIOHTTP1
import Upstream

/// A response's status line and headers, written as they are: no name is re-cased, none is added but framing.
struct ResponseHead {
    /// How the end of the body is told (RFC 9112, section 6).
    enum Framing: Equatable {
        case chunked
        case length(Int)
        /// By the end of the connection.
        case close
        /// There is no body, whatever the headers say.
        case none
    }

    var status: Int
    var reason: String
    var headers: [HeaderField]

    init(status: Int, reason: String? = nil, headers: [HeaderField] = []) {
        self.status = status
        self.reason = reason ?? HTTPResponseStatus(statusCode: status).reasonPhrase
        self.headers = headers
    }

    /// Whether a field is one line: what comes from a tape, its file's name included, may be anything (RFC 9110, section
    /// 5.5).
    private static func isWritable(_ field: HeaderField) -> Bool {
        !field.name.isEmpty && !field.name.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: ":") || $0 == 0x7F }
            && !field.bytes.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }
    }

    func write(into buffer: inout ByteBuffer, framing: Framing, isKeptAlive: Bool) {
        buffer.reserveCapacity(minimumWritableBytes: 512)
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status))
        buffer.writeStaticString(" ")
        buffer.writeString(reason)
        buffer.writeStaticString("\r\n")
        for field in headers where Self.isWritable(field) {
            buffer.writeString(field.name)
            buffer.writeStaticString(": ")
            buffer.writeBytes(field.bytes)
            buffer.writeStaticString("\r\n")
        }
        switch framing {
        case .chunked: buffer.writeStaticString("transfer-encoding: chunked\r\n")
        case .length(let length): buffer.writeString("content-length: \(length)\r\n")
        case .close, .none: break
        }
        if !isKeptAlive { buffer.writeStaticString("connection: close\r\n") }
        buffer.writeStaticString("\r\n")
    }
}
