import Dialects
import Upstream

/// Why a caller is not let in.
struct AccessRefusal: Error, Hashable {
    var status: Int
    var message: String
    var code: String

    /// No key came, or none that is ours (RFC 9110, section 15.5.2).
    static func unauthenticated(_ message: String) -> Self {
        Self(status: 401, message: message, code: "invalid_api_key")
    }

    /// A key or a link that doesn't reach so far.
    static func forbidden(_ message: String, code: String = "insufficient_permissions") -> Self {
        Self(status: 403, message: message, code: code)
    }

    var error: StreamError {
        StreamError(message: message, type: "invalid_request_error", code: code, status: status)
    }

    /// What a client is told beside the words: how to show a key, and that another try gives the same.
    var headers: [HeaderField] {
        let again = HeaderField("x-should-retry", "false")
        return status == 401 ? [HeaderField("WWW-Authenticate", "Bearer"), again] : [again]
    }
}
