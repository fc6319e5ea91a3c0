public import Dialects

/// Writes what a log has as CloudEvents 1.0 in their JSON format: the `cloudevents` view, and what webhooks send.
///
/// ```json
/// {"specversion":"1.0","id":"<token>","source":"<log>","type":"dev.tokencast.delta.v1","subject":"<stream>",
///  "time":"…","sequence":"0000000002","sequencetype":"Integer","datacontenttype":"application/json","data":{…}}
/// ```
///
/// The source is the log that is read, as it is the log that numbers events: `id` and `sequence` are unique there.
public struct CloudEventWriter: Sendable {
    /// Up to the id's sequence.
    private let head: [UInt8]
    /// From behind the id to the type's kind.
    private let source: [UInt8]
    private let epoch: StreamID

    /// The path of what is read, behind the node's address: `/streams/{id}` or `/channels/{name}`.
    public static func path(of epoch: StreamID, channel: String?) -> String {
        channel.map { "/channels/\($0)" } ?? "/streams/\(epoch)"
    }

    /// What an event of a kind of ours (``EventKind``) has for its type.
    public static func type(of kind: String) -> String { "dev.tokencast.\(kind).v1" }

    /// - Parameters:
    ///   - base: the node's address, without a slash at its end.
    ///   - epoch: the log's.
    ///   - channel: its name, where the log is a channel's.
    public init(base: String, epoch: StreamID, channel: String? = nil) {
        self.epoch = epoch
        head = Array("{\"specversion\":\"1.0\",\"id\":\"".utf8)
        var bytes: [UInt8] = []
        bytes.append(verbatim: "\",\"source\":")
        bytes.appendJSON(string: base + Self.path(of: epoch, channel: channel))
        bytes.append(verbatim: ",\"type\":\"dev.tokencast.")
        source = bytes
    }

    /// Appends one of a stream's events.
    ///
    /// - Parameters:
    ///   - sequence: its number in the log.
    ///   - milliseconds: when it came, since the stream was made.
    /// - Returns: false for events that aren't shown, of which nothing is appended.
    @discardableResult
    public func append(
        _ event: TokenEvent,
        of context: EventContext,
        sequence: Int,
        at milliseconds: Int,
        to bytes: inout [UInt8]
    ) -> Bool {
        guard let kind = DeltaView.name(of: event) else { return false }
        appendID(sequence, to: &bytes)
        append(kind, subject: context.info.id.description, to: &bytes)
        let (time, overflows) = context.info.createdMilliseconds.addingReportingOverflow(milliseconds)
        appendRest(time: overflows ? .max : time, sequence: sequence, to: &bytes)
        DeltaView.append(event, of: context, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return true
    }

    /// Appends an event that somebody published: as it came, if it came as a CloudEvent, else as one of ours with its name for
    /// a subject.
    ///
    /// - Parameter time: when it came, in milliseconds since 1970.
    public func append(_ event: PublishedEvent, sequence: Int, at time: Int, to bytes: inout [UInt8]) {
        if let text = event.cloudEvent { return bytes.append(contentsOf: text) }
        appendID(sequence, to: &bytes)
        append("message", subject: event.name, to: &bytes)
        appendRest(time: time, sequence: sequence, to: &bytes)
        bytes.append(contentsOf: event.data)
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends what is no event of the log and has no number there: it is told now.
    ///
    /// - Parameters:
    ///   - id: of this event alone.
    ///   - subject: nil for none.
    public func append(
        _ kind: StaticString,
        id: String,
        subject: String?,
        to bytes: inout [UInt8],
        data: (inout [UInt8]) -> Void
    ) {
        bytes.append(contentsOf: head)
        bytes.append(contentsOf: id.utf8)
        append(kind, subject: subject, to: &bytes)
        appendRest(time: Hub.milliseconds, sequence: nil, to: &bytes)
        data(&bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    private func appendID(_ sequence: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: head)
        bytes.append(contentsOf: epoch.description.utf8)
        bytes.append(UInt8(ascii: "_"))
        ResumeToken.append(sequence, to: &bytes)
    }

    private func append(_ kind: StaticString, subject: String?, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: source)
        bytes.append(verbatim: kind)
        bytes.append(verbatim: ".v1\"")
        guard let subject else { return }
        bytes.append(verbatim: ",\"subject\":")
        bytes.appendJSON(string: subject)
    }

    private func appendRest(time: Int, sequence: Int?, to bytes: inout [UInt8]) {
        bytes.append(verbatim: ",\"time\":\"")
        Timestamp.append(milliseconds: time, to: &bytes)
        if let sequence {
            bytes.append(verbatim: "\",\"sequence\":\"")
            ResumeToken.append(sequence, to: &bytes)
            bytes.append(verbatim: "\",\"sequencetype\":\"Integer")
        }
        bytes.append(verbatim: "\",\"datacontenttype\":\"application/json\",\"data\":")
    }
}

extension CloudEventWriter {
    func show(
        _ event: TokenEvent,
        of context: EventContext,
        sequence: Int,
        at milliseconds: Int,
        into output: inout EventOutput
    ) {
        guard DeltaView.name(of: event) != nil else { return }
        output.whole(sequence: sequence) { bytes in
            append(event, of: context, sequence: sequence, at: milliseconds, to: &bytes)
        }
    }

    func show(_ publication: Publication, sequence: Int, into output: inout EventOutput) {
        output.whole(sequence: sequence) { bytes in
            append(publication.event, sequence: sequence, at: publication.time, to: &bytes)
        }
    }
}
