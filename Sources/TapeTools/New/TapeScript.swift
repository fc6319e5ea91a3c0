import Dialects
public import Tapes

/// An answer that nobody gave: what is asked, what is said, how fast. A tape is made of it without an upstream.
///
/// The same script makes the same bytes, always: ids come from a digest of it, and no clock is read.
public struct TapeScript: Sendable {
    public struct ToolCall: Sendable, Hashable {
        public var name: String
        /// A JSON object.
        public var arguments: String

        public init(name: String, arguments: String) {
            self.name = name
            self.arguments = arguments
        }
    }

    /// An error answer instead of a completion.
    public struct Failure: Sendable, Hashable {
        /// 400 to 599.
        public var status: Int
        /// Seconds; nil for no `retry-after`.
        public var retryAfter: Int?
        public var message: String?

        public init(status: Int, retryAfter: Int? = nil, message: String? = nil) {
            self.status = status
            self.retryAfter = retryAfter
            self.message = message
        }
    }

    public var model = "demo"
    public var prompt = "Hello"
    public var text = ""
    /// The thinking that comes before the text; nil for none.
    public var reasoning: String?
    public var toolCalls: [ToolCall] = []
    /// The provider's word for why it stopped; nil for its usual one.
    public var finish: String?
    /// Token counts; nil for none where the dialect lets them be left out.
    public var usage: (input: Int, output: Int)?
    public var failure: Failure?
    /// Whether the answer is one document instead of a stream.
    public var isDocument = false
    public var pieces = TextPieces.words
    /// How many pieces come in a second.
    public var pace = 50.0
    /// When the first piece comes, in microseconds after the request.
    public var first: Int64 = 300_000
    /// Changes the ids, and nothing else.
    public var seed: UInt64 = 0
    /// When the tape says that it was made: RFC 3339, UTC, to the second.
    public var created = "2026-01-01T00:00:00Z"
    public var scope = TapeScope.root

    public init() {}

    /// More pieces than that make a tape that is too large to be read.
    static let mostPieces = 200_000

    /// An id that belongs to this script: hex digits, 56 at most.
    func id(_ what: String, length: Int = 24) -> String {
        var digest = SHA256()
        let usage = usage.map { "\($0.input),\($0.output)" } ?? ""
        let calls = toolCalls.flatMap { [$0.name, $0.arguments] }
        let all = [what, String(seed), model, prompt, text, reasoning ?? "", finish ?? "", usage, created] + calls
        // With the lengths, so that two scripts whose parts add up to one text differ.
        for part in all { digest.update(Array("\(part.utf8.count):\(part)".utf8)) }
        return String(digest.finish().prefix(length))
    }

    /// The time of `created`, in seconds since 1970.
    var createdSeconds: Int { Timestamp.secondsSince1970(created) ?? 0 }
}

/// Why a script makes no tape.
public struct TapeScriptError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
