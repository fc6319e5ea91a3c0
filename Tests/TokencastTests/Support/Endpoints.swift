import Dialects
import TestSupport

extension TestServer {
    /// What an endpoint answers, where that is JSON and all is well.
    func json(_ target: String, _ fields: [Field] = []) async throws -> JSONValue {
        let answer = try await fetch(.get(target, fields), port: port)
        guard answer.status == 200 else { throw Failure("\(target): \(answer.status) \(answer.text)") }
        return try JSONValue(parsing: answer.text)
    }
}

/// Asks again until there is something.
func found<Result>(_ what: String, _ look: () async throws -> Result?) async throws -> Result {
    var result: Result?
    try await eventually(what) {
        result = try await look()
        return result != nil
    }
    guard let result else { throw Late(what: what) }
    return result
}
