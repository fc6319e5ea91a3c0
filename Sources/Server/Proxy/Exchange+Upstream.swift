import Broadcast
import Dialects
import NIOCore
import Tapes
import Upstream

extension Exchange: UpstreamReceiver {
    func head(_ head: UpstreamHead) {
        status = head.status
        let type = head.headers.first("content-type") ?? ""
        let framing = Dialect.Framing(contentType: type)
        if generation == nil, let framing, framing != .document { beginGeneration() }
        let isDecodable = head.headers.first("content-encoding").map { $0.lowercased() == "identity" } ?? true
        // A compressed body can't be read on its way; it passes, and its stream has no events but its end.
        let fallback = order.peek.isStream && head.status < 400 ? dialect.framing : .document
        generation?.responded(
            status: head.status,
            framing: isDecodable ? framing ?? fallback : nil,
            contentType: isDecodable ? type : nil
        )
        recording?.response(
            offset: Int64(head.offset),
            status: head.status,
            headers: head.headers.map { ($0.name, $0.value) },
            httpVersion: head.httpVersion
        )

        var fields = HeaderPolicy.caller(head.headers)
        if let generation { fields.append(HeaderField("Tokencast-Stream", generation.id.description)) }
        if let playback {
            fields.append(HeaderField("Tokencast-Tape", playback.item.name))
            if let age = playback.expiredAge { fields.append(HeaderField("Tokencast-Tape-Age", "\(age)")) }
        }
        // Where both are given, the coding frames the body and the length is void (RFC 9112, section 6.3).
        let isFramed = generation == nil && head.headers.first("transfer-encoding") == nil
        let length = isFramed ? head.headers.first("content-length").flatMap { Int($0) } : nil
        caller?.head(ResponseHead(status: head.status, reason: head.reason, headers: fields), length: length)
    }

    func chunk(_ bytes: ByteBuffer, offset: Int) {
        bodyBytes += bytes.readableBytes
        caller?.body(bytes)
        generation?.feed(bytes, offset: offset)
        if recording != nil { bytes.withUnsafeReadableBytes { recorded.append(offset: Int64(offset), $0) } }
    }

    func turnEnded() {
        // The caller waits for it; who else does follows.
        caller?.flush()
        generation?.seal()
        recordTurn()
        guard let caller, caller.backlog > server.configuration.maximumBacklog, !isPaused, source != nil else { return }
        if isWanted {
            dropCaller()
        } else {
            isPaused = true
            source?.pause()
            // Somebody may come who wants the rest at another pace.
            watchInterest()
        }
    }

    func end(_ failure: UpstreamFailure?, offset: Int) {
        // A tape may end without ever having answered.
        let failure = failure ?? (status == nil ? UpstreamFailure(.reset, "it ended without an answer") : nil)
        // The tape is finished before the caller has it all: what is asked of the tapes then finds it on its way.
        if let failure {
            fail(failure, offset: offset)
        } else {
            generation?.bodyEnded(offset: offset)
            generation?.seal()
            finishRecording(.eof, offset: offset)
            caller?.end()
        }
        caller = nil
        finish()
    }

    func bodyConsumed(_ count: Int) { onBodyConsumed?(count) }

    /// Tells everybody in the way that still fits: a status, a frame, or a cut connection.
    private func fail(_ failure: UpstreamFailure, offset: Int) {
        let error = StreamError(
            message: "the upstream '\(order.upstream.name)' failed: \(failure.message)",
            type: "upstream_error",
            code: failure.reason.rawValue
        )
        let isToldAlready = isCallerTold
        generation?.abandon(StreamEnd(state: .error, error: error))
        finishRecording(failure.tapeReason, offset: offset)
        tell(error, status: failure.status, isToldAlready: isToldAlready)
    }

    /// Whether the caller knows the stream's end already, so that a word of ours would be one too many.
    var isCallerTold: Bool {
        let end = generation?.end
        return end?.state == .complete || end != nil && generation?.isAtFrameBoundary == true
    }

    /// Tells the caller, if there is one, why it gets no more: by a status, a frame, or a cut connection.
    func tell(_ error: StreamError, status: Int, isToldAlready: Bool) {
        guard let caller else { return }
        if !caller.hasHead {
            var headers: [HeaderField] = []
            if let generation { headers.append(HeaderField("Tokencast-Stream", generation.id.description)) }
            // The SDKs' own header for "another try gives the same".
            if status < 500 { headers.append(HeaderField("x-should-retry", "false")) }
            caller.reply(error, status: status, headers: headers, in: order.destination.errors)
        } else if isToldAlready {
            caller.end()
        } else if let frame = generation?.errorFrame(error, status: status) {
            caller.body(ByteBuffer(bytes: frame))
            caller.end()
        } else {
            // Inside a frame nothing of ours may complete it.
            self.caller = nil
            caller.abort()
        }
    }
}
