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
        /// Something about the subscription itself.
        case note(String)
    }

    public var stream: String
    public var kind: Kind

    /// Nil for what there is nothing to see of.
    public init?(_ event: WatchedEvent) {
        guard let data = try? JSONValue(parsing: event.data, options: .lenient) else { return nil }
        // In a channel the data says whose it is; a stream's own token does.
        stream = data["stream"]?.string ?? String(event.id.prefix { $0 != "_" })
        switch event.name {
        case "start":
            kind = .start(model: data["model"]?.string ?? "?")
        case "delta":
            guard let kind = Self.delta(data) else { return nil }
            self.kind = kind
        case "end":
            let state = data["state"]?.string ?? "ended"
            let reason = data["error"]?["message"]?.string ?? data["finish"]?.string
            kind = .end(reason.map { "\(state): \($0)" } ?? state)
        case "reset":
            kind = .note("some events are missing: \(data["reason"]?.string ?? "unknown reason")")
        default:
            return nil
        }
    }

    private static func delta(_ data: JSONValue) -> Kind? {
        guard data["choice"]?.int == 0 else { return nil }
        switch data["type"]?.string {
        case "text", "refusal":
            return .text(data["text"]?.string ?? "")
        case "reasoning":
            return .reasoning(data["text"]?.string ?? "")
        case "tool_call":
            let name = data["name"]?.string.map { "\n\($0) " } ?? ""
            return .tool(name + (data["arguments"]?.string ?? ""))
        default:
            return nil
        }
    }
}
