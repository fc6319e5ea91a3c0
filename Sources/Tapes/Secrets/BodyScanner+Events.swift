import ServerSentEvents

/// Event streams: the data of each event is a frame, any other line stands for itself.
extension BodyScanner {
    private static let data = Array("data:".utf8)

    mutating func takeEvents(_ bytes: Span<UInt8>, from start: Int, base: Int, _ masks: inout SecretMasks) {
        var ends = LineEnds()
        var index = start
        // Where an event begins of which nothing came before these bytes.
        var eventStart: Int?
        while index < bytes.count {
            let byte = bytes[index]
            switch place {
            case .lineStart:
                if skipsLineFeed {
                    skipsLineFeed = false
                    if byte == UInt8(ascii: "\n") {
                        index += 1
                        continue
                    }
                }
                if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                    skipsLineFeed = byte == UInt8(ascii: "\r")
                    endEvent(&masks)
                    index += 1
                    if let eventStart { learn(bytes, eventStart..<index, base: base, masks) }
                    eventStart = nil
                } else {
                    if eventStart == nil, isAtRest {
                        if let end = template.end(of: bytes, from: index, rules) {
                            skipsLineFeed = template.endsWithCarriageReturn
                            index = end
                            continue
                        }
                        eventStart = index
                        json.slots.start()
                    }
                    lineStart = base + index
                    place = .name(0)
                }
            case .name(let count):
                guard byte == Self.data[count] else {
                    // What fitted so far is part of another line.
                    for offset in 0..<count {
                        let source = SourceByte(position: lineStart + offset, length: 1)
                        line.take(Self.data[offset], source, rules, &masks)
                    }
                    place = .otherLine
                    continue
                }
                index += 1
                place = count + 1 == Self.data.count ? .dataStart : .name(count + 1)
            case .dataStart:
                if byte == UInt8(ascii: " ") { index += 1 }
                if hasData { beginFurtherData(&masks) }
                hasData = true
                place = .data
            case .data, .otherLine:
                let end = ends.next(in: bytes.bytes, from: index)
                if case .data = place {
                    takeData(bytes, index..<end, base: base, &masks)
                } else {
                    line.take(bytes, index..<end, base: base, rules, &masks)
                }
                index = end
                guard end < bytes.count else { break }
                if case .otherLine = place { line.end(.closed, rules, &masks) }
                skipsLineFeed = bytes[end] == UInt8(ascii: "\r")
                place = .lineStart
                index += 1
            }
        }
        json.slots.stop()
    }

    /// Between two lines of data stands a line feed that isn't in the body.
    private mutating func beginFurtherData(_ masks: inout SecretMasks) {
        guard kind != .json || textFrames > 0 else { return }
        text.take(UInt8(ascii: "\n"), SourceByte(position: 0, length: 0), rules, &masks)
    }

    private mutating func takeData(_ bytes: Span<UInt8>, _ range: Range<Int>, base: Int, _ masks: inout SecretMasks) {
        if kind == .unknown {
            for index in range {
                let byte = bytes[index]
                if byte == 0x20 || byte == 0x09 { continue }
                let isJSON = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"")
                kind = isJSON ? .json : .text
                if !isJSON { textFrames += 1 }
                break
            }
        }
        if kind == .json { json.take(bytes, range, base: base, rules, &masks) }
        // Where frames are text, one that looks like JSON may only be the next piece of it.
        if kind != .json || textFrames > 0 { text.take(bytes, range, base: base, rules, &masks) }
    }

    private mutating func endEvent(_ masks: inout SecretMasks) {
        guard hasData else { return }
        if kind == .json { json.endFrame(rules, &masks) }
        kind = .unknown
        hasData = false
    }
}
