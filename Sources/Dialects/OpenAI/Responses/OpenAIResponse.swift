/// Where the members of a response stand: of the object that the first and the last events carry, and that a document is.
struct OpenAIResponse {
    /// How a response ended.
    enum Outcome {
        case completed
        /// Something cut it: a limit, or a filter.
        case incomplete
        case failed
        case cancelled
    }

    var id = JSONSlice.absent
    var model = JSONSlice.absent
    var status = JSONSlice.absent
    var incompleteDetails = JSONSlice.absent
    var error = JSONSlice.absent
    var usage = JSONSlice.absent
    var output = JSONSlice.absent

    /// Reads a response; one that isn't an object has nothing.
    init(_ value: JSONSlice, in data: RawSpan) {
        self.init(JSONScanner(data, value), data)
    }

    /// Reads a document, which has been found to be well-formed.
    init(document data: RawSpan) {
        self.init(JSONScanner(data), data)
    }

    private init(_ start: JSONScanner, _ data: RawSpan) {
        var scanner = start
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("id", in: data) {
                id = value
            } else if key.equals("model", in: data) {
                model = value
            } else if key.equals("status", in: data) {
                status = value
            } else if key.equals("incomplete_details", in: data) {
                incompleteDetails = value
            } else if key.equals("error", in: data) {
                error = value
            } else if key.equals("usage", in: data) {
                usage = value
            } else if key.equals("output", in: data) {
                output = value
            }
        }
    }

    func start(in data: RawSpan) -> StreamStart {
        StreamStart(id: id.nonEmptyString(in: data), model: model.nonEmptyString(in: data))
    }

    /// How the response ended by its own words, nil if it hasn't.
    func outcome(in data: RawSpan) -> Outcome? {
        if status.equals("completed", in: data) { return .completed }
        if status.equals("incomplete", in: data) { return .incomplete }
        if status.equals("failed", in: data) { return .failed }
        if status.equals("cancelled", in: data) { return .cancelled }
        return !status.isPresent && error.isError(in: data) ? .failed : nil
    }

    /// Why the response ended: its status, and where that is `incomplete`, what made it so.
    ///
    /// - Parameter hasCalls: whether it waits for the caller to answer calls, for which its status has no word.
    func finishReason(_ outcome: Outcome, hasCalls: Bool, in data: RawSpan) -> FinishReason {
        switch outcome {
        case .completed: return FinishReason(raw: "completed", kind: hasCalls ? .toolCalls : .stop)
        case .failed: return FinishReason(raw: "failed", kind: .error)
        case .cancelled: return FinishReason(raw: "cancelled", kind: .other)
        case .incomplete:
            guard let reason = incompleteDetails.member("reason", in: data).nonEmptyString(in: data) else {
                return FinishReason(raw: "incomplete", kind: .other)
            }
            // Beside its word for a limit there are the words of chat completions.
            return reason == "max_output_tokens"
                ? FinishReason(raw: reason, kind: .length) : FinishReason(openAI: reason)
        }
    }

    func failure(in data: RawSpan) -> StreamError {
        guard error.isError(in: data) else { return StreamError(message: "the response failed, no reason was given") }
        return StreamError(openAI: error, in: data)
    }
}
