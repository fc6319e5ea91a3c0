/// How the body of a replayed tape is cut into chunks. Its bytes stay the same in every mode.
public enum Rechunk: Sendable, Hashable {
    /// As it was recorded.
    case recorded
    /// One chunk per event of its framing; a comment of an event stream is one as well.
    case event
    /// One chunk per line, its end included.
    case line
    /// One chunk per byte.
    case byte
    /// Chunks of so many bytes, the last one excepted.
    case size(Int)
    /// Cut within every character of more than one byte, before each of its further bytes.
    case utf8Split
    /// Cut between every CR and its LF.
    case crlfSplit
    /// All that no pause of ``pause`` or more parts in the recording is one chunk.
    case coalesce
    /// Cut at random places, the same ones for the same seed; nil draws a seed for each answer.
    case random(seed: UInt64?)

    /// What ``coalesce`` takes for a pause, in microseconds of the recording.
    public static let pause: Int64 = 100_000
}

extension Rechunk: CustomStringConvertible {
    /// The texts there are, for errors and helps.
    public static let forms =
        "recorded, event, line, byte, size:N, utf8-split, crlf-split, coalesce, random or random:SEED"
    private static let sizes = 1...(1 << 30)

    /// Reads a mode as headers, URLs, flags and files have it.
    ///
    /// - Throws: ``ReplayTextError`` with the forms there are.
    public init(parsing text: String) throws(ReplayTextError) {
        let text = ReplayText.trimmed(text)
        let (name, value) = ReplayText.halves(text, at: UInt8(ascii: ":"))
        switch (name, value) {
        case ("recorded", nil): self = .recorded
        case ("event", nil): self = .event
        case ("line", nil): self = .line
        case ("byte", nil): self = .byte
        case ("utf8-split", nil): self = .utf8Split
        case ("crlf-split", nil): self = .crlfSplit
        case ("coalesce", nil): self = .coalesce
        case ("random", nil): self = .random(seed: nil)
        case ("size", let value?):
            guard let size = ReplayText.whole(value, in: Self.sizes) else {
                throw ReplayTextError("'\(text)' is no way to cut a body: size:N takes 1 to \(Self.sizes.upperBound)")
            }
            self = .size(size)
        case ("random", let value?):
            guard let seed = ReplayText.whole(value, in: 0...UInt64.max) else {
                throw ReplayTextError("'\(text)' is no way to cut a body: random:SEED takes 0 to \(UInt64.max)")
            }
            self = .random(seed: seed)
        default:
            throw ReplayTextError("'\(text)' is no way to cut a body: take \(Self.forms)")
        }
    }

    public var description: String {
        switch self {
        case .recorded: "recorded"
        case .event: "event"
        case .line: "line"
        case .byte: "byte"
        case .size(let size): "size:\(size)"
        case .utf8Split: "utf8-split"
        case .crlfSplit: "crlf-split"
        case .coalesce: "coalesce"
        case .random(let seed): seed.map { "random:\($0)" } ?? "random"
        }
    }
}
