import Dialects
import Tapes

/// A model as a list of models has it, whatever provider's list that was.
struct ListedModel: Sendable, Hashable {
    var id: String
    /// The name of the upstream that has it.
    var owner: String
    /// Seconds since 1970; nil where the list doesn't say.
    var created: Int?
    /// What a person calls it; nil where that is the id.
    var name: String?
}

extension ListedModel {
    /// The longest list that is read. What is beyond it is left out.
    static let limit = 10_000

    /// Reads a list in any provider's shape; nil where it is none.
    ///
    /// `{"data":[{"id":…}]}` is OpenAI's and Anthropic's, `{"models":[{"name":…}]}` Gemini's, Ollama's and Cohere's;
    /// some compatible servers leave the object around the array out.
    static func list(_ bytes: [UInt8], owner: String) -> [ListedModel]? {
        let span = bytes.span.bytes
        var scanner = JSONScanner(span)
        if scanner.enterArray(in: span) { return elements(&scanner, span, owner) }
        guard scanner.enterObject(in: span) else { return nil }
        while let key = scanner.nextKey(in: span) {
            let isList = key.equals("data", in: span) || key.equals("models", in: span)
            if isList, scanner.enterArray(in: span) { return elements(&scanner, span, owner) }
            guard scanner.nextValue(in: span) != nil else { return nil }
        }
        return nil
    }

    private static func elements(_ scanner: inout JSONScanner, _ span: RawSpan, _ owner: String) -> [ListedModel]? {
        var models: [ListedModel] = []
        while models.count < limit, scanner.nextElement(in: span) {
            guard let element = scanner.nextValue(in: span) else { return nil }
            if let model = ListedModel(element, span, owner) { models.append(model) }
        }
        return models
    }

    private init?(_ element: JSONSlice, _ span: RawSpan, _ owner: String) {
        let id = element.member("id", in: span).nonEmptyString(in: span)
        let plainName = element.member("name", in: span).nonEmptyString(in: span)
        guard let text = id ?? plainName, text.utf8.count <= 1024 else { return nil }
        // Gemini's names are paths.
        self.id = text.hasPrefix("models/") ? String(text.dropFirst("models/".count)) : text
        self.owner = owner
        let time = element.member("created_at", in: span).string(in: span)
        created = element.member("created", in: span).integer(in: span) ?? time.flatMap(Timestamp.secondsSince1970)
        name =
            element.member("display_name", in: span).nonEmptyString(in: span)
            ?? element.member("displayName", in: span).nonEmptyString(in: span)
    }

    /// The models that a cassette's tapes answer, in their order.
    static func list(_ deck: TapeDeck, owner: String) -> [ListedModel] {
        deck.tapes.compactMap { item, _ in
            guard item.isServable, let model = item.tape.request.model, !model.isEmpty else { return nil }
            return ListedModel(id: model, owner: owner, created: Timestamp.secondsSince1970(item.tape.header.created))
        }
    }
}

extension [ListedModel] {
    /// Each model once: the first of an id counts.
    var unique: [ListedModel] {
        var seen: Set<[UInt8]> = []
        return filter { seen.insert([UInt8]($0.id.utf8)).inserted }
    }
}
