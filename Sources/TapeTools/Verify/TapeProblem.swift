import Dialects
import Tapes

/// Something that is wrong with a tape or a cassette, where, and how to mend it.
public struct TapeProblem: Sendable, Hashable {
    public enum Code: String, Sendable {
        /// It can't be read: see the message.
        case invalid
        /// `cassette.json` can't be read.
        case rules
        /// The name doesn't fit the request.
        case name
        /// The header's scope isn't the directory.
        case scope
        /// The end line doesn't say what the chunks do.
        case fold
        /// It is never played, because its recording failed.
        case unplayable
        /// A `.part` that nobody writes any more.
        case orphan
        /// It is older than the cassette's `maxAge`.
        case expired
    }

    public var code: Code
    public var file: String
    /// 1-based; nil where it is the file as a whole.
    public var line: Int?
    public var message: String
    /// What would mend it.
    public var remedy: String

    init(_ code: Code, _ file: String, line: Int? = nil, _ message: String, remedy: String) {
        self.code = code
        self.file = file
        self.line = line
        self.message = message
        self.remedy = remedy
    }

    public var description: String {
        Printable.line("\(file):\(line.map { "\($0):" } ?? "") \(message); \(remedy)")
    }

    var json: JSONValue {
        .object([
            ("code", .string(code.rawValue)), ("file", .string(file)), ("line", .optional(line)),
            ("message", .string(message)), ("remedy", .string(remedy)),
        ])
    }
}
