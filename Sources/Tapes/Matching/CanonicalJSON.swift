package import Dialects

/// Brings JSON values into one way of writing.
package struct CanonicalJSON {
    /// The tokens of a pointer that are still to come, in which `*` stands for any member or element.
    typealias Path = ArraySlice<String>

    /// What is replaced in the texts at a path and below it.
    struct Replacement {
        var path: Path
        var patterns: [TextPattern]
    }

    private var budget = TextReplacement.budget

    /// A value in one way of writing, whatever rules there are.
    package static func normalise(_ value: JSONValue) -> JSONValue? {
        var canonical = CanonicalJSON()
        return canonical.normalise(value, ignoring: [], replacing: [])
    }

    /// Sorts members by the bytes of their names, normalises numbers, replaces what rules say in texts, and leaves out
    /// what a path leads to.
    ///
    /// An object that had nothing but what is left out goes with it. Nil where the value itself is left out.
    mutating func normalise(_ value: JSONValue, ignoring paths: [Path], replacing rules: [Replacement]) -> JSONValue? {
        if paths.contains(where: \.isEmpty) { return nil }
        switch value.kind {
        case .null, .bool: return JSONValue(value.kind)
        case .string(let text): return .string(replace(rules, in: text))
        case .number(let text): return JSONValue(.number(CanonicalNumber.normalise(text)))
        case .array(let elements):
            var kept: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                let name = paths.isEmpty && rules.isEmpty ? "" : String(index)
                let (paths, rules) = (Self.step(paths, into: name), Self.step(rules, into: name))
                if let element = normalise(element, ignoring: paths, replacing: rules) { kept.append(element) }
            }
            return JSONValue(.array(kept))
        case .object(let members):
            var kept: [JSONValue.Member] = []
            for member in members {
                let (paths, rules) = (Self.step(paths, into: member.name), Self.step(rules, into: member.name))
                guard let value = normalise(member.value, ignoring: paths, replacing: rules) else { continue }
                kept.append(JSONValue.Member(member.name, value))
            }
            if kept.isEmpty, !members.isEmpty { return nil }
            kept.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            return JSONValue(.object(kept))
        }
    }

    private mutating func replace(_ rules: [Replacement], in text: String) -> String {
        var text = text
        for rule in rules where rule.path.isEmpty {
            for pattern in rule.patterns { text = pattern.replacing(in: text, budget: &budget) }
        }
        return text
    }

    /// The rules that hold in a member or an element: those that lead there, and those that hold here already.
    private static func step(_ rules: [Replacement], into name: String) -> [Replacement] {
        rules.compactMap { rule in
            if rule.path.isEmpty { return rule }
            guard let path = step([rule.path], into: name).first else { return nil }
            return Replacement(path: path, patterns: rule.patterns)
        }
    }

    /// The paths that go on in a member or an element.
    private static func step(_ paths: [Path], into name: String) -> [Path] {
        paths.compactMap { path in
            guard let first = path.first, first.hasSameBytes(as: "*") || first.hasSameBytes(as: name) else {
                return nil
            }
            return path.dropFirst()
        }
    }
}
