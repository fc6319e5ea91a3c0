import Dialects

/// What a person sees of a watched event.
public struct WatchedPiece: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// A stream began, with the model that answers.
        case start(model: String)
        case text(String)
        case reasoning(String)
        /// A tool call's name, or a piece of its arguments.
        case tool(String)
        /// How the stream ended.
        case end(String)
        /// Something about the subscription itself, or what somebody published.
        case note(String)
    }

    public var stream: String
    public var kind: Kind

    init(_ stream: String, _ kind: Kind) {
        self.stream = stream
        self.kind = kind
    }

    /// What there is to see of an event: nothing of most, several things of a snapshot.
    public static func pieces(of event: TokenStreamEvent) -> [WatchedPiece] {
        let stream = event.stream ?? ""
        switch event.content {
        case .start(let start):
            return [WatchedPiece(stream, .start(model: start.model ?? "?"))]
        case .restart:
            return [WatchedPiece(stream, .note("the provider began anew: what came before is void"))]
        case .delta(let delta):
            return kind(of: delta).map { [WatchedPiece(stream, $0)] } ?? []
        case .end(let end, let finish):
            let reason = end.error?.message ?? finish
            let state = end.state.rawValue
            return [WatchedPiece(stream, .end(reason.map { "\(state): \($0)" } ?? state))]
        case .snapshot(let snapshot):
            return snapshot.streams.flatMap(pieces(of:))
        case .reset(let reason):
            return [WatchedPiece(stream, .note("some events are missing: \(reason)"))]
        case .message(let name, let data):
            return [WatchedPiece(stream, .note("\(name): \(data.jsonText)"))]
        case .usage, .slow, .unknown:
            return []
        }
    }

    private static func kind(of delta: TokenDelta) -> Kind? {
        guard delta.choice == 0 else { return nil }
        switch delta.content {
        case .text(let text), .refusal(let text): return .text(text)
        case .reasoning(let text): return .reasoning(text)
        case .toolCall(let call): return tool(call.name, call.arguments)
        case .citation: return nil
        }
    }

    private static func pieces(of stream: TokenStreamSnapshot.Stream) -> [WatchedPiece] {
        let parts = stream.choices.first { $0.index == 0 }?.parts ?? []
        let kinds: [Kind] = parts.compactMap { part in
            switch part.content {
            case .text(let text), .refusal(let text): .text(text)
            case .reasoning(let text): .reasoning(text)
            case .toolCall(_, let name, let arguments): tool(name, arguments)
            case .unknown: nil
            }
        }
        return ([.start(model: stream.model ?? "?")] + kinds).map { WatchedPiece(stream.stream, $0) }
    }

    private static func tool(_ name: String?, _ arguments: String) -> Kind {
        .tool((name.map { "\n\($0) " } ?? "") + arguments)
    }
}
