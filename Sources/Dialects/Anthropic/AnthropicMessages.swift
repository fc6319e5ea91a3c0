extension Dialect {
    /// Anthropic's messages, which Vertex has under paths of its own.
    ///
    /// `message_stop` ends a stream, or an `error`; a body that ends without either is truncated.
    public static let anthropicMessages = Dialect(
        name: "anthropic.messages",
        framing: .serverSentEvents,
        errors: .anthropic,
        matches: { $0.hasSuffix("/v1/messages") || vertexModel($0) != nil },
        recognizes: { AnthropicEvent.recognizes(name: $0, data: $1) },
        model: { vertexModel($0) },
        makeInterpreter: { AnthropicInterpreter() }
    )

    /// The model that one of Vertex's paths names, or nil if it is none with Anthropic's messages:
    /// `…/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict`.
    private static func vertexModel(_ path: String) -> String? {
        let segments = path.utf8.split(separator: UInt8(ascii: "/")).suffix(4).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard segments.count == 4, segments.prefix(3) == ["publishers", "anthropic", "models"],
            let method = [":streamRawPredict", ":rawPredict"].first(where: segments[3].hasSuffix)
        else { return nil }
        let model = segments[3].dropLast(method.count)
        // A method that is addressed like a model.
        return model.isEmpty || model == "count-tokens" ? nil : String(model)
    }
}

extension AnthropicEvent {
    /// Whether a stream's first frame can only be one of Anthropic's messages.
    static func recognizes(name: RawSpan, data: RawSpan) -> Bool {
        var event = AnthropicEvent()
        guard event.read(data) else { return false }
        let named = kind(name: name)
        if event.type.equals("message_start", in: data) { return event.message.kind == .object }
        if event.type.equals("error", in: data) {
            // OpenAI's responses have an `error` too, with a sequence number in it.
            return named == .error && event.error.kind == .object
                && data.hasMembers(among: ["type", "error", "request_id"])
        }
        guard event.type.equals("message", in: data) else { return false }
        var scanner = JSONScanner(data)
        guard let document = scanner.nextValue(in: data) else { return false }
        return document.member("role", in: data).equals("assistant", in: data)
            && document.member("content", in: data).kind == .array
    }
}

extension RawSpan {
    /// Whether this is an object that has no members but these.
    fileprivate func hasMembers(among names: [StaticString]) -> Bool {
        var scanner = JSONScanner(self)
        guard scanner.enterObject(in: self) else { return false }
        while let key = scanner.nextKey(in: self) {
            guard names.contains(where: { key.equals($0, in: self) }), scanner.nextValue(in: self) != nil else {
                return false
            }
        }
        return scanner.isValid
    }
}
