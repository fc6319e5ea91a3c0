import Dialects
import EventLoops
import NIOCore

/// Answers a request to `/tapes`, once its answer is worked out elsewhere.
final class TapesResponder: Responder {
    private let request: TapesRequest
    private let eventLoop: EpollLoop
    /// Nil once the caller is gone.
    private var writer: ResponseWriter?

    init(_ request: TapesRequest, _ writer: ResponseWriter, _ eventLoop: EpollLoop) {
        self.request = request
        self.writer = writer
        self.eventLoop = eventLoop
    }

    func begin() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        Task { [request, eventLoop] in
            let answer = await TapesAnswer(request)
            let text = answer.body.jsonText + "\n"
            eventLoop.execute { bound.value.reply(answer.status, text) }
        }
    }

    private func reply(_ status: Int, _ text: String) {
        writer?.reply(status: status, text)
        writer = nil
    }

    func disconnected() { writer = nil }
}
