import WebSockets

/// Reads a client's frames the simple way, from bytes that are all there: slow, and close to the text of RFC 6455.
struct ReferenceReader {
    private(set) var items: [MessageDecoder.Item] = []
    private(set) var failure: CloseCode?
    private let bytes: [UInt8]
    private let limit: Int

    private struct Frame {
        var opcode: UInt8
        var isFinal: Bool
        var payload: [UInt8]
        var isWhole: Bool
    }

    init(_ bytes: [UInt8], limit: Int) {
        self.bytes = bytes
        self.limit = limit
        read()
    }

    private mutating func read() {
        var index = 0
        var kind: UInt8?
        var message: [UInt8] = []
        while index + 1 <= bytes.count {
            guard let frame = frame(&index, kind: kind, held: message.count) else { return }
            guard frame.opcode < 8 else {
                guard frame.isWhole else { return }
                guard control(frame) else { return }
                continue
            }
            kind = kind ?? frame.opcode
            message += frame.payload
            if kind == 1, !canBecomeText(message) { return fail(1007) }
            guard frame.isWhole else { return }
            guard frame.isFinal else { continue }
            if kind == 1, String(validating: message, as: UTF8.self) == nil { return fail(1007) }
            items.append(kind == 1 ? .text(message) : .binary(message))
            kind = nil
            message = []
        }
    }

    private mutating func fail(_ code: UInt16) { failure = CloseCode(rawValue: code) }

    /// The next frame, as much as there is of its payload; nil where it is wrong or its header isn't whole.
    private mutating func frame(_ index: inout Int, kind: UInt8?, held: Int) -> Frame? {
        let first = bytes[index]
        let opcode = first & 0xF
        guard first & 0x70 == 0, [0, 1, 2, 8, 9, 10].contains(opcode), opcode < 8 || first & 0x80 != 0 else {
            fail(1002)
            return nil
        }
        guard index + 1 < bytes.count else { return nil }
        let second = bytes[index + 1]
        guard second & 0x80 != 0, opcode < 8 || second & 0x7F < 126 else {
            fail(1002)
            return nil
        }
        let extra = second & 0x7F == 126 ? 2 : second & 0x7F == 127 ? 8 : 0
        let start = index + 2 + extra + 4
        guard start <= bytes.count else { return nil }
        var length = UInt64(second & 0x7F)
        if extra > 0 { length = bytes[index + 2..<index + 2 + extra].reduce(0) { $0 << 8 | UInt64($1) } }
        let isMinimal = extra == 0 || extra == 2 && length > 125 || extra == 8 && length > 65535
        let fits = opcode == 0 ? kind != nil : opcode >= 8 || kind == nil
        guard isMinimal, length < 1 << 63, fits else {
            fail(1002)
            return nil
        }
        guard opcode >= 8 || length <= UInt64(limit - held) else {
            fail(1009)
            return nil
        }
        let end = min(start + Int(length), bytes.count)
        let key = Array(bytes[start - 4..<start])
        let payload = bytes[start..<end].enumerated().map { $1 ^ key[$0 % 4] }
        index = end
        return Frame(
            opcode: opcode,
            isFinal: first & 0x80 != 0,
            payload: payload,
            isWhole: UInt64(payload.count) == length
        )
    }

    /// Takes a control frame; false where nothing counts behind it.
    private mutating func control(_ frame: Frame) -> Bool {
        guard frame.opcode == 8 else {
            items.append(frame.opcode == 9 ? .ping(frame.payload) : .pong(frame.payload))
            return true
        }
        guard !frame.payload.isEmpty else {
            items.append(.close(nil, reason: []))
            return false
        }
        let value = frame.payload.prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
        let allowed = Set(Array(1000...1003) + Array(1007...1014) + Array(3000...4999))
        let reason = Array(frame.payload.dropFirst(2))
        if frame.payload.count < 2 || !allowed.contains(Int(value)) {
            fail(1002)
        } else if String(validating: reason, as: UTF8.self) == nil {
            fail(1007)
        } else {
            items.append(.close(CloseCode(rawValue: value), reason: reason))
        }
        return false
    }

    /// Whether some continuation makes text of it.
    private func canBecomeText(_ bytes: [UInt8]) -> Bool {
        var texts = [bytes]
        for _ in 0...3 {
            if texts.contains(where: { String(validating: $0, as: UTF8.self) != nil }) { return true }
            texts = texts.flatMap { text in [0x80, 0x90, 0xA0].map { text + [$0] } }
        }
        return false
    }
}
