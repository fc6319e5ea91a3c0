import Dialects

/// The parameters of a request to an endpoint, each known there and of the kind that it takes.
struct Query: Sendable {
    /// Why it isn't taken.
    struct Problem: Error, Equatable {
        var message: String
    }

    private var values: [String: String] = [:]
    private let parameters: [Parameter]

    /// - Parameters:
    ///   - text: without its question mark; nil for none. Where a parameter is given twice the last one counts.
    ///   - parameters: those of the endpoint. Any other is an error: a mistyped name must not do something else.
    init(_ text: String?, for parameters: [Parameter]) throws(Problem) {
        // Where nothing can be asked for, what is written there has no meaning that could be missed.
        let text = parameters.isEmpty ? nil : text
        let items = (text?.split(separator: "&") ?? []).map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]).percentDecoded, parts.count > 1 ? String(parts[1]).percentDecoded : "")
        }
        try self.init(items, for: parameters)
    }

    /// - Parameter items: names and values, as they are meant.
    init(_ items: [(String, String)], for parameters: [Parameter]) throws(Problem) {
        self.parameters = parameters
        for (name, value) in items {
            guard let parameter = parameters.first(where: { $0.name == name }) else {
                let known = parameters.map(\.name).joined(separator: ", ")
                throw Problem(message: "'\(name)' is not known here: there are \(known)")
            }
            if let problem = parameter.problem(with: value) { throw Problem(message: problem) }
            values[name] = value
        }
    }

    /// A parameter's value, or the one that counts where it isn't given.
    subscript(name: String) -> String? {
        values[name] ?? parameters.first { $0.name == name }?.standard
    }

    /// Whether it was given.
    func isGiven(_ name: String) -> Bool { values[name] != nil }

    func integer(_ name: String) -> Int? { self[name].flatMap { Int($0) } }

    func seconds(_ name: String) -> Double? { self[name].flatMap { Double($0) } }

    func flag(_ name: String) -> Bool { self[name] == "true" }
}
