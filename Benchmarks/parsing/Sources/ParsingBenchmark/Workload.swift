import Dialects
import NIOCore

/// A stream of one dialect, chunk by chunk: each is one frame with one piece of text, but for the first and the last.
struct Workload {
    let name: String
    let dialect: Dialect
    let framing: Dialect.Framing
    let chunks: [ByteBuffer]
    /// The same bytes in reads of many chunks each, as they come in a burst.
    let reads: [ByteBuffer]
    /// What the stream says; nil where its dialect understands nothing.
    let text: String?

    var byteCount: Int { chunks.reduce(0) { $0 + $1.readableBytes } }

    /// How many chunks a read of a burst has: about 16 KB, as much as a TLS record holds.
    private static let chunksPerRead = 64

    init(_ name: String, _ dialect: Dialect, framing: Dialect.Framing? = nil, text: String?, frames: [[UInt8]]) {
        self.name = name
        self.dialect = dialect
        self.framing = framing ?? dialect.framing
        self.text = text
        chunks = frames.map { ByteBuffer(bytes: $0) }
        reads = stride(from: 0, to: frames.count, by: Self.chunksPerRead).map { start in
            ByteBuffer(bytes: Array(frames[start..<min(start + Self.chunksPerRead, frames.count)].joined()))
        }
    }

    /// A stream of text.
    ///
    /// - Parameters:
    ///   - first: the frames before the pieces.
    ///   - piece: the frame of a piece, whose text is as it stands in JSON.
    ///   - last: the frames behind them.
    init(
        _ name: String,
        _ dialect: Dialect,
        framing: Dialect.Framing? = nil,
        isUnderstood: Bool = true,
        tokens count: Int,
        frame: (Frame) -> [UInt8] = { $0.event },
        first: [Frame] = [],
        piece: (_ text: String, _ number: Int) -> Frame,
        last: [Frame] = []
    ) {
        var tokens = Tokens()
        var text = ""
        var frames = first.map(frame)
        for number in 0..<count {
            let token = tokens.next()
            text += token
            frames.append(frame(piece(token.inJSON, number)))
        }
        self.init(name, dialect, framing: framing, text: isUnderstood ? text : nil, frames: frames + last.map(frame))
    }
}

/// One frame before it is put on the wire.
struct Frame: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    var name: String?
    var data: String

    init(_ name: String?, _ data: String) {
        self.name = name
        self.data = data
    }

    init(stringLiteral data: String) { self.init(nil, data) }

    /// As a server-sent event.
    var event: [UInt8] { Array(((name.map { "event: \($0)\n" } ?? "") + "data: \(data)\n\n").utf8) }

    /// As a line.
    var line: [UInt8] { Array((data + "\n").utf8) }

    /// As a message of AWS's, whose event type is the name.
    var message: [UInt8] {
        var headers: [UInt8] = []
        for (name, value) in [
            (":event-type", name ?? "chunk"), (":content-type", "application/json"), (":message-type", "event"),
        ] {
            headers.append(UInt8(name.utf8.count))
            headers += Array(name.utf8) + [7, UInt8(value.utf8.count >> 8), UInt8(value.utf8.count & 255)]
            headers += Array(value.utf8)
        }
        let payload = Array(data.utf8)
        var message = (16 + headers.count + payload.count).inBytes + headers.count.inBytes
        message += Int(message.crc32).inBytes + headers + payload
        return message + Int(message.crc32).inBytes
    }
}

extension Int {
    /// 32 bits, the highest first.
    fileprivate var inBytes: [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}

extension [UInt8] {
    /// The checksum of AWS's messages (IEEE 802.3).
    fileprivate var crc32: UInt32 {
        ~reduce(~0) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }
}
