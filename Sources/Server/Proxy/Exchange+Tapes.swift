import Broadcast
import Dialects
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

    /// Begins a tape of this exchange. Whatever befalls it, the exchange goes on.
    func record(_ recorder: CassetteRecorder, _ secrets: [String]) {
        recording = recorder.begin(
            liveRequest,
            api: dialect.name,
            scope: order.options.scope,
            secrets: TapeSecrets(secrets)
        )
    }

    func finishRecording(_ reason: TapeEnd.Reason, offset: Int) {
        guard let recording else { return }
        self.recording = nil
        let fold = generation?.fold
        // A caller that leaves behind the last event has all there was.
        let isComplete = reason == .cancelled && generation?.end?.state == .complete
        recording.finish(
            offset: Int64(offset),
            TapeEnd(
                reason: isComplete ? .eof : reason,
                dialect: dialect.name,
                terminal: generation?.end?.terminal,
                text: fold?.text,
                finish: fold?.finishReason,
                usage: fold?.usage?.raw
            )
        )
    }

    /// Answers from a cassette, or says what it lacks.
    func replay(_ player: CassettePlayer, _ configured: ReplayOptions) {
        let secrets = TapeSecrets(Credentials.secrets(in: HeaderPolicy.upstream(order.headers)))
        let asked = order.options.replay.or(configured)
        switch player.match(liveRequest, scope: order.options.scope, secrets: secrets, options: asked) {
        case .tape(let item, let options):
            server.counters.tapesReplayed.add()
            tapeName = item.name
            let transfer = ReplayTransfer(item.tape, speed: options.speed ?? 1, on: eventLoop, receiver: self)
            source = transfer
            let bound = NIOLoopBound(transfer, eventLoop: eventLoop)
            stopTicket = server.onStop { [eventLoop] in eventLoop.execute { bound.value.shutDown() } }
            transfer.start()
        case .miss(let report):
            server.counters.tapeMisses.add()
            let error = StreamError(
                message: report.message,
                type: "tape_miss",
                code: report.isExhausted ? "tapes_exhausted" : "no_tape",
                status: 404
            )
            status = 404
            caller?.reply(
                status: 404,
                // The SDKs' own header for "another try gives the same".
                headers: [HeaderField("x-should-retry", "false")],
                dialect.errorBody(error)
            )
            caller = nil
            generation?.abandon(StreamEnd(state: .error, error: error))
            finish()
        }
    }
}
