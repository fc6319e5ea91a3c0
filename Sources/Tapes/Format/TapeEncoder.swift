public import Dialects

/// Turns what happened into the lines of a tape. It does no I/O: whoever feeds it takes the bytes and writes them.
///
/// It counts and digests the body as it goes, so that the end line is right by construction, and keeps offsets from
/// falling, which clocks read on two threads may do.
///
/// ```swift
/// var encoder = TapeEncoder()
/// encoder.header(header)
/// encoder.request(request)
/// encoder.chunk(offset: 336_021, bytes)
/// let lines = encoder.take()
/// ```
public struct TapeEncoder: ~Copyable {
    private var lines = LineBuffer()
    private var template = ChunkTemplate()
    private var digest = SHA256()
    private var lastOffset: Int64 = 0
    private var bodyBytes = 0
    private var chunkCount = 0
    /// The size of the longest line so far, to be held against what a reader takes.
    private(set) var longestLine = 0
    /// A folded text that is longer is left out: the end must fit a line, and the chunks have it anyway.
    private static let longestText = 4 << 20

    public init() {}

    /// How many bytes of lines wait to be taken.
    public var byteCount: Int { lines.count }

    /// Takes the lines made since the last time.
    public mutating func take() -> [UInt8] {
        defer { lines.removeAll() }
        return lines.withBytes { $0.withUnsafeBytes { Array($0) } }
    }

    /// Hands out the lines made since the last time, where they are; they are gone then.
    mutating func drain<Failure>(_ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        defer { lines.removeAll() }
        try lines.withBytes(body)
    }

    /// Lets go of the lines made since the last time.
    mutating func discard() { lines.removeAll() }

    /// Changes the place where lines are made for another, so that many encoders make do with one. Both must be empty.
    mutating func exchange(_ buffer: inout LineBuffer) { swap(&lines, &buffer) }

    public mutating func header(_ header: Tape.Header) {
        line(
            .object([
                ("tape", .integer(Tape.version)),
                ("created", .string(header.created)),
                ("tool", .string(header.tool)),
                ("scope", .string(header.scope.description)),
                ("redact", .string(header.redact)),
                ("canon", .string(header.canon)),
            ])
        )
    }

    /// The request's line and the lines of its body: one per top-level member and one per element of a top-level
    /// array, so that a diff shows what changed.
    public mutating func request(_ request: TapeRequest) {
        line(
            .array([
                .string("q"), .string(request.method), .string(request.path), Self.object(of: request.query),
                Self.object(of: request.headers),
            ])
        )
        switch request.body {
        case .none: break
        case .raw(let contentType, let bytes):
            let digest = String(decoding: bytes, as: UTF8.self)
            let stored = request.isHashed ? JSONValue.object([("digest", .string(digest))]) : Self.text(bytes)
            line(.array([.string("qr"), .string(contentType), stored]))
        case .json(let value):
            let members = value.members ?? []
            if members.isEmpty { body(at: JSONValue.Pointer(), value) }
            for member in members {
                let pointer = JSONValue.Pointer(tokens: [member.name])
                let kind = request.isHashed && !RequestDigest.isClear(member.name) ? "qh" : "qb"
                if let elements = member.value.array, !elements.isEmpty {
                    for (index, element) in elements.enumerated() {
                        body(at: pointer.appending(String(index)), element, kind)
                    }
                } else {
                    body(at: pointer, member.value, kind)
                }
            }
        }
    }

    public mutating func response(_ response: Tape.Response) {
        line(
            .array([
                .string("r"), offset(response.offset), .integer(response.status),
                .array(response.headers.map { .array([.string($0.name), .string($0.value)]) }),
                .object([("http", .string(response.httpVersion))]),
            ])
        )
    }

    /// A chunk of the body, as text where it is text but for characters cut by its borders.
    public mutating func chunk(offset: Int64, _ bytes: [UInt8]) {
        digest(bytes.span)
        line(offset: offset, bytes.span)
    }

    /// Counts and digests the next bytes of the body, which lines of chunks hold or will hold.
    mutating func digest(_ bytes: Span<UInt8>) {
        digest.update(bytes.bytes)
        bodyBytes += bytes.count
    }

    /// The line of a chunk alone: its bytes are handed to ``digest(_:)`` with those of its neighbours.
    mutating func line(offset: Int64, _ bytes: Span<UInt8>) {
        chunkCount += 1
        lastOffset = max(lastOffset, offset)
        let start = lines.count
        if !template.write(bytes, offset: lastOffset, into: &lines) { cutOrBinary(bytes) }
        longestLine = max(longestLine, lines.count - start)
    }

    /// The line of a chunk that isn't UTF-8 as a whole.
    private mutating func cutOrBinary(_ bytes: Span<UInt8>) {
        var line: [UInt8] = []
        if let text = ChunkText(bytes)?.text {
            line.append(contentsOf: "[\"c\",\(lastOffset),".utf8)
            JSONValue.writeString(bytes.extracting(text), into: &line)
            var cut: [(String, JSONValue)] = []
            if text.lowerBound > 0 { cut.append(("pre", Self.hex(bytes.extracting(..<text.lowerBound)))) }
            if text.upperBound < bytes.count { cut.append(("post", Self.hex(bytes.extracting(text.upperBound...)))) }
            line.append(UInt8(ascii: ","))
            JSONValue.object(cut).write(into: &line)
            line.append(UInt8(ascii: "]"))
        } else {
            let text = bytes.withUnsafeBufferPointer { Base64.encode(Array($0)) }
            JSONValue.array([.string("b"), .integer(lastOffset), .string(text)]).write(into: &line)
        }
        line.append(UInt8(ascii: "\n"))
        lines.append(line.span.bytes)
    }

    private static func hex(_ bytes: Span<UInt8>) -> JSONValue {
        .string(bytes.withUnsafeBufferPointer { Hex.encode($0) })
    }

    public mutating func message(offset: Int64, _ message: Tape.Message) {
        var payload: JSONValue = .string(Base64.encode(message.payload))
        if message.opcode == .text { payload = .string(String(decoding: message.payload, as: UTF8.self)) }
        line(
            .array([
                .string("w"), self.offset(offset), .string(message.direction.rawValue),
                .string(message.opcode.rawValue), payload,
            ])
        )
    }

    public mutating func marker(offset: Int64, name: String, details: JSONValue = .object([])) {
        line(.array([.string("m"), self.offset(offset), .string(name), details]))
    }

    /// The last line. The counts and the digest are the encoder's own; those of `end` are not looked at.
    public mutating func end(offset: Int64, _ end: TapeEnd) {
        // Nested two levels into the line, which itself may be 64 deep.
        let usage = end.usage.flatMap { try? JSONValue(parsing: $0, options: JSONValue.Options(maximumDepth: 32)) }
        let text = end.text.flatMap { $0.utf8.count <= Self.longestText ? $0 : nil }
        let details = JSONValue.object([
            ("reason", .string(end.reason.rawValue)),
            ("dialect", Self.optional(end.dialect)),
            ("terminal", Self.optional(end.terminal)),
            ("bytes", .integer(bodyBytes)),
            ("chunks", .integer(chunkCount)),
            ("sha256", .string(digest.finish())),
            ("text", Self.optional(text)),
            ("finish", Self.optional(end.finish)),
            ("usage", usage ?? .null),
        ])
        line(.array([.string("e"), self.offset(offset), details]))
    }

    private mutating func body(at pointer: JSONValue.Pointer, _ value: JSONValue, _ kind: String = "qb") {
        line(.array([.string(kind), .string(pointer.description), value]))
    }

    private mutating func line(_ value: JSONValue) {
        var line = value.jsonBytes
        line.append(UInt8(ascii: "\n"))
        lines.append(line.span.bytes)
        longestLine = max(longestLine, line.count)
    }

    private mutating func offset(_ offset: Int64) -> JSONValue {
        lastOffset = max(lastOffset, offset)
        return .integer(lastOffset)
    }

    private static func optional(_ text: String?) -> JSONValue {
        text.map { .string($0) } ?? .null
    }

    /// Bytes as a string where they are UTF-8, else as `{"base64": …}`.
    static func text(_ bytes: [UInt8]) -> JSONValue {
        if let text = try? UTF8Span(validating: bytes.span) { return .string(String(copying: text)) }
        return .object([("base64", .string(Base64.encode(bytes)))])
    }

    /// Fields as an object; a name that comes more than once has an array.
    static func object(of fields: [TapeField]) -> JSONValue {
        var members: [JSONValue.Member] = []
        for field in fields {
            let value = JSONValue.string(field.value)
            if let index = members.firstIndex(where: { $0.name.hasSameBytes(as: field.name) }) {
                let values = members[index].value.array ?? [members[index].value]
                members[index].value = .array(values + [value])
            } else {
                members.append(JSONValue.Member(field.name, value))
            }
        }
        return JSONValue(.object(members))
    }
}
