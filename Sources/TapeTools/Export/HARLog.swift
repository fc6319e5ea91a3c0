import Dialects
public import Tapes

/// Tapes as an HTTP Archive, version 1.2.
///
/// What HAR has no words for stands in members that begin with an underscore, as it wants them: each chunk's time and
/// size (`_chunks`), and how the exchange ended (`_end`).
public struct HARLog: Sendable {
    private var entries: [JSONValue] = []
    private let version: String

    /// - Parameter version: Tokencast's, for `creator`.
    public init(version: String) {
        self.version = version
    }

    public mutating func add(_ tape: Tape, name: String) {
        entries.append(HAREntry(tape, name: name).value)
    }

    /// The whole file.
    public var bytes: [UInt8] { value.jsonBytes + [UInt8(ascii: "\n")] }

    private var value: JSONValue {
        let creator = JSONValue.object([("name", .string("tokencast")), ("version", .string(version))])
        let log: [(String, JSONValue)] = [
            ("version", .string("1.2")), ("creator", creator), ("pages", .array([])), ("entries", .array(entries)),
        ]
        return .object([("log", .object(log))])
    }
}

/// One exchange of an archive.
struct HAREntry {
    private let tape: Tape
    private let name: String

    init(_ tape: Tape, name: String) {
        self.tape = tape
        self.name = name
    }

    var value: JSONValue {
        let first = tape.response?.offset ?? tape.end?.offset ?? 0
        let last = max(first, tape.end?.offset ?? tape.entries.last?.offset ?? first)
        var members: [(String, JSONValue)] = [
            ("startedDateTime", .string(startedDateTime)),
            ("time", Self.milliseconds(last)),
            ("request", request),
            ("response", response),
            ("cache", .object([])),
            (
                "timings",
                .object([
                    // When sending ended isn't recorded; it is part of the wait.
                    ("blocked", .integer(-1)), ("dns", .integer(-1)), ("connect", .integer(-1)), ("ssl", .integer(-1)),
                    ("send", .integer(0)), ("wait", Self.milliseconds(first)),
                    ("receive", Self.milliseconds(last - first)),
                ])
            ),
            ("_tape", .string(name)),
            ("_chunks", .array(chunks)),
        ]
        if let end { members.append(("_end", end)) }
        let messages = webSocketMessages
        if !messages.isEmpty { members.append(("_webSocketMessages", .array(messages))) }
        return .object(members)
    }

    /// A header may say anything; an archive wants a date.
    private var startedDateTime: String {
        let shape = "0000-00-00T00:00:00Z".utf8
        let fits =
            tape.header.created.utf8.count == shape.count
            && zip(tape.header.created.utf8, shape).allSatisfy { $1 == 0x30 ? (0x30...0x39).contains($0) : $0 == $1 }
        return fits ? tape.header.created : "1970-01-01T00:00:00Z"
    }

    private var request: JSONValue {
        let request = tape.request
        let version = httpVersion
        var members: [(String, JSONValue)] = [
            ("method", .string(request.method)),
            ("url", .string(url)),
            ("httpVersion", .string(version)),
            ("cookies", .array([])),
            ("headers", .array(request.headers.map(Self.field))),
            ("queryString", .array(request.query.map(Self.field))),
        ]
        var size = 0
        switch request.body {
        case .none: break
        // Of a body in digests there is nothing to show.
        case _ where request.isHashed: size = -1
        case .json(let value):
            let text = value.jsonText
            size = text.utf8.count
            members.append(("postData", Self.postData("application/json", text, nil)))
        case .raw(let type, let bytes):
            size = bytes.count
            let isText = (try? UTF8Span(validating: bytes.span)) != nil
            let text = isText ? String(decoding: bytes, as: UTF8.self) : Base64.encode(bytes)
            members.append(("postData", Self.postData(type, text, isText ? nil : "base64")))
        }
        members += [("headersSize", .integer(-1)), ("bodySize", .integer(size))]
        return .object(members)
    }

    /// The upstream isn't on a tape; an archive wants an absolute URL, so it gets a name that leads nowhere.
    private var url: String {
        let items = tape.request.query.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
        return "https://upstream.invalid" + tape.request.path
            + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    private var httpVersion: String { tape.response.map { "HTTP/\($0.httpVersion)" } ?? "HTTP/1.1" }

    private var response: JSONValue {
        let body = tape.body
        let type = tape.response?.contentType ?? ""
        let isText = (try? UTF8Span(validating: body.span)) != nil
        var content: [(String, JSONValue)] = [("size", .integer(body.count)), ("mimeType", .string(type))]
        content.append(("text", .string(isText ? String(decoding: body, as: UTF8.self) : Base64.encode(body))))
        if !isText { content.append(("encoding", .string("base64"))) }
        return .object([
            // 0 where no answer came, as browsers write it.
            ("status", .integer(tape.response?.status ?? 0)),
            ("statusText", .string("")),
            ("httpVersion", .string(httpVersion)),
            ("cookies", .array([])),
            ("headers", .array((tape.response?.headers ?? []).map(Self.field))),
            ("content", .object(content)),
            ("redirectURL", .string(tape.response?.header("location") ?? "")),
            ("headersSize", .integer(-1)),
            ("bodySize", .integer(body.count)),
        ])
    }

    private var chunks: [JSONValue] {
        tape.entries.compactMap { entry in
            guard case .chunk(let bytes) = entry.content else { return nil }
            return .object([("time", Self.milliseconds(entry.offset)), ("bytes", .integer(bytes.count))])
        }
    }

    private var end: JSONValue? {
        tape.end.map { end in
            .object([
                ("time", Self.milliseconds(end.offset)), ("reason", .string(end.reason.rawValue)),
                ("dialect", .optional(end.dialect)), ("terminal", .optional(end.terminal)),
                ("sha256", .string(end.sha256)),
            ])
        }
    }

    /// As Chromium's developer tools write them.
    private var webSocketMessages: [JSONValue] {
        tape.entries.compactMap { entry in
            guard case .message(let message) = entry.content else { return nil }
            let isText = message.opcode == .text
            return .object([
                ("type", .string(message.direction == .toUpstream ? "send" : "receive")),
                ("time", Self.milliseconds(entry.offset)),
                ("opcode", .integer(Self.number(message.opcode))),
                (
                    "data",
                    .string(
                        isText ? String(decoding: message.payload, as: UTF8.self) : Base64.encode(message.payload)
                    )
                ),
            ])
        }
    }

    private static func number(_ opcode: Tape.Message.Opcode) -> Int {
        switch opcode {
        case .text: 1
        case .binary: 2
        case .close: 8
        case .ping: 9
        case .pong: 10
        }
    }

    private static func postData(_ type: String, _ text: String, _ encoding: String?) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("mimeType", .string(type)), ("params", .array([])), ("text", .string(text)),
        ]
        if let encoding { members.append(("_encoding", .string(encoding))) }
        return .object(members)
    }

    private static func field(_ field: TapeField) -> JSONValue {
        .object([("name", .string(field.name)), ("value", .string(field.value))])
    }

    /// Microseconds as milliseconds, written without passing through a floating-point number.
    private static func milliseconds(_ microseconds: Int64) -> JSONValue {
        let value = max(0, microseconds)
        let fraction = String(value % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.utf8.count)
        return JSONValue(.number(value % 1000 == 0 ? "\(value / 1000)" : "\(value / 1000).\(zeros)\(fraction)"))
    }
}
