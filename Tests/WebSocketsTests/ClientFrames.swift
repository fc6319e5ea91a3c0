@testable import WebSockets

/// A client's frames, made the simple way.
enum ClientFrames {
    static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    /// One frame.
    ///
    /// - Parameter lengthBytes: how many bytes follow the second one for the length; nil for as few as it takes.
    static func frame(
        _ opcode: UInt8,
        _ payload: [UInt8] = [],
        isFinal: Bool = true,
        reserved: UInt8 = 0,
        isMasked: Bool = true,
        key: [UInt8] = key,
        lengthBytes: Int? = nil
    ) -> [UInt8] {
        header(
            opcode,
            length: UInt64(payload.count),
            isFinal: isFinal,
            reserved: reserved,
            isMasked: isMasked,
            key: key,
            lengthBytes: lengthBytes
        ) + (isMasked ? payload.enumerated().map { $1 ^ key[$0 % 4] } : payload)
    }

    static func header(
        _ opcode: UInt8,
        length: UInt64,
        isFinal: Bool = true,
        reserved: UInt8 = 0,
        isMasked: Bool = true,
        key: [UInt8] = key,
        lengthBytes: Int? = nil
    ) -> [UInt8] {
        let extra = lengthBytes ?? (length < 126 ? 0 : length < 65536 ? 2 : 8)
        var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
        bytes.append((isMasked ? 0x80 : 0) | (extra == 0 ? UInt8(length) : extra == 2 ? 126 : 127))
        for index in (0..<extra).reversed() { bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(8 * index))) }
        return bytes + (isMasked ? key : [])
    }

    static func text(_ text: String, isFinal: Bool = true) -> [UInt8] { frame(1, Array(text.utf8), isFinal: isFinal) }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
        frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }
}

/// What a decoder made of bytes: the items, and how it failed, if it did.
struct Decoded: Equatable {
    var items: [MessageDecoder.Item] = []
    var failure: WebSocketFailure?
    /// How many bytes were read when it failed.
    var failedAt: Int?

    /// Feeds bytes in pieces that end at the given offsets.
    init(_ bytes: [UInt8], cuts: [Int] = [], limit: Int = 1 << 20) {
        var decoder = MessageDecoder(maximumMessage: limit)
        var start = 0
        for end in cuts + [bytes.count] where end >= start {
            let piece = Array(bytes[start..<end])
            var index = 0
            do throws(WebSocketFailure) {
                while let item = try decoder.next(in: piece.span.bytes, from: &index) { items.append(item) }
            } catch {
                failure = error
                failedAt = end
            }
            start = end
        }
    }

    static func eachByte(_ bytes: [UInt8], limit: Int = 1 << 20) -> Decoded {
        Decoded(bytes, cuts: Array(1..<max(bytes.count, 1)), limit: limit)
    }
}
