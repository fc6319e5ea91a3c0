import Glibc

/// A WebSocket client that frames and masks by itself.
package final class WebSocketClient: Sendable {
    package struct Frame: Sendable, Hashable {
        package var opcode: UInt8
        package var payload: [UInt8]

        package init(opcode: UInt8, payload: [UInt8]) {
            self.opcode = opcode
            self.payload = payload
        }

        package var text: String { String(decoding: payload, as: UTF8.self) }
        /// The code of a close frame.
        package var closeCode: Int? {
            opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
        }
    }

    package static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    package let connection: RawConnection

    /// Opens one, and waits for the server's consent.
    package init(port: Int, _ target: String, _ fields: [Field] = []) async throws {
        connection = try RawConnection(port: port)
        try await connection.send(Self.request(target, fields))
        let response = try await connection.head()
        guard response.status == 101 else { throw Failure("no WebSocket: \(response.status) \(response.text)") }
    }

    package static func request(_ target: String, _ fields: [Field] = []) -> RawRequest {
        let upgrade = [
            Field("Connection", "Upgrade"), Field("Upgrade", "websocket"), Field("Sec-WebSocket-Version", "13"),
            Field("Sec-WebSocket-Key", key),
        ]
        return .get(target, upgrade + fields)
    }

    /// Sends a frame.
    ///
    /// - Parameters:
    ///   - isMasked: false breaks the protocol.
    ///   - isFinal: false for a message that goes on in a next frame.
    package func send(
        opcode: UInt8,
        _ payload: [UInt8] = [],
        isMasked: Bool = true,
        isFinal: Bool = true
    ) async throws {
        try await connection.send(Self.frame(opcode: opcode, payload, isMasked: isMasked, isFinal: isFinal))
    }

    /// Sends a text in one frame.
    package func send(_ text: String) async throws {
        try await send(opcode: 1, Array(text.utf8))
    }

    package static func frame(
        opcode: UInt8,
        _ payload: [UInt8] = [],
        isMasked: Bool = true,
        isFinal: Bool = true
    ) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(mask | UInt8(payload.count))
        case ..<65536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(mask | 127)
            bytes += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: payload.count >> $0) }
        }
        if isMasked {
            let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
            bytes += key
            bytes += payload.enumerated().map { $1 ^ key[$0 % 4] }
        } else {
            bytes += payload
        }
        return bytes
    }

    package var frames: [Frame] { Self.parse(connection.inbox.current.upgraded) }

    /// Waits until the frames so far are as wanted.
    @discardableResult
    package func frames(until what: String, _ check: @Sendable ([Frame]) -> Bool) async throws -> [Frame] {
        try await connection.inbox.wait(for: what) { inbox in
            let frames = Self.parse(inbox.upgraded)
            if check(frames) { return frames }
            if inbox.end != .open { throw Failure("the socket ended before \(what): \(frames.map(\.text))") }
            return nil
        }
    }

    /// Waits for the server's close frame; all frames up to it.
    @discardableResult
    package func closed() async throws -> [Frame] {
        try await frames(until: "a close frame") { $0.contains { $0.opcode == 8 } }
    }

    /// The frames that are whole. A server's frames are not masked.
    package static func parse(_ bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var index = 0
        while index + 2 <= bytes.count {
            var length = Int(bytes[index + 1] & 0x7F)
            var start = index + 2
            let extra = length == 126 ? 2 : length == 127 ? 8 : 0
            guard start + extra <= bytes.count else { break }
            if extra > 0 { length = bytes[start..<start + extra].reduce(0) { $0 << 8 | Int($1) } }
            start += extra
            guard start + length <= bytes.count else { break }
            frames.append(Frame(opcode: bytes[index] & 0x0F, payload: Array(bytes[start..<start + length])))
            index = start + length
        }
        return frames
    }
}
