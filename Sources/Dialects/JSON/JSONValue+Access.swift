extension JSONValue {
    /// The value of a member; the last one where the name is doubled, nil where this isn't an object.
    public subscript(name: String) -> JSONValue? {
        members?.last { $0.name.hasSameBytes(as: name) }?.value
    }

    /// An element; nil where it is out of range or this isn't an array.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = kind, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The members of an object, in their order.
    public var members: [Member]? {
        if case .object(let members) = kind { members } else { nil }
    }

    /// The elements of an array.
    public var array: [JSONValue]? {
        if case .array(let elements) = kind { elements } else { nil }
    }

    public var string: String? {
        if case .string(let value) = kind { value } else { nil }
    }

    public var bool: Bool? {
        if case .bool(let value) = kind { value } else { nil }
    }

    public var isNull: Bool {
        if case .null = kind { true } else { false }
    }

    /// A number as it was written.
    public var numberText: String? {
        if case .number(let text) = kind { text } else { nil }
    }

    /// A number that is written as an integer and fits; `1.0` and `1e2` are not.
    public var int: Int? {
        numberText.flatMap { Int($0) }
    }

    /// A number as the nearest `Double`, where it has a finite one.
    public var double: Double? {
        numberText.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// What kind of value this is, as an error message would say it.
    public var typeName: String {
        switch kind {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
