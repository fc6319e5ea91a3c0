/// Messages of `application/vnd.amazon.eventstream`, as far as a fuzzer needs them.
enum AWSMessages {
    /// Puts the checksums right of all messages, as far as their lengths make sense.
    static func seal(_ body: inout [UInt8]) {
        var start = 0
        while start + 16 <= body.count {
            let length = Int(number(body, start))
            guard length >= 16, length <= body.count - start else { return }
            put(checksum(body[start..<start + 8]), &body, start + 8)
            put(checksum(body[start..<start + length - 4]), &body, start + length - 4)
            start += length
        }
    }

    private static func number(_ body: [UInt8], _ offset: Int) -> UInt32 {
        body[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func put(_ number: UInt32, _ body: inout [UInt8], _ offset: Int) {
        for byte in 0..<4 { body[offset + byte] = UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * byte)) }
    }

    /// CRC-32 as in gzip, bit by bit.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~sum
    }
}
