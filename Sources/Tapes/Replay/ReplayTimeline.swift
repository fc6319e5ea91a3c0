/// The head, the chunks and the end of a replay with their times, before anything goes wrong.
///
/// Times are absolute, in microseconds since the request came in, and never fall: who sleeps until each of them doesn't
/// drift, however late a single wake-up is.
struct ReplayTimeline: Sendable {
    struct Piece: Sendable {
        var range: Range<Int>
        /// The recorded chunk in which its last byte came.
        var chunk: Int
        var due: Int64
    }

    let body: ReplayBody
    private let head: Int64?
    private let end: Int64
    private var cutter: BodyCutter
    private var pace: ReplayPace
    private(set) var position = 0
    /// Where the cutter cut last: a piece may end before it.
    private var cut = 0
    private var chunk = 0

    init(_ body: ReplayBody, head: Int64?, end: Int64, cutter: BodyCutter, pace: ReplayPace) {
        self.body = body
        self.head = head
        self.end = end
        self.cutter = cutter
        self.pace = pace
    }

    /// When the head is due; nil where there is none. To be asked first, as the end last.
    mutating func headDue() -> Int64? { head.map { pace.due($0) } }

    mutating func endDue() -> Int64 { pace.due(end) }

    /// How long it takes from now on; it is over then.
    mutating func duration() -> Int64 {
        guard pace.isCapped else { return endDue() }
        _ = headDue()
        while next(upTo: .max) != nil {}
        return endDue()
    }

    /// The next chunk, which ends at `limit` at the latest; nil at the body's end.
    mutating func next(upTo limit: Int) -> Piece? {
        guard position < body.count else { return nil }
        if cut <= position { cut = min(max(cutter.end(from: position), position + 1), body.count) }
        let start = position
        position = min(cut, max(limit, position + 1))
        while body.ends[chunk] < position { chunk += 1 }
        return Piece(range: start..<position, chunk: chunk, due: pace.due(body.offsets[chunk]))
    }
}

/// Makes recorded times those of a replay.
package struct ReplayPace: Sendable {
    /// A century: no clock is asked for more.
    static let latest = Int64(3_155_760_000_000_000)

    private let speed: Double
    private let maximumGap: Int64
    /// Whether it depends on where the chunks are cut how long a replay takes.
    var isCapped: Bool { maximumGap < Self.latest }
    private var recorded: Int64 = 0
    private var replayed: Int64 = 0

    /// - Parameters:
    ///   - speed: 0 is at once, 1 as recorded, 2 twice as fast. What isn't a number of 0 or more is taken for 0.
    ///   - maxGap: in seconds; what isn't a number of 0 or more is taken for none.
    package init(speed: Double, maxGap: Double?) {
        self.speed = speed
        maximumGap = maxGap.flatMap { $0 >= 0 ? Self.microseconds($0 * 1e6) : nil } ?? Self.latest
    }

    /// When something is due that came at `offset`; asked from front to back.
    package mutating func due(_ offset: Int64) -> Int64 {
        let scaled = max(scale(offset), recorded)
        replayed += min(scaled - recorded, maximumGap)
        recorded = scaled
        return replayed
    }

    private func scale(_ offset: Int64) -> Int64 {
        let offset = min(max(offset, 0), Self.latest)
        guard speed.isFinite, speed > 0 else { return 0 }
        // Exact: a century of microseconds has 52 bits.
        return speed == 1 ? offset : Self.microseconds(Double(offset) / speed)
    }

    /// A number of them as an integer, from none to a century.
    static func microseconds(_ number: Double) -> Int64 {
        guard number > 0 else { return 0 }
        return number < Double(latest) ? Int64(number.rounded()) : latest
    }
}
