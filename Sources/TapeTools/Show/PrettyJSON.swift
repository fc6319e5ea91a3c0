import Dialects

/// JSON for a person: members below one another, short values on one line.
enum PrettyJSON {
    /// How long a value may be to stay on its line, in columns; about what an editor shows.
    private static let lineWidth = 96

    /// The lines of a value. Strings keep their JSON escapes, and what else a terminal minds is escaped too.
    static func lines(_ value: JSONValue) -> [String] {
        var lines: [String] = []
        write(value, indent: "", prefix: "", suffix: "", into: &lines)
        return lines
    }

    private static func write(
        _ value: JSONValue,
        indent: String,
        prefix: String,
        suffix: String,
        into lines: inout [String]
    ) {
        let children: [(name: String?, value: JSONValue)]
        let (open, close): (String, String)
        switch value.kind {
        case .object(let members):
            children = members.map { (JSONValue.string($0.name).jsonText, $0.value) }
            (open, close) = ("{", "}")
        case .array(let elements):
            children = elements.map { (nil, $0) }
            (open, close) = ("[", "]")
        default:
            lines.append(indent + prefix + Printable.line(value.jsonText) + suffix)
            return
        }
        if children.isEmpty || fits(value, lineWidth - indent.utf8.count - prefix.utf8.count) {
            lines.append(indent + prefix + Printable.line(oneLine(value)) + suffix)
            return
        }
        lines.append(indent + prefix + open)
        for (index, child) in children.enumerated() {
            write(
                child.value,
                indent: indent + "  ",
                prefix: child.name.map { Printable.line($0) + ": " } ?? "",
                suffix: index == children.count - 1 ? "" : ",",
                into: &lines
            )
        }
        lines.append(indent + close + suffix)
    }

    /// Whether a value is short. What is nested three deep gets lines of its own, however short.
    private static func fits(_ value: JSONValue, _ room: Int) -> Bool {
        var left = room
        return measure(value, depth: 0, &left)
    }

    private static func measure(_ value: JSONValue, depth: Int, _ left: inout Int) -> Bool {
        guard left > 0, depth < 3 else { return false }
        switch value.kind {
        case .object(let members):
            for member in members {
                left -= member.name.utf8.count + 6
                guard measure(member.value, depth: depth + 1, &left) else { return false }
            }
        case .array(let elements):
            for element in elements {
                left -= 2
                guard measure(element, depth: depth + 1, &left) else { return false }
            }
        case .string(let text): left -= text.utf8.count + 2
        case .number(let text): left -= text.utf8.count
        default: left -= 4
        }
        return left > 0
    }

    private static func oneLine(_ value: JSONValue) -> String {
        switch value.kind {
        case .object(let members) where !members.isEmpty:
            let parts = members.map { JSONValue.string($0.name).jsonText + ": " + oneLine($0.value) }
            return "{" + parts.joined(separator: ", ") + "}"
        case .array(let elements): return "[" + elements.map(oneLine).joined(separator: ", ") + "]"
        default: return value.jsonText
        }
    }
}
