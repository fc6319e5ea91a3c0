import TapeTools

/// Words what a tape plays, as `watch` words what a stream says.
struct TapePrinter {
    let isTerminal: Bool

    func steps(_ pieces: [PlayedPiece]) -> [(offset: Int64, output: [UInt8])] {
        var isLineOpen = false
        return pieces.map { piece in
            var output = ""
            switch piece.kind {
            case .text(let text), .tool(let text): output = shown(text)
            case .reasoning(let text): output = dim(shown(text))
            case .end(let word): output = (isLineOpen ? "\n" : "") + dim("── \(Printable.line(word))") + "\n"
            }
            if !output.isEmpty { isLineOpen = !output.hasSuffix("\n") }
            return (piece.offset, Array(output.utf8))
        }
    }

    /// A terminal would obey what steers it; a file gets the text as it is.
    private func shown(_ text: String) -> String { isTerminal ? Printable.text(text) : text }

    private func dim(_ text: String) -> String {
        isTerminal && !text.isEmpty ? "\u{1B}[2m\(text)\u{1B}[0m" : text
    }
}
