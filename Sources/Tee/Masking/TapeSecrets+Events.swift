import Broadcast
import Dialects
import Tapes

extension TokenDelta {
    /// What it adds to its part: the arguments, where it is of a tool call.
    var text: String {
        switch content {
        case .text(let text), .reasoning(let text), .refusal(let text): text
        case .toolCall(let call): call.arguments
        case .citation: ""
        }
    }
}

extension TapeSecrets {
    /// A delta with another text, its names masked.
    func masking(_ delta: TokenDelta, text: String) -> TokenDelta {
        var delta = delta
        switch delta.content {
        case .text: delta.content = .text(text)
        case .reasoning: delta.content = .reasoning(text)
        case .refusal: delta.content = .refusal(text)
        case .toolCall(var call):
            call.arguments = text
            call.id = call.id.map(masking)
            call.name = call.name.map(masking)
            delta.content = .toolCall(call)
        case .citation(let citation):
            delta.content = .citation(
                Citation(
                    url: citation.url.map(masking),
                    title: citation.title.map(masking),
                    raw: masking(citation.raw)
                )
            )
        }
        return delta
    }

    /// An event other than a delta, its words masked.
    func masking(_ event: TokenEvent) -> TokenEvent {
        if case .restart(let start) = event { return .restart(masking(start)) }
        guard case .end(var end) = event else { return event }
        end.terminal = end.terminal.map(masking)
        if var error = end.error {
            error.message = masking(error.message)
            error.type = error.type.map(masking)
            error.code = error.code.map(masking)
            end.error = error
        }
        return .end(end)
    }

    func masking(_ info: StreamInfo) -> StreamInfo {
        StreamInfo(
            id: info.id,
            created: info.created,
            dialect: info.dialect,
            method: info.method,
            path: masking(info.path),
            requestedModel: info.requestedModel.map(masking),
            channel: info.channel.map(masking),
            status: info.status,
            start: masking(info.start)
        )
    }

    private func masking(_ start: StreamStart) -> StreamStart {
        StreamStart(id: start.id.map(masking), model: start.model.map(masking))
    }
}
