/// The checksum of gzip, Ethernet and AWS's event streams: CRC-32 with the reflected polynomial 0xEDB88320.
package struct CRC32: Sendable {
    private var register = UInt32.max

    package init() {}

    /// The checksum of what came so far.
    package var value: UInt32 { ~register }

    /// Eight tables of 256: what a byte does to the checksum from each of eight places behind it.
    ///
    /// With them eight bytes are taken at once (slicing-by-8), several times faster than one by one.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
            tables[byte] = value
        }
        for index in 256..<tables.count {
            let value = tables[index - 256]
            tables[index] = value >> 8 ^ tables[Int(value & 0xFF)]
        }
        return tables
    }()

    /// The checksum of some bytes.
    package static func checksum(_ bytes: RawSpan) -> UInt32 {
        var checksum = CRC32()
        checksum.update(bytes)
        return checksum.value
    }

    package mutating func update(_ bytes: RawSpan) {
        register = Self.tables.withUnsafeBufferPointer { tables in
            var crc = register
            var offset = 0
            while offset + 8 <= bytes.byteCount {
                let word = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
                // All indices are a byte within its own table.
                let low = UInt32(truncatingIfNeeded: word) ^ crc
                let high = UInt32(truncatingIfNeeded: word >> 32)
                crc =
                    tables[1792 + Int(low & 0xFF)] ^ tables[1536 + Int(low >> 8 & 0xFF)]
                    ^ tables[1280 + Int(low >> 16 & 0xFF)] ^ tables[1024 + Int(low >> 24)]
                    ^ tables[768 + Int(high & 0xFF)] ^ tables[512 + Int(high >> 8 & 0xFF)]
                    ^ tables[256 + Int(high >> 16 & 0xFF)] ^ tables[Int(high >> 24)]
                offset += 8
            }
            while offset < bytes.byteCount {
                crc = crc >> 8 ^ tables[Int((crc ^ UInt32(bytes.byte(at: offset))) & 0xFF)]
                offset += 1
            }
            return crc
        }
    }
}
