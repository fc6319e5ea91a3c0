import Broadcast
import Dialects
import NIOCore
import Upstream

extension APIRequest {
    /// Answers with a stream's message so far, or the whole of it.
    func replySnapshot(of record: StreamRecord, status: Int = 200, headers: [HeaderField] = []) -> any Responder {
        let stream = HeaderField("Tokencast-Stream", record.id.description)
        return replySnapshot(of: record.log, status: status, headers: [stream] + headers) { _, bytes in
            record.appendResource(to: &bytes)
        }
    }

    /// Answers with the messages of a channel's running streams, and where its events begin and end.
    func replySnapshot(of channel: EventChannel) -> any Responder {
        replySnapshot(of: channel.log) { snapshot, bytes in
            bytes.append(verbatim: "\"earliest\":")
            bytes.appendJSON(string: snapshot.earliest.description)
            bytes.append(verbatim: ",\"subscribers\":")
            bytes.appendJSON(integer: channel.log.readerCount)
        }
    }

    private func replySnapshot(
        of log: EventLog,
        status: Int = 200,
        headers: [HeaderField] = [],
        _ appendMembers: @escaping (Snapshot, inout [UInt8]) -> Void
    ) -> any Responder {
        DeferredResponder(log.snapshot(on: eventLoop), on: eventLoop) { result in
            guard let snapshot = try? result.get() else { return refuse(.draining) }
            reply(snapshot.json { appendMembers(snapshot, &$0) }, status: status, headers: headers)
        }
    }
}

extension Snapshot {
    /// The snapshot as a JSON object, with what `appendMembers` adds to it.
    func json(_ appendMembers: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes = openJSON
        bytes.append(UInt8(ascii: ","))
        appendMembers(&bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
