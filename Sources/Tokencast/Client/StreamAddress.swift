import Dialects

/// The URL of a stream or a channel, and what to ask for there.
struct StreamAddress: Equatable {
    /// What is read.
    enum Subject: Equatable {
        /// One stream, by its id.
        case stream(String)
        case channel(String)
    }

    var subject: Subject
    /// The whole URL, query included.
    var url: String

    /// - Throws: ``TokenStreamError/Code/invalidURL``.
    init(_ text: String, since: TokenStream.Since, catchUp: TokenStream.CatchUp) throws(TokenStreamError) {
        func refusal(_ why: String) -> TokenStreamError { TokenStreamError(.invalidURL, "'\(text)' \(why)") }
        let schemes = ["http://", "https://"]
        guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0) }),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") })
        else { throw refusal("is no URL with http or https") }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false)
        guard path.count >= 3, let name = path.last.map({ String($0).percentDecoded }), !name.isEmpty else {
            throw refusal("is no URL of a stream or a channel: …/streams/ID or …/channels/NAME")
        }
        switch path[path.count - 2] {
        case "streams": subject = .stream(name)
        case "channels": subject = .channel(name)
        default: throw refusal("is no URL of a stream or a channel: …/streams/ID or …/channels/NAME")
        }
        var query = parts.count > 1 && !parts[1].isEmpty ? [String(parts[1])] : []
        for item in query.flatMap({ $0.split(separator: "&") }) {
            let parameter = String(item.prefix { $0 != "=" }).percentDecoded
            guard !["view", "since", "catchup", "live"].contains(parameter) else {
                throw refusal("has the parameter '\(parameter)', which is set for it")
            }
        }
        guard since.text.utf8.allSatisfy(Self.isPlain) else {
            throw TokenStreamError(.invalidURL, "'\(since.text)' is no event's id")
        }
        query.append("since=\(since.text)")
        if catchUp != .replay { query.append("catchup=\(catchUp.text)") }
        url = "\(parts[0])?\(query.joined(separator: "&"))"
    }

    /// Whether a byte needs no escaping in a query (RFC 3986, section 2.3).
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        case UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
