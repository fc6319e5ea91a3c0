import Dialects

extension CassetteRules {
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
        do throws(RulesProblem) {
            for member in try value.members(of: "it") { try read(member) }
        } catch {
            throw TapeError(.rules, error.message, file: file, line: error.line)
        }
    }

    private static let known =
        ["match", "paths", "ignore", "replace", "exhausted", "maxAge", "scopes"] + ReplayOptions.members

    private mutating func read(_ member: JSONValue.Member) throws(RulesProblem) {
        switch member.name {
        case "$schema": _ = try member.text()
        case "match": match = try Self.match(member)
        case "paths": paths = try Paths(member)
        case "ignore": ignore = try Self.ignore(member)
        case "exhausted": exhausted = try Exhausted(member)
        case "scopes": scopes = try member.value.members(of: "\"scopes\"").map(Scope.init)
        case "maxAge": maxAge = try Self.age(member)
        case "replace": replace = try member.value.members(of: "\"replace\"").map(TextReplacement.init)
        default: guard try replay.read(member) else { throw member.unknown(of: Self.known) }
        }
    }

    private static func match(_ member: JSONValue.Member) throws(RulesProblem) -> [String] {
        let names = try member.texts()
        for name in names where name.utf8.first == UInt8(ascii: "/") {
            throw member.problem("has names of top-level members, not pointers such as \"\(name)\"")
        }
        return names
    }

    private static func age(_ member: JSONValue.Member) throws(RulesProblem) -> Int64 {
        let text = try member.text()
        guard let seconds = Age.seconds(text) else {
            throw member.problem("must be a number of s, m, h, d or w such as \"30d\", not \"\(text)\"")
        }
        return seconds
    }

    private static func ignore(_ member: JSONValue.Member) throws(RulesProblem) -> [JSONValue.Pointer] {
        try member.texts().map { (text) throws(RulesProblem) in
            guard let pointer = JSONValue.Pointer(text), !pointer.tokens.isEmpty else {
                throw member.problem("has JSON pointers such as \"/metadata/run_id\", not \"\(text)\"")
            }
            return pointer
        }
    }
}

extension CassetteRules.Exhausted {
    fileprivate init(_ member: JSONValue.Member) throws(RulesProblem) {
        guard let rule = Self(rawValue: try member.text()) else {
            throw member.problem("must be \"error\", \"last\" or \"cycle\"")
        }
        self = rule
    }
}

extension CassetteRules.Paths {
    fileprivate init(_ member: JSONValue.Member) throws(RulesProblem) {
        guard let rule = Self(rawValue: try member.text()) else {
            throw member.problem("must be \"exact\" or \"dialect\"")
        }
        self = rule
    }
}

extension CassetteRules.Scope {
    private static let known = ["exhausted"] + ReplayOptions.members

    fileprivate init(_ entry: JSONValue.Member) throws(RulesProblem) {
        self.init(pattern: entry.name)
        // What no scope can be called matches none.
        let example = String(
            decoding: entry.name.utf8.map { $0 == UInt8(ascii: "*") ? UInt8(ascii: "x") : $0 },
            as: UTF8.self
        )
        guard TapeScope(example) != nil else {
            throw entry.problem("can't name a scope: plain path segments joined by slashes, * for any text")
        }
        for member in try entry.value.members(of: "\"\(entry.name)\"") {
            if member.name == "exhausted" {
                exhausted = try CassetteRules.Exhausted(member)
            } else {
                guard try replay.read(member) else { throw member.unknown(of: Self.known) }
            }
        }
    }
}

extension ReplayOptions {
    fileprivate static let members = ["speed", "maxGap", "rechunk", "faults"]

    /// Reads a member, if it is one of these.
    fileprivate mutating func read(_ member: JSONValue.Member) throws(RulesProblem) -> Bool {
        switch member.name {
        case "speed": speed = try member.number()
        case "maxGap": maxGap = try member.number()
        case "rechunk": rechunk = try member.wording(member.text(), Rechunk.init(parsing:))
        case "faults": faults = try Self.faults(member)
        default: return false
        }
        return true
    }

    private static func faults(_ member: JSONValue.Member) throws(RulesProblem) -> [Fault] {
        let texts = try member.texts()
        // One by one first, so that an error has the line of its own.
        for (text, element) in zip(texts, member.value.array ?? []) {
            let line = JSONValue.Member(member.name, element, line: element.line)
            _ = try line.wording([text], Fault.list(parsing:))
        }
        return try member.wording(texts, Fault.list(parsing:))
    }
}

/// What is wrong with a `cassette.json`, and in which line.
struct RulesProblem: Error {
    var message: String
    var line: Int
}

extension JSONValue {
    func members(of place: String) throws(RulesProblem) -> [Member] {
        guard let members else {
            throw RulesProblem(message: "\(place) must be an object, not \(typeName)", line: line)
        }
        return members
    }
}

extension JSONValue.Member {
    func problem(_ message: String) -> RulesProblem {
        RulesProblem(message: "\"\(name)\" \(message)", line: line)
    }

    fileprivate func unknown(of known: [String]) -> RulesProblem {
        problem("is not known; known are \(known.map { "\"\($0)\"" }.joined(separator: ", "))")
    }

    func text() throws(RulesProblem) -> String {
        guard let text = value.string else { throw problem("wants a string, not \(value.typeName)") }
        return text
    }

    func texts() throws(RulesProblem) -> [String] {
        guard let elements = value.array else { throw problem("must be an array, not \(value.typeName)") }
        return try elements.map { (element) throws(RulesProblem) in
            guard let text = element.string else {
                throw RulesProblem(message: "\"\(name)\" wants strings, not \(element.typeName)", line: element.line)
            }
            return text
        }
    }

    fileprivate func number() throws(RulesProblem) -> Double {
        guard let number = value.double, ReplayOptions.numbers.contains(number) else {
            throw problem("must be a number from 0 to 30000000")
        }
        return number
    }

    /// Reads a text that has a grammar of its own.
    fileprivate func wording<Text, Value>(
        _ text: Text,
        _ parse: (Text) throws(ReplayTextError) -> Value
    ) throws(RulesProblem) -> Value {
        do throws(ReplayTextError) {
            return try parse(text)
        } catch {
            throw problem("\(error)")
        }
    }
}
