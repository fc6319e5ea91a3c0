import Dialects
import Tapes

/// What of an answer is the provider's format, and not this one answer's text.
struct AnswerShape: Sendable {
    var status: Int?
    /// The media type, without its parameters.
    var contentType: String?
    /// How the body ended: the tape's word.
    var reason: String?
    /// What ended the stream in its dialect.
    var terminal: String?
    var finish: String?
    /// The shape of each kind of event. A document is one, too.
    var kinds: [String: JSONShape] = [:]

    init(_ tape: Tape) {
        let decoded = DecodedTape(tape)
        status = tape.response?.status
        contentType = tape.response?.contentType.map { type in
            String(type.prefix { $0 != ";" }.filter { !$0.isWhitespace }).lowercased()
        }
        reason = tape.end?.reason.rawValue
        terminal = decoded.end?.terminal
        finish = decoded.fold.finishReason
        guard tape.response?.isDecodable == true else { return }
        var decoder = StreamDecoder(dialect: decoded.dialect, framing: decoded.framing)
        for chunk in tape.chunks {
            var buffer = EventBuffer()
            decoder.feed(chunk.span.bytes, into: &buffer)
            take(buffer)
        }
        var buffer = EventBuffer()
        _ = decoder.finish(into: &buffer)
        take(buffer)
    }

    private mutating func take(_ buffer: EventBuffer) {
        for frame in buffer.frames {
            buffer.withFrame(frame) { name, data in
                take(
                    name: name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) },
                    data: data.withUnsafeBytes { Array($0) }
                )
            }
        }
    }

    /// An event's kind is its name or, where it has none, what its JSON says of itself.
    private mutating func take(name: String, data: [UInt8]) {
        guard let value = try? JSONValue(parsing: data, options: .lenient) else {
            // `[DONE]` and the like: short texts are kinds of their own, anything longer is just text.
            let text = data.count <= 32 ? String(decoding: data, as: UTF8.self) : "text"
            kinds[name.isEmpty ? text : name, default: JSONShape()] = JSONShape()
            return
        }
        let own = value["type"]?.string ?? value["object"]?.string ?? (value["error"] == nil ? "data" : "error")
        kinds[name.isEmpty ? own : name, default: JSONShape()].add(value)
    }
}
