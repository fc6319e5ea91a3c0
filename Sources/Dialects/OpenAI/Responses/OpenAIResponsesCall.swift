/// A call of one of the caller's own tools, as far as it has been told.
///
/// These are `function_call` and `custom_tool_call`: the caller named the tool, and answers the call. What the provider
/// runs itself (searches, code, MCP), and the tools that it has names and forms for (shell, patches, computers), are
/// items of other types: they aren't told as calls.
struct OpenAIResponsesCall: Sendable {
    /// Which of the calls it is.
    let index: Int
    let part: Int
    private(set) var id: String?
    private var hasName = false
    private var hasArguments = false
    /// Whether its item has been told to its end.
    var isDone = false
    /// The arguments that its item had in the beginning, until it shows whether pieces repeat them.
    private var early: Early?

    private struct Early: Sendable {
        var arguments: String
        var isWhole: Bool
    }

    /// Longer arguments aren't kept back, so that a hostile stream's calls take no memory.
    private static let longestEarly = 16 << 10

    init(index: Int, part: Int) {
        self.index = index
        self.part = part
    }

    /// Whether it goes by this id. Ids are compared by their bytes.
    func has(_ id: String) -> Bool {
        self.id.map { $0.utf8.elementsEqual(id.utf8) } ?? false
    }

    /// Takes an item's beginning. Mostly its arguments are empty; where they aren't, they may be all there is, or come
    /// again in pieces.
    mutating func begin(_ item: Item) -> TokenDelta? {
        guard !hasArguments, early == nil, item.arguments.utf8.count <= Self.longestEarly else { return delta(item) }
        if !item.arguments.isEmpty {
            early = Early(arguments: item.arguments, isWhole: item.isCustom || item.arguments.isWholeJSON)
        }
        return delta(Item(id: item.id, name: item.name, arguments: ""))
    }

    /// Takes a piece of the arguments.
    mutating func append(_ arguments: String) -> TokenDelta? {
        guard let early else { return delta(Item(arguments: arguments)) }
        self.early = nil
        // Whole JSON can't go on: the pieces say it again. Anything else is their beginning.
        return delta(Item(arguments: early.isWhole ? arguments : early.arguments + arguments))
    }

    /// Takes the whole call, of which something may have been told.
    mutating func finish(_ item: Item) -> TokenDelta? {
        var rest = item
        if hasArguments {
            rest.arguments = ""
        } else if rest.arguments.isEmpty {
            rest.arguments = early?.arguments ?? ""
        }
        early = nil
        return delta(rest)
    }

    /// What is new in it; nil where nothing is. The id and the name come once.
    private mutating func delta(_ item: Item) -> TokenDelta? {
        let newID = id == nil ? item.id : nil
        let newName = hasName ? nil : item.name
        guard newID != nil || newName != nil || !item.arguments.isEmpty else { return nil }
        if newID != nil { id = newID }
        if newName != nil { hasName = true }
        if !item.arguments.isEmpty { hasArguments = true }
        let call = ToolCallDelta(index: index, id: newID, name: newName, arguments: item.arguments)
        return TokenDelta(choice: 0, part: part, content: .toolCall(call))
    }
}

extension OpenAIResponsesCall {
    /// What an item, or an event, says of a call.
    struct Item: Sendable {
        var id: String?
        var name: String?
        var arguments = ""
        var isCustom = false

        init(id: String? = nil, name: String? = nil, arguments: String) {
            self.id = id
            self.name = name
            self.arguments = arguments
        }

        /// Reads an item, or nil if it isn't one of these calls.
        init?(_ item: JSONSlice, in data: RawSpan) {
            var type = JSONSlice.absent
            var ownID = JSONSlice.absent
            var input = JSONSlice.absent
            var scanner = JSONScanner(data, item)
            guard scanner.enterObject(in: data) else { return nil }
            while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
                if key.equals("type", in: data) {
                    type = value
                } else if key.equals("call_id", in: data) {
                    id = value.nonEmptyString(in: data)
                } else if key.equals("id", in: data) {
                    ownID = value
                } else if key.equals("name", in: data) {
                    name = value.nonEmptyString(in: data)
                } else if key.equals("arguments", in: data) || key.equals("input", in: data) {
                    input = value
                }
            }
            isCustom = type.equals("custom_tool_call", in: data)
            guard isCustom || type.equals("function_call", in: data) else { return nil }
            id = id ?? ownID.nonEmptyString(in: data)
            arguments = input.argumentText(in: data)
        }
    }
}

extension JSONSlice {
    /// Arguments as text: a string of JSON, or, from some servers, the JSON itself.
    func argumentText(in data: RawSpan) -> String {
        string(in: data) ?? (isPresent ? raw(in: data) : "")
    }
}

extension String {
    /// Whether this is one JSON value.
    fileprivate var isWholeJSON: Bool {
        let bytes = Array(utf8)
        let span = bytes.span.bytes
        var scanner = JSONScanner(span)
        return scanner.nextValue(in: span) != nil && scanner.isAtEnd(in: span)
    }
}
