import Dialects
import Tapes

/// Cuts a whole body into the pieces that its events are, each with all of its line ends.
enum EventCuts {
    /// The pieces, which put together are the body again. What is between two events (comments, blank lines) comes with
    /// the second; a document is one piece, an empty body none.
    static func pieces(of body: [UInt8], _ framing: Dialect.Framing) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        for frame in BodyFrames(body: body, framing: framing) where frame.isEvent {
            pieces.append(Array(body[start..<frame.range.upperBound]))
            start = frame.range.upperBound
        }
        if start < body.count { pieces.append(Array(body[start...])) }
        return pieces
    }
}
