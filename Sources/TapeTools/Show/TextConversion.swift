import Dialects
public import Tapes

/// A tape as lines that a diff reads well: what was asked, what was answered, how it ended. Times, ids, how the answer
/// was cut into pieces, and what else changes with every recording is left out.
///
/// Git runs it as a `textconv`; so it never fails on a file that is no tape, and nothing of it can do a terminal harm.
public struct TextConversion: Sendable {
    public let text: String

    public init(_ tape: Tape) {
        var lines = [RequestText.firstLine(of: tape.request)]
        lines += Self.headers(tape.request.headers)
        lines += RequestText.body(of: tape.request)
        lines.append("")
        if let response = tape.response {
            lines.append("status: \(response.status)")
            lines += Self.headers(response.headers)
        } else {
            lines.append("status: none")
        }
        let decoded = DecodedTape(tape)
        lines += decoded.fold.choices.isEmpty ? Self.body(of: tape) : Self.answer(decoded)
        lines += Self.messages(of: tape)
        if let usage = decoded.fold.usage { lines.append("usage: " + EventLines.describe(usage)) }
        let reason = tape.end.map { Printable.line($0.reason.rawValue) } ?? "none, the recording was cut off"
        lines.append("end: \(reason)")
        if let end = decoded.end {
            lines.append(Printable.line("stream: " + EventLines.describe(end, finish: decoded.fold.finishReason)))
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    /// A file that is no tape: why, and its lines.
    public init(broken bytes: [UInt8], error: TapeError) {
        var error = error
        error.file = "no valid tape"
        text = "# \(Printable.line(error.description))\n" + Printable.text(bytes)
    }

    private static func headers(_ headers: [TapeField]) -> [String] {
        headers.filter { HeaderKind.isStable($0.name) }.map { Printable.line("\($0.name): \($0.value)") }
    }

    private static func answer(_ decoded: DecodedTape) -> [String] {
        var lines: [String] = []
        for choice in decoded.fold.choices {
            if choice.index != 0 || decoded.fold.choices.count > 1 { lines.append("choice \(choice.index)") }
            for part in choice.parts {
                lines.append("")
                if part.kind == .toolCall {
                    lines.append(Printable.line("tool call: \(part.name ?? "without a name")"))
                    let arguments = try? JSONValue(parsing: part.text, options: .lenient)
                    lines += arguments.map(PrettyJSON.lines) ?? [Printable.line(part.text)]
                } else {
                    lines.append("\(part.kind.rawValue):")
                    lines.append(Printable.text(part.text))
                }
            }
            lines.append("")
            if let reason = choice.finishReason { lines.append("finish: \(Printable.line(reason))") }
        }
        return lines
    }

    private static func body(of tape: Tape) -> [String] {
        let body = tape.body
        if body.isEmpty { return [] }
        if let value = try? JSONValue(parsing: body, options: .lenient) { return [""] + PrettyJSON.lines(value) + [""] }
        if (try? UTF8Span(validating: body.span)) == nil {
            return ["", "\(Amount.count(body.count, "byte")), sha256 \(SHA256.hex(of: body))", ""]
        }
        return ["", Printable.text(body), ""]
    }

    private static func messages(of tape: Tape) -> [String] {
        tape.entries.compactMap { entry in
            guard case .message(let message) = entry.content else { return nil }
            return "\(message.direction.rawValue) \(message.opcode.rawValue) \(TapePage.excerpt(message.payload))"
        }
    }
}

/// Which headers mean the same from one recording to the next.
enum HeaderKind {
    private static let stable = [
        "content-type", "accept", "openai-beta", "anthropic-version", "anthropic-beta", "content-language",
        "content-disposition", "content-encoding", "cache-control", "location", "retry-after", "retry-after-ms",
        "x-should-retry", "warning", "deprecation", "sunset",
    ]

    /// Ids, rates, durations and what names a client's version aren't.
    static func isStable(_ name: String) -> Bool { stable.contains { $0.hasSameBytes(as: name) } }
}
