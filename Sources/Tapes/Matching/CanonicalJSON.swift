package import Dialects

/// A JSON value in one way of writing.
package enum CanonicalJSON {
    /// Sorts members by the bytes of their names, normalises numbers, and leaves out what a pattern leads to.
    ///
    /// A pattern is the tokens of a pointer, in which `*` stands for any member or element. An object that had nothing
    /// but what is left out goes with it. Nil where the value itself is left out.
    package static func normalise(_ value: JSONValue, ignoring patterns: [ArraySlice<String>]) -> JSONValue? {
        if patterns.contains(where: \.isEmpty) { return nil }
        switch value.kind {
        case .null, .bool, .string: return JSONValue(value.kind)
        case .number(let text): return JSONValue(.number(CanonicalNumber.normalise(text)))
        case .array(let elements):
            let kept = elements.enumerated().compactMap { index, element in
                normalise(element, ignoring: step(patterns, into: String(index)))
            }
            return JSONValue(.array(kept))
        case .object(let members):
            var kept: [JSONValue.Member] = []
            for member in members {
                guard let value = normalise(member.value, ignoring: step(patterns, into: member.name)) else { continue }
                kept.append(JSONValue.Member(member.name, value))
            }
            if kept.isEmpty, !members.isEmpty { return nil }
            kept.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            return JSONValue(.object(kept))
        }
    }

    /// The patterns that go on in a member or an element.
    private static func step(_ patterns: [ArraySlice<String>], into name: String) -> [ArraySlice<String>] {
        patterns.compactMap { pattern in
            guard let first = pattern.first, first.hasSameBytes(as: "*") || first.hasSameBytes(as: name) else {
                return nil
            }
            return pattern.dropFirst()
        }
    }
}
