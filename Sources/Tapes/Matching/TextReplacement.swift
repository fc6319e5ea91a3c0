import Dialects

/// A rule of `replace`: in the texts at a place and below it, what fits these patterns counts as the same.
struct TextReplacement: Sendable {
    /// `*` stands for any member or element.
    var pointer: JSONValue.Pointer
    var patterns: [TextPattern]

    /// The steps that the patterns may take over the texts of one request: some hundredths of a second.
    static let budget = 4_000_000

    private static let most = 64

    /// Reads a member of `replace`: a pointer, and a pattern or an array of them.
    init(_ member: JSONValue.Member) throws(RulesProblem) {
        guard let pointer = JSONValue.Pointer(member.name) else {
            throw member.problem("is no JSON pointer such as \"/messages/*/content\"")
        }
        self.pointer = pointer
        patterns = []
        let texts = member.value.array == nil ? [try member.text()] : try member.texts()
        guard texts.count <= Self.most else { throw member.problem("has more than \(Self.most) patterns") }
        for text in texts {
            do throws(PatternError) {
                patterns.append(try TextPattern(text))
            } catch {
                throw member.problem("has the pattern \"\(text)\": \(error.message)")
            }
        }
    }
}
