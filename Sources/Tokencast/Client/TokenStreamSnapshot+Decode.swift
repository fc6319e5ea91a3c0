import Dialects

extension TokenStreamSnapshot {
    /// Reads a stream's or a channel's snapshot; nil where it is neither.
    init?(_ data: JSONValue) {
        asOf = data["asOf"]?.string
        channel = nil
        if let streams = data["streams"]?.array {
            channel = data["channel"]?.string
            self.streams = streams.compactMap { Stream($0) }
        } else {
            guard let stream = Stream(data) else { return nil }
            streams = [stream]
        }
    }
}

extension TokenStreamSnapshot.Stream {
    fileprivate init?(_ data: JSONValue) {
        guard let id = data["stream"]?.string, let state = data["state"]?.string else { return nil }
        stream = id
        self.state = .init(rawValue: state)
        dialect = data["dialect"]?.string
        model = data["model"]?.string
        method = data["method"]?.string
        path = data["path"]?.string
        channel = data["channel"]?.string
        status = data["status"]?.int
        created = data["created"]?.int
        choices = data["choices"]?.array?.compactMap { TokenStreamSnapshot.Choice($0) } ?? []
        usage = data["usage"].flatMap { $0.isNull ? nil : TokenUsage(view: $0) }
        isCut = data["cut"]?.bool ?? false
        end = data["end"].flatMap { StreamEnd(view: $0) }
    }
}

extension TokenStreamSnapshot.Choice {
    fileprivate init?(_ data: JSONValue) {
        guard let index = data["index"]?.int else { return nil }
        self.index = index
        finish = data["finish"]?.string
        parts = data["parts"]?.array?.compactMap { TokenStreamSnapshot.Part($0) } ?? []
    }
}

extension TokenStreamSnapshot.Part {
    fileprivate init?(_ data: JSONValue) {
        guard let part = data["part"]?.int, let type = data["type"]?.string else { return nil }
        self.part = part
        citations = data["citations"]?.array?.map { Citation(view: $0) } ?? []
        let text = data["text"]?.string ?? ""
        switch type {
        case "text": content = .text(text)
        case "reasoning": content = .reasoning(text)
        case "refusal": content = .refusal(text)
        case "tool_call":
            content = .toolCall(
                id: data["id"]?.string,
                name: data["name"]?.string,
                arguments: data["arguments"]?.string ?? ""
            )
        default: content = .unknown(type: type, data)
        }
    }
}
