import Broadcast
import Dialects

/// Writes events as JSON Lines.
struct EventLines {
    let request: TeeStreamRequest

    /// Appends an event's line; nothing for an event that the `delta` view doesn't show.
    ///
    /// - Parameter stream: its masked description, and its summary.
    func append(_ masked: MaskedEvent, of stream: EventContext, to bytes: inout [UInt8]) {
        guard let name = DeltaView.name(of: masked.event) else { return }
        let id = stream.info.id
        bytes.append(verbatim: "{\"type\":\"")
        bytes.append(verbatim: name)
        bytes.append(verbatim: "\",\"stream\":\"")
        bytes.append(contentsOf: id.description.utf8)
        bytes.append(verbatim: "\",\"id\":\"")
        bytes.append(contentsOf: ResumeToken(epoch: id, sequence: masked.sequence).description.utf8)
        bytes.append(verbatim: "\",\"us\":")
        bytes.appendJSON(integer: masked.offset)
        bytes.append(verbatim: ",\"data\":")
        DeltaView.append(masked.event, of: stream, to: &bytes)
        switch masked.event {
        case .start: append(stream.info, to: &bytes)
        case .end: if let usage = stream.summary?.usage { append(usage, to: &bytes) }
        case .restart, .delta, .usage, .finish, .opaque: break
        }
        bytes.append(verbatim: "}\n")
    }

    /// What the request asked for, which the upstream's own first words needn't repeat.
    private func append(_ info: StreamInfo, to bytes: inout [UInt8]) {
        bytes.append(verbatim: ",\"request\":{\"model\":")
        bytes.appendJSON(string: info.requestedModel)
        bytes.append(verbatim: ",\"channel\":")
        bytes.appendJSON(string: info.channel)
        bytes.append(verbatim: ",\"upstream\":")
        bytes.appendJSON(string: request.upstream)
        bytes.append(UInt8(ascii: "}"))
    }

    /// The end line alone says what the stream cost, so that one `tail -n 1` tells.
    private func append(_ usage: TokenUsage, to bytes: inout [UInt8]) {
        bytes.append(verbatim: ",\"usage\":{\"input_tokens\":")
        bytes.appendJSON(integer: usage.input)
        bytes.append(verbatim: ",\"output_tokens\":")
        bytes.appendJSON(integer: usage.output)
        bytes.append(verbatim: ",\"total_tokens\":")
        bytes.appendJSON(integer: usage.total)
        bytes.append(UInt8(ascii: "}"))
    }
}
