import Dialects
import Synchronization

/// What became of a recording.
public struct RecordingOutcome: Sendable {
    public enum State: Sendable {
        /// The tape is whole and has its name.
        case finished
        /// The tape is whole as a file, but stops before the stream did.
        case overflowed(Overflow)
        /// There is no tape; a `.part` may be left.
        case failed(TapeError)
    }

    /// Why a tape stops before its stream did.
    public enum Overflow: Sendable {
        /// The disk didn't keep up: too much waited to be written.
        case queue
        /// The file is as large as a tape may be.
        case file
    }

    /// The tape's path, or the one that it would have had.
    public var path: String
    public var state: State
}

/// The writer's side of a recording: encodes what comes and appends it to the file.
///
/// Unchecked: all of its members are used on the writer's thread only, but for the constants that `init` sets.
final class RecordingSink: @unchecked Sendable {
    struct Settings: Sendable {
        var root: String
        var scope: TapeScope
        var tool: String
        /// The first part of the file's name: the dialect's.
        var api: String
        var naming: CassetteRecorder.Naming
        var secrets: TapeSecrets
        var requestBody: RequestBodyStorage
        var limits: TapeLimits
        var report: @Sendable (RecordingOutcome) -> Void
    }

    private let settings: Settings
    /// Set by whoever ends the recording first: its user, or the writer that can't go on.
    let hasEnded = Atomic(false)
    /// What is kept free at the end of a file for its end line.
    private static let reserve = 32 << 20
    /// Lines are written before the batch is over when they come to so much, which the processor's caches hold.
    private static let flushSize = 128 << 10

    private var encoder = TapeEncoder()
    /// The given ones, and those that the answer brings.
    private var secrets: TapeSecrets
    private var scrubber: RecordingScrubber
    private var file: PartFile?
    private var fileSize = 0
    private var lastOffset: Int64 = 0
    private var isOver = false
    /// Its steps in the batch that is being worked on, with the blocks that they are in.
    private var waiting: [(step: RecordingQueue.Step, block: Int)] = []
    /// Whether the writer must end it when it stops: it had a file after its last batch.
    private(set) var isListed = false

    init(_ settings: Settings) {
        self.settings = settings
        secrets = settings.secrets
        scrubber = RecordingScrubber(settings.secrets, contentType: nil)
    }

    /// Takes note of a step; true where it is the first of a batch, after which ``write(_:_:)`` is due.
    func take(_ step: RecordingQueue.Step, of block: Int) -> Bool {
        waiting.append((step, block))
        return waiting.count == 1
    }

    private func carryOut(_ step: RecordingQueue.Step, _ chunks: RecordedChunks, _ numbers: inout TapeNumbers) {
        guard !isOver else { return }
        do throws(TapeError) {
            try apply(step, chunks, &numbers)
            if encoder.longestLine > settings.limits.line {
                throw TapeError(.tooLarge, "a line is longer than \(settings.limits.line) bytes", file: path)
            }
            if encoder.byteCount >= Self.flushSize { try flush() }
            if fileSize + encoder.byteCount > settings.limits.file - Self.reserve, !isOver {
                try seal(offset: lastOffset, TapeEnd(reason: .recorderOverflow), overflow: .file)
            }
        } catch {
            fail(error)
        }
    }

    /// Carries out the steps of a batch, and writes their lines.
    func write(_ batch: [RecordingBacklog.Block], _ desk: inout RecordingDesk) {
        encoder.exchange(&desk.lines)
        defer { encoder.exchange(&desk.lines) }
        for (step, block) in waiting { carryOut(step, batch[block].chunks, &desk.numbers) }
        waiting.removeAll(keepingCapacity: waiting.capacity <= 64)
        if !isOver {
            do throws(TapeError) {
                try flush()
            } catch {
                fail(error)
            }
        }
        isListed = !isOver
    }

    /// Ends the tape because the writer stops.
    func shutDown() {
        var numbers = TapeNumbers()
        carryOut(.end(offset: lastOffset, TapeEnd(reason: .shutdown)), RecordedChunks(), &numbers)
    }

    private var path: String { file?.partPath ?? "\(settings.root)/\(settings.scope)" }

    /// - Parameter chunks: those of the block that the step is in.
    private func apply(
        _ step: RecordingQueue.Step,
        _ chunks: RecordedChunks,
        _ numbers: inout TapeNumbers
    ) throws(TapeError) {
        switch step {
        case .begin(let live): try begin(live, &numbers)
        case .response(var response):
            scrub(response)
            response.headers = AllowList.responseHeaders.filter(
                response.headers.map { ($0.name, $0.value) },
                masking: secrets
            )
            lastOffset = max(lastOffset, response.offset)
            encoder.response(response)
        case .chunks(let range):
            if let last = range.last { lastOffset = max(lastOffset, chunks.ends[last].offset) }
            scrubber.chunks(range, of: chunks, to: &encoder)
        case .marker(let offset, let name):
            lastOffset = max(lastOffset, offset)
            scrubber.marker(offset: offset, name: secrets.masking(name), to: &encoder)
        case .end(let offset, var end):
            end.text = end.text.map { secrets.maskingCutOff($0) }
            end.usage = end.usage.map { secrets.masking($0) }
            end.finish = end.finish.map { secrets.masking($0) }
            end.terminal = end.terminal.map { secrets.masking($0) }
            try seal(offset: offset, end)
        case .abandon:
            scrubber.finish(to: &encoder)
            try flush()
            throw TapeError(.file, "the recording was let go without an end", file: path)
        case .barrier: break
        }
    }

    /// Readies for a body. A cookie that the answer sets is a credential from then on.
    private func scrub(_ response: Tape.Response) {
        func values(_ name: String) -> [String] {
            response.headers.filter { AllowList.lowercase($0.name).hasSameBytes(as: name) }.map(\.value)
        }
        secrets = secrets.adding(values("set-cookie").map(SecretValue.cookie))
        scrubber = RecordingScrubber(secrets, contentType: values("content-type").last)
    }

    private func begin(_ live: LiveRequest, _ numbers: inout TapeNumbers) throws(TapeError) {
        let request = TapeRequest(live, secrets: settings.secrets)
        let canonical = CanonicalRequest(request, rules: settings.naming.rules)
        let stem = TapeName.stem(api: settings.api, model: request.model, key8: canonical.key8)
        let stale = settings.naming.stale(canonical)
        let name = "\(settings.root)/\(settings.scope)/\(stem)"
        let file = try PartFile(
            root: settings.root,
            scope: settings.scope,
            stem: stem,
            replacing: stale,
            after: numbers[name]
        )
        numbers[name] = file.number
        self.file = consume file
        encoder.header(Tape.Header(created: Timestamp.now(), tool: settings.tool, scope: settings.scope))
        encoder.request(settings.requestBody == .hash ? request.hashed : request)
    }

    private func flush() throws(TapeError) {
        guard encoder.byteCount > 0, file != nil else { return }
        fileSize += encoder.byteCount
        try encoder.drain { (lines) throws(TapeError) in try file?.append(lines) }
    }

    private func seal(
        offset: Int64,
        _ end: TapeEnd,
        overflow: RecordingOutcome.Overflow = .queue
    ) throws(TapeError) {
        guard file != nil else { return }
        scrubber.finish(to: &encoder)
        encoder.end(offset: offset, end)
        try flush()
        isOver = true
        hasEnded.store(true, ordering: .relaxed)
        // What can't be played replaces nothing that can.
        guard let path = try file?.seal(replaces: end.reason.isServable) else { return }
        file = nil
        settings.report(
            RecordingOutcome(path: path, state: end.reason == .recorderOverflow ? .overflowed(overflow) : .finished)
        )
    }

    /// Gives up. What is in the file stays there: a `.part` that can be read.
    private func fail(_ error: TapeError) {
        isOver = true
        hasEnded.store(true, ordering: .relaxed)
        file = nil
        // The place where they are made is the next recording's.
        encoder.discard()
        settings.report(RecordingOutcome(path: error.file, state: .failed(error)))
    }
}
