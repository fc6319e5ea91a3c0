extension Dialect {
    /// Cohere's chat, version 2.
    ///
    /// An event stream whose events bring a piece of the message each; `message-end` ends it, and some deployments add
    /// `[DONE]`.
    public static let cohereChat = Dialect(
        name: "cohere.chat",
        framing: .serverSentEvents,
        errors: .cohere,
        matches: { $0.hasSuffix("/v2/chat") },
        recognizes: { _, data in
            var event = CohereEvent()
            // Others' types have underscores or dots, and none of these in a `delta`.
            return event.read(data) && (event.hasDelta || event.index.kind == .number)
                && [
                    "message-start", "content-start", "content-delta", "tool-plan-delta", "tool-call-start",
                    "citation-start", "message-end",
                ].contains { event.type.equals($0, in: data) }
        },
        makeInterpreter: { CohereChatInterpreter() }
    )
}
