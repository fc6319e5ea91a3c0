import Dialects

/// Writes folds as the JSON of snapshots.
enum SnapshotWriter {
    /// Appends a stream's members, without braces.
    ///
    /// - Parameter includesEnd: whether its end is told of, where it has one.
    static func append(_ info: StreamInfo, _ fold: MessageFold, includesEnd: Bool, to bytes: inout [UInt8]) {
        let end = includesEnd ? fold.end : nil
        bytes.append(verbatim: "\"stream\":")
        bytes.appendJSON(string: info.id.description)
        bytes.append(verbatim: ",\"state\":")
        bytes.appendJSON(string: end?.state.rawValue ?? StreamRecord.Progress.running)
        bytes.append(verbatim: ",\"dialect\":")
        bytes.appendJSON(string: info.dialect)
        bytes.append(verbatim: ",\"model\":")
        bytes.appendJSON(string: fold.start?.model ?? info.model)
        bytes.append(verbatim: ",\"method\":")
        bytes.appendJSON(string: info.method)
        bytes.append(verbatim: ",\"path\":")
        bytes.appendJSON(string: info.path)
        bytes.append(verbatim: ",\"channel\":")
        bytes.appendJSON(string: info.channel)
        bytes.append(verbatim: ",\"status\":")
        bytes.appendJSON(integer: info.status)
        bytes.append(verbatim: ",\"created\":")
        bytes.appendJSON(integer: info.created)
        bytes.append(verbatim: ",\"choices\":")
        bytes.appendJSON(array: fold.choices, choice)
        bytes.append(verbatim: ",\"usage\":")
        object(fold.usage, &bytes, DeltaView.usage)
        bytes.append(verbatim: ",\"cut\":")
        bytes.appendJSON(bool: fold.isCut)
        bytes.append(verbatim: ",\"end\":")
        object(end, &bytes) { DeltaView.end($0, fold.finishReason, &$1) }
    }

    private static func choice(_ choice: MessageFold.Choice, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"index\":")
        bytes.appendJSON(integer: choice.index)
        bytes.append(verbatim: ",\"finish\":")
        bytes.appendJSON(string: choice.finishReason)
        bytes.append(verbatim: ",\"parts\":")
        bytes.appendJSON(array: choice.parts, part)
        bytes.append(UInt8(ascii: "}"))
    }

    private static func part(_ part: MessageFold.Part, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"part\":")
        bytes.appendJSON(integer: part.number)
        guard part.kind != .toolCall else {
            bytes.append(verbatim: ",\"type\":\"tool_call\",\"id\":")
            bytes.appendJSON(string: part.id)
            bytes.append(verbatim: ",\"name\":")
            bytes.appendJSON(string: part.name)
            bytes.append(verbatim: ",\"arguments\":")
            bytes.appendJSON(string: part.text)
            bytes.append(UInt8(ascii: "}"))
            return
        }
        bytes.append(verbatim: ",\"type\":")
        bytes.appendJSON(string: part.kind.rawValue)
        bytes.append(verbatim: ",\"text\":")
        bytes.appendJSON(string: part.text)
        if !part.citations.isEmpty {
            bytes.append(verbatim: ",\"citations\":")
            bytes.appendJSON(array: part.citations, citation)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func citation(_ citation: Citation, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"url\":")
        bytes.appendJSON(string: citation.url)
        bytes.append(verbatim: ",\"title\":")
        bytes.appendJSON(string: citation.title)
        bytes.append(verbatim: ",\"raw\":")
        bytes.appendJSON(string: citation.raw)
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends an object that `write` leaves open, or `null`.
    static func object<Value>(
        _ value: Value?,
        _ bytes: inout [UInt8],
        _ write: (Value, inout [UInt8]) -> Void
    ) {
        guard let value else { return bytes.append(verbatim: "null") }
        write(value, &bytes)
        bytes.append(UInt8(ascii: "}"))
    }
}
