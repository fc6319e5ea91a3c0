import Dialects
import NIOCore

/// What a reader is told beside the log's events. Views whose readers may be simple have none of it.
extension EventRenderer {
    /// The first bytes of a subscription: when to come back, and where it stands.
    ///
    /// - Parameter cursor: the next number; nil where a snapshot comes first. Its id must not be had without it.
    func renderPriming(epoch: StreamID, before cursor: Int?) -> ByteBuffer {
        guard format.view.interleaves else { return ByteBuffer() }
        var output = EventOutput(transport: format.transport, epoch: epoch)
        output.prime(sequence: cursor.map { $0 - 1 })
        return output.framed()
    }

    /// A snapshot, behind a `reset` where events are gone.
    func render(_ snapshot: Snapshot, reset reason: String? = nil, channel: String? = nil) -> ByteBuffer {
        let asOf = snapshot.asOf
        var output = EventOutput(transport: format.transport, epoch: asOf.epoch, channel: channel)
        if let reason {
            // Whoever has but this comes back with the token that it had.
            tell("reset", of: asOf.epoch, channel, into: &output) { bytes in
                bytes.append(verbatim: "{\"reason\":")
                bytes.appendJSON(string: reason)
                bytes.append(verbatim: "}")
            }
        }
        // In a channel no stream is meant; a stream's own log is named by its epoch.
        let stream = channel == nil ? asOf.epoch : nil
        if format.view == .text {
            output.text("snapshot", sequence: asOf.sequence, stream: stream, snapshot.openJSON)
            return output.framed()
        }
        let data = { (bytes: inout [UInt8]) in
            bytes.append(contentsOf: snapshot.openJSON)
            bytes.append(UInt8(ascii: "}"))
        }
        if let writer = writer(of: asOf.epoch, channel) {
            // The event of that number has its id.
            let id = asOf.description + ResumeToken.snapshotSuffix
            output.whole(sequence: asOf.sequence) { bytes in
                writer.append("snapshot", id: id, subject: stream?.description, to: &bytes, data: data)
            }
        } else {
            output.event("snapshot", sequence: asOf.sequence, stream: stream, data)
        }
        return output.framed()
    }

    /// The reader is about to fall behind what is kept.
    func renderSlow(behind: Int, retained: Int, epoch: StreamID, channel: String? = nil) -> ByteBuffer {
        var output = EventOutput(transport: format.transport, epoch: epoch, channel: channel)
        tell("slow", of: epoch, channel, into: &output) { bytes in
            bytes.append(verbatim: "{\"behind\":")
            bytes.appendJSON(integer: behind)
            bytes.append(verbatim: ",\"retained\":")
            bytes.appendJSON(integer: retained)
            bytes.append(verbatim: "}")
        }
        return output.framed()
    }

    /// Something that moves no reader on.
    private func tell(
        _ kind: StaticString,
        of epoch: StreamID,
        _ channel: String?,
        into output: inout EventOutput,
        _ data: (inout [UInt8]) -> Void
    ) {
        let stream = channel == nil ? epoch : nil
        guard let writer = writer(of: epoch, channel) else {
            return output.event(kind, sequence: nil, stream: stream, data)
        }
        output.whole(sequence: nil) { bytes in
            // No two are the same.
            writer.append(kind, id: StreamID().description, subject: stream?.description, to: &bytes, data: data)
        }
    }
}
