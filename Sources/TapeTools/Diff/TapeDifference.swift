import Dialects
public import Tapes

/// What differs between two tapes in what they mean: not in times, ids, or how the answer was cut into pieces.
public struct TapeDifference: Sendable {
    /// One place where they differ.
    public struct Item: Sendable, Hashable {
        /// `request`, `status`, `headers`, `events`, `text`, `reasoning`, `refusal`, `tool_calls`, `finish`, `usage`,
        /// `error`, `end`, `body`, `chunks`.
        public var part: String
        /// What in it: a JSON pointer, a name, a place in a text; empty for all of it.
        public var place: String
        /// Nil where the first has nothing there.
        public var left: String?
        /// Nil where the second has nothing there.
        public var right: String?
    }

    public private(set) var items: [Item] = []
    let left: Tape
    let right: Tape
    let leftArrivals: Arrivals
    let rightArrivals: Arrivals

    private static let shownDifferences = 64

    /// - Parameter isExact: whether the bytes of the body, the borders of its chunks and all headers count too.
    public init(_ left: Tape, _ right: Tape, isExact: Bool = false) {
        self.left = left
        self.right = right
        (leftArrivals, rightArrivals) = (Arrivals(left), Arrivals(right))
        compareRequests()
        add("status", "", left.response.map { String($0.status) }, right.response.map { String($0.status) })
        let (before, after) = (left.response?.headers ?? [], right.response?.headers ?? [])
        compareFields("headers", before, after, isExact)
        compareAnswers(isExact)
        add("end", "", left.end?.reason.rawValue, right.end?.reason.rawValue)
        guard isExact else { return }
        add("body", "sha256", SHA256.hex(of: left.body), SHA256.hex(of: right.body))
        if !left.chunks.map(\.count).elementsEqual(right.chunks.map(\.count)) {
            let first = zip(left.chunks, right.chunks).prefix { $0.count == $1.count }.count
            add("chunks", "", Self.chunks(left, first), Self.chunks(right, first))
        }
    }

    public var isSame: Bool { items.isEmpty }

    private mutating func compareRequests() {
        var finder = DifferenceFinder(limit: Self.shownDifferences)
        finder.compare(recorded: CanonicalRequest(left.request), requested: CanonicalRequest(right.request))
        for found in finder.differences {
            items.append(Item(part: "request", place: found.place, left: found.recorded, right: found.requested))
        }
        compareFields("request", left.request.headers, right.request.headers, false)
    }

    private mutating func compareFields(_ part: String, _ left: [TapeField], _ right: [TapeField], _ isExact: Bool) {
        func values(_ fields: [TapeField], _ name: String) -> String? {
            let found = fields.filter { $0.name.hasSameBytes(as: name) }.map(\.value)
            return found.isEmpty ? nil : found.joined(separator: ", ")
        }
        var seen: Set<String> = []
        for field in left + right where isExact || HeaderKind.isStable(field.name) {
            guard seen.insert(field.name).inserted else { continue }
            add(part, field.name, values(left, field.name), values(right, field.name))
        }
    }

    private mutating func compareAnswers(_ isExact: Bool) {
        let (one, other) = (DecodedTape(left), DecodedTape(right))
        compareKinds(one, other)
        for index in Set((one.fold.choices + other.fold.choices).map(\.index)).sorted() {
            let prefix = index == 0 ? "" : "choice \(index) "
            let (before, after) = (one.fold.choice(index), other.fold.choice(index))
            for kind in [MessageFold.Part.Kind.reasoning, .text, .refusal] {
                compareText(kind.rawValue, prefix, Self.joined(before, kind), Self.joined(after, kind))
            }
            compareCalls(prefix, one.fold.toolCalls(choice: index), other.fold.toolCalls(choice: index))
            add("finish", prefix, before?.finishReason, after?.finishReason)
        }
        compareUsage(one.fold.usage, other.fold.usage)
        add("error", "", one.end?.error?.message, other.end?.error?.message)
        add("end", "state", one.end?.state.rawValue, other.end?.state.rawValue)
        add("end", "terminal", one.end?.terminal, other.end?.terminal)
        // Where nothing is understood of the answers, their bytes are all that can be compared.
        let isUnderstood = !one.fold.choices.isEmpty || !other.fold.choices.isEmpty
        if !isUnderstood, !isExact { compareBodies() }
    }

    /// How often each kind of event came, or each name of a frame where the dialect knows no kinds.
    private mutating func compareKinds(_ one: DecodedTape, _ other: DecodedTape) {
        let isKnown = one.dialect.name != Dialect.generic.name || other.dialect.name != Dialect.generic.name
        let (before, after) = isKnown ? (one.kinds, other.kinds) : (one.frameNames, other.frameNames)
        for name in Set(before.keys).union(after.keys).sorted() {
            let label = name.isEmpty ? "frames without a name" : name
            add("events", label, before[name].map(String.init), after[name].map(String.init))
        }
    }

    private mutating func compareText(_ part: String, _ prefix: String, _ left: String, _ right: String) {
        guard let difference = TextDifference(left, right) else { return }
        let place = "\(prefix)line \(difference.line), column \(difference.column)"
        items.append(Item(part: part, place: place, left: difference.left, right: difference.right))
    }

    private mutating func compareCalls(
        _ prefix: String,
        _ left: [MessageFold.ToolCall],
        _ right: [MessageFold.ToolCall]
    ) {
        for index in 0..<max(left.count, right.count) {
            let before = index < left.count ? left[index] : nil
            let after = index < right.count ? right[index] : nil
            let place = "\(prefix)#\(index)"
            guard let before, let after else {
                add("tool_calls", place, before.map(Self.text), after.map(Self.text))
                continue
            }
            add("tool_calls", "\(place) name", before.name, after.name)
            guard let one = Self.parse(before.arguments), let other = Self.parse(after.arguments) else {
                add("tool_calls", "\(place) arguments", before.arguments, after.arguments)
                continue
            }
            var finder = DifferenceFinder(limit: Self.shownDifferences)
            finder.compare(one, other)
            for found in finder.differences {
                let place = "\(place) \(found.place.isEmpty ? "arguments" : found.place)"
                items.append(Item(part: "tool_calls", place: place, left: found.recorded, right: found.requested))
            }
        }
    }

    private mutating func compareUsage(_ left: TokenUsage?, _ right: TokenUsage?) {
        let counts: [(String, KeyPath<TokenUsage, Int?>)] = [
            ("input", \.input), ("output", \.output), ("total", \.total), ("cached", \.cached),
            ("reasoning", \.reasoning),
        ]
        for (name, path) in counts {
            add("usage", name, left?[keyPath: path].map(String.init), right?[keyPath: path].map(String.init))
        }
    }

    private mutating func compareBodies() {
        let (before, after) = (left.body, right.body)
        guard before != after else { return }
        if let one = try? UTF8Span(validating: before.span), let other = try? UTF8Span(validating: after.span) {
            compareText("body", "", String(copying: one), String(copying: other))
        } else {
            add("body", "sha256", SHA256.hex(of: before), SHA256.hex(of: after))
        }
    }

    private mutating func add(_ part: String, _ place: String, _ left: String?, _ right: String?) {
        let isSame = left.map { one in right.map { one.hasSameBytes(as: $0) } ?? false } ?? (right == nil)
        guard !isSame else { return }
        let trimmed = place.utf8.last == UInt8(ascii: " ") ? String(place.dropLast()) : place
        items.append(Item(part: part, place: trimmed, left: left, right: right))
    }

    private static func joined(_ choice: MessageFold.Choice?, _ kind: MessageFold.Part.Kind) -> String {
        (choice?.parts ?? []).filter { $0.kind == kind }.map(\.text).joined()
    }

    private static func text(_ call: MessageFold.ToolCall) -> String { "\(call.name ?? "?") \(call.arguments)" }

    private static func parse(_ arguments: String) -> JSONValue? {
        (try? JSONValue(parsing: arguments)).flatMap { CanonicalJSON.normalise($0) }
    }

    private static func chunks(_ tape: Tape, _ first: Int) -> String {
        let size = tape.chunks.indices.contains(first) ? "\(tape.chunks[first].count) bytes" : "none"
        return "\(tape.chunks.count), of which number \(first + 1) has \(size)"
    }
}

extension DecodedTape {
    /// How many events of each kind there are.
    var kinds: [String: Int] {
        var counts: [String: Int] = [:]
        for event in events {
            let kind: String? =
                switch event.event {
                case .delta(let delta):
                    switch delta.content {
                    case .text: "text"
                    case .reasoning: "reasoning"
                    case .refusal: "refusal"
                    case .toolCall: "tool_call"
                    case .citation: "citation"
                    }
                case .usage: "usage"
                case .finish: "finish"
                case .opaque: "opaque"
                case .restart: "restart"
                case .start, .end: nil
                }
            if let kind { counts[kind, default: 0] += 1 }
        }
        return counts
    }
}
