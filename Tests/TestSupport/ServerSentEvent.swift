/// An event as a plain reader of the WHATWG standard sees it; written here anew, so that it agrees with the project's
/// parser only where both are right.
package struct ServerSentEvent: Sendable, Hashable {
    package var name = "message"
    /// The last event id at this event.
    package var id = ""
    package var data: String

    package static func parse(_ bytes: [UInt8]) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var name = ""
        var id = ""
        var data: [Substring] = []
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        // What follows the last line end is no line yet.
        if !lines.isEmpty { lines.removeLast() }
        for line in lines {
            guard !line.isEmpty else {
                if !data.isEmpty {
                    events.append(
                        .init(name: name.isEmpty ? "message" : name, id: id, data: data.joined(separator: "\n"))
                    )
                }
                name = ""
                data = []
                continue
            }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            var value = parts.count > 1 ? parts[1] : ""
            if value.first == " " { value = value.dropFirst() }
            switch parts[0] {
            case "event": name = String(value)
            case "id": id = String(value)
            case "data": data.append(value)
            default: break
            }
        }
        return events
    }
}
