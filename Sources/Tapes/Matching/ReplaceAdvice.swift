import Dialects

/// Finds the `replace` rule that would make two texts equal: they differ in dates, times or identifiers only.
enum ReplaceAdvice {
    /// What changes from run to run, the narrower before the wider.
    private static let known = [
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?",
        "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        "[0-9a-f]{16,}",
        "[0-9]{5,}",
    ]

    private static let patterns = known.compactMap { try? TextPattern($0) }
    /// Longer texts aren't looked into: this is help, and must not take long.
    private static let longest = 64 << 10

    /// The pattern after whose replacement both are the same; nil where there is none.
    static func pattern(_ texts: (recorded: String, requested: String)) -> String? {
        guard texts.recorded.utf8.count <= longest, texts.requested.utf8.count <= longest else { return nil }
        return patterns.first { pattern in
            var budget = TextReplacement.budget / 8
            let recorded = pattern.replacing(in: texts.recorded, budget: &budget)
            let requested = pattern.replacing(in: texts.requested, budget: &budget)
            return recorded.hasSameBytes(as: requested)
        }?.description
    }

    /// A pointer with `*` for the elements of arrays, whose numbers say little.
    static func place(_ pointer: String) -> String {
        guard var pointer = JSONValue.Pointer(pointer) else { return pointer }
        for index in pointer.tokens.indices where JSONValue.Pointer.index(pointer.tokens[index]) != nil {
            pointer.tokens[index] = "*"
        }
        return pointer.description
    }

    /// The member `replace` that would mend all of these differences; nil where one of them isn't of that kind.
    static func rule(for differences: [Difference]) -> String? {
        var members: [(String, JSONValue)] = []
        for difference in differences {
            guard let texts = difference.texts, let pattern = pattern(texts) else { return nil }
            let place = place(difference.place)
            guard let index = members.firstIndex(where: { $0.0.hasSameBytes(as: place) }) else {
                members.append((place, .string(pattern)))
                continue
            }
            var patterns = members[index].1.array ?? [members[index].1]
            if !patterns.contains(.string(pattern)) { patterns.append(.string(pattern)) }
            members[index].1 = patterns.count == 1 ? patterns[0] : .array(patterns)
        }
        return members.isEmpty ? nil : "\"replace\": " + JSONValue.object(members).jsonText
    }
}
