import Dialects

/// The `text` view: the assistant's text of the first choice, and how it ended.
enum TextView {
    static func render(_ event: TokenEvent, of batch: EventBatch, sequence: Int, into output: inout EventOutput) {
        switch event {
        case .delta(let delta):
            guard delta.choice == 0, case .text(let text) = delta.content else { return }
            output.message("text", sequence: sequence, stream: batch.info.id, text: text)
        case .restart, .end:
            DeltaView.render(event, of: batch, sequence: sequence, into: &output)
        case .start, .usage, .finish, .opaque:
            break
        }
    }
}
