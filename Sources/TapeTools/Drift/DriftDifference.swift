public import Dialects

/// One way in which a live answer isn't what was recorded.
public struct DriftDifference: Sendable, Hashable {
    public enum Aspect: String, Sendable, Hashable {
        case status
        case contentType = "content-type"
        /// How the body ended.
        case end
        /// What ended the stream in its dialect.
        case terminal
        case finish
        /// A kind of event.
        case kind
        /// A member of an event, or its type.
        case member
    }

    public var aspect: Aspect
    /// The kind of event; nil where it is of the answer as a whole.
    public var kind: String?
    /// Where in the event, as a JSON pointer in which `*` stands for any element.
    public var pointer: String?
    /// What was recorded; nil where there was nothing.
    public var recorded: String?
    /// What came now; nil where there is nothing.
    public var live: String?

    /// Whether it is of members and types only.
    public var isOfShape: Bool { aspect == .member }

    /// Compares a recorded answer with a live one.
    static func between(_ recorded: AnswerShape, _ live: AnswerShape) -> [DriftDifference] {
        var found: [DriftDifference] = []
        func compare(_ aspect: Aspect, _ old: String?, _ new: String?) {
            if old != new { found.append(.init(aspect: aspect, recorded: old, live: new)) }
        }
        compare(.status, recorded.status.map { String($0) }, live.status.map { String($0) })
        compare(.contentType, recorded.contentType, live.contentType)
        compare(.end, recorded.reason, live.reason)
        compare(.terminal, recorded.terminal, live.terminal)
        compare(.finish, recorded.finish, live.finish)
        for kind in Set(recorded.kinds.keys).union(live.kinds.keys).sorted() {
            switch (recorded.kinds[kind], live.kinds[kind]) {
            case (let old?, let new?): found += members(kind, old, new)
            case (nil, _): found.append(.init(aspect: .kind, kind: kind, live: kind))
            case (_, nil): found.append(.init(aspect: .kind, kind: kind, recorded: kind))
            }
        }
        return found
    }

    /// `null` fits any type: whether a member has a value is this one answer's business.
    private static func members(_ kind: String, _ old: JSONShape, _ new: JSONShape) -> [DriftDifference] {
        var found: [DriftDifference] = []
        // Whatever is within something that is new or gone needs no mention of its own.
        var covered: String?
        for place in Set(old.types.keys).union(new.types.keys).sorted() {
            if let parent = covered, place.hasPrefix(parent + "/") { continue }
            let (before, after) = (old.types[place], new.types[place])
            switch (before, after) {
            case (let before?, let after?):
                let (left, right) = (before.subtracting([.null]), after.subtracting([.null]))
                guard !left.isEmpty, !right.isEmpty, left != right else { continue }
            default:
                guard !isOfAbsentParent(place, old, new) else { continue }
                covered = place
            }
            found.append(
                .init(
                    aspect: .member,
                    kind: kind,
                    pointer: place,
                    recorded: before.map(describe),
                    live: after.map(describe)
                )
            )
        }
        return found
    }

    /// Whether the place is within an array that was empty, or a member that was null, on the other side: then nothing
    /// is known of what would be in there.
    private static func isOfAbsentParent(_ place: String, _ old: JSONShape, _ new: JSONShape) -> Bool {
        let other = old.types[place] == nil ? old : new
        var child = place[...]
        while let slash = child.lastIndex(of: "/") {
            let parent = child[..<slash]
            // The nearest one that the other side has decides.
            if let types = other.types[String(parent)]?.subtracting([.null]) {
                return types.isEmpty || (types == [.array] && child.hasSuffix("/*"))
            }
            child = parent
        }
        return false
    }

    private static func describe(_ types: Set<JSONShape.ValueType>) -> String {
        types.sorted().map(\.rawValue).joined(separator: "|")
    }

    /// As a line for a person: `chat.completion.chunk /choices/*/delta/extra: new (string)`.
    public var text: String {
        var place =
            aspect == .member
            ? "\(kind ?? "") \(pointer?.isEmpty == false ? pointer ?? "" : "(root)")" : aspect.rawValue
        if aspect == .kind { place = "kind \(kind ?? "")" }
        let detail = aspect == .kind ? "" : " (\(live ?? recorded ?? ""))"
        switch (recorded, live) {
        case (nil, _?): return "\(place): new\(detail)"
        case (_?, nil): return "\(place): gone\(detail)"
        default: return "\(place): \(recorded ?? "none") → \(live ?? "none")"
        }
    }

    public var json: JSONValue {
        .object([
            ("aspect", .string(aspect.rawValue)), ("kind", .optional(kind)), ("pointer", .optional(pointer)),
            ("recorded", .optional(recorded)), ("live", .optional(live)),
        ])
    }
}
