extension ErrorFormat {
    /// An error answer's body, as JSON.
    ///
    /// - Parameter status: the answer's status, which some formats repeat in words of their own.
    public func body(_ error: StreamError, status: Int) -> String {
        String(decoding: document(error, status: status), as: UTF8.self)
    }

    /// The headers that belong to an error answer beside its content type.
    public func headers(status: Int) -> [(name: String, value: String)] {
        self == .bedrock ? [("x-amzn-ErrorType", Self.bedrockType(status))] : []
    }

    func document(_ error: StreamError, status: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .openAI, .openAIResponses:
            bytes.append(verbatim: #"{"error":"#)
            bytes.appendOpenAI(error)
            bytes.append(UInt8(ascii: "}"))
        case .anthropic:
            bytes.append(verbatim: #"{"type":"error","error":{"type":"#)
            bytes.appendJSON(string: Self.anthropicType(status))
            bytes.append(verbatim: #","message":"#)
            bytes.appendJSON(string: error.message)
            bytes.append(verbatim: #"},"request_id":null}"#)
        case .gemini:
            bytes.append(verbatim: #"{"error":{"code":"#)
            bytes.appendJSON(integer: status)
            bytes.append(verbatim: #","message":"#)
            bytes.appendJSON(string: error.message)
            bytes.append(verbatim: #","status":"#)
            bytes.appendJSON(string: Self.geminiStatus(status))
            bytes.append(verbatim: "}}")
        case .ollama:
            bytes.append(verbatim: #"{"error":"#)
            bytes.appendJSON(string: error.message)
            bytes.append(UInt8(ascii: "}"))
        case .cohere:
            bytes.append(verbatim: #"{"message":"#)
            bytes.appendJSON(string: error.message)
            bytes.append(UInt8(ascii: "}"))
        case .bedrock:
            bytes.append(verbatim: #"{"message":"#)
            bytes.appendJSON(string: error.message)
            bytes.append(verbatim: #","__type":"#)
            bytes.appendJSON(string: Self.bedrockType(status))
            bytes.append(UInt8(ascii: "}"))
        }
        return bytes
    }

    private static func anthropicType(_ status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 529: "overloaded_error"
        case 400..<500: "invalid_request_error"
        default: "api_error"
        }
    }

    /// The names of google.rpc.Code that HTTP's statuses stand for.
    private static func geminiStatus(_ status: Int) -> String {
        switch status {
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 409: "ABORTED"
        case 429: "RESOURCE_EXHAUSTED"
        case 501: "UNIMPLEMENTED"
        case 502, 503: "UNAVAILABLE"
        case 504: "DEADLINE_EXCEEDED"
        case 400..<500: "INVALID_ARGUMENT"
        default: "INTERNAL"
        }
    }

    /// What Bedrock calls its refusals.
    private static func bedrockType(_ status: Int) -> String {
        switch status {
        case 401, 403: "AccessDeniedException"
        case 404: "ResourceNotFoundException"
        case 408, 504: "ModelTimeoutException"
        case 409: "ConflictException"
        case 429: "ThrottlingException"
        case 502, 503: "ServiceUnavailableException"
        case 400..<500: "ValidationException"
        default: "InternalServerException"
        }
    }
}

extension [UInt8] {
    /// Appends an error as OpenAI words it, which most compatible servers and all SDKs know.
    mutating func appendOpenAI(_ error: StreamError) {
        append(verbatim: #"{"message":"#)
        appendJSON(string: error.message)
        append(verbatim: #","type":"#)
        appendJSON(string: error.type ?? "server_error")
        append(verbatim: #","param":null,"code":"#)
        appendJSON(string: error.code)
        append(UInt8(ascii: "}"))
    }
}
