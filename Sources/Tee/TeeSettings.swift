public import Tapes

/// What a tee writes of a stream.
public enum TeeFormat: String, Sendable, Hashable, CaseIterable {
    /// One event a line, as JSON with stream, token and microseconds.
    case jsonl
    /// The assistant's text, fit for `tail -f`.
    case text
    /// The upstream's body as it came, but for secrets.
    case raw
}

/// Where a tee writes to.
public enum TeeTarget: Sendable, Hashable {
    /// A file per stream and format in a directory, which is made where it isn't there, parents included.
    case directory(String, name: NameTemplate)
    /// One file that all streams are appended to. Its directory is made where it isn't there.
    case file(String)
    /// Standard output.
    case standardOutput
}

/// When a file is put aside and another begun.
public struct TeeRotation: Sendable, Hashable {
    /// How large a file gets, in bytes; a line that is longer is not split.
    public var bytes: Int
    /// How many files are kept beside the current one: `.1`, the youngest, to `.5`, say.
    public var keep: Int

    /// - Parameter keep: at least 1. Default 5.
    public init(bytes: Int, keep: Int = 5) {
        self.bytes = max(1, bytes)
        self.keep = max(1, keep)
    }
}

/// What a tee knows of a stream before it begins.
public struct TeeStreamRequest: Sendable {
    /// The model that the request asks for.
    public var model: String?
    public var channel: String?
    /// The name of the upstream that answers.
    public var upstream: String
    public var dialect: String
    /// The credentials that the request bears or that are put in.
    public var secrets: TapeSecrets

    public init(model: String?, channel: String?, upstream: String, dialect: String, secrets: TapeSecrets) {
        self.model = model
        self.channel = channel
        self.upstream = upstream
        self.dialect = dialect
        self.secrets = secrets
    }
}
