/// What one line means (HTML Standard, 9.2.6: "process the field").
extension EventStreamParser {
    /// The value of a `data` line, or nil if the line is another.
    @inline(__always)
    func dataValue(_ bytes: RawSpan, _ line: Range<Int>) -> Range<Int>? {
        guard line.count >= 5, bytes.equals("data:", line.lowerBound..<line.lowerBound + 5) else { return nil }
        return value(bytes, line, colon: line.lowerBound + 4)
    }

    /// Takes the line that was put together from several chunks.
    mutating func takeKeptLine<Handler: EventStreamHandler>(into handler: inout Handler) throws(EventStreamError) {
        // Moved out and back, so that its bytes can be read while the parser changes; no copy is made.
        var kept: [UInt8] = []
        swap(&kept, &line)
        try take(kept.span.bytes, 0..<kept.count, into: &handler)
        kept.removeAll(keepingCapacity: kept.capacity <= Self.keptCapacity)
        swap(&kept, &line)
    }

    /// Takes a line that isn't blank.
    mutating func take<Handler: EventStreamHandler>(
        _ bytes: RawSpan,
        _ line: Range<Int>,
        into handler: inout Handler
    ) throws(EventStreamError) {
        let colon = bytes.extracting(line).firstOffset(of: .colon, from: 0).map { line.lowerBound + $0 }
        if colon == line.lowerBound {
            handler.comment(bytes.extracting(line.lowerBound + 1..<line.upperBound))
            return
        }
        hasFields = true
        let field = line.lowerBound..<(colon ?? line.upperBound)
        let value = colon.map { self.value(bytes, line, colon: $0) } ?? line.upperBound..<line.upperBound
        if bytes.equals("data", field) {
            try appendData(bytes, value)
        } else if bytes.equals("event", field) {
            name.removeAll(keepingCapacity: name.capacity <= Self.keptCapacity)
            name.append(bytes, value)
        } else if bytes.equals("id", field) {
            guard bytes.extracting(value).firstOffset(of: 0, from: 0) == nil else { return }
            newID = []
            newID?.append(bytes, value)
        } else if bytes.equals("retry", field) {
            if let milliseconds = number(bytes, value) { handler.retry(milliseconds: milliseconds) }
        } else {
            handler.unknownField(name: bytes.extracting(field), value: bytes.extracting(value))
        }
    }

    /// Takes a blank line: the event, if it has data, is complete.
    @inline(__always)
    mutating func dispatch<Handler: EventStreamHandler>(
        _ bytes: RawSpan,
        _ dataInChunk: inout Range<Int>?,
        into handler: inout Handler
    ) {
        guard hasFields else { return }
        if let newID {
            lastEventID = newID
            self.newID = nil
        }
        if let range = dataInChunk {
            handler.event(name: name.span.bytes, data: bytes.extracting(range), lastEventID: lastEventID.span.bytes)
            dataInChunk = nil
        } else if hasData {
            handler.event(name: name.span.bytes, data: data.span.bytes, lastEventID: lastEventID.span.bytes)
        }
        forgetEvent()
    }

    /// Copies data that lies in the chunk, because the chunk ends or another data line may follow it.
    @inline(__always)
    mutating func keepData(_ bytes: RawSpan, _ dataInChunk: inout Range<Int>?) throws(EventStreamError) {
        guard let range = dataInChunk else { return }
        dataInChunk = nil
        hasData = false
        try appendData(bytes, range)
    }

    private mutating func appendData(_ bytes: RawSpan, _ value: Range<Int>) throws(EventStreamError) {
        let joint = hasData ? 1 : 0
        guard data.count + joint + value.count <= limits.data else {
            throw EventStreamError(code: .dataTooLong, limit: limits.data)
        }
        if hasData { data.append(.lineFeed) }
        hasData = true
        data.append(bytes, value)
    }

    /// A field's value: what follows the colon, less one space.
    @inline(__always)
    private func value(_ bytes: RawSpan, _ line: Range<Int>, colon: Int) -> Range<Int> {
        var start = colon + 1
        if start < line.upperBound, bytes.byte(at: start) == .space { start += 1 }
        return start..<line.upperBound
    }

    /// The number that ASCII digits write, or nil: for anything else, and for a number that doesn't fit.
    private func number(_ bytes: RawSpan, _ digits: Range<Int>) -> Int? {
        guard !digits.isEmpty else { return nil }
        var number = 0
        for offset in digits {
            let digit = Int(bytes.byte(at: offset)) - 0x30
            guard (0...9).contains(digit) else { return nil }
            let (tenfold, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }
}
