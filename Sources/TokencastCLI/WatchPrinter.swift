import Dialects
import Tokencast

/// Prints watched events: the text as it comes, a heading where another stream speaks.
struct WatchPrinter {
    private let json: Bool
    private let isTerminal: Bool
    /// The stream that spoke last.
    private var stream: String?
    private var models: [String: String] = [:]

    init(json: Bool, isTerminal: Bool) {
        self.json = json
        self.isTerminal = isTerminal
    }

    mutating func print(_ event: TokenStreamEvent) {
        guard !json else { return Exit.write(1, line(event) + "\n") }
        for piece in WatchedPiece.pieces(of: event) { print(piece) }
    }

    /// An event as one line of JSON.
    private func line(_ event: TokenStreamEvent) -> String {
        var line = Array(#"{"type":"#.utf8)
        line.appendJSON(string: event.name)
        line.append(verbatim: ",\"id\":")
        line.appendJSON(string: event.id)
        line.append(verbatim: ",\"data\":")
        // Data that isn't JSON would break the line.
        if case .unknown(_, let value) = event.content {
            value.write(into: &line)
        } else {
            line += event.data.utf8.map { $0 < 0x20 ? 0x20 : $0 }
        }
        line.append(verbatim: "}")
        return String(decoding: line, as: UTF8.self)
    }

    private mutating func print(_ piece: WatchedPiece) {
        var output = ""
        switch piece.kind {
        case .start(let model):
            models[piece.stream] = model
        case .text(let text):
            output = heading(piece.stream) + text
        case .reasoning(let text):
            output = heading(piece.stream) + dim(text)
        case .tool(let text):
            output = heading(piece.stream) + text
        case .end(let word):
            output = heading(piece.stream) + "\n" + dim("── \(word)") + "\n"
            stream = nil
            models[piece.stream] = nil
        case .note(let text):
            // On a line of its own; the stream that goes on behind it gets its heading again.
            output = (stream == nil ? "" : "\n") + dim("── \(text)") + "\n"
            stream = nil
        }
        Exit.write(1, output)
    }

    private mutating func heading(_ stream: String) -> String {
        guard self.stream != stream else { return "" }
        let separator = self.stream == nil ? "" : "\n"
        self.stream = stream
        let model = models[stream] ?? "stream"
        return separator + dim("── \(model) \(stream)") + "\n"
    }

    private func dim(_ text: String) -> String { isTerminal ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
