import Dialects
import NIOCore
import Testing

@testable import Broadcast

extension StreamModel {
    private func reference(of source: Source?) -> ModelReference { source?.reference ?? channelReference.reference }

    mutating func join() {
        let source = Int.random(in: 0..<2, using: &random) == 0 ? sources.randomElement(using: &random) : nil
        guard let log = source.map({ $0.generation?.log }) ?? channel.log else { return }
        var position = ReadPosition.earliest
        var through: Int? = mayReset && source == nil ? nil : 0
        var catchUp = CatchUp.replay
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1:
            position = .now
            through = nil
        case 2, 3, 4: catchUp = .fold
        case 5:
            let sequence = Int.random(in: 0...reference(of: source).count, using: &random)
            position = .after(ResumeToken(epoch: log.epoch, sequence: sequence))
            through = sequence
            catchUp = Int.random(in: 0..<2, using: &random) == 0 ? .fold : .replay
        case 6: position = .after(ResumeToken(epoch: StreamID(), sequence: 1))
        default: break
        }
        var transcript = ModelTranscript(
            view: Int.random(in: 0..<3, using: &random) == 0 ? .text : .delta,
            epoch: log.epoch,
            through: through
        )
        if catchUp == .fold, position == .earliest { transcript.wantsSnapshot() }
        connect(transcript, to: log, position, catchUp, source)
    }

    private mutating func connect(
        _ transcript: ModelTranscript,
        to log: EventLog,
        _ position: ReadPosition,
        _ catchUp: CatchUp,
        _ source: Source?
    ) {
        let loop = Int.random(in: 0..<3, using: &random)
        let room = [0, 500, 1 << 20].randomElement(using: &random) ?? 0
        let connection = ModelReader(
            loop: loop,
            transcript: transcript,
            room: room,
            isNow: position == .now,
            isForeign: position.isForeign(to: log.epoch)
        )
        let reader = LogReader(
            format: ViewFormat(view: transcript.view, transport: .webSocket),
            position: position,
            catchUp: catchUp,
            merges: Int.random(in: 0..<4, using: &random) > 0,
            connection: connection
        )
        connection.reader = reader
        if Int.random(in: 0..<12, using: &random) == 0 {
            // A socket that fails within a write takes its reader away at once.
            connection.onWrite = { [weak reader] in reader?.cancel() }
        }
        readers.append((connection, source))
        hub.subscribe(reader, to: log, on: loops[loop])
    }

    /// A reader goes, perhaps by its socket's failure with events on their way; most come back with the last token seen.
    mutating func leave() {
        guard let index = readers.indices.randomElement(using: &random) else { return }
        let (connection, source) = readers.remove(at: index)
        connection.reader?.cancel()
        let lost = min(connection.messages.count, Int.random(in: 0...3, using: &random))
        let token = connection.settle(reference(of: source), mayReset: mayReset, lost: lost)
        guard let token, Int.random(in: 0..<5, using: &random) > 0,
            let log = source.map({ $0.generation?.log }) ?? channel.log
        else { return count(connection) }
        totals.resumes += 1
        let catchUp = Int.random(in: 0..<4, using: &random) == 0 ? CatchUp.fold : .replay
        connect(connection.transcript, to: log, .after(token), catchUp, source)
    }

    /// Everybody catches up, every stream ends, and each reader must have all.
    mutating func finish() {
        settle()
        for source in sources where source.generation?.end == nil {
            source.generation?.abandon(StreamEnd(state: .cancelled))
        }
        settle()
        for (connection, source) in readers {
            let reference = reference(of: source)
            _ = connection.settle(reference, mayReset: mayReset)
            checkEnd(connection, source, reference)
            count(connection)
        }
    }

    private mutating func settle() {
        for _ in 0..<6 {
            for loop in 0..<3 { run(loop) }
            for (connection, _) in readers { connection.accept(1 << 24) }
        }
    }

    private mutating func checkEnd(_ connection: ModelReader, _ source: Source?, _ reference: ModelReference) {
        // Who went away within a write has what it had.
        guard connection.onWrite == nil else { return }
        if (connection.end == .complete) != (source != nil) {
            problems.append("ended: \(String(describing: connection.end))")
        }
        let view = connection.transcript.view
        let through = connection.transcript.through ?? reference.count
        for sequence in stride(from: through + 1, through: reference.count, by: 1)
        where reference.shows(sequence, in: view) {
            problems.append("\(sequence) never came")
        }
        if source == nil, connection.reader?.token?.sequence != reference.count {
            problems.append("stands at \(String(describing: connection.reader?.token)), not \(reference.count)")
        }
    }

    private mutating func count(_ connection: ModelReader) {
        let transcript = connection.transcript
        problems += transcript.problems.prefix(3).map { "\($0) (loop \(connection.loop))" }
        totals.resets += transcript.resets
        totals.snapshots += transcript.snapshots
        totals.merges += transcript.merges
        totals.slows += transcript.slows
        totals.events += transcript.events
    }
}

extension ReadPosition {
    fileprivate func isForeign(to epoch: StreamID) -> Bool {
        if case .after(let token) = self { token.epoch != epoch } else { false }
    }
}
