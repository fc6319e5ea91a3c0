import Dialects
import Tapes

/// A tape for a person to read.
public struct TapePage: Sendable, CustomStringConvertible {
    private let tape: Tape

    /// - Throws: ``TapeFileError`` with file and line.
    public init(file: String) throws(TapeFileError) {
        do {
            tape = try TapeReader.read(path: file)
        } catch {
            throw TapeFileError(description: error.description)
        }
    }

    /// The answer's text as its dialect reads it, or its body where that has none.
    public var text: String {
        var fold = MessageFold()
        for event in events { fold.add(event) }
        return fold.text.isEmpty ? String(decoding: tape.body, as: UTF8.self) : fold.text + "\n"
    }

    private var events: [TokenEvent] {
        let type = tape.response?.headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
        var decoder = StreamDecoder(
            dialect: Dialect.matching(path: tape.request.path),
            framing: Dialect.Framing(contentType: type)
        )
        var buffer = EventBuffer()
        for chunk in tape.chunks { decoder.feed(chunk.span.bytes, into: &buffer) }
        _ = decoder.finish(into: &buffer)
        return buffer.events
    }

    public var description: String {
        var lines = ["recorded  \(tape.header.created) by \(tape.header.tool)"]
        lines.append("request   \(tape.request.method) \(tape.request.path)")
        switch tape.request.body {
        case .none: break
        case .json(let value): lines.append("body      \(value.jsonText)")
        case .raw(let type, let bytes): lines.append("body      \(bytes.count) bytes of \(type)")
        }
        if let response = tape.response {
            lines.append("response  \(response.status) after \(seconds(response.offset)) s")
            for header in response.headers { lines.append("          \(header.name): \(header.value)") }
        }
        for entry in tape.entries {
            switch entry.content {
            case .chunk(let bytes): lines.append("\(seconds(entry.offset))  \(Self.excerpt(bytes))")
            case .marker(let name, _): lines.append("\(seconds(entry.offset))  [\(name)]")
            case .message(let message):
                lines.append("\(seconds(entry.offset))  \(message.direction.rawValue) \(Self.excerpt(message.payload))")
            }
        }
        if let end = tape.end {
            lines.append("\(seconds(end.offset))  end: \(end.reason), \(end.chunks) chunks, \(end.bytes) bytes")
            if let usage = end.usage { lines.append("usage     \(usage)") }
        } else {
            lines.append("no end: the recording was cut off")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A chunk on one line: what can't be printed is escaped.
    private static func excerpt(_ bytes: [UInt8]) -> String {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case let control
            where control.value < 0x20 || control.value == 0x7F || (0x80..<0xA0).contains(control.value):
                text += "\\u{\(String(control.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// A file that is no tape.
public struct TapeFileError: Error, Sendable, CustomStringConvertible {
    public let description: String
}
