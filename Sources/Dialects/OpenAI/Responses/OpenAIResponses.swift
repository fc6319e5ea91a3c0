extension Dialect {
    /// OpenAI's responses, and the servers that are compatible with them.
    ///
    /// Events are named, by the frame or by the member `type` of their data. `response.completed`, `response.incomplete`
    /// and `response.failed` end them, or an `error`; a body that ends without one of these is truncated.
    public static let openAIResponses = Dialect(
        name: "openai.responses",
        framing: .serverSentEvents,
        errors: .openAIResponses,
        matches: { isResponses(path: $0) },
        recognizes: { isResponses(name: $0, data: $1) },
        makeInterpreter: { OpenAIResponsesInterpreter() }
    )

    /// Whether a path ends in `/responses`, or in one response's id behind that, where a stream can be taken up again.
    private static func isResponses(path: String) -> Bool {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard segments.count > 1, let last = segments.last, !last.isEmpty else { return false }
        let isName = { (segment: Substring.UTF8View) in segment.elementsEqual("responses".utf8) }
        return isName(last) || segments.count > 2 && isName(segments[segments.count - 2])
    }

    private static func isResponses(name: RawSpan, data: RawSpan) -> Bool {
        if name.startsLikeResponse(at: 0) { return true }
        var event = OpenAIResponsesEvent()
        guard event.read(data) else { return false }
        return event.isOfResponse(in: data)
            || event.object.equals("response", in: data) && event.output.kind == .array
    }
}

extension OpenAIResponsesEvent {
    /// Whether its type says that it is an event of a response, be it one that isn't known.
    func isOfResponse(in data: RawSpan) -> Bool {
        type.isString && data.startsLikeResponse(at: type.range.lowerBound + 1)
    }
}

extension RawSpan {
    /// Whether the name of a response's event begins here.
    fileprivate func startsLikeResponse(at offset: Int) -> Bool {
        equals("response.", offset..<offset + 9)
    }
}
