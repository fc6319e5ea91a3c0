import Dialects
public import Tapes

extension TapeScript {
    /// The names that ``tape(dialect:tool:)`` knows.
    public static var dialects: [String] { TapeWriters.all.map(\.name) }

    /// Whether ``tape(dialect:tool:)`` knows a name: one of ``dialects``, or `gemini`, as one of them was called before.
    public static func knows(dialect: String) -> Bool { TapeWriters.named(dialect) != nil }

    /// Makes the tape, as a recorder would have written it had an upstream answered so.
    ///
    /// - Parameters:
    ///   - dialect: one of ``dialects``.
    ///   - tool: what the header names as the recorder: `tokencast/0.1.0`.
    public func tape(dialect: String, tool: String) throws(TapeScriptError) -> Tape {
        guard let writer = TapeWriters.named(dialect) else {
            throw TapeScriptError(
                "the dialect \"\(dialect)\" is not known; known are \(Self.dialects.joined(separator: ", "))"
            )
        }
        let count = [text, reasoning ?? ""].reduce(toolCalls.count) { $0 + pieces.split($1).count }
        guard isDocument || failure != nil || count <= Self.mostPieces else {
            throw TapeScriptError("\(count) pieces are too many for a tape; take larger ones")
        }
        var tape = Tape(
            header: Tape.Header(created: created, tool: tool, scope: scope),
            request: writer.request(self)
        )
        // What is there before the first token comes with the head; what is behind the last one comes together.
        let head = first / 2
        var fields = [TapeField("content-type", isDocument || failure != nil ? "application/json" : writer.streamType)]
        if let seconds = failure?.retryAfter { fields.append(TapeField("retry-after", String(seconds))) }
        tape.response = Tape.Response(offset: head, status: failure?.status ?? 200, headers: fields)
        if let failure {
            let message = failure.message ?? Self.message(of: failure.status)
            let body = writer.error(status: failure.status, message: message)
            tape.entries = [Tape.Entry(offset: head, .chunk(body.jsonBytes))]
        } else if isDocument {
            tape.entries = [Tape.Entry(offset: offset(ofToken: count), .chunk(writer.document(self).jsonBytes))]
        } else {
            tape.entries = timed(writer.stream(self), head)
        }
        return ended(tape)
    }

    /// The file's name as a recorder would begin it: dialect, model, key.
    func stem(of tape: Tape) -> String {
        TapeName.stem(
            api: Dialect.matching(path: tape.request.path).name,
            model: tape.request.model,
            key8: CanonicalRequest(tape.request).key8
        )
    }

    private func timed(_ stream: [StreamPiece], _ head: Int64) -> [Tape.Entry] {
        var token = 0
        return stream.map { piece in
            let offset = token == 0 && !piece.isToken ? head : offset(ofToken: token)
            if piece.isToken { token += 1 }
            return Tape.Entry(offset: offset, .chunk(piece.bytes))
        }
    }

    /// When a piece is due; each is reckoned from the first, so that nothing adds up.
    private func offset(ofToken number: Int) -> Int64 {
        // A number of 1e15 at most: the pace isn't slower than one in an hour.
        first + Int64((Double(number) * 1_000_000 / pace).rounded())
    }

    private func ended(_ tape: Tape) -> Tape {
        var tape = tape
        tape.end = TapeEnd(offset: tape.duration ?? 0, reason: .eof)
        let decoded = DecodedTape(tape)
        tape.end?.dialect = decoded.dialect.name
        tape.end?.terminal = decoded.end?.terminal
        tape.end?.text = decoded.fold.text
        tape.end?.finish = decoded.fold.finishReason
        tape.end?.usage = decoded.fold.usage?.raw
        return tape
    }

    private static func message(of status: Int) -> String {
        switch status {
        case 400: "The request is not valid."
        case 401: "The API key is not valid."
        case 403: "This is not allowed."
        case 404: "The model does not exist."
        case 429: "The rate limit is reached. Try again later."
        case 503, 529: "The server is overloaded. Try again later."
        default: "The server failed with status \(status)."
        }
    }
}
