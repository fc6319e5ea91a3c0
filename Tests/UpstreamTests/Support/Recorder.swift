import EventLoops
import NIOCore
import TestSupport
import Upstream

/// What a receiver heard, in the order in which it heard it.
struct Heard: Sendable {
    enum Call: Sendable, Equatable {
        case head(Int)
        case chunk([UInt8])
        case end(UpstreamFailure.Reason?)
        case turnEnded
    }

    var calls: [Call] = []
    var heads: [UpstreamHead] = []
    var failure: UpstreamFailure?
    var consumed = 0
    /// Each call's offset, where it has one.
    var offsets: [Int] = []
    var isOver = false

    var body: [UInt8] {
        calls.flatMap { call -> [UInt8] in
            if case .chunk(let bytes) = call { bytes } else { [] }
        }
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The calls without the turns' ends.
    var essence: [Call] { calls.filter { $0 != .turnEnded } }
}

/// Writes down what it hears. Used on its transfer's event loop.
final class Recorder: UpstreamReceiver {
    let heard = Watched(Heard())
    /// Called with each chunk, on the event loop.
    var onChunk: () -> Void = {}
    var onHead: () -> Void = {}

    func head(_ head: UpstreamHead) {
        heard.update {
            $0.calls.append(.head(head.status))
            $0.heads.append(head)
            $0.offsets.append(head.offset)
        }
        onHead()
    }

    func chunk(_ bytes: ByteBuffer, offset: Int) {
        heard.update {
            $0.calls.append(.chunk(Array(bytes.readableBytesView)))
            $0.offsets.append(offset)
        }
        onChunk()
    }

    func end(_ failure: UpstreamFailure?, offset: Int) {
        heard.update {
            $0.calls.append(.end(failure?.reason))
            $0.failure = failure
            $0.offsets.append(offset)
            $0.isOver = true
        }
    }

    func bodyConsumed(_ count: Int) { heard.update { $0.consumed += count } }

    func turnEnded() { heard.update { $0.calls.append(.turnEnded) } }
}

/// A transfer in a test's hands.
struct Running: Sendable {
    let transfer: NIOLoopBound<UpstreamTransfer>
    let loop: EpollLoop
    let heard: Watched<Heard>

    @discardableResult
    func end() async throws -> Heard {
        try await heard.wait(for: "the transfer's end") { $0.isOver ? $0 : nil }
    }

    func pause() { loop.execute { transfer.value.pause() } }
    func resume() { loop.execute { transfer.value.resume() } }
    func send(_ part: ByteBuffer?) { loop.execute { transfer.value.send(part) } }

    func cancel() async throws {
        try await loop.submit { transfer.value.cancel() }.get()
    }
}

extension UpstreamEngine {
    /// Starts a transfer on the loop that all clients share.
    func run(
        _ request: UpstreamRequest,
        _ prepare: @escaping @Sendable (Recorder) -> Void = { _ in }
    ) async throws -> Running {
        let loop = try EpollLoopGroup.shared()
        return try await loop.submit {
            let recorder = Recorder()
            prepare(recorder)
            let transfer = NIOLoopBound(self.start(request, on: loop, receiver: recorder), eventLoop: loop)
            return Running(transfer: transfer, loop: loop, heard: recorder.heard)
        }.get()
    }
}

/// Runs `body` with an engine that is shut down afterwards.
func withEngine<R>(_ body: (UpstreamEngine) async throws -> R) async throws -> R {
    let engine = UpstreamEngine()
    defer { engine.shutdown() }
    return try await body(engine)
}
