import Dialects

/// The frames of a whole body, found in the slow and simple way: what the framings are compared with.
enum ReferenceFrames {
    /// - Returns: nil where there is nothing to compare with.
    static func of(_ body: [UInt8], _ framing: Dialect.Framing) -> [Outcome.Frame]? {
        // Line ends before the first byte are passed over, whatever the framing.
        let body = Array(body.drop { $0 == 0x0A || $0 == 0x0D })
        return switch framing {
        case .serverSentEvents: eventStream(body)
        case .ndjson: lines(body)
        case .document: isBlank(body) ? [] : [Outcome.Frame(name: [], data: body)]
        case .jsonArray: elements(body)
        case .awsEventStream: nil
        }
    }

    /// The HTML Standard, section 9.2.6, word by word, but for the last event, which needs no blank line.
    private static func eventStream(_ body: [UInt8]) -> [Outcome.Frame] {
        var frames: [Outcome.Frame] = []
        var name: [UInt8] = []
        var data: [UInt8] = []
        func dispatch(isLast: Bool = false) {
            // A line feed is behind every line of data.
            if !data.isEmpty, !isLast || !isCut(data.dropLast()) {
                frames.append(Outcome.Frame(name: name, data: data.dropLast()))
            }
            name = []
            data = []
        }
        for line in linesOfEventStream(body.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(body.dropFirst(3)) : body) {
            if line.isEmpty {
                dispatch()
                continue
            }
            let field = line.prefix { $0 != UInt8(ascii: ":") }
            var value = line.dropFirst(field.count + 1)
            if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
            if field.elementsEqual("data".utf8) { data += value + [0x0A] }
            if field.elementsEqual("event".utf8) { name = Array(value) }
        }
        dispatch(isLast: true)
        return frames
    }

    private static func linesOfEventStream(_ body: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var index = 0
        while index < body.count {
            if body[index] == 0x0D || body[index] == 0x0A {
                if body[index] == 0x0D, index + 1 < body.count, body[index + 1] == 0x0A { index += 1 }
                lines.append([])
            } else {
                lines[lines.count - 1].append(body[index])
            }
            index += 1
        }
        // What is behind the last line end is a line only if there is something.
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func lines(_ body: [UInt8]) -> [Outcome.Frame] {
        let lines = body.split(separator: 0x0A, omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { position, line in
            let data = line.last == 0x0D ? line.dropLast() : line
            let isUnwanted = isBlank(data) || position == lines.count - 1 && isCut(data)
            return isUnwanted ? nil : Outcome.Frame(name: [], data: Array(data))
        }
    }

    /// The elements of what is an array as a whole; nil for anything else.
    private static func elements(_ body: [UInt8]) -> [Outcome.Frame]? {
        let bytes = body.span.bytes
        var scanner = JSONScanner(bytes)
        guard scanner.nextValue(in: bytes)?.kind == .array, scanner.isAtEnd(in: bytes) else { return nil }
        scanner = JSONScanner(bytes)
        _ = scanner.enterArray(in: bytes)
        var frames: [Outcome.Frame] = []
        while scanner.nextElement(in: bytes), let value = scanner.nextValue(in: bytes) {
            frames.append(Outcome.Frame(name: [], data: Array(body[value.range])))
        }
        return frames
    }

    private static func isBlank(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }

    /// Whether the body's end cut a frame short: JSON of which no value can be read.
    private static func isCut(_ data: ArraySlice<UInt8>) -> Bool {
        let content = data.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let first = content.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return false }
        let done = Array("[DONE]".utf8)
        if content.starts(with: done), isBlank(content.dropFirst(done.count)) { return false }
        let bytes = Array(content)
        var scanner = JSONScanner(bytes.span.bytes)
        return scanner.nextValue(in: bytes.span.bytes) == nil
    }
}
