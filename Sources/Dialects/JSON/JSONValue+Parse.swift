extension JSONValue {
    /// What a text may be and still be taken.
    public struct Options: Sendable {
        /// What to do with an object that has a name twice.
        public enum DuplicateMembers: Sendable {
            case refuse
            /// Keep them all; looking one up finds the last, as most parsers do.
            case keep
        }

        /// What to do with an escape such as `\ud83d` that is half a character. JavaScript writes these when it cuts a
        /// string in the middle of an emoji.
        public enum LoneSurrogates: Sendable {
            case refuse
            /// Put U+FFFD in their place.
            case replace
        }

        /// How deep arrays and objects may be nested: 64 unless told otherwise, 512 at most.
        public var maximumDepth: Int
        public var duplicateMembers: DuplicateMembers
        public var loneSurrogates: LoneSurrogates

        public init(
            maximumDepth: Int = 64,
            duplicateMembers: DuplicateMembers = .refuse,
            loneSurrogates: LoneSurrogates = .refuse
        ) {
            self.maximumDepth = min(max(maximumDepth, 0), 512)
            self.duplicateMembers = duplicateMembers
            self.loneSurrogates = loneSurrogates
        }

        /// Everything refused that could be read in two ways: for files.
        public static let strict = Options()
        /// For looking into a live request that was written by somebody else's program.
        public static let lenient = Options(duplicateMembers: .keep, loneSurrogates: .replace)
    }

    /// Why a text isn't JSON, and where.
    public struct SyntaxError: Error, Hashable, CustomStringConvertible {
        public enum Reason: String, Sendable {
            case byteOrderMark = "the text starts with a byte order mark"
            case unexpectedEnd = "the text ends too early"
            case unexpectedByte = "this byte can't stand here"
            case trailingBytes = "something follows the value"
            case invalidNumber = "this is no JSON number"
            case invalidEscape = "this is no JSON escape"
            case loneSurrogate = "this escape is half a character"
            case controlCharacter = "a control character must be escaped"
            case invalidUTF8 = "this string is not UTF-8"
            case duplicateMember = "this object has the name twice"
            case tooDeep = "this is nested too deep"
        }

        public var reason: Reason
        /// 1-based.
        public var line: Int
        /// 1-based, in bytes.
        public var column: Int

        public var description: String { "line \(line), column \(column): \(reason.rawValue)" }
    }

    /// Parses a JSON text (RFC 8259, UTF-8, the whole of `bytes`).
    ///
    /// No input makes it trap: what isn't JSON throws.
    public init(parsing bytes: Span<UInt8>, options: Options = .strict) throws(SyntaxError) {
        var parser = Parser(options: options)
        self = try parser.parse(bytes)
    }

    /// Parses a JSON text (RFC 8259, UTF-8, the whole of `bytes`).
    public init(parsing bytes: [UInt8], options: Options = .strict) throws(SyntaxError) {
        try self.init(parsing: bytes.span, options: options)
    }

    /// Parses a JSON text.
    public init(parsing text: String, options: Options = .strict) throws(SyntaxError) {
        try self.init(parsing: Array(text.utf8), options: options)
    }
}
