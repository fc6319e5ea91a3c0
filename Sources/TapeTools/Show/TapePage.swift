import Dialects
public import Tapes

/// A tape for a person to read: the request, each chunk with its time, the end.
public struct TapePage: Sendable {
    private let tape: Tape

    public init(_ tape: Tape) {
        self.tape = tape
    }

    /// The whole page. Nothing in it can do a terminal harm.
    public func text(_ appearance: Appearance = .plain) -> String {
        var lines: [String] = []
        func say(_ label: String, _ text: String, _ colour: Appearance.Colour? = nil) {
            lines.append(
                appearance.paint(DisplayWidth.pad(label, to: 8), .bold) + "  " + appearance.paint(text, colour)
            )
        }
        let origin = [tape.header.created, tape.header.tool].filter { !$0.isEmpty }.map(Printable.line)
        say("recorded", origin.joined(separator: " by "))
        if !tape.header.scope.segments.isEmpty { say("scope", tape.header.scope.description) }
        say("request", RequestText.firstLine(of: tape.request))
        for header in tape.request.headers { say("", Printable.line("\(header.name): \(header.value)"), .dim) }
        for (index, line) in RequestText.body(of: tape.request).enumerated() { say(index == 0 ? "body" : "", line) }
        if let response = tape.response {
            let isError = response.status >= 400
            say("response", "\(response.status) after \(Amount.seconds(response.offset)) s", isError ? .red : nil)
            for header in response.headers { say("", Printable.line("\(header.name): \(header.value)"), .dim) }
        } else {
            say("response", "none", .red)
        }
        for entry in tape.entries { lines.append(line(entry, appearance)) }
        lines += ending(appearance)
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ entry: Tape.Entry, _ appearance: Appearance) -> String {
        let time = appearance.paint(Self.time(entry.offset), .dim) + "  "
        switch entry.content {
        case .chunk(let bytes): return time + Self.excerpt(bytes)
        case .marker(let name, let details):
            let more = details.members?.isEmpty == false ? " " + Printable.line(details.jsonText) : ""
            return time + appearance.paint("[\(Printable.line(name))]\(more)", .yellow)
        case .message(let message):
            let heading = appearance.paint("\(message.direction.rawValue) \(message.opcode.rawValue)", .cyan)
            return time + heading + " " + Self.payload(message)
        }
    }

    private func ending(_ appearance: Appearance) -> [String] {
        guard let end = tape.end else {
            return [appearance.paint("no end: the recording was cut off", .yellow)]
        }
        let isGood = end.reason == .eof
        let counts = "\(Amount.count(end.chunks, "chunk")), \(Amount.count(end.bytes, "byte"))"
        let heading = "end: \(Printable.line(end.reason.rawValue)), \(counts)"
        var lines = [
            appearance.paint(Self.time(end.offset), .dim) + "  " + appearance.paint(heading, isGood ? nil : .red)
        ]
        for (label, value) in [
            ("dialect", end.dialect), ("terminal", end.terminal), ("finish", end.finish), ("usage", end.usage),
        ] {
            guard let value else { continue }
            lines.append(appearance.paint(DisplayWidth.pad(label, to: 8), .bold) + "  " + Printable.line(value))
        }
        return lines
    }

    private static func time(_ offset: Int64) -> String { DisplayWidth.pad(Amount.seconds(offset), to: 8, right: true) }

    /// A message's payload; what a close says is read.
    private static func payload(_ message: Tape.Message) -> String {
        guard message.opcode == .close, message.payload.count >= 2 else { return excerpt(message.payload) }
        let code = Int(message.payload[0]) << 8 | Int(message.payload[1])
        return "\(code) \(excerpt(Array(message.payload.dropFirst(2))))"
    }

    /// How many bytes of what isn't text are shown.
    private static let shownBytes = 32

    /// Bytes on one line: as text where most of them are, else the first of them in hex.
    static func excerpt(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let damage = text.unicodeScalars.count { $0 == "\u{FFFD}" || $0.value == 0 }
        guard damage > 6, damage > text.unicodeScalars.count / 8 else { return Printable.line(bytes) }
        let shown = bytes.prefix(shownBytes).map { Printable.hex(UInt32($0), digits: 2) }
        let more = bytes.count > shownBytes ? " and \(bytes.count - shownBytes) more" : ""
        return "\(Amount.count(bytes.count, "byte")): \(shown.joined(separator: " "))\(more)"
    }
}

/// A request in lines.
enum RequestText {
    static func firstLine(of request: TapeRequest) -> String {
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        return Printable.line("\(request.method) \(request.path)\(query.isEmpty ? "" : "?\(query)")")
    }

    static func body(of request: TapeRequest) -> [String] {
        switch request.body {
        case .none: return []
        case .json(let value): return PrettyJSON.lines(value)
        case .raw(let type, let bytes):
            let heading = Printable.line("\(Amount.count(bytes.count, "byte")) of \(type.isEmpty ? "no type" : type)")
            if let value = try? JSONValue(parsing: bytes) { return [heading] + PrettyJSON.lines(value) }
            return bytes.isEmpty ? [heading] : [heading, TapePage.excerpt(bytes)]
        }
    }
}
