/// How a provider words an error, so that its SDK reads one of ours like any other.
public enum ErrorFormat: String, Sendable, Hashable, CaseIterable {
    /// `{"error":{"message":…,"type":…,"param":null,"code":…}}`: OpenAI's, and that of the many compatible servers.
    case openAI
    /// `{"type":"error","error":{"type":…,"message":…},"request_id":null}`
    case anthropic
    /// `{"error":{"code":404,"message":…,"status":"NOT_FOUND"}}`
    case gemini
    /// `{"error":…}`
    case ollama
    /// `{"message":…,"__type":"ThrottlingException"}`
    case bedrock

    /// The format that clients of a path expect; OpenAI's where no other provider claims it.
    ///
    /// - Parameter path: the path without its query; it may carry a prefix before the version.
    public static func matching(path: String) -> ErrorFormat {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        // Several providers answer OpenAI's path, in OpenAI's words.
        if path.hasSuffix("/chat/completions") { return .openAI }
        for (version, name) in zip(segments, segments.dropFirst()) where version == "v1" && name == "messages" {
            return .anthropic
        }
        if let last = segments.last, last.hasSuffix(":generateContent") || last.hasSuffix(":streamGenerateContent") {
            return .gemini
        }
        if segments.contains("v1beta") { return .gemini }
        if Dialect.bedrockConverse.matches(path) || Dialect.bedrockInvoke.matches(path) { return .bedrock }
        if path.hasSuffix("/api/chat") || path.hasSuffix("/api/generate") { return .ollama }
        return .openAI
    }

    /// An error answer's body, as JSON.
    ///
    /// - Parameter status: the answer's status, which some formats repeat in words of their own.
    public func body(_ error: StreamError, status: Int) -> String {
        var bytes: [UInt8] = []
        switch self {
        case .openAI:
            return openAIErrorBody(error)
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
            bytes.append(verbatim: "}")
        case .bedrock:
            bytes.append(verbatim: #"{"message":"#)
            bytes.appendJSON(string: error.message)
            bytes.append(verbatim: #","__type":"#)
            bytes.appendJSON(string: Self.bedrockType(status))
            bytes.append(verbatim: "}")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An error as an event within an event stream, complete with its blank line.
    public func event(_ error: StreamError, status: Int) -> String {
        let name = self == .anthropic ? "event: error\n" : ""
        return "\(name)data: \(body(error, status: status))\n\n"
    }

    /// What Bedrock calls its refusals.
    private static func bedrockType(_ status: Int) -> String {
        switch status {
        case 403: "AccessDeniedException"
        case 404: "ResourceNotFoundException"
        case 408, 504: "ModelTimeoutException"
        case 429: "ThrottlingException"
        case 502, 503: "ServiceUnavailableException"
        case 400..<500: "ValidationException"
        default: "InternalServerException"
        }
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
}
