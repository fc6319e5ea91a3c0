import Dialects

/// The `text` view: the assistant's text of the first choice, and how it ended.
enum TextView {
    /// Whether the view shows an event.
    static func shows(_ event: TokenEvent) -> Bool {
        switch event {
        case .delta(let delta):
            if delta.choice == 0, case .text = delta.content { true } else { false }
        case .restart, .end: true
        case .start, .usage, .finish, .opaque: false
        }
    }

    static func render(_ event: TokenEvent, of context: EventContext, sequence: Int, into output: inout EventOutput) {
        switch event {
        case .delta(let delta):
            guard delta.choice == 0, case .text(let text) = delta.content else { return }
            output.message("text", sequence: sequence, stream: context.info.id, text: text)
        case .restart, .end:
            DeltaView.render(event, of: context, sequence: sequence, into: &output)
        case .start, .usage, .finish, .opaque:
            break
        }
    }
}
