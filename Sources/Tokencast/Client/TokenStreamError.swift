/// Why a ``TokenStream`` ended before its end.
public struct TokenStreamError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong. It is a struct, not an enum, so that reasons may be added.
    public struct Code: Sendable, Hashable {
        fileprivate enum Value: Sendable, Hashable {
            case invalidURL
            case badRequest
            case unauthorized
            case forbidden
            case notFound
            case refused
            case unreachable
            case malformed
        }

        fileprivate var value: Value

        /// The URL is none of a stream or a channel.
        public static let invalidURL = Code(value: .invalidURL)
        /// 400: the server doesn't understand, such as an id to resume from that can't be one.
        public static let badRequest = Code(value: .badRequest)
        /// 401: there is no key, or it isn't known.
        public static let unauthorized = Code(value: .unauthorized)
        /// 403: the key may not read this.
        public static let forbidden = Code(value: .forbidden)
        /// 404: there is no such stream, or it is no longer kept.
        public static let notFound = Code(value: .notFound)
        /// Any other answer that coming back wouldn't change.
        public static let refused = Code(value: .refused)
        /// The server was away for longer than ``TokenStream/Reconnection`` allows.
        public static let unreachable = Code(value: .unreachable)
        /// What came is no event stream, or an event of it is larger than 16 MiB.
        public static let malformed = Code(value: .malformed)
    }

    public var code: Code
    /// The HTTP status, where one is the reason.
    public var status: Int?
    /// The server's own words where there are some.
    public var message: String

    init(_ code: Code, status: Int? = nil, _ message: String) {
        self.code = code
        self.status = status
        self.message = message
    }

    public var description: String { status.map { "\(message) (\($0))" } ?? message }
}
