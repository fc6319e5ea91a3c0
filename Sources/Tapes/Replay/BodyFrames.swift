package import Dialects

/// A body cut where its framing cuts it, without losing a byte: each frame goes up to where the next one begins.
///
/// Of an event stream, a frame is all up to a blank line, so a comment on its own is one as well, though no event. Of a
/// JSON array, it is an element with what stands before it, as servers write them; what closes the array is no event.
package struct BodyFrames: Sequence {
    package struct Frame: Sendable {
        package var range: Range<Int>
        /// Whether it has data, and so counts as an event.
        package var isEvent: Bool
        /// Whether it has its end, so that another may follow.
        var isWhole: Bool
    }

    let body: [UInt8]
    let framing: Dialect.Framing

    package init(body: [UInt8], framing: Dialect.Framing) {
        self.body = body
        self.framing = framing
    }

    package func makeIterator() -> Iterator { Iterator(frames: self) }

    package struct Iterator: IteratorProtocol {
        fileprivate let frames: BodyFrames
        private var position = 0

        fileprivate init(frames: BodyFrames) {
            self.frames = frames
        }

        package mutating func next() -> Frame? {
            guard position < frames.body.count else { return nil }
            let frame = frames.frame(at: position)
            position = frame.range.upperBound
            return frame
        }
    }

    /// The frame that begins at an offset, which must lie within the body.
    func frame(at start: Int) -> Frame {
        switch framing {
        case .serverSentEvents:
            return block(at: start)
        case .ndjson:
            let end = body[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? body.count
            let isWhole = end > start && body[end - 1] == UInt8(ascii: "\n")
            return Frame(range: start..<end, isEvent: firstInk(in: start..<end) != nil, isWhole: isWhole)
        case .jsonArray:
            return element(at: start)
        case .awsEventStream:
            return message(at: start)
        case .document:
            let all = start..<body.count
            return Frame(range: all, isEvent: firstInk(in: all) != nil, isWhole: true)
        }
    }

    /// The lines up to the next blank one, that included.
    private func block(at start: Int) -> Frame {
        var position = start
        var isEvent = false
        while position < body.count {
            let line = BodyLines.line(of: body, at: position)
            position = line.end
            let content = withoutMark(line.content)
            if content.isEmpty, line.isWhole { return Frame(range: start..<position, isEvent: isEvent, isWhole: true) }
            if isData(content) { isEvent = true }
        }
        return Frame(range: start..<position, isEvent: isEvent, isWhole: false)
    }

    /// A binary message; all that is left where none begins.
    private func message(at start: Int) -> Frame {
        let rest = start..<body.count
        guard rest.count >= AWSEventStreamLayout.preludeLength,
            let layout = try? AWSEventStreamLayout(body.span.bytes, at: start, limit: .max),
            layout.length <= rest.count
        else { return Frame(range: rest, isEvent: true, isWhole: false) }
        return Frame(range: start..<start + layout.length, isEvent: true, isWhole: true)
    }

    /// An element of an array, with the comma or bracket before it.
    private func element(at start: Int) -> Frame {
        var scanner = JSONArrayScanner(afterElement: start > 0)
        var index = start
        while true {
            switch scanner.next(in: body.span.bytes, from: &index) {
            case .began: continue
            case .ended(let end): return Frame(range: start..<end, isEvent: true, isWhole: true)
            case .closed: return Frame(range: start..<body.count, isEvent: false, isWhole: true)
            case .broken, .more:
                // Half an element, or what is no array: nobody could say where another frame begins.
                let rest = start..<body.count
                return Frame(range: rest, isEvent: scanner.isInElement || !isSeparator(rest), isWhole: false)
            }
        }
    }

    /// Whether there is nothing but what may stand between the elements of an array.
    private func isSeparator(_ range: Range<Int>) -> Bool {
        body[range].allSatisfy { $0 <= 0x20 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "[") }
    }

    /// Where the data of an event begin, white space aside; nil where there are none.
    func dataStart(of frame: Frame) -> Int? {
        switch framing {
        case .serverSentEvents: break
        case .jsonArray: return elementStart(of: frame)
        case .awsEventStream: return payloadStart(of: frame)
        default: return firstInk(in: frame.range)
        }
        var position = frame.range.lowerBound
        while position < frame.range.upperBound {
            let line = BodyLines.line(of: body, at: position)
            position = line.end
            let content = withoutMark(line.content)
            if isData(content),
                let start = firstInk(in: Swift.min(content.lowerBound + 5, content.upperBound)..<content.upperBound)
            {
                return start
            }
        }
        return nil
    }

    /// Where a message's payload begins; nil where it has none.
    private func payloadStart(of frame: Frame) -> Int? {
        guard frame.isWhole,
            let layout = try? AWSEventStreamLayout(body.span.bytes, at: frame.range.lowerBound, limit: .max),
            !layout.payload.isEmpty
        else { return nil }
        return frame.range.lowerBound + layout.payload.lowerBound
    }

    /// Where an element begins, behind the comma or bracket before it.
    private func elementStart(of frame: Frame) -> Int? {
        guard let first = firstInk(in: frame.range) else { return nil }
        let isSeparator = body[first] == UInt8(ascii: ",") || first == firstInk(in: body.indices)
        return isSeparator ? firstInk(in: first + 1..<frame.range.upperBound) : first
    }

    /// Whether a line is one of data (HTML Standard, 9.2.6).
    private func isData(_ line: Range<Int>) -> Bool {
        let name = "data".utf8
        guard line.count >= name.count, body[line].starts(with: name) else { return false }
        return line.count == name.count || body[line.lowerBound + name.count] == UInt8(ascii: ":")
    }

    /// A line without the byte order mark that may lead the body.
    private func withoutMark(_ line: Range<Int>) -> Range<Int> {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard line.lowerBound == 0, body[line].starts(with: mark) else { return line }
        return mark.count..<line.upperBound
    }

    /// Where the first byte is that isn't white space of JSON.
    private func firstInk(in range: Range<Int>) -> Int? {
        body[range].firstIndex { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    }
}

/// Lines that end with LF, CR or CRLF.
enum BodyLines {
    /// The line that begins at an offset, which must lie within the body: what it holds, and where the next one begins.
    static func line(of body: [UInt8], at start: Int) -> (content: Range<Int>, end: Int, isWhole: Bool) {
        var index = start
        while index < body.count {
            switch body[index] {
            case UInt8(ascii: "\n"):
                return (start..<index, index + 1, true)
            case UInt8(ascii: "\r"):
                let hasFeed = index + 1 < body.count && body[index + 1] == UInt8(ascii: "\n")
                return (start..<index, index + (hasFeed ? 2 : 1), true)
            default:
                index += 1
            }
        }
        return (start..<index, index, false)
    }
}
