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

    private static let blockSize = 2048

    /// Appends a part of a string. An escape has 6 bytes at most, so it is written to a place of that size and appended
    /// whole: a tape's chunks go through here, and asking the array for room at every byte would be most of the work.
    private static func writeBlock(_ utf8: Span<UInt8>, into output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: utf8.count * 6) { room in
            var end = 0
            func put(_ byte: UInt8) {
                room[end] = byte
                end += 1
            }
            for index in utf8.indices {
                let byte = utf8[index]
                if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte != 0x7F {
                    put(byte)
                    continue
                }
                put(UInt8(ascii: "\\"))
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
                case 0x08: put(UInt8(ascii: "b"))
                case 0x0C: put(UInt8(ascii: "f"))
                case 0x0A: put(UInt8(ascii: "n"))
                case 0x0D: put(UInt8(ascii: "r"))
                case 0x09: put(UInt8(ascii: "t"))
                default:
                    put(UInt8(ascii: "u"))
                    put(UInt8(ascii: "0"))
                    put(UInt8(ascii: "0"))
                    put(hexDigits[Int(byte >> 4)])
                    put(hexDigits[Int(byte & 15)])
                }
            }
            output.append(contentsOf: room[..<end])
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
