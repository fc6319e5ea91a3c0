import Dialects
import Tapes

/// An exchange as another tool's file has it, before it is a tape.
struct ImportedExchange: Sendable {
    /// A piece of the body, and how long after the one before it comes.
    struct Piece: Sendable {
        var delay: Int64
        var bytes: [UInt8]
    }

    var request: LiveRequest
    var status: Int
    var headers: [(name: String, value: String)]
    var pieces: [Piece]
    /// How the body ended.
    var reason = TapeEnd.Reason.eof
    /// Something worth saying that doesn't keep it from being imported.
    var note: String?

    /// An exchange of which nothing is known but its whole body: it is cut into its events, evenly spaced.
    init(
        request: LiveRequest,
        status: Int,
        headers: [(name: String, value: String)],
        body: [UInt8],
        pace: Int64
    ) {
        self.request = request
        self.status = status
        self.headers = headers
        let dialect = Dialect.matching(path: request.path)
        let framing = Self.framing(headers) ?? (status == 200 ? dialect.framing : .document)
        pieces = EventCuts.pieces(of: body, framing).map { Piece(delay: pace, bytes: $0) }
    }

    init(request: LiveRequest, status: Int, headers: [(name: String, value: String)], pieces: [Piece]) {
        self.request = request
        self.status = status
        self.headers = headers
        self.pieces = pieces
    }

    var body: [UInt8] { pieces.flatMap(\.bytes) }

    /// The first value of a response header.
    func header(_ name: String) -> String? { Self.value(name, headers) }

    static func value(_ name: String, _ headers: [(name: String, value: String)]) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    static func framing(_ headers: [(name: String, value: String)]) -> Dialect.Framing? {
        // A compressed body has no events that could be seen.
        if value("content-encoding", headers) != nil { return .document }
        return value("content-type", headers).flatMap { Dialect.Framing(contentType: $0) }
    }

    /// What the answer added up to, as a recorder would write it.
    var end: TapeEnd {
        var decoder = StreamDecoder(dialect: .matching(path: request.path), framing: Self.framing(headers))
        var buffer = EventBuffer()
        if header("content-encoding") == nil {
            for piece in pieces { decoder.feed(piece.bytes.span.bytes, into: &buffer) }
        }
        let end = decoder.finish(into: &buffer)
        let fold = MessageFold(buffer.events)
        return TapeEnd(
            reason: reason,
            dialect: decoder.dialect.name,
            terminal: end.terminal,
            text: fold.text,
            finish: fold.finishReason,
            usage: fold.usage?.raw
        )
    }

    /// The credentials in the request, which no tape may hold.
    var secrets: [String] {
        let headers: Set = [
            "authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie",
        ]
        let items: Set = ["key", "api_key", "api-key", "apikey", "access_token", "token"]
        let query = request.query.split(separator: "&").compactMap { item -> String? in
            let parts = item.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && items.contains(parts[0].lowercased()) ? String(parts[1]) : nil
        }
        return request.headers.filter { headers.contains($0.name.lowercased()) }.map(\.value) + query
    }
}
