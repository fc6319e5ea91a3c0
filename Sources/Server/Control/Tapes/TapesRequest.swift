import Dialects
import Tapes

/// What is asked of `/tapes`.
struct TapesRequest: Sendable {
    enum Resource: Sendable {
        /// What cassettes there are, and what is in them.
        case list
        /// Whether all that was recorded was played, and nothing else was asked.
        case verify
        /// What was asked.
        case requests
        /// Starts over.
        case reset
    }

    /// Why a request can't be served.
    struct Problem: Error {
        var status = 400
        var message: String
    }

    var resource: Resource
    /// Nil is every scope.
    var scope: TapeScope?
    /// The decks that it is about, with their settings.
    var settings: [TapeSetting]

    init(_ resource: Resource, _ query: Query, decks: [TapeSetting]) throws(Problem) {
        self.resource = resource
        settings = decks
        if let text = query["scope"] {
            guard let scope = TapeScope(text) else {
                throw Problem(message: "'\(text)' can't name a scope: plain path segments joined by slashes")
            }
            self.scope = scope
        }
        if let directory = query["cassette"] {
            settings = decks.filter { $0.deck.directory == directory }
            guard !settings.isEmpty else {
                throw Problem(status: 404, message: "there is no cassette '\(directory)'")
            }
        }
    }

    /// Each deck once.
    var decks: [TapeDeck] {
        var seen: Set<ObjectIdentifier> = []
        return settings.map(\.deck).filter { seen.insert(ObjectIdentifier($0)).inserted }
    }
}
