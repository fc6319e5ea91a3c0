extension Dialect {
    /// Cohere's chat, version 1.
    ///
    /// One JSON object a line (some hosts: an event stream), told apart by `event_type`; `stream-end` ends them.
    public static let cohereChatV1 = Dialect(
        name: "cohere.chat.v1",
        framing: .ndjson,
        errors: .cohere,
        matches: { $0.hasSuffix("/v1/chat") },
        recognizes: { _, data in
            var event = CohereV1Event()
            return event.read(data)
                && (event.type.equals("stream-start", in: data) && event.generationID.isString
                    || event.type.isString && event.isFinished.kind == .bool)
        },
        makeInterpreter: { CohereChatV1Interpreter() }
    )
}
