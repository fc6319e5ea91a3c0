/// The server's reading side of a connection: bytes go in, whole messages and control frames come out (RFC 6455).
///
/// Whatever the peer does wrong is found as early as it can be: in a header's first bytes, or at the byte of a text that
/// isn't UTF-8. A message's size is known to be allowed before any of it is kept, so that a decoder holds one message
/// of at most the limit (an array's spare room aside), one control frame and one header.
///
/// ```swift
/// var index = 0
/// while let item = try decoder.next(in: bytes, from: &index) { … }
/// ```
public struct MessageDecoder: Sendable {
    /// What has come.
    public enum Item: Sendable, Hashable {
        /// A whole text; the bytes are UTF-8.
        case text([UInt8])
        case binary([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        /// The peer closes: with a code and a reason in UTF-8, or without. Nothing comes after it.
        case close(CloseCode?, reason: [UInt8])
    }

    private let maximumMessage: Int
    private var reader = FrameHeaderReader()
    /// The frame whose payload comes now.
    private var frame: FrameHeader?
    /// How much of that payload is still to come.
    private var missing = 0
    /// What the message begun is: text or binary; nil between messages.
    private var kind: Opcode?
    private var message: [UInt8] = []
    private var control: [UInt8] = []
    private var validator = UTF8Validator()
    /// After a close or a failure nothing that comes has a meaning.
    public private(set) var isOver = false

    /// - Parameter maximumMessage: bytes of payload that a message may have in all of its frames.
    public init(maximumMessage: Int) {
        self.maximumMessage = maximumMessage
    }

    /// Whether a frame or a message has come in part.
    public var isInside: Bool { reader.isInside || frame != nil || kind != nil }

    /// Reads on from `index` to the next whole item.
    ///
    /// - Returns: nil where all bytes are read; the rest of an item has to come yet.
    /// - Throws: what the peer did wrong. Every later call answers nil.
    public mutating func next(in bytes: RawSpan, from index: inout Int) throws(WebSocketFailure) -> Item? {
        do throws(WebSocketFailure) {
            while index < bytes.byteCount, !isOver {
                if frame == nil {
                    let byte = bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
                    index += 1
                    guard let header = try reader.take(byte) else { continue }
                    try begin(header)
                } else {
                    let count = min(missing, bytes.byteCount - index)
                    try take(bytes.extracting(index..<index + count))
                    index += count
                }
                if missing == 0, let item = try end() { return item }
            }
            index = bytes.byteCount
            return nil
        } catch {
            isOver = true
            message = []
            throw error
        }
    }

    private mutating func begin(_ header: FrameHeader) throws(WebSocketFailure) {
        switch header.opcode {
        case .close, .ping, .pong:
            control.removeAll(keepingCapacity: true)
        case .continuation:
            guard kind != nil else { throw .init(.protocolError, "there is no message to continue") }
            try checkSize(header)
        case .text, .binary:
            guard kind == nil else { throw .init(.protocolError, "the message before isn't at its end") }
            try checkSize(header)
            kind = header.opcode
        }
        frame = header
        missing = header.length
    }

    private func checkSize(_ header: FrameHeader) throws(WebSocketFailure) {
        guard header.length <= maximumMessage - message.count else {
            throw .init(.messageTooBig, "a message has at most \(maximumMessage) bytes")
        }
    }

    private mutating func take(_ bytes: RawSpan) throws(WebSocketFailure) {
        guard let opcode = frame?.opcode else { return }
        missing -= bytes.byteCount
        guard !opcode.isControl else {
            frame?.maskingKey.append(bytes, to: &control)
            return
        }
        let start = message.count
        frame?.maskingKey.append(bytes, to: &message)
        guard kind == .text else { return }
        let isValid = message.withUnsafeBytes { validator.add(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        guard isValid else { throw .init(.invalidPayload, "the text isn't UTF-8") }
    }

    /// The frame is whole; returns what is complete with it.
    private mutating func end() throws(WebSocketFailure) -> Item? {
        guard let header = frame else { return nil }
        frame = nil
        switch header.opcode {
        case .ping: return .ping(control)
        case .pong: return .pong(control)
        case .close:
            isOver = true
            return try close()
        case .text, .binary, .continuation:
            guard header.isFinal, let kind else { return nil }
            guard validator.isAtBoundary else {
                throw .init(.invalidPayload, "the text ends within a character")
            }
            let payload = message
            message = []
            self.kind = nil
            return kind == .text ? .text(payload) : .binary(payload)
        }
    }

    private func close() throws(WebSocketFailure) -> Item {
        guard !control.isEmpty else { return .close(nil, reason: []) }
        guard control.count >= 2 else { throw .init(.protocolError, "a close code has two bytes") }
        let code = CloseCode(rawValue: UInt16(control[0]) << 8 | UInt16(control[1]))
        guard code.isSendable else { throw .init(.protocolError, "a close frame can't have this code") }
        let reason = Array(control.dropFirst(2))
        var validator = UTF8Validator()
        guard validator.add(reason.span.bytes), validator.isAtBoundary else {
            throw .init(.invalidPayload, "the reason isn't UTF-8")
        }
        return .close(code, reason: reason)
    }
}
