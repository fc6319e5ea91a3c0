import Dialects
public import Tapes

/// The text of a tape's answer, and nothing else.
public enum AnswerText {
    /// The assistant's text of the first choice, byte for byte, and a line break; the body itself where no dialect
    /// reads it, or it is an error's.
    public static func bytes(of tape: Tape) -> [UInt8] {
        let decoded = DecodedTape(tape)
        let isRead = decoded.dialect.name != Dialect.generic.name && (tape.response?.status ?? 200) < 400
        return isRead || !decoded.fold.choices.isEmpty ? Array((decoded.fold.text + "\n").utf8) : tape.body
    }
}
