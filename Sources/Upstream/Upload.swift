import NIOCore

/// A request body that goes up in parts: what has come from the caller and hasn't gone to libcurl yet.
struct Upload {
    enum Step {
        case copied(Int)
        /// Nothing to send yet: libcurl pauses until more comes.
        case wait
        case end
    }

    private var parts: CircularBuffer<ByteBuffer> = []
    private var isComplete = false
    /// Whether libcurl has paused for want of data.
    var isWaiting = false

    mutating func append(_ part: ByteBuffer?) {
        if let part {
            if part.readableBytes > 0 { parts.append(part) }
        } else {
            isComplete = true
        }
    }

    mutating func read(into target: UnsafeMutableRawBufferPointer) -> Step {
        guard !parts.isEmpty else { return isComplete ? .end : .wait }
        let count = min(parts[parts.startIndex].readableBytes, target.count)
        parts[parts.startIndex].readWithUnsafeReadableBytes { source in
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
            return count
        }
        if parts[parts.startIndex].readableBytes == 0 { parts.removeFirst() }
        return .copied(count)
    }
}
