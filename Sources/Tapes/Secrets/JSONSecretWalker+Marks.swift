/// Which one of several an object is, as its members say.
extension JSONSecretWalker {
    mutating func setRole() {
        guard role != .none, let object = levels.last?.object else { return }
        let mark = SecretStreams.mix(tail, UInt64(truncatingIfNeeded: length))
        if role == .index {
            streams.set(index: mark, of: object)
        } else {
            streams.set(id: mark, of: object)
        }
        role = .none
    }

    mutating func note(_ text: Span<UInt8>, _ range: Range<Int>) {
        for index in max(range.lowerBound, range.upperBound - 8)..<range.upperBound {
            tail = tail << 8 | UInt64(text[index])
        }
        length += range.count
    }

    mutating func note(_ byte: UInt8) {
        tail = tail << 8 | UInt64(byte)
        length += 1
    }

    /// `index`, `output_index`, `contentBlockIndex`; `id`, `item_id`, `tool_call_id`.
    func role(_ tail: UInt64, _ length: Int) -> Role {
        switch UInt8(truncatingIfNeeded: tail) {
        case UInt8(ascii: "x"): return Self.ends(tail, "index") || Self.ends(tail, "Index") ? .index : .none
        case UInt8(ascii: "d"): break
        default: return .none
        }
        if length == 2 {
            // The id of a frame as a whole is that of the answer, or of the frame.
            let isOuter = levels.count <= 1 || levels.count == 2 && !levels[0].isObject
            return Self.ends(tail, "id") && !isOuter ? .id : .none
        }
        return ["item_id", "call_id", "ssage_id"].contains { Self.ends(tail, $0) } ? .id : .none
    }

    /// Whether the last bytes of a name are these, 8 at most.
    private static func ends(_ tail: UInt64, _ text: StaticString) -> Bool {
        let word = text.withUTF8Buffer { $0.reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
        return (tail ^ word) << UInt64(64 - 8 * text.utf8CodeUnitCount) == 0
    }
}
