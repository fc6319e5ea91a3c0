import NIOCore

/// Reads a request's body whole, within a limit, before it is answered.
///
/// What is too large is answered with 413 at once; the rest of it is read for nothing, as of any answered request.
final class BodyResponder: Responder {
    private let limit: Int
    private let tooLarge: () -> Void
    private let whole: (ByteBuffer) -> (any Responder)?
    private var held = ByteBuffer()
    private var isOver = false
    private var next: (any Responder)?

    /// - Parameters:
    ///   - limit: in bytes.
    ///   - tooLarge: answers a body of more.
    ///   - whole: answers a body that is whole, or gives who does.
    init(
        limit: Int,
        tooLarge: @escaping () -> Void,
        whole: @escaping (ByteBuffer) -> (any Responder)?
    ) {
        self.limit = limit
        self.tooLarge = tooLarge
        self.whole = whole
    }

    func body(_ part: ByteBuffer) {
        guard !isOver else { return }
        guard held.readableBytes + part.readableBytes <= limit else {
            isOver = true
            held = ByteBuffer()
            return tooLarge()
        }
        held.writeImmutableBuffer(part)
    }

    func bodyEnded() {
        guard !isOver else { return }
        isOver = true
        let bytes = held
        held = ByteBuffer()
        next = whole(bytes)
        next?.begin()
    }

    func writable() { next?.writable() }

    func disconnected() {
        isOver = true
        next?.disconnected()
    }
}
