/// An event as CloudEvents 1.0 has it: what is said of it, and its data.
///
/// Whoever made it, every one that there is keeps the specification's rules: see ``init(attributes:data:)``.
public struct CloudEvent: Sendable {
    /// What an attribute says (section "Type System"). URIs, times and bytes are strings here, as in JSON.
    public enum Value: Sendable {
        case string(String)
        case integer(Int32)
        case boolean(Bool)
    }

    /// A context attribute or an extension's.
    public struct Attribute: Sendable {
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// What it is about.
    public enum Content: Sendable {
        /// JSON text on one line.
        case json([UInt8])
        /// Text that is not JSON, such as XML.
        case text(String)
        case bytes([UInt8])
    }

    /// Why something is no CloudEvent, as its sender is told.
    public struct Problem: Error, Hashable, CustomStringConvertible {
        public var description: String

        init(_ description: String) { self.description = description }
    }

    /// The one version of the specification that there is here.
    public static let version = "1.0"

    /// In their order, each name once; with `specversion`, `id`, `source` and `type` among them.
    public let attributes: [Attribute]
    /// Nil where it has none, which isn't the same as JSON's `null`.
    public let data: Content?

    /// - Throws: where an attribute is missing, has a name that none can have, or a value that isn't what its name wants; or
    ///   where the data aren't what `datacontenttype` says.
    public init(attributes: [Attribute], data: Content? = nil) throws(Problem) {
        try Self.check(attributes)
        self.attributes = attributes
        self.data = data
        try checkData()
    }

    /// An attribute's value; nil where it isn't set.
    public subscript(name: String) -> Value? {
        attributes.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    public var id: String { string("id") ?? "" }
    public var source: String { string("source") ?? "" }
    public var type: String { string("type") ?? "" }

    func string(_ name: String) -> String? {
        if case .string(let text) = self[name] { text } else { nil }
    }
}
