import Dialects
import TestSupport

/// An error as OpenAI's SDKs expect it; anything else throws.
struct ErrorShape {
    var message: String
    var type: String
    var code: String?

    init(_ json: String) throws {
        guard let error = try JSONValue(parsing: json)["error"], let message = error["message"]?.string,
            let type = error["type"]?.string, error["param"] != nil, let code = error["code"]
        else { throw Failure("no error in OpenAI's shape: \(json)") }
        self.message = message
        self.type = type
        self.code = code.string
    }
}

/// The members of a JSON object that tests look at.
func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }
