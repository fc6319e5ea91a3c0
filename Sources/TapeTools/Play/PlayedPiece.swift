import Dialects
public import Tapes

/// What a person sees of a tape while it plays.
public struct PlayedPiece: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case text(String)
        case reasoning(String)
        /// A tool call's name, or a piece of its arguments.
        case tool(String)
        /// How it ended.
        case end(String)
    }

    /// Microseconds since the request went out.
    public var offset: Int64
    public var kind: Kind

    public init(offset: Int64, _ kind: Kind) {
        self.offset = offset
        self.kind = kind
    }

    /// The pieces of a tape's first choice, in their order. A body that its dialect reads no answer from shows as it is.
    public static func all(of tape: Tape) -> [PlayedPiece] {
        let decoded = DecodedTape(tape)
        var pieces: [PlayedPiece] = []
        for event in decoded.events {
            guard case .delta(let delta) = event.event, delta.choice == 0 else { continue }
            switch delta.content {
            case .text(let text), .refusal(let text): pieces.append(.init(offset: event.offset, .text(text)))
            case .reasoning(let text): pieces.append(.init(offset: event.offset, .reasoning(text)))
            case .toolCall(let call):
                let name = call.name.map { "\n\($0) " } ?? ""
                pieces.append(.init(offset: event.offset, .tool(name + call.arguments)))
            case .citation: break
            }
        }
        if pieces.isEmpty {
            for entry in tape.entries {
                guard case .chunk(let bytes) = entry.content else { continue }
                pieces.append(.init(offset: entry.offset, .text(Printable.text(bytes))))
            }
        }
        pieces.append(.init(offset: tape.duration ?? 0, .end(end(of: decoded, tape))))
        return pieces
    }

    private static func end(of decoded: DecodedTape, _ tape: Tape) -> String {
        guard let end = decoded.end else { return "the recording has no end" }
        let reason = end.error?.message ?? decoded.fold.finishReason
        return reason.map { "\(end.state.rawValue): \($0)" } ?? end.state.rawValue
    }
}
