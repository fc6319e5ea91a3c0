/// What is wrong with a command that came over a socket, as its sender is told.
struct SessionError: Error, Hashable {
    /// What programs go by; it stays as it is from version to version.
    enum Code: String, CaseIterable {
        /// The message isn't a JSON object.
        case badJSON = "bad_json"
        /// There is no command of that type.
        case unknownType = "unknown_type"
        /// A member of the command is missing, unknown, or not what it must be.
        case badCommand = "bad_command"
        /// There is no such stream, or it ended too long ago.
        case unknownStream = "unknown_stream"
        /// There is no such channel, and it can't be made.
        case unknownChannel = "unknown_channel"
        /// The socket has that subscription already.
        case alreadySubscribed = "already_subscribed"
        /// The socket doesn't have that subscription.
        case notSubscribed = "not_subscribed"
        /// A limit on subscriptions, or on what is there at once, is reached.
        case tooMany = "too_many"
        /// The key or the link doesn't give the right to this.
        case forbidden = "forbidden"
        /// It comes too fast; try again later.
        case rateLimited = "rate_limited"
        /// What is to be published or sent on is too large.
        case tooBig = "too_big"
        /// No route takes the request of a `create`.
        case noRoute = "no_route"
        /// The server is about to stop.
        case goingAway = "going_away"
    }

    var code: Code
    var message: String
    /// The channel or stream that it is about, where it is about one of several.
    var target: SessionTarget?

    init(_ code: Code, _ message: String, _ target: SessionTarget? = nil) {
        self.code = code
        self.message = message
        self.target = target
    }
}
