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

    struct Framing: Decodable, Sendable {
        var sse_events: Int?
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

    static let chats = all.filter { $0.wire_format == "openai.chat.sse" }

    /// Everything else that has a framing of ours.
    static let others = all.filter {
        $0.wire_format != "openai.chat.sse" && ($0.wire_format.hasSuffix(".sse") || $0.wire_format.hasSuffix(".ndjson"))
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
