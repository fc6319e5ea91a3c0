import NIOCore

extension ByteBuffer {
    /// The most that stands around a chunk: its size in hexadecimal, and two line ends.
    private static let chunkFrame = 2 * MemoryLayout<Int>.size + 4

    /// Writes bytes, at least one, as one chunk of the chunked coding (RFC 9112, section 7.1): in one go, as a stream's
    /// every token comes by here.
    mutating func writeChunk(_ bytes: ByteBuffer) {
        let count = bytes.readableBytes
        writeWithUnsafeMutableBytes(minimumWritableBytes: count + Self.chunkFrame) { room in
            var place = 0
            var shift = max(0, (Int.bitWidth - 1 - count.leadingZeroBitCount) / 4 * 4)
            while shift >= 0 {
                let digit = UInt8(truncatingIfNeeded: count >> shift & 0xF)
                room[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                place += 1
                shift -= 4
            }
            room.storeBytes(of: Self.lineEnd, toByteOffset: place, as: UInt16.self)
            place += 2
            bytes.withUnsafeReadableBytes {
                UnsafeMutableRawBufferPointer(rebasing: room[place...]).copyMemory(from: $0)
            }
            place += count
            room.storeBytes(of: Self.lineEnd, toByteOffset: place, as: UInt16.self)
            return place + 2
        }
    }

    private static let lineEnd = UInt16(bigEndian: 0x0D0A)
}
