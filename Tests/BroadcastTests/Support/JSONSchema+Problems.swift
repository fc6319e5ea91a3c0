import Dialects

@testable import Broadcast

extension JSONSchema {
    /// What is wrong with a value; empty where nothing is.
    func problems(with value: JSONValue, at place: String = "") -> [String] {
        let text = value.jsonText
        switch self {
        case .any: return []
        case .string: return value.string == nil ? ["\(place): \(text) is no string"] : []
        case .integer: return value.int == nil ? ["\(place): \(text) is no integer"] : []
        case .boolean: return value.bool == nil ? ["\(place): \(text) is no boolean"] : []
        case .choice(let words):
            return value.string.map(words.contains) == true ? [] : ["\(place): \(text) is none of \(words)"]
        case .nullable(let schema):
            if case .null = value.kind { return [] }
            return schema.problems(with: value, at: place)
        case .array(let element):
            guard case .array(let elements) = value.kind else { return ["\(place): \(text) is no array"] }
            return elements.enumerated().flatMap { element.problems(with: $1, at: "\(place)/\($0)") }
        case .union(let schemas):
            let found = schemas.map { $0.problems(with: value, at: place) }
            return found.contains([]) ? [] : found.flatMap { $0 }
        case .object(let properties):
            guard case .object(let members) = value.kind else { return ["\(place): \(text) is no object"] }
            var problems: [String] = []
            for property in properties where property.isRequired && value[property.name] == nil {
                problems.append("\(place)/\(property.name): is missing")
            }
            for member in members {
                guard let property = properties.first(where: { $0.name == member.name }) else {
                    problems.append("\(place)/\(member.name): isn't known")
                    continue
                }
                problems += property.schema.problems(with: member.value, at: "\(place)/\(member.name)")
            }
            return problems
        }
    }
}
