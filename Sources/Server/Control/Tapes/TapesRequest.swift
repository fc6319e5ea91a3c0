import Dialects
import Tapes

/// What is asked of `/tapes`.
struct TapesRequest: Sendable {
    enum Resource: String, Sendable {
        /// What cassettes there are, and what is in them.
        case list = ""
        /// Whether all that was recorded was played, and nothing else was asked.
        case verify
        /// What was asked.
        case requests
        /// Starts over.
        case reset

        /// The methods that it takes, as `Allow` lists them.
        var allow: String { self == .reset ? "POST" : "GET, HEAD" }

        func takes(_ method: String) -> Bool { self == .reset ? method == "POST" : method == "GET" || method == "HEAD" }
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

    init(_ resource: Resource, _ target: RequestTarget, decks: [TapeSetting]) throws(Problem) {
        self.resource = resource
        settings = decks
        // Else a mistyped name would start everything over.
        for item in (target.query ?? "").split(separator: "&") {
            let name = item.prefix { $0 != "=" }
            guard name == "scope" || name == "cassette" else {
                throw Problem(message: "'\(name)' is not known here: take scope=NAME or cassette=DIR")
            }
        }
        if let text = target.parameter("scope") {
            guard let scope = TapeScope(text) else {
                throw Problem(message: "'\(text)' can't name a scope: plain path segments joined by slashes")
            }
            self.scope = scope
        }
        if let directory = target.parameter("cassette") {
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
