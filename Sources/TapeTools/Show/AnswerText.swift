import Dialects
public import Tapes

/// The text of a tape's answer, and nothing else.
public enum AnswerText {
    /// The assistant's text of the first choice, byte for byte, and a line break; the body itself where its dialect
    /// reads no answer from it.
    public static func bytes(of tape: Tape) -> [UInt8] {
        let fold = DecodedTape(tape).fold
        return fold.choices.isEmpty ? tape.body : Array((fold.text + "\n").utf8)
    }
}
