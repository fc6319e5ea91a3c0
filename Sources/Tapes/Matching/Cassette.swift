/// A directory of tapes with its rules, loaded.
public struct Cassette: Sendable {
    /// A tape and where it lies.
    public struct Item: Sendable {
        /// The path within the cassette: `tests/chat/openai.chat-gpt-4o-1a2b3c4d.tape.jsonl`.
        public var name: String
        /// The directory that it lies in; nil where that isn't named as a scope can be.
        public var scope: TapeScope?
        public var tape: Tape
        /// Whether it is a `.part`: one that is being recorded, or whose recorder died.
        public var isPart: Bool
        /// Nil where it was not loaded from a file.
        var identity: FileIdentity?

        public init(name: String, scope: TapeScope?, tape: Tape, isPart: Bool = false) {
            self.name = name
            self.scope = scope
            self.tape = tape
            self.isPart = isPart
        }

        /// Whether it may be played.
        public var isServable: Bool { !isPart && tape.isServable }
    }

    public var directory: String
    public var rules: CassetteRules
    /// In recorded order: by directory and name, numbers by their value.
    public var items: [Item]
    /// What couldn't be read; empty in a cassette that ``load(directory:limits:)`` gave back.
    public var errors: [TapeError]
    /// The tapes among what couldn't be read: their directory, their name in it, and which file it was.
    var unreadable: [(scope: TapeScope?, name: String, identity: FileIdentity)] = []

    public init(directory: String, rules: CassetteRules, items: [Item], errors: [TapeError] = []) {
        self.directory = directory
        self.rules = rules
        self.items = items
        self.errors = errors
    }

    /// Loads a cassette to be played.
    ///
    /// - Throws: ``CassetteError`` with everything that is wrong, so that it can be mended in one go.
    public static func load(directory: String, limits: TapeLimits = TapeLimits()) throws(CassetteError) -> Cassette {
        let cassette = inspect(directory: directory, limits: limits)
        guard cassette.errors.isEmpty else { throw CassetteError(errors: cassette.errors) }
        return cassette
    }

    /// Loads what can be read and lists what can't.
    public static func inspect(directory: String, limits: TapeLimits = TapeLimits()) -> Cassette {
        var cassette = Cassette(directory: directory, rules: CassetteRules(), items: [])
        cassette.read(CassetteFiles(directory: directory), limits)
        do throws(TapeError) {
            cassette.rules = try rules(directory: directory)
        } catch {
            cassette.errors.append(error)
        }
        return cassette
    }

    /// The rules of a cassette: its `cassette.json`, or the defaults where it has none.
    public static func rules(directory: String) throws(TapeError) -> CassetteRules {
        let path = "\(directory)/cassette.json"
        guard FileSystem.exists(path) else { return CassetteRules() }
        return try CassetteRules(parsing: FileSystem.read(path, limit: 1 << 20), file: path)
    }

    /// Loads what a scope's own directory holds; nothing where there is no such directory.
    static func inspect(_ scope: TapeScope, in directory: String, limits: TapeLimits = TapeLimits()) -> Cassette {
        var cassette = Cassette(directory: directory, rules: CassetteRules(), items: [])
        let inner = scope.description
        guard inner.isEmpty || FileSystem.isDirectory(inner, below: directory) else { return cassette }
        cassette.read(CassetteFiles(directory: directory, scope: scope), limits)
        return cassette
    }

    private mutating func read(_ found: CassetteFiles, _ limits: TapeLimits) {
        errors += found.errors
        for file in found.files {
            do throws(TapeError) {
                let (tape, identity) = try TapeReader.readIdentified(path: file.path, limits: limits)
                var item = Item(name: file.name, scope: file.scope, tape: tape, isPart: file.isPart)
                item.identity = identity
                items.append(item)
            } catch {
                errors.append(error)
                guard let identity = FileIdentity(path: file.path) else { continue }
                unreadable.append((file.scope, file.lastName, identity))
            }
        }
    }
}

/// Why a cassette can't be loaded: every error that was found in it.
public struct CassetteError: Error, Sendable, CustomStringConvertible {
    public var errors: [TapeError]

    public var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}
