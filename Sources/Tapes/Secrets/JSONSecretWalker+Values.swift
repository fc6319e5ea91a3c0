import Dialects

/// Strings, and what stands without quotes.
extension JSONSecretWalker {
    mutating func beginString(at position: Int) {
        place = .string
        isName = expectsName
        isUntouched = true
        tail = 0
        length = 0
        guard !isName else { return }
        slots.begin(at: position + 1, isBare: false)
        beginValue(at: position)
        guard joins else { return }
        if let level = levels.last, !level.isObject, !isRootArray {
            path = SecretStreams.mix(level.path, UInt64(truncatingIfNeeded: level.element))
        }
        if streams.awaits(path: path) { recordStart = streams.recordedCount }
    }

    mutating func takeString(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        base: Int,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) -> Int {
        let stop = text.bytes.quoteOrBackslash(from: range.lowerBound, to: range.upperBound)
        let run = range.lowerBound..<stop
        if !run.isEmpty {
            if escape.hasHalf { flushHalf(rules, &masks) }
            if isName || role != .none { note(text, run) }
            if recordStart != nil { streams.record(text, run, base: base) }
            if isUntouched, stop < range.upperBound, text[stop] == UInt8(ascii: "\"") {
                // The common string is whole in a chunk and has no escapes. A short name can't hold a secret.
                if !isName || run.count >= Self.shortest {
                    cursor.takeWhole(text, run, base: base, joins && !isName ? .open : .closed, rules, &masks)
                }
            } else {
                isUntouched = false
                cursor.take(text, run, base: base, rules, &masks)
            }
        }
        guard stop < range.upperBound else { return stop }
        if text[stop] == UInt8(ascii: "\"") {
            if !isName { slots.end(at: base + stop) }
            endString(rules, &masks)
        } else {
            isUntouched = false
            escape.begin(at: base + stop)
            place = .escape
        }
        return stop + 1
    }

    mutating func endString(_ rules: SecretRules, _ masks: inout SecretMasks) {
        if escape.hasHalf { flushHalf(rules, &masks) }
        escape.reset()
        place = .between
        if isName {
            cursor.end(.closed, rules, &masks)
            expectsName = false
            let outer = levels.last?.path ?? Self.root
            path = SecretStreams.mix(outer, tail ^ UInt64(truncatingIfNeeded: length) << 56)
            role = joins ? role(tail, length) : .none
            return
        }
        setRole()
        guard joins else {
            cursor.end(.closed, rules, &masks)
            return
        }
        if cursor.isLive || recordStart != nil {
            slots.entangle()
            streams.addPiece(path: path, object: levels.last?.object ?? -1, from: recordStart, cursor, rules, &masks)
            recordStart = nil
        }
        cursor.reset()
        endValue(rules, &masks)
    }

    mutating func push(
        _ byte: UInt8,
        _ source: SourceByte,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) {
        if recordStart != nil { streams.record(byte, source) }
        note(byte)
        cursor.take(byte, source, rules, &masks)
    }

    private mutating func flushHalf(_ rules: SecretRules, _ masks: inout SecretMasks) {
        for (byte, source) in escape.half() { push(byte, source, rules, &masks) }
    }

    // MARK: Bare values

    mutating func takeBare(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        base: Int,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) -> Int {
        masks.isBare = isNumber
        defer { masks.isBare = false }
        var end = range.lowerBound
        while end < range.upperBound, !Self.isStructural(text[end]) { end += 1 }
        if role != .none { note(text, range.lowerBound..<end) }
        if cursor.isLive || end - range.lowerBound >= Self.shortest || end == range.upperBound {
            cursor.take(text, range.lowerBound..<end, base: base, rules, &masks)
        }
        if end < range.upperBound {
            slots.end(at: base + end)
            endBare(rules, &masks)
        }
        return end
    }

    mutating func endBare(_ rules: SecretRules, _ masks: inout SecretMasks) {
        masks.isBare = isNumber
        cursor.end(.closed, rules, &masks)
        masks.isBare = false
        place = .between
        setRole()
        endValue(rules, &masks)
    }

    private static func isStructural(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }
}
