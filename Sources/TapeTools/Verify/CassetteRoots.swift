import Tapes

/// Which cassette each tape of a directory belongs to: the nearest directory above it that has a `cassette.json`, or
/// the directory that was named.
struct CassetteRoots {
    /// Where a tape lies, and under which rules.
    struct Place {
        enum Location {
            case scope(TapeScope)
            /// The directory is named as no scope can be.
            case nameless
            /// A file was named, not its cassette.
            case unknown
        }

        var location: Location
        var rules: CassetteRules
    }

    /// Nil for a file that was named.
    private let root: String?
    /// The rules of the directories looked at; nil where one has none.
    private var rules: [String: CassetteRules?] = [:]
    /// What is wrong with the `cassette.json`s that were met.
    private(set) var errors: [TapeError] = []

    init(_ root: String?) {
        self.root = root
        if let root { _ = rules(of: root) }
    }

    mutating func place(of file: CassetteFiles.File) -> Place {
        guard let root else { return Place(location: .unknown, rules: CassetteRules()) }
        let directories = file.name.utf8.split(separator: UInt8(ascii: "/")).dropLast()
            .map { String(Substring($0)) }
        var depth = directories.count
        var found: CassetteRules?
        while true {
            found = rules(of: ([root] + directories[..<depth]).joined(separator: "/"))
            if depth == 0 || found != nil { break }
            depth -= 1
        }
        let scope = TapeScope(directories[depth...].joined(separator: "/"))
        return Place(location: scope.map { .scope($0) } ?? .nameless, rules: found ?? CassetteRules())
    }

    /// The rules of a directory that is a cassette by having a `cassette.json`; the defaults where that is wrong.
    private mutating func rules(of directory: String) -> CassetteRules? {
        if let known = rules[directory] { return known }
        var found: CassetteRules?
        if FileSystem.exists("\(directory)/cassette.json") {
            do throws(TapeError) {
                found = try Cassette.rules(directory: directory)
            } catch {
                errors.append(error)
                found = CassetteRules()
            }
        }
        rules[directory] = .some(found)
        return found
    }
}
