public import Broadcast
import Dispatch
import Synchronization
import Tapes

/// Writes streams to files or to standard output while they run, beside the relay and never in its way.
///
/// Secrets are masked before anything is written. A target that fails or can't keep up loses the rest of the streams
/// that run, never a caller's bytes.
public final class Tee: Sendable {
    /// How much may wait to be written, over all streams: 16 MiB.
    static let maximumPending = 16 << 20

    let formats: [TeeFormat]
    let queue = DispatchQueue(label: "tokencast.tee")
    let writer: TeeWriter
    let pending = Atomic<Int>(0)
    private let target: TeeTarget
    private let report: @Sendable (String?) -> Void
    /// Whether the last that was heard of it was a failure.
    private let isFailing = Atomic(false)
    /// Whether it is over for good.
    private let isClosed = Atomic(false)

    /// - Parameters:
    ///   - target: where to write to.
    ///   - formats: what is written of each stream: one format where all streams share a file, and that not `raw`.
    ///   - rotation: when files are put aside; nil for never.
    ///   - report: called for each stream that isn't written whole, on any thread; it must not block. The reason is nil
    ///     where it was given for an earlier stream and none was written since.
    public init(
        _ target: TeeTarget,
        formats: [TeeFormat],
        rotation: TeeRotation? = nil,
        report: @escaping @Sendable (String?) -> Void
    ) {
        self.target = target
        self.formats = formats
        self.report = report
        writer = TeeWriter(target, formats: formats, rotation: rotation)
    }

    /// Makes the sink of one stream; nil where nothing can be written any more.
    public func makeSink(for request: TeeStreamRequest) -> (any GenerationSink)? {
        guard !isClosed.load(ordering: .relaxed) else {
            report(nil)
            return nil
        }
        return TeeSink(self, request)
    }

    /// Waits until all that came before is written.
    ///
    /// - Parameter limit: how long to wait for that.
    /// - Returns: whether it was done in time.
    public func flush(within limit: Duration) async -> Bool {
        let answer = FirstAnswer()
        let timer = Task {
            try? await Task.sleep(for: limit)
            answer.give(false)
        }
        defer { timer.cancel() }
        queue.async { answer.give(true) }
        return await answer.value()
    }

    /// A stream isn't written whole.
    ///
    /// - Parameters:
    ///   - reason: nil where it was given for another stream.
    ///   - isLost: whether the target can't be written to.
    func failed(_ reason: String?, isLost: Bool) {
        // Who read standard output has left, and doesn't come back.
        if isLost, target == .standardOutput { isClosed.store(true, ordering: .relaxed) }
        guard let reason, !isFailing.exchange(true, ordering: .relaxed) else { return report(nil) }
        report("the tee \(target.description) stopped: \(reason)")
    }

    /// A stream is written whole.
    func succeeded() { isFailing.store(false, ordering: .relaxed) }
}

extension TeeTarget {
    /// What messages call it.
    var description: String {
        switch self {
        case .directory(let path, _): "into \(path)"
        case .file(let path): "into \(path)"
        case .standardOutput: "to standard output"
        }
    }
}
