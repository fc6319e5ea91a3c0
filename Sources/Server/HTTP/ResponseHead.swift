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
        guard !field.name.isEmpty else { return false }
        for byte in field.name.utf8 where byte <= 0x20 || byte == UInt8(ascii: ":") || byte == 0x7F { return false }
        for byte in field.bytes where byte <= 0x0D && (byte == 0x0D || byte == 0x0A || byte == 0) { return false }
        return true
    }

    func write(into buffer: inout ByteBuffer, framing: Framing, isKeptAlive: Bool) {
        let size = headers.reduce(reason.utf8.count + Self.frame) { $0 + $1.name.utf8.count + $1.bytes.count + 4 }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
            var text = TextWriter(target)
            text.write("HTTP/1.1 ")
            text.write(status)
            text.write(" ")
            text.write(reason)
            text.write("\r\n")
            for field in headers where Self.isWritable(field) {
                text.write(field.name)
                text.write(": ")
                field.bytes.withUnsafeBytes { text.write($0) }
                text.write("\r\n")
            }
            switch framing {
            case .chunked: text.write("transfer-encoding: chunked\r\n")
            case .length(let length):
                text.write("content-length: ")
                text.write(length)
                text.write("\r\n")
            case .close, .none: break
            }
            if !isKeptAlive { text.write("connection: close\r\n") }
            text.write("\r\n")
            return text.count
        }
    }

    /// What stands around a head's reason and fields at most: two numbers, and lines of ours.
    private static let frame = 160
}
