import Dialects

/// Writes the line of a chunk to a place that is large enough.
struct LineWriter {
    private let room: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    /// `["c",`, an offset of up to 19 digits, a comma, two quotes, a bracket and a line feed.
    private static let frame = 40

    /// How much room a line needs.
    ///
    /// - Parameters:
    ///   - escaped: how many bytes are escaped already.
    ///   - plain: how many aren't.
    static func size(escaped: Int = 0, plain: Int) -> Int { escaped + JSONValue.escapedSize(plain) + frame }

    init(_ room: UnsafeMutableRawBufferPointer) {
        self.room = room
    }

    /// What was written from a place on.
    func written(from start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: room[start..<count])
    }

    mutating func begin(_ offset: Int64) {
        append("[\"c\",")
        append(digitsOf: UInt64(offset.magnitude))
        append(",\"")
    }

    mutating func end() { append("\"]\n") }

    /// Appends text as the content of a JSON string.
    mutating func escape(_ text: RawSpan) {
        count += JSONValue.escape(text, into: UnsafeMutableRawBufferPointer(rebasing: room[count...]))
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    private mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(digitsOf number: UInt64) {
        var digits = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = number
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            room[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }
}
