public import Dialects

/// What a JSON value looks like, as far as events need words for it (JSON Schema, draft 2020-12).
public indirect enum JSONSchema: Sendable {
    case any
    case string
    case integer
    case boolean
    /// One of some strings.
    case choice([String])
    case nullable(JSONSchema)
    case array(JSONSchema)
    /// No other members than these.
    case object([Property])
    /// Any of some.
    case union([JSONSchema])

    /// A member of an object.
    public struct Property: Sendable {
        public var name: String
        public var schema: JSONSchema
        public var isRequired: Bool
        /// What it means; nil where the name says it all.
        public var summary: String?

        init(_ name: String, _ schema: JSONSchema, optional: Bool = false, _ summary: String? = nil) {
            self.name = name
            self.schema = schema
            self.isRequired = !optional
            self.summary = summary
        }
    }

    /// The schema as JSON.
    public var json: JSONValue { .object(members) }

    private var members: [(String, JSONValue)] {
        switch self {
        case .any: []
        case .string: [("type", .string("string"))]
        case .integer: [("type", .string("integer"))]
        case .boolean: [("type", .string("boolean"))]
        case .choice(let words): [("type", .string("string")), ("enum", .array(words.map { .string($0) }))]
        case .nullable(let schema): [("anyOf", .array([schema.json, .object([("type", .string("null"))])]))]
        case .array(let element): [("type", .string("array")), ("items", element.json)]
        case .union(let schemas): [("anyOf", .array(schemas.map(\.json)))]
        case .object(let properties): Self.object(properties)
        }
    }

    private static func object(_ properties: [Property]) -> [(String, JSONValue)] {
        let described = properties.map { property in
            var members = property.schema.members
            if let summary = property.summary { members.append(("description", .string(summary))) }
            return (property.name, JSONValue.object(members))
        }
        return [
            ("type", .string("object")),
            ("properties", .object(described)),
            ("required", .array(properties.filter(\.isRequired).map { .string($0.name) })),
            ("additionalProperties", .bool(false)),
        ]
    }
}
