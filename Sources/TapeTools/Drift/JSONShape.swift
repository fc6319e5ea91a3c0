import Dialects

/// What JSON values of one kind look like: which members they have, and of which types these are. Their contents don't
/// count, nor how many elements an array has.
struct JSONShape: Sendable, Hashable {
    enum ValueType: String, Sendable, Hashable, Comparable {
        case null
        case boolean
        case number
        case string
        case array
        case object

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

        init(_ value: JSONValue) {
            self =
                switch value.kind {
                case .null: .null
                case .bool: .boolean
                case .number: .number
                case .string: .string
                case .array: .array
                case .object: .object
                }
        }
    }

    /// The types found at each place. A place is a JSON pointer in which `*` stands for any element of an array.
    private(set) var types: [String: Set<ValueType>] = [:]

    /// So many places are kept of one kind: a name may be an id, and then every value brings new ones.
    static let mostPlaces = 4096

    /// Adds what a value looks like.
    mutating func add(_ value: JSONValue) { add(value, at: JSONValue.Pointer()) }

    private mutating func add(_ value: JSONValue, at pointer: JSONValue.Pointer) {
        let place = pointer.description
        guard types[place] != nil || types.count < Self.mostPlaces else { return }
        types[place, default: []].insert(ValueType(value))
        for element in value.array ?? [] { add(element, at: pointer.appending("*")) }
        for member in value.members ?? [] { add(member.value, at: pointer.appending(member.name)) }
    }
}
