import Dialects
import EventLoops
import Logging
import NIOCore
import Upstream

/// Answers with the models of all tapes and upstreams, which are asked at once; one that is slow or fails costs only
/// its own.
///
/// A model that nobody lists is asked for as any other request is: its route may know it all the same.
final class ModelsResponder: Responder {
    private let request: ModelsRequest
    private let server: ServerContext
    private let writer: ResponseWriter
    private let eventLoop: EpollLoop
    /// Makes what answers instead.
    private let makeOther: () -> any Responder
    private var other: (any Responder)?
    /// The models of each source, once they are known.
    private var lists: [[ListedModel]?]
    private var receivers: [Int: ModelListReceiver] = [:]
    private var deadline: Scheduled<Void>?
    private var isBodyOver = false
    private var isOver = false

    /// How long a list is waited for.
    private static let patience = TimeAmount.milliseconds(2500)

    init(
        _ request: ModelsRequest,
        _ server: ServerContext,
        _ writer: ResponseWriter,
        _ eventLoop: EpollLoop,
        otherwise makeOther: @escaping () -> any Responder
    ) {
        self.request = request
        self.server = server
        self.writer = writer
        self.eventLoop = eventLoop
        self.makeOther = makeOther
        lists = Array(repeating: nil, count: request.sources.count)
    }

    func begin() {
        for (index, source) in request.sources.enumerated() {
            switch source {
            case .tapes(let deck, let owner): lists[index] = ListedModel.list(deck, owner: owner)
            case .upstream(let name, let order):
                if let known = server.modelLists[name] {
                    lists[index] = known
                } else {
                    ask(name, order, index, isKept: true)
                }
            // What the caller's own key shows is nobody else's.
            case .chosen(let name, let order): ask(name, order, index, isKept: false)
            }
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        deadline = eventLoop.scheduleTask(in: Self.patience) { bound.value.giveUp() }
        answerIfComplete()
    }

    private func ask(_ name: String, _ order: UpstreamRequest, _ index: Int, isKept: Bool) {
        let receiver = ModelListReceiver { [weak self] in self?.take($0, name, index, isKept) }
        receivers[index] = receiver
        receiver.transfer = server.engine.start(order, on: eventLoop, receiver: receiver)
    }

    private func take(_ result: Result<[UInt8], UpstreamFailure>, _ name: String, _ index: Int, _ isKept: Bool) {
        receivers[index] = nil
        var models: [ListedModel]?
        var problem = "its answer is no list of models"
        switch result {
        case .success(let body): models = ListedModel.list(body, owner: name)
        case .failure(let failure): problem = failure.message
        }
        if models == nil {
            server.logger.notice("the list of models lacks those of '\(name)': \(problem)")
        }
        if isKept { server.modelLists.keep(models, of: name) }
        lists[index] = models ?? []
        answerIfComplete()
    }

    private func giveUp() {
        let failure = UpstreamFailure(.idleTimeout, "it took longer than \(Self.patience.nanoseconds / 1_000_000) ms")
        for receiver in Array(receivers.values) { receiver.giveUp(failure) }
    }

    private func answerIfComplete() {
        guard !isOver, !lists.contains(where: { $0 == nil }) else { return }
        isOver = true
        deadline?.cancel()
        let models = lists.flatMap { $0 ?? [] }.unique
        server.logger.info("GET \(request.path) → \(models.count) models of \(lists.count) lists")
        guard let id = request.id else { return writer.reply(status: 200, request.format.list(models).jsonText) }
        if let model = models.first(where: { $0.id.utf8.elementsEqual(id.utf8) }) {
            return writer.reply(status: 200, request.format.element(model).jsonText)
        }
        let other = makeOther()
        self.other = other
        other.begin()
        if isBodyOver { other.bodyEnded() }
    }

    // MARK: The caller's side

    func body(_ part: ByteBuffer) { other?.body(part) }

    func bodyEnded() {
        isBodyOver = true
        other?.bodyEnded()
    }

    func writable() { other?.writable() }

    func disconnected() {
        if let other { return other.disconnected() }
        isOver = true
        deadline?.cancel()
        for receiver in receivers.values { receiver.transfer?.cancel() }
        receivers = [:]
    }
}
