import Synchronization
import Tokencast

/// Prints watched events: the text as it comes, a heading where another stream speaks.
final class WatchPrinter: Sendable {
    private struct State {
        var stream: String?
        var models: [String: String] = [:]
    }

    private let json: Bool
    private let isTerminal: Bool
    private let state = Mutex(State())

    init(json: Bool, isTerminal: Bool) {
        self.json = json
        self.isTerminal = isTerminal
    }

    func print(_ event: WatchedEvent) {
        guard !json else {
            return Exit.write(1, #"{"type":"\#(event.name)","id":"\#(event.id)","data":\#(event.data)}"# + "\n")
        }
        guard let piece = WatchedPiece(event) else { return }
        state.withLock { state in
            var output = ""
            switch piece.kind {
            case .start(let model):
                state.models[piece.stream] = model
            case .text(let text):
                output = heading(piece.stream, &state) + text
            case .reasoning(let text):
                output = heading(piece.stream, &state) + dim(text)
            case .tool(let text):
                output = heading(piece.stream, &state) + text
            case .end(let word):
                output = heading(piece.stream, &state) + "\n" + dim("── \(word)") + "\n"
                state.stream = nil
                state.models[piece.stream] = nil
            case .note(let text):
                output = dim("── \(text)") + "\n"
            }
            Exit.write(1, output)
        }
    }

    private func heading(_ stream: String, _ state: inout State) -> String {
        guard state.stream != stream else { return "" }
        let separator = state.stream == nil ? "" : "\n"
        state.stream = stream
        let model = state.models[stream] ?? "stream"
        return separator + dim("── \(model) \(stream)") + "\n"
    }

    private func dim(_ text: String) -> String { isTerminal ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
