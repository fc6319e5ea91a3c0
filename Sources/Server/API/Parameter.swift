/// A query parameter of an endpoint.
public struct Parameter: Sendable {
    /// What it takes.
    public enum Kind: Sendable, Equatable {
        case text
        case choice([String])
        /// A whole number within a range.
        case integer(ClosedRange<Int>)
        /// Seconds, with a fraction or without.
        case seconds(ClosedRange<Int>)
        case flag
    }

    public var name: String
    public var kind: Kind
    /// What counts where it isn't given; nil for nothing.
    public var standard: String?
    public var summary: String

    init(_ name: String, _ kind: Kind, default standard: String? = nil, _ summary: String) {
        self.name = name
        self.kind = kind
        self.standard = standard
        self.summary = summary
    }

    /// What is wrong with a value, as an error says it; nil where nothing is.
    func problem(with value: String) -> String? {
        switch kind {
        case .text:
            return nil
        case .choice(let words):
            guard !words.contains(value) else { return nil }
            return "there is no \(name) '\(value)': take one of \(words.joined(separator: ", "))"
        case .integer(let range):
            if let number = Int(value), range.contains(number) { return nil }
            return "\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(value)'"
        case .seconds(let range):
            let bounds = Double(range.lowerBound)...Double(range.upperBound)
            if let number = Double(value), bounds.contains(number) { return nil }
            return "\(name) takes seconds from \(range.lowerBound) to \(range.upperBound), not '\(value)'"
        case .flag:
            guard value != "true", value != "false" else { return nil }
            return "\(name) takes true or false, not '\(value)'"
        }
    }
}
