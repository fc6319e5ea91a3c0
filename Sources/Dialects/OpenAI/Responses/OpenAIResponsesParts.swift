/// What has been told of a response: which part each text is, and which texts have been told.
///
/// Everything comes several times: in pieces, then whole with the end of its text, of its part, of its item, and of the
/// response. Who tells something first is believed, the others repeat it. Places are told by the indices of output and
/// content: ids change from event to event with some servers.
struct OpenAIResponsesParts: Sendable {
    enum Section: UInt8, Sendable {
        case text
        case refusal
        case reasoning
        case summary
        case citation
        case call
    }

    /// The sections of which something has been told. Reasoning and its summary count as one: servers that stream the
    /// one may give it as the other in the end.
    struct Sections: OptionSet, Sendable {
        let rawValue: UInt8
        static let text = Sections(rawValue: 1)
        static let refusal = Sections(rawValue: 2)
        static let reasoning = Sections(rawValue: 4)
        static let citations = Sections(rawValue: 8)
        static let all: Sections = [.text, .refusal, .reasoning, .citations]
    }

    /// A place in the response.
    private struct Place: Hashable, Sendable {
        var output: Int
        var index: Int
        var section: Section
    }

    private var blocks = BlockParts<Place>()
    private var told: Set<Place> = []
    private var toldOfOutput: [Int: Sections] = [:]
    private var toldOfAll: Sections = []
    /// The text that goes on, since most pieces belong where the last one did.
    private var latest: (place: Place, part: Int)?
    var calls: [OpenAIResponsesCall] = []
    /// Where in ``calls`` those are that have an id. Ids are hashed and compared by their bytes.
    private var callsByID: [[UInt8]: Int] = [:]

    /// What nothing has been told of yet.
    var missing: Sections { Sections.all.subtracting(toldOfAll) }

    /// What nothing has been told of yet within one item.
    func missing(of output: Int) -> Sections {
        Sections.all.subtracting(toldOfOutput[output] ?? [])
    }

    /// Takes a piece of a text, and gives it its part.
    ///
    /// - Returns: nil where it is empty, or there are too many parts.
    mutating func piece(_ text: String, _ section: Section, output: Int, index: Int) -> TokenDelta? {
        guard !text.isEmpty else { return nil }
        let place = Place(output: output, index: index, section: section)
        let part: Int
        if let latest, latest.place == place {
            part = latest.part
        } else {
            guard let block = blocks.block(place, section.kind) else { return nil }
            part = block.part
            latest = (place, part)
            mark(place, section.group)
        }
        let content: TokenDelta.Content =
            switch section {
            case .refusal: .refusal(text)
            case .reasoning, .summary: .reasoning(text)
            case .text, .citation, .call: .text(text)
            }
        return TokenDelta(choice: 0, part: part, content: content)
    }

    /// Takes the whole of a text, unless a piece of it came before.
    mutating func whole(_ text: String, _ section: Section, output: Int, index: Int) -> TokenDelta? {
        told.contains(Place(output: output, index: index, section: section))
            ? nil : piece(text, section, output: output, index: index)
    }

    /// Takes a source of a text.
    mutating func citation(_ citation: Citation, output: Int, index: Int) -> TokenDelta? {
        guard let block = blocks.block(Place(output: output, index: index, section: .text), .text) else { return nil }
        mark(Place(output: output, index: index, section: .citation), .citations)
        return TokenDelta(choice: 0, part: block.part, content: .citation(citation))
    }

    /// Whether a text's sources have been told.
    func hasCitations(output: Int, index: Int) -> Bool {
        told.contains(Place(output: output, index: index, section: .citation))
    }

    /// The call at an output index, the latest where it is used again.
    func call(at output: Int) -> Int? {
        blocks[Place(output: output, index: 0, section: .call)]?.call
    }

    /// The call that goes by an id, the latest where it is used again.
    func call(withID id: String) -> Int? { callsByID[Array(id.utf8)] }

    mutating func name(_ call: Int, _ id: String) { callsByID[Array(id.utf8)] = call }

    /// Begins a call.
    ///
    /// - Returns: its place in ``calls``, nil where there are too many.
    mutating func openCall(at output: Int) -> Int? {
        guard let block = blocks.open(Place(output: output, index: 0, section: .call), .toolCall) else { return nil }
        calls.append(OpenAIResponsesCall(index: block.call, part: block.part))
        return block.call
    }

    private mutating func mark(_ place: Place, _ group: Sections) {
        told.insert(place)
        toldOfOutput[place.output, default: []].formUnion(group)
        toldOfAll.formUnion(group)
    }
}

extension OpenAIResponsesParts.Section {
    fileprivate var kind: MessageFold.Part.Kind {
        switch self {
        case .text, .citation: .text
        case .refusal: .refusal
        case .reasoning, .summary: .reasoning
        case .call: .toolCall
        }
    }

    var group: OpenAIResponsesParts.Sections {
        switch self {
        case .text: .text
        case .refusal: .refusal
        case .reasoning, .summary: .reasoning
        case .citation: .citations
        case .call: []
        }
    }
}
