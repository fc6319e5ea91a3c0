import Broadcast
import Dialects
import Tapes

/// Masks secrets in bytes that come in pieces. What can't be told yet is held back; the length stays.
protocol PieceScrubber {
    /// Takes the next piece and gives what is decided.
    mutating func feed(_ bytes: [UInt8]) -> [UInt8]
    /// Gives the rest; nothing follows.
    mutating func finish() -> [UInt8]
}

/// Makes what masks one stream: its credentials, and whatever looks like one.
struct StreamMasks: Sendable {
    private let values: [[UInt8]]

    init(_ secrets: [String]) {
        values = secrets.map { Array($0.utf8) }.compactMap { secret in
            let token = secret.lastIndex(of: UInt8(ascii: " ")).map { Array(secret[($0 + 1)...]) } ?? secret
            return token.count >= 8 ? token : nil
        }
    }

    /// For the text of one part of the answer.
    func makeTextScrubber() -> any PieceScrubber { ValueScrubber(values) }

    /// For a body.
    func makeBodyScrubber() -> any PieceScrubber { ValueScrubber(values) }

    /// Masks a text that is whole.
    func masking(_ text: String) -> String {
        var scrubber = makeTextScrubber()
        let bytes = scrubber.feed(Array(text.utf8)) + scrubber.finish()
        return String(decoding: bytes, as: UTF8.self)
    }
}

struct ValueScrubber: PieceScrubber {
    private let values: [[UInt8]]
    private let hold: Int
    private var held: [UInt8] = []

    init(_ values: [[UInt8]]) {
        self.values = values
        hold = max(0, (values.map(\.count).max() ?? 0) - 1)
    }

    mutating func feed(_ bytes: [UInt8]) -> [UInt8] {
        held += bytes
        mask()
        let count = max(0, held.count - hold)
        defer { held.removeFirst(count) }
        return Array(held.prefix(count))
    }

    mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }

    private mutating func mask() {
        for value in values where held.count >= value.count {
            for start in 0...(held.count - value.count) where held[start..<(start + value.count)].elementsEqual(value) {
                for index in start..<(start + value.count) { held[index] = UInt8(ascii: "*") }
            }
        }
    }
}
