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
        // In a channel no stream is meant; a stream's own log is named by its epoch.
        let stream = channel == nil ? asOf.epoch : nil
        if let reason {
            // Whoever has but this comes back with the token that it had.
            output.event("reset", sequence: nil, stream: stream) { bytes in
                bytes.append(verbatim: "{\"reason\":")
                bytes.appendJSON(string: reason)
                bytes.append(verbatim: "}")
            }
        }
        if format.view == .text {
            output.text("snapshot", sequence: asOf.sequence, stream: stream, snapshot.openJSON)
        } else {
            output.event("snapshot", sequence: asOf.sequence, stream: stream) { bytes in
                bytes.append(contentsOf: snapshot.openJSON)
                bytes.append(UInt8(ascii: "}"))
            }
        }
        return output.framed()
    }

    /// The reader is about to fall behind what is kept.
    func renderSlow(behind: Int, retained: Int, epoch: StreamID, channel: String? = nil) -> ByteBuffer {
        var output = EventOutput(transport: format.transport, epoch: epoch, channel: channel)
        output.event("slow", sequence: nil, stream: channel == nil ? epoch : nil) { bytes in
            bytes.append(verbatim: "{\"behind\":")
            bytes.appendJSON(integer: behind)
            bytes.append(verbatim: ",\"retained\":")
            bytes.appendJSON(integer: retained)
            bytes.append(verbatim: "}")
        }
        return output.framed()
    }
}
