import Dialects
import NIOHTTP1
import Tapes

/// Whose shape a list of models is in, so that the SDK that asks reads it.
enum ModelListFormat: Sendable {
    case openAI
    case anthropic
    case gemini

    /// The shape for whoever asks: Anthropic's SDK says its version, Gemini's has a path or a header of its own.
    init(path: String, head: HTTPRequestHead, query: String?) {
        let items = query?.split(separator: "&") ?? []
        if head.headers.contains(name: "anthropic-version") {
            self = .anthropic
        } else if path.hasPrefix("/v1beta/") || head.headers.contains(name: "x-goog-api-key")
            || items.contains(where: { $0.hasPrefix("key=") })
        {
            self = .gemini
        } else {
            self = .openAI
        }
    }

    /// The family of the provider whose SDK asks; nil where it may be any.
    var family: ProviderFamily? {
        switch self {
        case .openAI: nil
        case .anthropic: .anthropic
        case .gemini: .gemini
        }
    }

    func list(_ models: [ListedModel]) -> JSONValue {
        let elements = models.map(element)
        switch self {
        case .openAI:
            return .object([("object", .string("list")), ("data", .array(elements))])
        case .anthropic:
            return .object([
                ("data", .array(elements)), ("has_more", .bool(false)),
                ("first_id", models.first.map { .string($0.id) } ?? .null),
                ("last_id", models.last.map { .string($0.id) } ?? .null),
            ])
        case .gemini:
            return .object([("models", .array(elements))])
        }
    }

    func element(_ model: ListedModel) -> JSONValue {
        switch self {
        case .openAI:
            .object([
                ("id", .string(model.id)), ("object", .string("model")), ("created", .integer(model.created ?? 0)),
                ("owned_by", .string(model.owner)),
            ])
        case .anthropic:
            .object([
                ("type", .string("model")), ("id", .string(model.id)),
                ("display_name", .string(model.name ?? model.id)),
                ("created_at", .string(Timestamp.string(secondsSince1970: model.created ?? 0))),
            ])
        case .gemini:
            .object([
                ("name", .string("models/\(model.id)")), ("displayName", .string(model.name ?? model.id)),
                ("description", .string("of the upstream '\(model.owner)'")),
                (
                    "supportedGenerationMethods",
                    .array([.string("generateContent"), .string("streamGenerateContent")])
                ),
            ])
        }
    }
}
