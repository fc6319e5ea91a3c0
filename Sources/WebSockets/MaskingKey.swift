/// The four bytes that a client's payload is mixed with (RFC 6455, section 5.3).
struct MaskingKey: Hashable {
    /// The key twice, its first byte the lowest.
    private var word: UInt64

    init(_ bytes: some Collection<UInt8>) {
        var word: UInt64 = 0
        for (index, byte) in bytes.prefix(4).enumerated() { word |= UInt64(byte) << UInt64(8 * index) }
        self.word = word | word << 32
    }

    /// Appends a piece of a frame's payload, unmasked.
    mutating func append(_ masked: RawSpan, to bytes: inout [UInt8]) {
        let start = bytes.count
        masked.withUnsafeBytes { bytes.append(contentsOf: $0) }
        bytes.withUnsafeMutableBytes { unmask(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
    }

    /// Unmasks bytes where they are, and turns the key to where the next ones of the same frame go on.
    mutating func unmask(_ bytes: UnsafeMutableRawBufferPointer) {
        let whole = bytes.count & ~7
        let key = word.littleEndian
        for offset in stride(from: 0, to: whole, by: 8) {
            let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            bytes.storeBytes(of: value ^ key, toByteOffset: offset, as: UInt64.self)
        }
        for offset in whole..<bytes.count {
            bytes[offset] ^= UInt8(truncatingIfNeeded: word >> UInt64(8 * (offset & 7)))
        }
        let turn = UInt64(8 * (bytes.count & 3))
        if turn > 0 { word = word >> turn | word << (64 - turn) }
    }
}
