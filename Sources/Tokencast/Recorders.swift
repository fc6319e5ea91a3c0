import Broadcast
import Logging
import Tapes

/// What records for a service: one queue, which is started with the first recorder, and what is said of outcomes.
final class Recorders {
    private let counters: Counters
    private let logger: Logger
    private let requestBody: RequestBodyStorage
    /// Nil where nothing is recorded.
    private(set) var queue: RecordingQueue?

    init(_ counters: Counters, _ logger: Logger, requestBody: RequestBodyStorage = .full) {
        self.requestBody = requestBody
        self.counters = counters
        self.logger = logger
    }

    func recorder(into directory: String) -> CassetteRecorder {
        let queue = self.queue ?? RecordingQueue()
        self.queue = queue
        return CassetteRecorder(
            directory: directory,
            tool: "tokencast/\(tokencastVersion)",
            queue: queue,
            requestBody: requestBody
        ) { [counters, logger] outcome in
            switch outcome.state {
            case .finished:
                counters.tapesRecorded.add()
                logger.info("recorded \(outcome.path)")
            case .overflowed(let cause):
                counters.recordingFailures.add()
                let reason = cause == .queue ? "the disk didn't keep up" : "it is as large as a tape may be"
                logger.error("the recording \(outcome.path) stops before its stream did: \(reason)")
            case .failed(let error):
                counters.recordingFailures.add()
                logger.error("a recording failed: \(error)")
            }
        }
    }
}
