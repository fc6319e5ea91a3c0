import NIOCore
import Upstream

/// Gathers one upstream's list of models. Confined to its event loop.
final class ModelListReceiver: UpstreamReceiver {
    private let onEnd: (Result<[UInt8], UpstreamFailure>) -> Void
    private var status: Int?
    private var body: [UInt8] = []
    private var isOver = false
    var transfer: UpstreamTransfer?

    /// The largest body that is gathered, in bytes.
    static let limit = 8 << 20

    /// - Parameter onEnd: called once, with the whole body or why there is none.
    init(_ onEnd: @escaping (Result<[UInt8], UpstreamFailure>) -> Void) {
        self.onEnd = onEnd
    }

    func head(_ head: UpstreamHead) { status = head.status }

    func chunk(_ bytes: ByteBuffer, offset: Int) {
        guard body.count + bytes.readableBytes <= Self.limit else {
            return giveUp(UpstreamFailure(.short, "its list is larger than \(Self.limit) bytes"))
        }
        body.append(contentsOf: bytes.readableBytesView)
    }

    func end(_ failure: UpstreamFailure?, offset: Int) {
        if let failure {
            finish(.failure(failure))
        } else if let status, !(200..<300).contains(status) {
            finish(.failure(UpstreamFailure(.malformed, "it answered with status \(status)")))
        } else {
            finish(.success(body))
        }
    }

    func bodyConsumed(_ count: Int) {}
    func turnEnded() {}

    /// Ends it without its answer.
    func giveUp(_ failure: UpstreamFailure) {
        guard !isOver else { return }
        transfer?.cancel()
        finish(.failure(failure))
    }

    private func finish(_ result: Result<[UInt8], UpstreamFailure>) {
        guard !isOver else { return }
        isOver = true
        transfer = nil
        onEnd(result)
    }
}
