import Dialects
import Tapes

/// What a fixture answers: a text, tool calls, both, or an error.
struct AimockResponse {
    private enum Kind {
        case answer(ChatAnswer)
        case error(status: Int, headers: [(name: String, value: String)], JSONValue)
    }

    private let kind: Kind

    init(_ value: JSONValue, number: Int, model: String) throws(AimockFixtures.Unmappable) {
        if let error = value["error"] {
            try AimockFixtures.allow(["error", "status", "retryAfter"], value, "response")
            kind = try Self.error(error, value)
            return
        }
        let known = [
            "content", "reasoning", "toolCalls", "id", "created", "model", "usage", "systemFingerprint",
            "finishReason", "role",
        ]
        try AimockFixtures.allow(known, value, "response")
        guard value["content"] != nil || value["toolCalls"] != nil else {
            throw AimockFixtures.Unmappable(
                "the response has neither \"content\" nor \"toolCalls\" nor \"error\"",
                value
            )
        }
        var answer = ChatAnswer(id: value["id"]?.string ?? "chatcmpl-fixture-\(number)", model: model)
        answer.model = value["model"]?.string ?? model
        answer.role = value["role"]?.string ?? answer.role
        answer.created = value["created"]?.int.map { String($0) } ?? answer.created
        answer.text = value["content"].map(Self.text)
        answer.reasoning = value["reasoning"]?.string
        answer.finish = value["finishReason"]?.string
        answer.fingerprint = value["systemFingerprint"]?.string
        answer.usage = value["usage"]
        for (index, call) in (value["toolCalls"]?.array ?? []).enumerated() {
            guard let name = call["name"]?.string else {
                throw AimockFixtures.Unmappable("a tool call must have a \"name\"", call)
            }
            answer.toolCalls.append(
                .init(
                    id: call["id"]?.string ?? "call_fixture_\(number)_\(index)",
                    name: name,
                    arguments: call["arguments"].map(Self.text) ?? "{}"
                )
            )
        }
        kind = .answer(answer)
    }

    func exchange(_ request: LiveRequest, stream: Bool, _ timing: AimockTiming) -> ImportedExchange {
        switch kind {
        case .error(let status, let headers, let body):
            return Self.document(request, status, headers, body, timing)
        case .answer(let answer) where !stream:
            return Self.document(request, 200, [], answer.document, timing)
        case .answer(let answer):
            let (pieces, isCut) = timing.schedule(answer.frames(chunkSize: timing.chunkSize))
            let headers: [(name: String, value: String)] = [("content-type", "text/event-stream")]
            var exchange = ImportedExchange(request: request, status: 200, headers: headers, pieces: pieces)
            if isCut { exchange.reason = .upstreamReset }
            return exchange
        }
    }

    private static func document(
        _ request: LiveRequest,
        _ status: Int,
        _ headers: [(name: String, value: String)],
        _ body: JSONValue,
        _ timing: AimockTiming
    ) -> ImportedExchange {
        let headers = [(name: "content-type", value: "application/json")] + headers
        let (pieces, isCut) = timing.schedule([body.jsonBytes])
        var exchange = ImportedExchange(request: request, status: status, headers: headers, pieces: pieces)
        if isCut { exchange.reason = .upstreamReset }
        return exchange
    }

    private static func error(_ error: JSONValue, _ response: JSONValue) throws(AimockFixtures.Unmappable) -> Kind {
        try AimockFixtures.allow(["message", "type", "param", "code"], error, "error")
        let status = response["status"]?.int ?? 500
        guard (400...599).contains(status) else {
            throw AimockFixtures.Unmappable("an error's \"status\" must be from 400 to 599", response)
        }
        var headers: [(name: String, value: String)] = []
        if status == 429 { headers.append(("retry-after", response["retryAfter"]?.numberText ?? "1")) }
        let body = JSONValue.object([
            (
                "error",
                .object([
                    ("message", .string(error["message"]?.string ?? "")),
                    ("type", .string(error["type"]?.string ?? "server_error")), ("param", error["param"] ?? .null),
                    ("code", error["code"] ?? .null),
                ])
            )
        ])
        return .error(status: status, headers: headers, body)
    }

    /// A text, or the JSON text of what authors wrote as JSON for convenience.
    private static func text(_ value: JSONValue) -> String { value.string ?? value.jsonText }
}
