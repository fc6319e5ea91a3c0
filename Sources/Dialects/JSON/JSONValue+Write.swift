extension JSONValue {
    /// The value as compact JSON: members in their order, numbers as they were written.
    public var jsonBytes: [UInt8] {
        var output: [UInt8] = []
        write(into: &output)
        return output
    }

    /// The value as compact JSON text.
    public var jsonText: String {
        String(decoding: jsonBytes, as: UTF8.self)
    }

    /// Appends the value as compact JSON.
    public func write(into output: inout [UInt8]) {
        switch kind {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: value ? "true".utf8 : "false".utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): Self.writeString(text, into: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(into: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.writeString(member.name, into: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(into: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// Appends a string as a JSON string.
    public static func writeString(_ text: String, into output: inout [UInt8]) {
        var text = text
        text.withUTF8 { writeString($0.span, into: &output) }
    }

    /// Appends bytes that are known to be UTF-8 as a JSON string.
    ///
    /// Only what RFC 8259 wants escaped is escaped, and DEL, which a terminal would swallow: a tape is read by people.
    public static func writeString(_ utf8: Span<UInt8>, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for start in stride(from: 0, to: utf8.count, by: blockSize) {
            writeBlock(utf8.extracting(start..<min(start + blockSize, utf8.count)), into: &output)
        }
        output.append(UInt8(ascii: "\""))
    }

    /// What a place on the stack may be made for.
    private static let blockSize = 160

    /// Appends a part of a string. It is written to a place of its own and appended whole: asking the array for room at
    /// every byte would be most of the work.
    private static func writeBlock(_ utf8: Span<UInt8>, into output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: escapedSize(utf8.count), alignment: 8) { room in
            let count = escape(utf8.bytes, into: room)
            output.append(contentsOf: room[..<count])
        }
    }

    /// How much room ``escape(_:into:)`` needs: an escape has 6 bytes at most, and 8 are written at a time.
    package static func escapedSize(_ count: Int) -> Int { count * 6 + 8 }

    /// Writes UTF-8 as the content of a JSON string.
    ///
    /// - Parameter room: where to; ``escapedSize(_:)`` bytes at least.
    /// - Returns: how many bytes it became.
    package static func escape(_ utf8: RawSpan, into room: UnsafeMutableRawBufferPointer) -> Int {
        precondition(room.count >= escapedSize(utf8.byteCount))
        // What is written has 6 bytes at most for each that was read, so that no store leaves the room.
        return utf8.withUnsafeBytes { utf8 in
            var read = 0
            var written = 0
            while read < utf8.count {
                let count = min(8, utf8.count - read)
                var word: UInt64 = 0
                if count == 8 {
                    word = utf8.loadUnaligned(fromByteOffset: read, as: UInt64.self)
                } else {
                    for place in 0..<count { word |= UInt64(utf8[read + place]) &<< UInt64(8 * place) }
                    word = word.littleEndian
                }
                room.storeBytes(of: word, toByteOffset: written, as: UInt64.self)
                let plain = min(count, plainCount(UInt64(littleEndian: word)))
                read += plain
                written += plain
                if plain == count { continue }
                written += escape(utf8[read], into: UnsafeMutableRawBufferPointer(rebasing: room[written...]))
                read += 1
            }
            return written
        }
    }

    /// How many of 8 bytes, the lowest first, stay as they are up to one that is escaped.
    ///
    /// Subtracting a bound from each byte borrows into the high bit of the first that is less, and bytes whose high bit was
    /// set before don't count. A borrow may mark later bytes wrongly, never an earlier one.
    @inline(__always)
    private static func plainCount(_ word: UInt64) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = (word ^ ones &* UInt64(UInt8(ascii: "\""))) &- ones
        let backslashes = (word ^ ones &* UInt64(UInt8(ascii: "\\"))) &- ones
        let deletes = (word ^ ones &* 0x7F) &- ones
        let controls = word &- ones &* 0x20
        let found = (quotes | backslashes | deletes | controls) & ~word & (ones &* 0x80)
        return found == 0 ? 8 : found.trailingZeroBitCount / 8
    }

    /// How many bytes a byte of UTF-8 becomes in a JSON string.
    package static func escapedLength(of byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x08, 0x0C, 0x0A, 0x0D, 0x09: 2
        case 0..<0x20, 0x7F: 6
        default: 1
        }
    }

    private static func escape(_ byte: UInt8, into room: UnsafeMutableRawBufferPointer) -> Int {
        room[0] = UInt8(ascii: "\\")
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): room[1] = byte
        case 0x08: room[1] = UInt8(ascii: "b")
        case 0x0C: room[1] = UInt8(ascii: "f")
        case 0x0A: room[1] = UInt8(ascii: "n")
        case 0x0D: room[1] = UInt8(ascii: "r")
        case 0x09: room[1] = UInt8(ascii: "t")
        default:
            let low = byte & 15
            room[1] = UInt8(ascii: "u")
            room[2] = UInt8(ascii: "0")
            room[3] = UInt8(ascii: "0")
            room[4] = UInt8(ascii: "0") + byte >> 4
            room[5] = low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10
            return 6
        }
        return 2
    }
}
