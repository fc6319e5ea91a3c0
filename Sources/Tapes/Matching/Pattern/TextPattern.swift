/// A regular expression for `replace`, in a syntax that can be matched in linear time whatever it says.
struct TextPattern: Sendable, CustomStringConvertible {
    /// The expression as it was written.
    let description: String
    private let program: PatternProgram

    /// The longest expression, in bytes.
    private static let longest = 1024
    /// What takes the place of a match.
    private static let mark: Unicode.Scalar = "*"
    /// A longer text is compared as it is.
    private static let longestText = 1 << 20

    init(_ text: String) throws(PatternError) {
        guard text.utf8.count <= Self.longest else {
            throw PatternError(message: "the pattern is longer than \(Self.longest) bytes")
        }
        var parser = PatternParser(text)
        program = try PatternProgram(parser.parse())
        description = text
    }

    /// Replaces each match, as long as the budget lasts; what is left then stays as it is.
    func replacing(in text: String, budget: inout Int) -> String {
        guard text.utf8.count <= Self.longestText else { return text }
        let scalars = Array(text.unicodeScalars)
        var search = PatternSearch(program, scalars, budget: budget)
        var output = String.UnicodeScalarView()
        var position = 0
        while let match = search.next(from: position) {
            output.append(contentsOf: scalars[position..<match.lowerBound])
            output.append(Self.mark)
            position = match.upperBound
        }
        budget = max(0, search.budget)
        guard position > 0 else { return text }
        output.append(contentsOf: scalars[position...])
        return String(output)
    }
}
