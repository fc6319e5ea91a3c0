public import Dialects

extension LoggedRequest {
    /// As `/tapes/requests` shows it.
    public var json: JSONValue {
        .object([
            ("number", .integer(number)),
            ("time", .string(Timestamp.string(secondsSince1970: Int(time)))),
            ("scope", scope.map { .string($0.description) } ?? .null),
            ("method", .string(request.method)),
            ("path", .string(request.path)),
            ("query", TapeEncoder.object(of: request.query)),
            ("headers", TapeEncoder.object(of: request.headers)),
            ("body", isBodyDropped ? .null : request.bodyJSON),
            ("bodyDropped", .bool(isBodyDropped)),
            ("outcome", outcome.json),
        ])
    }
}

extension LoggedRequest.Outcome {
    fileprivate var json: JSONValue {
        switch self {
        case .played(let name): .object([("state", .string("played")), ("tape", .string(name))])
        case .recording: .object([("state", .string("recording"))])
        case .recorded(let path): .object([("state", .string("recorded")), ("tape", .string(path))])
        case .unrecorded(let reason): .object([("state", .string("unrecorded")), ("reason", .string(reason))])
        case .missed(let report): .object([("state", .string("missed")), ("report", report.json)])
        }
    }
}

extension TapeRequest {
    /// The body: a JSON object as it is, a text as a string, anything else as `{"base64": …}`.
    fileprivate var bodyJSON: JSONValue {
        switch body {
        case .none: .null
        case .json(let value): value
        case .raw(_, let bytes): TapeEncoder.text(bytes)
        }
    }
}

extension MissReport {
    /// What the message says, in parts.
    public var json: JSONValue {
        .object([
            ("request", .string(request)),
            ("key", .string(key8)),
            ("closest", closest.map { .string($0) } ?? .null),
            ("exhausted", .bool(isExhausted)),
            ("differences", .array(differences.map(\.json))),
            ("moreDifferences", .integer(moreDifferences)),
            ("elsewhere", .array(elsewhere.map { .string($0) })),
            ("unfinished", .array(unfinished.map { .string($0) })),
            ("advice", .string(advice)),
        ])
    }
}

extension Difference {
    fileprivate var json: JSONValue {
        .object([
            ("place", .string(place)), ("recorded", recorded.map { .string($0) } ?? .null),
            ("requested", requested.map { .string($0) } ?? .null),
        ])
    }
}

extension MissedRequest {
    /// The report with the request's number and scope.
    public var json: JSONValue {
        let place: [JSONValue.Member] = [
            JSONValue.Member("number", .integer(number)),
            JSONValue.Member("scope", scope.map { .string($0.description) } ?? .null),
        ]
        return JSONValue(.object(place + (report.json.members ?? [])))
    }
}
