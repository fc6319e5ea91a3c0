import Dialects

extension TokenStreamEvent {
    /// What an event of the `delta` view says.
    ///
    /// - Parameters:
    ///   - name: the event's name.
    ///   - data: its data, as bytes.
    ///   - id: its own resume point, if it has one.
    ///   - subject: what is read, which says whose the event is, and whether anybody may publish there.
    init(name: String, data: [UInt8], id: String?, of subject: StreamAddress.Subject) {
        let text = String(decoding: data, as: UTF8.self)
        let options = JSONValue.Options(maximumDepth: 512, duplicateMembers: .keep, loneSurrogates: .replace)
        let value = try? JSONValue(parsing: data, options: options)
        self.id = id
        self.name = name
        self.data = text
        switch subject {
        case .stream(let id):
            stream = id
            content = value.flatMap { Content(kind: name, $0) } ?? .unknown(kind: name, value ?? .string(text))
        case .channel:
            let content = value.flatMap { Content(kind: name, $0) }
            // What has none of our names has a publisher's.
            let isPublished = content == nil && !Content.kinds.contains(name)
            stream = isPublished ? nil : value?["stream"]?.string
            let data = value ?? .string(text)
            self.content = content ?? (isPublished ? .message(name: name, data) : .unknown(kind: name, data))
        }
    }
}

extension TokenStreamEvent.Content {
    /// The names of our own events.
    static let kinds: Set<String> = ["start", "restart", "delta", "usage", "end", "snapshot", "reset", "slow"]

    /// Nil for what isn't known, or isn't as it should be.
    fileprivate init?(kind: String, _ data: JSONValue) {
        switch kind {
        case "start": self = .start(TokenStreamStart(data))
        case "restart": self = .restart(StreamStart(id: data["id"]?.string, model: data["model"]?.string))
        case "delta":
            guard let delta = TokenDelta(view: data) else { return nil }
            self = .delta(delta)
        case "usage": self = .usage(TokenUsage(view: data))
        case "end":
            guard let end = StreamEnd(view: data) else { return nil }
            self = .end(end, finish: data["finish"]?.string)
        case "snapshot":
            guard let snapshot = TokenStreamSnapshot(data) else { return nil }
            self = .snapshot(snapshot)
        case "reset": self = .reset(reason: data["reason"]?.string ?? "")
        case "slow":
            guard let behind = data["behind"]?.int, let retained = data["retained"]?.int else { return nil }
            self = .slow(behind: behind, retained: retained)
        default: return nil
        }
    }
}

extension TokenStreamStart {
    fileprivate init(_ data: JSONValue) {
        dialect = data["dialect"]?.string
        model = data["model"]?.string
        id = data["id"]?.string
        method = data["method"]?.string
        path = data["path"]?.string
        status = data["status"]?.int
        created = data["created"]?.int
    }
}

extension TokenDelta {
    /// Reads a delta as the view has it; nil for a type that isn't known.
    fileprivate init?(view data: JSONValue) {
        guard let choice = data["choice"]?.int, let part = data["part"]?.int else { return nil }
        let content: Content
        switch (data["type"]?.string, data["text"]?.string) {
        case ("text", let text?): content = .text(text)
        case ("reasoning", let text?): content = .reasoning(text)
        case ("refusal", let text?): content = .refusal(text)
        case ("tool_call", _):
            content = .toolCall(
                ToolCallDelta(
                    id: data["id"]?.string,
                    name: data["name"]?.string,
                    arguments: data["arguments"]?.string ?? ""
                )
            )
        case ("citation", _): content = .citation(Citation(view: data))
        default: return nil
        }
        self.init(choice: choice, part: part, content: content)
    }
}

extension Citation {
    /// Reads a citation as the view has it.
    init(view data: JSONValue) {
        self.init(url: data["url"]?.string, title: data["title"]?.string, raw: data["raw"]?.string ?? "{}")
    }
}

extension TokenUsage {
    /// Reads token counts as the view has them; what isn't there is nil.
    init(view data: JSONValue) {
        self.init(
            input: data["input_tokens"]?.int,
            output: data["output_tokens"]?.int,
            total: data["total_tokens"]?.int,
            cached: data["cached_tokens"]?.int,
            cacheCreation: data["cache_creation_tokens"]?.int,
            reasoning: data["reasoning_tokens"]?.int,
            isEstimated: data["estimated"]?.bool ?? false,
            raw: data.jsonText
        )
    }
}

extension StreamEnd {
    /// Reads an end as the view has it; nil for a state that isn't known.
    init?(view data: JSONValue) {
        guard let state = data["state"]?.string.flatMap(State.init) else { return nil }
        self.init(
            state: state,
            terminal: data["terminal"]?.string,
            error: data["error"].flatMap(StreamError.init(view:))
        )
    }
}

extension StreamError {
    fileprivate init?(view data: JSONValue) {
        guard let message = data["message"]?.string else { return nil }
        let status = data["status"]?.int
        self.init(message: message, type: data["type"]?.string, code: data["code"]?.string, status: status)
    }
}
