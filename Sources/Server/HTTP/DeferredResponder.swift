import EventLoops
import NIOCore

/// Answers once another event loop has said what there is to say; a caller that leaves meanwhile hears nothing.
final class DeferredResponder<Value: Sendable>: Responder {
    private let future: EventLoopFuture<Value>
    private let eventLoop: EpollLoop
    /// Nil once it is called, or the caller is gone.
    private var answer: ((Result<Value, any Error>) -> Void)?

    /// - Parameters:
    ///   - future: of any event loop.
    ///   - eventLoop: the connection's, on which `answer` is called.
    init(
        _ future: EventLoopFuture<Value>,
        on eventLoop: EpollLoop,
        _ answer: @escaping (Result<Value, any Error>) -> Void
    ) {
        self.future = future
        self.eventLoop = eventLoop
        self.answer = answer
    }

    func begin() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        future.hop(to: eventLoop).whenComplete { bound.value.finish($0) }
    }

    private func finish(_ result: Result<Value, any Error>) {
        let answer = self.answer
        self.answer = nil
        answer?(result)
    }

    func disconnected() { answer = nil }
}
