import Broadcast
import Dialects
public import Tapes

/// The token events of a tape, one a line, as the `delta` view shows them: with their time and the chunk that they
/// came with.
public struct EventLines: Sendable {
    private let tape: Tape
    private let decoded: DecodedTape

    public init(_ tape: Tape) {
        self.tape = tape
        decoded = DecodedTape(tape)
    }

    /// For a person: seconds, chunk, type, content.
    public func text(_ appearance: Appearance = .plain) -> String {
        let width = String(tape.chunks.count).utf8.count
        return shown.map { event in
            let time = DisplayWidth.pad(Amount.seconds(event.offset), to: 8, right: true)
            let chunk = DisplayWidth.pad(event.chunk.map(String.init) ?? "-", to: width, right: true)
            let (type, content) = Self.describe(event.event, decoded)
            let label = appearance.paint(DisplayWidth.pad(type, to: 9), .cyan)
            return appearance.paint("\(time)  \(chunk)", .dim) + "  \(label)  \(Printable.line(content))\n"
        }.joined()
    }

    /// JSON Lines: `type` and `data` as in the `delta` view, `us` (microseconds since the request went out), `chunk`
    /// (counted from 1; null for what the end of the body brought).
    public var json: [UInt8] {
        let info = StreamInfo(
            id: StreamID(),
            created: Timestamp.secondsSince1970(tape.header.created) ?? 0,
            dialect: decoded.dialect.name,
            method: tape.request.method,
            path: tape.request.path,
            requestedModel: tape.request.model,
            channel: nil,
            status: tape.response?.status,
            start: decoded.fold.start ?? StreamStart()
        )
        let summary = StreamSummary(finish: decoded.fold.finishReason, usage: decoded.fold.usage)
        let context = EventContext(info: info, summary: summary)
        var output: [UInt8] = []
        for event in shown {
            guard let name = DeltaView.name(of: event.event) else { continue }
            output.append(verbatim: "{\"type\":\"")
            output.append(verbatim: name)
            output.append(verbatim: "\",\"us\":")
            output.append(contentsOf: String(event.offset).utf8)
            output.append(verbatim: ",\"chunk\":")
            output.appendJSON(integer: event.chunk)
            output.append(verbatim: ",\"data\":")
            DeltaView.append(event.event, of: context, to: &output)
            output.append(verbatim: "}\n")
        }
        return output
    }

    private var shown: [DecodedTape.Event] {
        decoded.events.filter { DeltaView.name(of: $0.event) != nil }
    }

    private static func describe(_ event: TokenEvent, _ decoded: DecodedTape) -> (String, String) {
        switch event {
        case .start(let start):
            let parts = [
                start.model.map { "model \($0)" }, start.id.map { "id \($0)" }, "dialect \(decoded.dialect.name)",
            ]
            return ("start", parts.compactMap { $0 }.joined(separator: ", "))
        case .restart(let start): return ("restart", start.id.map { "id \($0)" } ?? "")
        case .delta(let delta):
            let choice = delta.choice == 0 ? "" : "choice \(delta.choice): "
            switch delta.content {
            case .text(let text): return ("text", choice + quoted(text))
            case .reasoning(let text): return ("reasoning", choice + quoted(text))
            case .refusal(let text): return ("refusal", choice + quoted(text))
            case .toolCall(let call):
                let name = call.name.map { "\($0) " } ?? ""
                return ("tool_call", "\(choice)#\(call.index) \(name)\(quoted(call.arguments))")
            case .citation(let citation):
                return ("citation", choice + (citation.url ?? citation.title ?? citation.raw))
            }
        case .usage(let usage): return ("usage", describe(usage))
        case .end(let end): return ("end", describe(end, finish: decoded.fold.finishReason))
        case .finish, .opaque: return ("", "")
        }
    }

    static func describe(_ usage: TokenUsage) -> String {
        let counts: [(String, Int?)] = [
            ("input", usage.input), ("output", usage.output), ("total", usage.total), ("cached", usage.cached),
            ("cache creation", usage.cacheCreation),
            ("reasoning", usage.reasoning),
        ]
        let text = counts.compactMap { name, count in count.map { "\(name) \($0)" } }.joined(separator: ", ")
        return usage.isEstimated ? text + " (estimated)" : text
    }

    static func describe(_ end: StreamEnd, finish: String?) -> String {
        let parts = [
            end.state.rawValue, finish.map { "finish \($0)" }, end.terminal.map { "terminal \($0)" },
            end.error.map { "error \(quoted($0.message))" },
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    /// A text in quotes, so that its spaces are seen.
    private static func quoted(_ text: String) -> String { JSONValue.string(text).jsonText }
}
