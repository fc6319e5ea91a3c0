public import Dialects

/// What an upstream or a route is said to speak: a provider's family, or one dialect by its name.
public struct UpstreamDialect: Sendable {
    /// Decides how a key is sent.
    public let family: ProviderFamily
    /// Reads every answer, whatever the path; nil where the path is to tell.
    public let dialect: Dialect?

    /// The words that are understood: the families, and the names of the dialects.
    public static let words = ProviderFamily.allCases.map(\.rawValue) + Dialect.all.map(\.name)

    /// Reads a word of the configuration; nil where it is none of ``words``.
    public init?(_ word: String) {
        if let family = ProviderFamily(rawValue: word) {
            self.init(family)
        } else if let dialect = Dialect.named(word) {
            self.init(dialect)
        } else {
            return nil
        }
    }

    public init(_ family: ProviderFamily) {
        self.family = family
        dialect = nil
    }

    /// One dialect, of the family that its name begins with; where that is none, it is one of OpenAI's followers.
    public init(_ dialect: Dialect) {
        family = ProviderFamily(rawValue: String(dialect.name.prefix { $0 != "." })) ?? .openai
        self.dialect = dialect
    }
}
