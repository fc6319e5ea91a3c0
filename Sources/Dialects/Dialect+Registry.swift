extension Dialect {
    /// All dialects, in the order in which a request's path is offered to them.
    public static let all: [Dialect] = [
        .openAIChat,
        .generic,
    ]

    /// The dialect that a request's path speaks; ``generic`` where no provider's claims it.
    ///
    /// - Parameter path: the path without its query.
    public static func matching(path: String) -> Dialect {
        all.first { $0.matches(path) } ?? .generic
    }

    /// The dialect with a name as it stands in tapes and in the configuration.
    public static func named(_ name: String) -> Dialect? {
        all.first { $0.name == name }
    }
}
