import Broadcast
import Dialects
import EventLoops
import Logging
import NIOCore
import NIOHTTP1
import Tapes
import Upstream

extension Exchange {
    private var liveRequest: LiveRequest {
        LiveRequest(
            method: order.method,
            path: order.path,
            query: order.query ?? "",
            headers: order.headers.map { ($0.name, $0.value) },
            body: order.bytes
        )
    }

    /// Asks the tapes what becomes of the request, and does it; false where the request is answered by that and must
    /// not go to its upstream.
    func ask(_ setting: TapeSetting) -> Bool {
        let scope = order.options.scope ?? setting.scope
        var mode = setting.policy.mode(for: scope)
        if case .unset = order.upstream.kind { mode = mode.withoutRecording }
        guard mode != .off else { return true }
        if case .stream = order.body, mode != .none {
            // Too large to be held, and so to be recorded or recognised.
            server.logger.warning(
                "not on tape: the request's body is too large",
                metadata: ["path": "\(secrets.masking(order.path))"]
            )
            return true
        }
        let decision = setting.deck.decide(
            liveRequest,
            scope: scope,
            secrets: secrets,
            mode: mode,
            options: order.options.replay.or(setting.options)
        )
        switch decision {
        case .pass: return true
        case .record(let take):
            recording = take.begin(api: dialect.name, secrets: secrets)
            return true
        case .play(let playback):
            play(playback)
            return false
        case .miss(let report):
            miss(report)
            return false
        }
    }

    /// Hands the chunks of this turn to the recorder.
    func recordTurn() {
        guard !recorded.isEmpty else { return }
        recording?.chunks(recorded)
        recorded.removeAll()
    }

    func finishRecording(_ reason: TapeEnd.Reason, offset: Int) {
        guard let recording else { return }
        recordTurn()
        self.recording = nil
        let fold = generation?.fold
        // A caller that leaves behind the last event has all there was.
        let isComplete = reason == .cancelled && generation?.end?.state == .complete
        recording.finish(
            offset: Int64(offset),
            TapeEnd(
                reason: isComplete ? .eof : reason,
                dialect: generation?.dialect.name ?? dialect.name,
                terminal: generation?.end?.terminal,
                // Half of a text would be taken for the whole.
                text: fold?.isCut == true ? nil : fold?.text,
                finish: fold?.finishReason,
                // A tape keeps what came; what is estimated can be estimated again.
                usage: fold?.usage.flatMap { $0.raw.isEmpty ? nil : $0.raw }
            )
        )
    }

    private func play(_ playback: TapePlayback) {
        server.counters.tapesReplayed.add()
        if let warning = playback.warning { server.logger.warning("\(warning)") }
        self.playback = playback
        let transfer = makeReplay(playback.item, playback.options)
        source = transfer
        let bound = NIOLoopBound(transfer, eventLoop: eventLoop)
        stopTicket = server.onStop { [eventLoop] in eventLoop.execute { bound.value.shutDown() } }
        transfer.start()
    }

    private func miss(_ report: MissReport) {
        server.counters.tapeMisses.add()
        isMiss = true
        let error = StreamError(
            message: report.message,
            type: "tape_miss",
            code: report.isExhausted ? "tapes_exhausted" : "no_tape",
            status: 404
        )
        refuse(error)
    }
}
