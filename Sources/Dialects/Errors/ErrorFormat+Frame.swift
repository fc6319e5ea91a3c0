extension ErrorFormat {
    /// An error as one more frame of a body, complete with what ends it; nil where the framing has no place for one.
    ///
    /// - Parameters:
    ///   - status: what the answer's status would have been.
    ///   - needsComma: whether an element of an array comes before it.
    func frame(
        _ error: StreamError,
        status: Int,
        in framing: Dialect.Framing,
        needsComma: Bool
    ) -> [UInt8]? {
        switch framing {
        case .serverSentEvents:
            let name = eventName.map { "event: \($0)\ndata: " } ?? "data: "
            return Array(name.utf8) + event(error, status: status) + Array("\n\n".utf8)
        case .ndjson:
            return (self == .cohere ? Self.cohereV1End(error) : document(error, status: status)) + [UInt8(ascii: "\n")]
        case .jsonArray:
            let separator = needsComma ? [UInt8(ascii: ",")] : []
            return separator + document(error, status: status) + [UInt8(ascii: "]")]
        case .awsEventStream:
            return AWSEventStreamMessage.exception(Self.exception(status), message: error.message).bytes
        case .document:
            return nil
        }
    }

    private var eventName: String? {
        switch self {
        case .openAI, .gemini, .ollama, .bedrock: nil
        case .openAIResponses, .anthropic: "error"
        case .cohere: "message-end"
        }
    }

    private func event(_ error: StreamError, status: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .openAI, .anthropic, .gemini, .ollama, .bedrock:
            return document(error, status: status)
        case .openAIResponses:
            // Flat, as the API's reference has it, and in a member, which is where SDKs look.
            bytes.append(verbatim: #"{"type":"error","sequence_number":0,"code":"#)
            bytes.appendJSON(string: error.code)
            bytes.append(verbatim: #","message":"#)
            bytes.appendJSON(string: error.message)
            bytes.append(verbatim: #","param":null,"error":"#)
            bytes.appendOpenAI(error)
            bytes.append(UInt8(ascii: "}"))
        case .cohere:
            bytes.append(verbatim: #"{"type":"message-end","delta":{"finish_reason":"ERROR","error":"#)
            bytes.appendJSON(string: error.message)
            bytes.append(verbatim: "}}")
        }
        return bytes
    }

    /// How a stream of Cohere's first version ends that failed.
    private static func cohereV1End(_ error: StreamError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(verbatim: #"{"is_finished":true,"event_type":"stream-end","finish_reason":"ERROR","error":"#)
        bytes.appendJSON(string: error.message)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private static func exception(_ status: Int) -> String {
        switch status {
        case 429: "throttlingException"
        case 503: "serviceUnavailableException"
        case 504: "modelTimeoutException"
        case 400..<500: "validationException"
        default: "internalServerException"
        }
    }
}

extension StreamDecoder {
    /// What to put behind the body so far to tell its reader of an error of ours; nil within a frame, and where the
    /// framing has no place for it.
    ///
    /// - Parameter format: how to word it.
    public func errorFrame(_ error: StreamError, status: Int, in format: ErrorFormat) -> [UInt8]? {
        guard isAtFrameBoundary else { return nil }
        return format.frame(error, status: status, in: framing, needsComma: elements.needsComma)
    }
}
