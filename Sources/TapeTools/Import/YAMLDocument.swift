import Dialects
import Tapes
import Yams

/// A YAML file as a tree of plain data, whoever wrote it.
///
/// The library is given no aliases, which it would expand without bound: every `*` of the text is swapped for a private
/// character beforehand and put back in the strings. A plain scalar can't begin with `*`, so one that begins with its
/// stand-in is an alias; it is expanded here, within a budget.
struct YAMLDocument {
    /// A string that is base64 in the file (`!!binary`) becomes an object with this member alone.
    static let binaryMember = "base64_string"

    /// What is too large once aliases are expanded.
    struct Limits {
        var nodes = 4 << 20
        var bytes = 256 << 20
        var depth = 64
    }

    /// U+E02A: a private character that the library takes for printable.
    private static let standIn = "\u{E02A}"

    private let file: String
    private var limits: Limits
    private var anchors: [String: JSONValue] = [:]

    /// Reads a file's only document.
    ///
    /// - Throws: a ``TapeError`` with the line.
    static func parse(_ bytes: [UInt8], file: String, limits: Limits = Limits()) throws(TapeError) -> JSONValue {
        guard (try? UTF8Span(validating: bytes.span)) != nil else {
            throw TapeError(.syntax, "the file is not UTF-8", file: file)
        }
        let swapped = try swap(bytes, file: file)
        let parser: Parser
        let root: Node?
        do {
            parser = try Parser(yaml: swapped, encoding: .utf8)
            root = try parser.singleRoot()
        } catch {
            throw problem(error, file: file)
        }
        guard let root else { throw TapeError(.syntax, "the file is empty", file: file) }
        var document = YAMLDocument(file: file, limits: limits)
        // A node knows its anchor as long as the parser lives.
        return try withExtendedLifetime(parser) { () throws(TapeError) in try document.value(root, depth: 0) }
    }

    private init(file: String, limits: Limits) {
        self.file = file
        self.limits = limits
    }

    private static func swap(_ bytes: [UInt8], file: String) throws(TapeError) -> String {
        let mark = Array(standIn.utf8)
        var swapped: [UInt8] = []
        swapped.reserveCapacity(bytes.count + bytes.count / 16)
        var line = 1
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte == mark[0], bytes[index...].starts(with: mark) {
                throw TapeError(.value, "the private character U+E02A can't be imported", file: file, line: line)
            }
            if byte == UInt8(ascii: "*") { swapped += mark } else { swapped.append(byte) }
        }
        return String(decoding: swapped, as: UTF8.self)
    }

    private static func restore(_ text: String) -> String {
        guard text.utf8.contains(0xEE) else { return text }
        let mark = Array(standIn.utf8)
        let bytes = Array(text.utf8)
        var restored: [UInt8] = []
        restored.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == mark[0], bytes[index...].starts(with: mark) {
                restored.append(UInt8(ascii: "*"))
                index += mark.count
            } else {
                restored.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: restored, as: UTF8.self)
    }

    private mutating func value(_ node: Node, depth: Int) throws(TapeError) -> JSONValue {
        if case .scalar(let scalar) = node, let name = Self.alias(scalar) {
            guard let target = anchors[name] else { throw error("the alias *\(name) has no anchor", node) }
            try spend(target, depth: depth, at: node)
            return target
        }
        let value: JSONValue
        switch node {
        case .scalar(let scalar):
            try spend(bytes: scalar.string.utf8.count, depth: depth, at: node)
            value = try self.scalar(scalar)
        case .sequence(let sequence):
            try spend(bytes: 0, depth: depth + 1, at: node)
            try allow(node, ["", "!", "tag:yaml.org,2002:seq"])
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try self.value(element, depth: depth + 1)) }
            value = JSONValue(.array(elements), line: line(node))
        case .mapping(let mapping):
            try spend(bytes: 0, depth: depth + 1, at: node)
            try allow(node, ["", "!", "tag:yaml.org,2002:map"])
            var members: [JSONValue.Member] = []
            for (key, member) in mapping {
                guard case .scalar(let scalar) = key, Self.alias(scalar) == nil else {
                    throw error("a member's name must be a text", key)
                }
                try allow(key, Self.textTags + Self.nameTags)
                let name = Self.restore(scalar.string)
                members.append(.init(name, try self.value(member, depth: depth + 1), line: line(key)))
            }
            value = JSONValue(.object(members), line: line(node))
        case .alias:
            throw error("an alias can't stand here", node)
        }
        if let anchor = node.anchor { anchors[anchor.rawValue] = value }
        return value
    }

    /// Takes a value that an alias repeats from the budget.
    private mutating func spend(_ value: JSONValue, depth: Int, at node: Node) throws(TapeError) {
        let isNested = value.array != nil || value.members != nil
        try spend(bytes: value.string?.utf8.count ?? 0, depth: isNested ? depth + 1 : depth, at: node)
        for element in value.array ?? [] { try spend(element, depth: depth + 1, at: node) }
        for member in value.members ?? [] { try spend(member.value, depth: depth + 1, at: node) }
    }

    private mutating func spend(bytes: Int, depth: Int, at node: Node) throws(TapeError) {
        guard depth <= limits.depth else { throw error("this is nested deeper than \(limits.depth)", node) }
        limits.nodes -= 1
        limits.bytes -= bytes
        guard limits.nodes >= 0, limits.bytes >= 0 else {
            throw error("the document is too large once its aliases are put in", node)
        }
    }

    private static func alias(_ scalar: Node.Scalar) -> String? {
        guard scalar.style == .plain, scalar.string.utf8.starts(with: standIn.utf8) else { return nil }
        return restore(String(scalar.string.unicodeScalars.dropFirst()))
    }

    private func scalar(_ scalar: Node.Scalar) throws(TapeError) -> JSONValue {
        let node = Node.scalar(scalar)
        let text = Self.restore(scalar.string)
        let line = line(node)
        switch scalar.tag.rawValue {
        case "tag:yaml.org,2002:binary":
            let packed = text.filter { !$0.isWhitespace }
            return JSONValue(.object([.init(Self.binaryMember, JSONValue(.string(packed), line: line))]), line: line)
        case "tag:yaml.org,2002:null": return JSONValue(.null, line: line)
        case "" where scalar.style == .plain:
            if ["", "~", "null", "Null", "NULL"].contains(text) { return JSONValue(.null, line: line) }
            return JSONValue(Self.isInteger(text) ? .number(text) : .string(text), line: line)
        case "tag:yaml.org,2002:int" where Self.isInteger(text): return JSONValue(.number(text), line: line)
        default:
            try allow(node, Self.textTags)
            return JSONValue(.string(text), line: line)
        }
    }

    /// Tags whose values are texts here. Python 2 wrote the last two for strings.
    private static let textTags = [
        "", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float",
        "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:python/unicode",
        "tag:yaml.org,2002:python/str",
    ]

    /// What the tag of an untagged name may have been resolved to while duplicates were looked for.
    private static let nameTags = ["null", "merge", "value"].map { "tag:yaml.org,2002:\($0)" }

    private func allow(_ node: Node, _ known: [String]) throws(TapeError) {
        let tag = Self.rawTag(node)
        guard known.contains(tag) else { throw error("the tag \(tag) is refused: only plain data is read", node) }
    }

    /// The tag as it stands in the file; asking the node itself would resolve an absent one.
    private static func rawTag(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.tag.rawValue
        case .sequence(let sequence): sequence.tag.rawValue
        case .mapping(let mapping): mapping.tag.rawValue
        case .alias: ""
        }
    }

    private static func isInteger(_ text: String) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = digits.first, digits.count <= 18 else { return false }
        return digits.allSatisfy { (48...57).contains($0) } && (digits.count == 1 || first != 48)
    }

    private func line(_ node: Node) -> Int { node.mark?.line ?? 0 }

    private func error(_ message: String, _ node: Node) -> TapeError {
        TapeError(.value, message, file: file, line: node.mark?.line)
    }

    private static func problem(_ error: any Error, file: String) -> TapeError {
        guard let error = error as? YamlError else { return TapeError(.syntax, "\(error)", file: file) }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return TapeError(.syntax, problem, file: file, line: mark.line)
        case .duplicatedKeysInMapping(let names, let context):
            let name = names.first.map(restore) ?? ""
            return TapeError(
                .syntax,
                "the name '\(name)' stands twice in a mapping",
                file: file,
                line: context.mark.line
            )
        case .reader(let problem, _, _, _): return TapeError(.syntax, problem, file: file)
        case .memory: return TapeError(.tooLarge, "there is not enough memory to read it", file: file)
        default: return TapeError(.syntax, "this is no YAML", file: file)
        }
    }
}
