/// Why a text says nothing about a replay: in words for whoever wrote it, with the forms there are.
public struct ReplayTextError: Error, Sendable, Hashable, CustomStringConvertible {
    public var message: String

    public init(_ message: String) {
        self.message = message
    }

    public var description: String { message }
}

/// What the texts of all options have in common.
enum ReplayText {
    /// Cuts a text at every such byte.
    static func parts(_ text: some StringProtocol, at separators: UInt8...) -> [String] {
        text.utf8.split(omittingEmptySubsequences: false) { separators.contains($0) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// What stands before the first such byte, and behind it; the latter is nil where there is none.
    static func halves(_ text: String, at separator: UInt8) -> (String, String?) {
        guard let index = text.utf8.firstIndex(of: separator) else { return (text, nil) }
        return (String(text[..<index]), String(text[text.utf8.index(after: index)...]))
    }

    /// A number of decimal digits alone.
    static func whole<Number: FixedWidthInteger>(_ text: String, in range: ClosedRange<Number>) -> Number? {
        guard !text.utf8.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Number(text).flatMap { range.contains($0) ? $0 : nil }
    }

    /// A text without the spaces and tabs around it.
    static func trimmed(_ text: String) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let tail = text.utf8.drop(while: isSpace)
        guard let last = tail.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(text[tail.startIndex...last])
    }
}
