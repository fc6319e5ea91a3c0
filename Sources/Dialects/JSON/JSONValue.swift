/// A JSON text as a tree that loses nothing a program could want to see again.
///
/// Members keep their order, numbers keep their text (an integer never passes through `Double`), and every value knows
/// the line it starts on, so that an error in a configuration file can name it. For bodies on a token's path, which
/// are read once and forward only, use the scanner instead.
///
/// ```swift
/// let request = try JSONValue(parsing: body)
/// let model = request["model"]?.string
/// ```
public struct JSONValue: Sendable {
    /// What a value is.
    public enum Kind: Sendable {
        case null
        case bool(Bool)
        /// The number as it was written: `1e2` stays `1e2`.
        case number(String)
        case string(String)
        case array([JSONValue])
        case object([Member])
    }

    /// A name with its value.
    public struct Member: Sendable {
        public var name: String
        public var value: JSONValue
        /// The 1-based line of the name; 0 where it wasn't parsed.
        public var line: Int

        public init(_ name: String, _ value: JSONValue, line: Int = 0) {
            self.name = name
            self.value = value
            self.line = line
        }
    }

    public var kind: Kind
    /// The 1-based line on which the value starts; 0 where it wasn't parsed.
    public var line: Int

    public init(_ kind: Kind, line: Int = 0) {
        self.kind = kind
        self.line = line
    }

    public static let null = JSONValue(.null)

    public static func bool(_ value: Bool) -> JSONValue { JSONValue(.bool(value)) }

    public static func integer(_ value: some BinaryInteger) -> JSONValue { JSONValue(.number(String(value))) }

    public static func string(_ value: String) -> JSONValue { JSONValue(.string(value)) }

    public static func array(_ elements: [JSONValue]) -> JSONValue { JSONValue(.array(elements)) }

    public static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        JSONValue(.object(members.map { Member($0.0, $0.1) }))
    }
}

extension JSONValue: Equatable {
    /// Whether two values have the same bytes, members in the same order; lines don't count.
    ///
    /// Strings are compared byte by byte, since `String ==` takes canonically equivalent texts for equal.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left.kind, right.kind) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left.hasSameBytes(as: right)
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSONValue.Member: Equatable {
    public static func == (left: JSONValue.Member, right: JSONValue.Member) -> Bool {
        left.name.hasSameBytes(as: right.name) && left.value == right.value
    }
}

extension String {
    /// Whether two strings are the same UTF-8, which is stricter than `==`.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
