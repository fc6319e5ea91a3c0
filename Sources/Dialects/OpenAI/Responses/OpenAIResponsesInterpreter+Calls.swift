/// Tool calls. They are told apart by their output index, and by their id where servers use an index again (R21).
extension OpenAIResponsesInterpreter {
    mutating func beginCall(_ item: OpenAIResponsesCall.Item, at output: Int, into events: inout EventBuffer) {
        guard let slot = openCall(item, at: output) else { return }
        if let id = item.id { parts.name(slot, id) }
        append(parts.calls[slot].begin(item), &events)
    }

    mutating func argumentsDelta(_ arguments: String, at output: Int, into events: inout EventBuffer) {
        // A stream that is taken up in the middle has pieces of calls whose beginning it never told.
        guard !arguments.isEmpty, let slot = parts.call(at: output) ?? parts.openCall(at: output) else { return }
        append(parts.calls[slot].append(arguments), &events)
    }

    mutating func argumentsDone(
        _ event: OpenAIResponsesEvent,
        at output: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        let arguments = (event.arguments.isPresent ? event.arguments : event.input).argumentText(in: data)
        guard !arguments.isEmpty, let slot = parts.call(at: output) ?? parts.openCall(at: output) else { return }
        append(parts.calls[slot].finish(.init(arguments: arguments)), &events)
    }

    /// Takes a whole call, be it known or new.
    mutating func finishCall(_ item: OpenAIResponsesCall.Item, at output: Int, into events: inout EventBuffer) {
        let known = item.id.flatMap(parts.call(withID:))
        // One whose item isn't done is this one, even if the server gave it another id in the meantime.
        let open = parts.call(at: output).flatMap { parts.calls[$0].isDone ? nil : $0 }
        guard let slot = known ?? open ?? parts.openCall(at: output) else { return }
        if let id = item.id { parts.name(slot, id) }
        append(parts.calls[slot].finish(item), &events)
        parts.calls[slot].isDone = true
    }

    /// Tells the arguments that came with an item's beginning and never again.
    mutating func flushCalls(into events: inout EventBuffer) {
        for slot in parts.calls.indices { append(parts.calls[slot].finish(.init(arguments: "")), &events) }
    }

    private mutating func openCall(_ item: OpenAIResponsesCall.Item, at output: Int) -> Int? {
        if let slot = parts.call(at: output) {
            let call = parts.calls[slot]
            // The same one again, or one whose pieces came first.
            if item.id.map(call.has) ?? true || call.id == nil && !call.isDone { return slot }
        }
        return parts.openCall(at: output)
    }
}
