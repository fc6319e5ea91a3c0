import Dialects
import Foundation
import Testing

/// A recorded stream and what is known of it.
struct Recording: Decodable, Sendable, CustomTestStringConvertible {
    struct Call: Decodable, Sendable, Hashable {
        var id: String?
        var name: String?
        var arguments: String?
    }

    var file: String
    var wire_format: String
    var content_type: String?
    var request: Request?
    var model: String?
    var expected_text: String?
    var expected_choices: [String: String]?
    var expected_reasoning: String?
    var expected_refusal: String?
    var tool_calls: [Call]
    var usage: JSON?
    var finish_reason: String?
    var finish_reasons: [String: String?]?
    var errors: [JSON]
    var framing: Framing
    var features: [String]

    struct Request: Decodable, Sendable {
        var uri: String?
    }

    struct Framing: Decodable, Sendable {
        var sse_events: Int?
        var lines: Int?
        var done_marker: Bool?
        var unterminated_tail: Bool?
    }

    var testDescription: String { file }

    /// The folder that the environment names. The recordings aren't part of this repository.
    static let folder = ProcessInfo.processInfo.environment["TOKENCAST_CORPUS"].map { $0 + "/streams/" }

    static let all: [Recording] = {
        struct Index: Decodable { var streams: [Recording] }
        guard let folder, let data = FileManager.default.contents(atPath: folder + "index.json"),
            let index = try? JSONDecoder().decode(Index.self, from: data)
        else { return [] }
        return index.streams
    }()

    /// The recordings of one dialect.
    static func of(_ dialect: Dialect) -> [Recording] {
        all.filter { $0.dialect.name == dialect.name }
    }

    /// The dialects of the recordings' formats. Several formats have no dialect of their own, on purpose.
    private static let dialects: [String: Dialect] = [
        "openai.chat.sse": .openAIChat,
        "openai.completions.sse": .openAICompletions,
        "openai.responses.sse": .openAIResponses,
        "openai.assistants.sse": .generic,
        "anthropic.messages.sse": .anthropicMessages,
        "anthropic.complete.sse": .anthropicComplete,
        "gemini.generateContent.sse": .gemini,
        "gemini.generateContent.array": .gemini,
        "gemini.interactions.sse": .generic,
        "cohere.chat.sse": .cohereChat,
        "bedrock.converse.eventstream": .bedrockConverse,
        "bedrock.invoke.eventstream": .bedrockInvoke,
        "mcp.streamable_http.sse": .generic,
        "replicate.text.sse": .generic,
        "watsonx.sse": .generic,
        "writer.completions.sse": .openAICompletions,
    ]

    /// What the recording speaks.
    var dialect: Dialect {
        // One format, two dialects: the path tells.
        if wire_format == "ollama.ndjson" {
            return request?.uri.map { Dialect.matching(path: $0) } ?? .ollamaChat
        }
        return Self.dialects[wire_format] ?? .generic
    }

    /// Whether the table has the recording's format.
    var isKnown: Bool { wire_format == "ollama.ndjson" || Self.dialects[wire_format] != nil }

    /// How the recording's bytes are framed.
    var bodyFraming: Dialect.Framing {
        switch wire_format.split(separator: ".").last {
        case "ndjson": .ndjson
        case "eventstream": .awsEventStream
        case "array": .jsonArray
        default: .serverSentEvents
        }
    }

    /// How many frames it has, if that is known.
    var frameCount: Int? {
        // R5: an event that lacks its blank line counts here, though the standard drops it.
        framing.sse_events.map { $0 + (framing.unterminated_tail == true ? 1 : 0) } ?? framing.lines
    }

    /// The recording as its own dialect reads it.
    func decoded() throws -> Decoded {
        decode([try body()], dialect, framing: bodyFraming)
    }

    /// Checks that the recording gives the same events however its bytes arrive: one by one, and cut in two at every
    /// place, or at 500 places where it is long.
    func expectSameEventsHoweverCut() throws {
        let body = try body()
        let whole = decode([body], dialect, framing: bodyFraming)
        #expect(decode(body.singleBytes, dialect, framing: bodyFraming) == whole)
        var random = SeededRandom(seed: UInt64(body.count))
        let cuts =
            body.count <= 2000
            ? Array(body.indices) : (0..<500).map { _ in Int.random(in: body.indices, using: &random) }
        for cut in cuts {
            try #require(decode(body, cutAt: cut, dialect, framing: bodyFraming) == whole, "cut at \(cut)")
        }
    }

    func body() throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: (Self.folder ?? "") + file)))
    }
}

/// JSON as Foundation reads it, to compare with.
enum JSON: Decodable, Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    init?(_ text: String) {
        guard let value = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8)) else { return nil }
        self = value
    }

    subscript(_ key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    var int: Int? { if case .number(let value) = self { Int(value) } else { nil } }

    var string: String? { if case .string(let value) = self { value } else { nil } }
}
