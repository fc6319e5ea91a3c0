package import Dialects

extension Tape {
    /// What reads its body: the dialect that it was recorded with, or that its path speaks.
    package var dialect: Dialect {
        if let named = end?.dialect.flatMap(Dialect.named), named.name != Dialect.generic.name { return named }
        return Dialect.matching(path: request.path)
    }
}
