import Dialects

/// Cuts a whole body into the pieces that its events are, each with all of its line ends.
enum EventCuts {
    /// The pieces, which put together are the body again. A document is one piece, an empty body none.
    static func pieces(of body: [UInt8], _ framing: Dialect.Framing) -> [[UInt8]] {
        guard !body.isEmpty else { return [] }
        switch framing {
        case .document: return [body]
        case .ndjson: return cut(body, behind: lineEnds(body))
        case .serverSentEvents: return cut(body, behind: blankLines(body))
        }
    }

    private static func cut(_ body: [UInt8], behind ends: [Int]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        for end in ends where end > start {
            pieces.append(Array(body[start..<end]))
            start = end
        }
        if start < body.count { pieces.append(Array(body[start...])) }
        return pieces
    }

    private static func lineEnds(_ body: [UInt8]) -> [Int] {
        body.indices.filter { body[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    }

    /// Where blank lines end: lines end with CR LF, LF or CR alone.
    private static func blankLines(_ body: [UInt8]) -> [Int] {
        var ends: [Int] = []
        var isLineEmpty = true
        var hasContent = false
        var index = 0
        while index < body.count {
            let byte = body[index]
            index += 1
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                isLineEmpty = false
                hasContent = true
                continue
            }
            if byte == UInt8(ascii: "\r"), index < body.count, body[index] == UInt8(ascii: "\n") { index += 1 }
            if isLineEmpty, hasContent {
                ends.append(index)
                hasContent = false
            }
            isLineEmpty = true
        }
        return ends
    }
}
