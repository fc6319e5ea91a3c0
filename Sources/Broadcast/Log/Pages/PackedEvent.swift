/// How events stand in a page.
///
/// A page is a row of records, each with a byte that says what it is. A turn's begin with its time. A frame's is followed by its
/// name, its data and the records of its events; an event's by its members. Numbers have 7 bits to a byte, the lowest first, and the eighth says
/// that more follow; those with a sign are folded over (0, -1, 1, -2, …). A text is written out, or, where it stands in
/// its frame's data as it is, names the place there.
enum PackedEvent {
    /// The lowest three bits of a record's first byte.
    enum Kind: UInt8 {
        /// Bit 3: it has a name. Bits 4 to 7: how many events it has; 0 where that follows.
        case frame
        /// Bits 3 to 5: what of. Bits 6 and 7: its choice and its part aren't 0, and follow.
        case delta
        case opaque
        case start
        case restart
        case usage
        case finish
        /// Bit 3: a summary of the stream follows.
        case end
    }

    /// What a delta is a piece of.
    enum Content: UInt8 {
        case text
        case reasoning
        case refusal
        case toolCall
        case citation
    }

    /// The first byte of a record that is no event, but says when those behind it came: in milliseconds, which follow, since
    /// the stream was made.
    static let time = Kind.opaque.rawValue | 1 << 3

    static let hasName: UInt8 = 1 << 3
    static let hasSummary: UInt8 = 1 << 3
    static let hasChoice: UInt8 = 1 << 6
    static let hasPart: UInt8 = 1 << 7
    static let eventCountShift: UInt8 = 4
    static let contentShift: UInt8 = 3

    /// The longest number, in bytes.
    static let longestNumber = 10

    /// No fewer bytes than an event takes beside its texts and what says how long they are.
    static let longestEvent = 128

    /// From how many bytes on a text is looked for in its frame. A shorter one takes little more than its place would.
    static let shortestReference = 16
    /// Where it is looked for: at so many places that begin with its first byte, so many of them with its first eight.
    static let searchedPlaces = 256
    static let searchedComparisons = 16
    /// How often a frame is gone through at most, for all of its texts together.
    static let searchedPasses = 8
}
