/// Where the values of a frame stand: its strings and numbers, without their quotes.
struct FrameSlots: Sendable {
    struct Slot: Sendable {
        var range: Range<Int>
        /// Whether it stands without quotes.
        var isBare: Bool
    }

    private(set) var slots: [Slot] = []
    /// Whether anybody asks for them.
    private var isKept = false
    /// Whether the last one hasn't ended.
    private(set) var isOpen = false
    /// Whether there were more than is worth keeping.
    private(set) var isFull = false
    /// Whether one of them was harmless only by what came behind it.
    private(set) var isEntangled = false

    private static let limit = 128

    /// Begins with a frame.
    mutating func start() {
        slots.removeAll(keepingCapacity: true)
        isKept = true
        isOpen = false
        isFull = false
        isEntangled = false
    }

    /// Takes note that a value isn't judged alone: another of the same frame may go on with it.
    @inline(__always)
    mutating func entangle() { isEntangled = true }

    /// Nobody asks any more.
    mutating func stop() { isKept = false }

    @inline(__always)
    mutating func begin(at position: Int, isBare: Bool) {
        if isKept { add(position, isBare: isBare) }
    }

    private mutating func add(_ position: Int, isBare: Bool) {
        guard slots.count < Self.limit else {
            isFull = true
            return
        }
        slots.append(Slot(range: position..<position, isBare: isBare))
        isOpen = true
    }

    @inline(__always)
    mutating func end(at position: Int) {
        if isKept { finish(position) }
    }

    private mutating func finish(_ position: Int) {
        guard isOpen, !isFull, let last = slots.indices.last else { return }
        slots[last].range = slots[last].range.lowerBound..<position
        isOpen = false
    }
}
