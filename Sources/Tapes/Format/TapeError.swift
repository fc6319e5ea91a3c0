/// What is wrong with a tape or a cassette, and where.
public struct TapeError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The file can't be read or written.
        case file
        /// A line, a file or a nesting is larger than the limits allow.
        case tooLarge
        /// A line isn't JSON.
        case syntax
        /// The tape is of a later major version.
        case version
        /// A line stands where its kind can't.
        case order
        /// A line's value isn't what its kind wants.
        case value
        /// The end line's counts or digest don't fit the chunks.
        case integrity
        /// `cassette.json` says something that isn't known.
        case rules
    }

    public var code: Code
    public var message: String
    /// The file, as it was named to the loader.
    public var file: String
    /// The 1-based line, nil where it is the file as a whole.
    public var line: Int?

    public init(_ code: Code, _ message: String, file: String, line: Int? = nil) {
        self.code = code
        self.message = message
        self.file = file
        self.line = line
    }

    public var description: String {
        if let line { "\(file):\(line): \(message)" } else { "\(file): \(message)" }
    }
}

/// How much of a tape is taken: it comes from a repository, which means from anybody.
public struct TapeLimits: Sendable {
    /// The longest line, in bytes; 32 MiB.
    public var line: Int
    /// The largest file, in bytes; 256 MiB.
    public var file: Int
    /// How deep the JSON of a line may be nested; 64.
    public var depth: Int

    public init(line: Int = 32 << 20, file: Int = 256 << 20, depth: Int = 64) {
        self.line = line
        self.file = file
        self.depth = depth
    }
}
