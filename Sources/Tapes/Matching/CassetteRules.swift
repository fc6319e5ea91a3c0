public import Dialects

/// How a cassette is matched and played: its `cassette.json`.
public struct CassetteRules: Sendable {
    /// What happens when every tape of a request was played.
    public enum Exhausted: String, Sendable, CaseIterable {
        /// The next one is a miss.
        case error
        /// The last one is played again.
        case last
        /// It starts over with the first.
        case cycle
    }

    /// The top-level members of the body that count; nil (the default) for the whole canonical request. Method, path
    /// and the wish for a stream always count.
    public var match: [String]?
    /// What doesn't count; `*` stands for any member or element.
    public var ignore: [JSONValue.Pointer]
    public var exhausted: Exhausted
    /// 0 is at once, 1 (the default) as recorded, 2 twice as fast.
    public var speed: Double

    public init(
        match: [String]? = nil,
        ignore: [JSONValue.Pointer] = [],
        exhausted: Exhausted = .error,
        speed: Double = 1
    ) {
        self.match = match
        self.ignore = ignore
        self.exhausted = exhausted
        self.speed = speed
    }

    /// Reads a `cassette.json`. An unknown member is an error that names it and its line.
    ///
    /// - Throws: a ``TapeError`` with the line.
    public init(parsing bytes: [UInt8], file: String) throws(TapeError) {
        self.init()
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw TapeError(.rules, "column \(error.column): \(error.reason.rawValue)", file: file, line: error.line)
        }
        guard let members = value.members else {
            throw TapeError(.rules, "must be an object, not \(value.typeName)", file: file, line: value.line)
        }
        for member in members {
            do throws(LineError) {
                try read(member)
            } catch {
                throw TapeError(error.code, error.message, file: file, line: member.line)
            }
        }
    }

    private mutating func read(_ member: JSONValue.Member) throws(LineError) {
        let value = member.value
        switch member.name {
        case "$schema": _ = try Self.string(value, "$schema")
        case "match":
            var names: [String] = []
            for element in try Self.elements(value, "match") {
                let name = try Self.string(element, "match")
                guard name.utf8.first != UInt8(ascii: "/") else {
                    throw LineError(
                        .rules,
                        "\"match\" has names of top-level members, not pointers such as \"\(name)\""
                    )
                }
                names.append(name)
            }
            match = names
        case "ignore":
            for element in try Self.elements(value, "ignore") {
                let text = try Self.string(element, "ignore")
                guard let pointer = JSONValue.Pointer(text), !pointer.tokens.isEmpty else {
                    throw LineError(
                        .rules,
                        "\"ignore\" has JSON pointers such as \"/metadata/run_id\", not \"\(text)\""
                    )
                }
                ignore.append(pointer)
            }
        case "exhausted":
            guard let rule = Exhausted(rawValue: try Self.string(value, "exhausted")) else {
                throw LineError(.rules, "\"exhausted\" must be \"error\", \"last\" or \"cycle\"")
            }
            exhausted = rule
        case "speed":
            guard let factor = value.double, factor >= 0 else {
                throw LineError(.rules, "\"speed\" must be a number of 0 or more")
            }
            speed = factor
        case "replace", "maxAge":
            throw LineError(.rules, "\"\(member.name)\" comes with a later version of Tokencast")
        default:
            throw LineError(
                .rules,
                "\"\(member.name)\" is not known; known are \"match\", \"ignore\", \"exhausted\" and \"speed\""
            )
        }
    }

    private static func string(_ value: JSONValue, _ name: String) throws(LineError) -> String {
        guard let text = value.string else {
            throw LineError(.rules, "\"\(name)\" wants a string, not \(value.typeName)")
        }
        return text
    }

    private static func elements(_ value: JSONValue, _ name: String) throws(LineError) -> [JSONValue] {
        guard let elements = value.array else {
            throw LineError(.rules, "\"\(name)\" must be an array, not \(value.typeName)")
        }
        return elements
    }
}
