/// Where a decoder puts what it finds: the frames, byte for byte, and the events that they yield.
///
/// One buffer takes everything that arrives in one turn of the event loop; sealed, it becomes a segment of the log.
/// Every frame owns at least one event (`opaque` where it says nothing), so a sequence number finds its frame.
public struct EventBuffer: Sendable {
    /// A frame: its event name and its data lie back to back in `bytes`.
    public struct Frame: Sendable, Hashable {
        /// Where the name starts in `bytes`.
        public var offset: Int32
        public var nameLength: Int32
        public var dataLength: Int32
        /// The index in `events` of the last event that this frame yielded.
        public var lastEvent: Int32
    }

    public private(set) var events: [TokenEvent] = []
    public private(set) var frames: [Frame] = []
    public private(set) var bytes: [UInt8] = []
    private var openFrame: Frame?

    public init() {}

    public var isEmpty: Bool { events.isEmpty }

    /// Opens a frame; events appended until `closeFrame()` belong to it.
    ///
    /// Decoders cap their frames far below what a frame's 32 bits can say. Should a buffer that nobody sealed exceed
    /// them all the same, the frame keeps its place and its events, and loses its bytes.
    public mutating func openFrame(name: RawSpan, data: RawSpan) {
        let fits = bytes.count + name.byteCount + data.byteCount <= Int(Int32.max)
        openFrame = Frame(
            offset: Int32(clamping: bytes.count),
            nameLength: fits ? Int32(name.byteCount) : 0,
            dataLength: fits ? Int32(data.byteCount) : 0,
            lastEvent: Int32(clamping: events.count)
        )
        guard fits else { return }
        if name.byteCount > 0 { name.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        data.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    public mutating func append(_ event: TokenEvent) {
        events.append(event)
    }

    /// Closes the open frame, with an `opaque` event where nothing was appended to it.
    public mutating func closeFrame() {
        guard var frame = openFrame else { return }
        openFrame = nil
        if events.count == Int(frame.lastEvent) { events.append(.opaque) }
        frame.lastEvent = Int32(clamping: events.count - 1)
        frames.append(frame)
    }

    /// Forgets what is in it, and keeps the memory for what comes next.
    package mutating func reuse() {
        events.removeAll(keepingCapacity: true)
        frames.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Calls `body` with the event name and the data of a frame.
    public func withFrame<R>(_ frame: Frame, _ body: (RawSpan, RawSpan) -> R) -> R {
        let span = bytes.span.bytes
        let start = Int(frame.offset)
        let middle = start + Int(frame.nameLength)
        return body(
            span.extracting(start..<middle),
            span.extracting(middle..<middle + Int(frame.dataLength))
        )
    }
}
