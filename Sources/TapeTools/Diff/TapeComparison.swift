import Dialects
import Tapes

/// Two tapes, or the tapes of two directories by their names, held against each other.
public struct TapeComparison: Sendable {
    private struct Pair: Sendable {
        /// Within the directories; nil for two files.
        var name: String?
        var difference: TapeDifference
    }

    private var pairs: [Pair] = []
    private var onlyLeft: [String] = []
    private var onlyRight: [String] = []
    /// Files that can't be read, with their lines.
    public private(set) var problems: [String] = []

    /// - Parameters:
    ///   - left: a tape or a directory.
    ///   - right: the same kind of thing.
    ///   - isExact: whether bytes, borders of chunks and all headers count.
    public init(_ left: String, _ right: String, isExact: Bool = false) {
        switch (FileSystem.isDirectory(left), FileSystem.isDirectory(right)) {
        case (true, true): compareDirectories(left, right, isExact)
        case (false, false): compare(nil, left, right, isExact)
        default: problems = ["\(left) and \(right) must be two tapes or two directories"]
        }
    }

    private mutating func compareDirectories(_ left: String, _ right: String, _ isExact: Bool) {
        let (before, after) = (CassetteFiles(directory: left), CassetteFiles(directory: right))
        problems = (before.errors + after.errors).map(\.description)
        let (names, others) = (Set(before.files.map(\.name)), Set(after.files.map(\.name)))
        onlyLeft = before.files.map(\.name).filter { !others.contains($0) }
        onlyRight = after.files.map(\.name).filter { !names.contains($0) }
        for file in before.files where others.contains(file.name) {
            compare(file.name, file.path, "\(right)/\(file.name)", isExact)
        }
    }

    /// Whether there is anything to show.
    public var hasPairs: Bool { !pairs.isEmpty || !onlyLeft.isEmpty || !onlyRight.isEmpty }

    public var isSame: Bool { onlyLeft.isEmpty && onlyRight.isEmpty && pairs.allSatisfy(\.difference.isSame) }

    /// For a person. Of directories only the tapes that differ are shown.
    public func text(_ appearance: Appearance = .plain) -> String {
        var output = ""
        for pair in pairs {
            guard let name = pair.name else { return pair.difference.text(appearance) }
            guard !pair.difference.isSame else { continue }
            output += appearance.paint("== \(Printable.line(name))", .cyan) + "\n" + pair.difference.text(appearance)
        }
        for name in onlyLeft { output += appearance.paint("only in the first   \(Printable.line(name))", .red) + "\n" }
        for name in onlyRight {
            output += appearance.paint("only in the second  \(Printable.line(name))", .green) + "\n"
        }
        guard !output.isEmpty || !problems.isEmpty else {
            return "no difference in \(Amount.count(pairs.count, "tape"))\n"
        }
        return output
    }

    /// One object: that of the two tapes, or `same`, `only_left`, `only_right` and `pairs`.
    public var json: String {
        if let pair = pairs.first, pair.name == nil { return pair.difference.json.jsonText + "\n" }
        let found = pairs.map { pair -> JSONValue in
            let members = pair.difference.json.members ?? []
            return JSONValue(.object([JSONValue.Member("name", .optional(pair.name))] + members))
        }
        return JSONValue.object([
            ("same", .bool(isSame)), ("only_left", .array(onlyLeft.map { .string($0) })),
            ("only_right", .array(onlyRight.map { .string($0) })), ("pairs", .array(found)),
        ]).jsonText + "\n"
    }

    private mutating func compare(_ name: String?, _ left: String, _ right: String, _ isExact: Bool) {
        do throws(TapeError) {
            let difference = TapeDifference(
                try TapeReader.read(path: left),
                try TapeReader.read(path: right),
                isExact: isExact
            )
            pairs.append(Pair(name: name, difference: difference))
        } catch {
            problems.append(error.description)
        }
    }
}
