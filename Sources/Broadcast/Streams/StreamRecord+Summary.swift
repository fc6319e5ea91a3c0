import Dialects

extension StreamRecord {
    /// Appends what listings say of the stream, as a JSON object.
    public func appendSummary(to bytes: inout [UInt8]) {
        let progress = self.progress
        bytes.append(verbatim: "{\"stream\":")
        bytes.appendJSON(string: id.description)
        bytes.append(verbatim: ",\"state\":")
        bytes.appendJSON(string: progress.state)
        bytes.append(verbatim: ",\"dialect\":")
        bytes.appendJSON(string: progress.dialect)
        bytes.append(verbatim: ",\"model\":")
        bytes.appendJSON(string: progress.model)
        bytes.append(verbatim: ",\"method\":")
        bytes.appendJSON(string: request.method)
        bytes.append(verbatim: ",\"path\":")
        bytes.appendJSON(string: request.path)
        bytes.append(verbatim: ",\"channel\":")
        bytes.appendJSON(string: request.channel)
        bytes.append(verbatim: ",\"upstream\":")
        bytes.appendJSON(string: request.upstream)
        bytes.append(verbatim: ",\"owner\":")
        bytes.appendJSON(string: request.owner)
        bytes.append(verbatim: ",\"status\":")
        bytes.appendJSON(integer: progress.status)
        bytes.append(verbatim: ",\"created\":")
        bytes.appendJSON(integer: created / 1000)
        bytes.append(verbatim: ",\"finish\":")
        bytes.appendJSON(string: progress.finish)
        bytes.append(verbatim: ",\"usage\":")
        SnapshotWriter.object(progress.usage, &bytes, DeltaView.usage)
        bytes.append(UInt8(ascii: ","))
        appendResource(to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends what a stream has beside its events, without braces: when what happened, and how many follow it.
    public func appendResource(to bytes: inout [UInt8]) {
        let progress = self.progress
        bytes.append(verbatim: "\"timings\":{\"created\":")
        bytes.appendJSON(integer: created)
        bytes.append(verbatim: ",\"firstToken\":")
        bytes.appendJSON(integer: progress.firstToken)
        bytes.append(verbatim: ",\"ended\":")
        bytes.appendJSON(integer: progress.ended)
        bytes.append(verbatim: "},\"subscribers\":")
        bytes.appendJSON(integer: subscriberCount)
    }
}
