import Broadcast
import Dialects
import WebSockets

/// A socket on which every message is a CloudEvent (CloudEvents' WebSocket protocol binding): it reads what it was opened at,
/// and what comes is published there.
///
/// What is published is read like anybody's, and isn't answered beside that. What can't be is answered by an event of the
/// type of ``EventKind/error``.
struct CloudEventsSession: SocketSession {
    private let target: SessionTarget
    private let writer: CloudEventWriter
    private let limits: WebSocketSession.Limits
    private var pending = 0
    /// What to close with once no event waits to be published: set when the subscription ended.
    private var closeCode: CloseCode?

    /// - Parameters:
    ///   - target: what the socket was opened at.
    ///   - base: what the sources of its errors begin with.
    init(_ target: SessionTarget, base: String, limits: WebSocketSession.Limits = .init()) {
        self.target = target
        self.limits = limits
        switch target {
        case .channel(let name): writer = CloudEventWriter(base: base, epoch: StreamID(), channel: name)
        case .stream(let id): writer = CloudEventWriter(base: base, epoch: id)
        }
    }

    mutating func receive(_ text: [UInt8], refusal: (SessionTarget) -> SessionError?) -> [Action] {
        let event: CloudEvent
        do throws(SessionError) {
            event = try Self.event(text)
        } catch {
            return [.answer(self.error(error, of: nil))]
        }
        guard case .channel(let name) = target else {
            return [.answer(error(SessionError(.badCommand, "nothing can be published to a stream"), of: event.id))]
        }
        guard pending < limits.pending else {
            let message = "\(limits.pending) events wait to be published; wait for some of them"
            return [.answer(error(SessionError(.rateLimited, message), of: event.id))]
        }
        pending += 1
        return [.run(.publishCloudEvent(channel: name, event), ref: .string(event.id))]
    }

    private static func event(_ text: [UInt8]) throws(SessionError) -> CloudEvent {
        let message: JSONValue
        do throws(JSONValue.SyntaxError) {
            message = try JSONValue(parsing: text, options: .ownRequests)
        } catch {
            throw SessionError(.badJSON, "the message isn't JSON: \(error)")
        }
        do throws(CloudEvent.Problem) {
            return try CloudEvent(json: message)
        } catch {
            throw SessionError(.badCommand, "\(error)")
        }
    }

    mutating func finished(_ answer: SessionAnswer) -> [Action] {
        pending -= 1
        guard let error = answer.error else { return closeIfIdle() }
        return [.answer(self.error(error, of: answer.ref?.string))] + closeIfIdle()
    }

    mutating func ended(_ target: SessionTarget, _ reason: ReaderEnd) -> [Action] {
        if reason == .shutdown { return [.close(.serviceRestart, "")] }
        closeCode = reason == .complete ? .normal : .policyViolation
        return closeIfIdle()
    }

    private func closeIfIdle() -> [Action] {
        guard let closeCode, pending == 0 else { return [] }
        return [.close(closeCode, "")]
    }

    /// - Parameter id: of the event that is meant; nil where that isn't known.
    private func error(_ error: SessionError, of id: String?) -> [UInt8] {
        var bytes: [UInt8] = []
        writer.append("error", id: StreamID().description, subject: id, to: &bytes) { bytes in
            bytes.append(verbatim: "{\"code\":")
            bytes.appendJSON(string: error.code.rawValue)
            bytes.append(verbatim: ",\"message\":")
            bytes.appendJSON(string: error.message)
            bytes.append(UInt8(ascii: "}"))
        }
        return bytes
    }
}
