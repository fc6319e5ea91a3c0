import Broadcast
import Dialects

/// Writes the text of the first choice, and where several streams share a file, says whose it is.
struct TextFlow {
    /// The stream that wrote last; nil where a heading is due.
    private var speaker: StreamID?
    /// Whether streams share the file, so that they need headings.
    private let hasHeadings: Bool

    init(hasHeadings: Bool) {
        self.hasHeadings = hasHeadings
    }

    /// The next text begins with a heading, as in a fresh file.
    mutating func restart() { speaker = nil }

    /// Appends what an event says.
    ///
    /// - Parameter isAtLineStart: whether what is written so far ends a line.
    mutating func append(_ event: TokenEvent, of info: StreamInfo, isAtLineStart: Bool, to bytes: inout [UInt8]) {
        switch event {
        case .delta(let delta):
            guard delta.choice == 0, case .text(let text) = delta.content, !text.isEmpty else { return }
            if hasHeadings, speaker != info.id {
                let isAtLineStart = bytes.last.map { $0 == UInt8(ascii: "\n") } ?? isAtLineStart
                if !isAtLineStart { bytes.append(UInt8(ascii: "\n")) }
                bytes.append(contentsOf: "── \(Self.heading(info))\n".utf8)
                speaker = info.id
            }
            bytes.append(contentsOf: text.utf8)
        case .end:
            // Whoever took the word has ended the line.
            guard !hasHeadings || speaker == info.id else { return }
            bytes.append(UInt8(ascii: "\n"))
            speaker = nil
        case .start, .restart, .usage, .finish, .opaque: break
        }
    }

    /// `gpt-4o 01k85…`, on one line whatever the model is called.
    private static func heading(_ info: StreamInfo) -> String {
        let model = (info.model ?? "stream").unicodeScalars.prefix(64).map { scalar in
            scalar.properties.generalCategory == .control ? "_" : Character(scalar)
        }
        return "\(String(model)) \(info.id)"
    }
}
