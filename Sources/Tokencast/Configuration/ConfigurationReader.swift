import Dialects

/// One object of a configuration file, read strictly: a key that nobody asks for is an error.
struct ConfigurationReader {
    let file: String
    /// Where the object stands, as `upstreams.demo`; empty for the file itself.
    let path: String
    let value: JSONValue
    private let members: [JSONValue.Member]

    init(_ value: JSONValue, path: String, file: String) throws(ConfigurationError) {
        self.value = value
        self.path = path
        self.file = file
        guard let members = value.members else {
            let place = path.isEmpty ? "the file" : path
            throw ConfigurationError(
                "\(place) must be an object, not \(value.typeName)",
                file: file,
                line: value.line
            )
        }
        self.members = members
    }

    /// Refuses every key but these, and names the nearest.
    func allow(_ known: [String]) throws(ConfigurationError) {
        for member in members where !known.contains(member.name) {
            let list = "known here: \(known.joined(separator: ", "))"
            throw ConfigurationError(
                "unknown key '\(name(of: member.name))'\(suggestion(for: member.name, among: known)) (\(list))",
                file: file,
                line: member.line
            )
        }
    }

    func has(_ key: String) -> Bool { value[key] != nil }

    func string(_ key: String) throws(ConfigurationError) -> String? {
        guard let found = value[key] else { return nil }
        guard let string = found.string else { throw wrong(key, found, "a string") }
        return string
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let found = value[key] else { return nil }
        guard let number = found.int, range.contains(number) else {
            throw wrong(key, found, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A number of seconds or the like: not below zero, and no more than any clock is asked for (about a year).
    func number(_ key: String) throws(ConfigurationError) -> Double? {
        guard let found = value[key] else { return nil }
        guard let number = found.double, (0...3e7).contains(number) else {
            throw wrong(key, found, "a number from 0 to 30000000")
        }
        return number
    }

    func bool(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let found = value[key] else { return nil }
        guard let bool = found.bool else { throw wrong(key, found, "true or false") }
        return bool
    }

    func strings(_ key: String) throws(ConfigurationError) -> [String]? {
        guard let found = value[key] else { return nil }
        guard let array = found.array else { throw wrong(key, found, "an array of strings") }
        var strings: [String] = []
        for element in array {
            guard let string = element.string else { throw wrong(key, element, "an array of strings") }
            strings.append(string)
        }
        return strings
    }

    /// A name, or an array of names of which one at least is there.
    func names(_ key: String) throws(ConfigurationError) -> [String]? {
        guard let found = value[key] else { return nil }
        if let name = found.string { return [name] }
        let names = (found.array ?? []).compactMap(\.string)
        guard !names.isEmpty, names.count == found.array?.count else {
            throw wrong(key, found, "a string, or an array of strings that isn't empty")
        }
        return names
    }

    func object(_ key: String) throws(ConfigurationError) -> ConfigurationReader? {
        guard let found = value[key] else { return nil }
        return try ConfigurationReader(found, path: name(of: key), file: file)
    }

    func objects(_ key: String) throws(ConfigurationError) -> [ConfigurationReader] {
        guard let found = value[key] else { return [] }
        guard let array = found.array else { throw wrong(key, found, "an array of objects") }
        var objects: [ConfigurationReader] = []
        for (index, element) in array.enumerated() {
            objects.append(try ConfigurationReader(element, path: "\(name(of: key))[\(index)]", file: file))
        }
        return objects
    }

    /// The members as objects, under their names.
    func entries() throws(ConfigurationError) -> [(name: String, line: Int, reader: ConfigurationReader)] {
        var entries: [(name: String, line: Int, reader: ConfigurationReader)] = []
        for member in members {
            let reader = try ConfigurationReader(member.value, path: name(of: member.name), file: file)
            entries.append((member.name, member.line, reader))
        }
        return entries
    }

    func problem(_ key: String?, _ message: String) -> ConfigurationError {
        let line = key.flatMap { value[$0]?.line } ?? value.line
        let place = key.map { name(of: $0) } ?? path
        return ConfigurationError("\(place): \(message)", file: file, line: line)
    }

    private func wrong(_ key: String, _ found: JSONValue, _ expected: String) -> ConfigurationError {
        ConfigurationError("\(name(of: key)) must be \(expected)", file: file, line: found.line)
    }

    private func name(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// `; did you mean '…'?` with the nearest of the known words; empty where none is near.
func suggestion(for word: String, among known: [String]) -> String {
    guard let nearest = known.min(by: { distance($0, word) < distance($1, word) }),
        distance(nearest, word) <= max(2, nearest.count / 2)
    else { return "" }
    return "; did you mean '\(nearest)'?"
}

/// How many characters must be changed, put in or left out to make one text of the other (Levenshtein).
func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8.prefix(64))
    var row = Array(0...right.count)
    for (i, a) in left.utf8.prefix(64).enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in right.enumerated() {
            let next = min(diagonal + (a == b ? 0 : 1), row[j] + 1, row[j + 1] + 1)
            diagonal = row[j + 1]
            row[j + 1] = next
        }
    }
    return row[right.count]
}
