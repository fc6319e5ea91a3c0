import Dialects

/// Looks for secrets in JSON text that comes in chunks cut anywhere: in each string on its own, and in those that go on
/// from frame to frame.
///
/// It is no parser: what isn't JSON is walked as well, only less is understood of it. It checks nothing and refuses
/// nothing. Strings are looked at with their escapes resolved; a mask covers all bytes of an escape.
struct JSONSecretWalker: Sendable {
    private enum Place {
        case between
        /// In a number or a literal, or in what is no JSON.
        case bare
        case string
        case escape
    }

    private enum Role {
        case none
        /// The value says which one of several its object is.
        case index
        case id
    }

    private struct Level {
        var isObject: Bool
        /// A digest of the names that lead here.
        var path: UInt64
        var object: Int
        var element = 0
    }

    /// Whether strings may go on in a later frame.
    var joins: Bool
    private let keepsNumbers: Bool
    private var place = Place.between
    private var levels: [Level] = []
    /// How many containers are open that are nested too deep to be told apart.
    private var surplus = 0
    private var expectsName = false
    private var isName = false
    private var isNumber = false
    /// Whether nothing of the present string has been looked at.
    private var isUntouched = false
    /// The path of the value that comes.
    private var path = Self.root
    private var role = Role.none
    /// The last 8 bytes of the name or value that is being read, and its length.
    private var tail: UInt64 = 0
    private var length = 0
    private var cursor = SecretCursor()
    private var escape = JSONEscapeReader()
    private var streams = SecretStreams()
    /// Where the present string's text begins in what is recorded.
    private var recordStart: Int?
    private var frameStart: Int?

    private static let root: UInt64 = 0x5EED
    private static let deepest = 64
    /// A name or a bare value that is shorter holds no secret.
    private static let shortest = 8

    /// - Parameter keepsNumbers: whether digits of a number are masked by digits.
    init(joins: Bool, keepsNumbers: Bool) {
        self.joins = joins
        self.keepsNumbers = keepsNumbers
    }

    /// Where the first byte stands that isn't decided, at or behind `floor`.
    func firstPosition(from floor: Int) -> Int? {
        let open = place == .escape || escape.hasHalf ? escape.firstPosition : nil
        // Where it isn't known yet whose text a string is, it isn't known either whether it must be masked.
        let frame = streams.isWaiting ? frameStart : nil
        let positions = [
            cursor.firstPosition(from: floor), streams.firstPosition(from: floor), open.map { max($0, floor) },
            frame.map { max($0, floor) },
        ]
        return positions.compactMap(\.self).min()
    }

    /// Whether nothing is held.
    var isIdle: Bool { !cursor.isLive && place != .escape && !escape.hasHalf && streams.isIdle }

    mutating func take(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        base: Int,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) {
        var index = range.lowerBound
        let end = range.upperBound
        while index < end {
            switch place {
            case .between:
                let byte = text[index]
                switch byte {
                case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"), UInt8(ascii: ":"):
                    index += 1
                case UInt8(ascii: "\""):
                    index += 1
                    beginString(at: base + index - 1)
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    open(byte == UInt8(ascii: "{"), at: base + index)
                    index += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    index += 1
                    close(rules, &masks)
                case UInt8(ascii: ","):
                    index += 1
                    nextItem()
                default:
                    beginValue(at: base + index)
                    isNumber = keepsNumbers && (byte == UInt8(ascii: "-") || (byte >= 0x30 && byte <= 0x39))
                    place = .bare
                }
            case .bare: index = takeBare(text, index..<end, base: base, rules, &masks)
            case .string: index = takeString(text, index..<end, base: base, rules, &masks)
            case .escape:
                var isTaken = true
                if let output = escape.take(text[index], isTaken: &isTaken) {
                    place = .string
                    for (byte, source) in output { push(byte, source, rules, &masks) }
                }
                if isTaken { index += 1 }
            }
        }
    }

    /// Takes the end of a frame, whole or not.
    mutating func endFrame(_ rules: SecretRules, _ masks: inout SecretMasks) {
        switch place {
        case .between: break
        case .bare: endBare(rules, &masks)
        case .string, .escape: endString(rules, &masks)
        }
        levels.removeAll(keepingCapacity: true)
        surplus = 0
        expectsName = false
        settle(rules, &masks)
    }

    /// Takes the end of the body.
    mutating func end(_ rules: SecretRules, _ masks: inout SecretMasks) {
        switch place {
        case .between: break
        case .bare: endBare(rules, &masks)
        case .string, .escape:
            if !joins { cursor.end(.cut, rules, &masks) }
            endString(rules, &masks)
        }
        streams.end(rules, &masks)
        frameStart = nil
    }

    /// Masks what is undecided in a range of the body that must be let go.
    func maskPending(in range: Range<Int>, _ rules: SecretRules, _ masks: inout SecretMasks) {
        cursor.maskPending(in: range, rules, &masks)
        streams.maskPending(in: range, from: recordStart, rules, &masks)
    }

    func isPublic(_ rules: SecretRules) -> Bool { cursor.isPublic(rules) && streams.isPublic(rules) }

    // MARK: Structure

    private mutating func beginValue(at position: Int) {
        guard levels.count <= 1 else { return }
        if levels.isEmpty || isRootArray {
            frameStart = position
            path = Self.root
            streams.beginFrame()
        }
    }

    /// Whether the values on this level are frames: those of an array that is the whole body, as Gemini streams it.
    private var isRootArray: Bool { levels.count == 1 && !levels[0].isObject }

    private mutating func open(_ isObject: Bool, at position: Int) {
        guard levels.count < Self.deepest else {
            surplus += 1
            return
        }
        if levels.isEmpty, !isObject {
            joins = true
        } else {
            beginValue(at: position)
        }
        let outer = levels.last
        let path = levels.isEmpty || isRootArray ? Self.root : self.path
        var object = outer?.object ?? -1
        if isObject {
            let isElement = outer.map { !$0.isObject } ?? false
            let position = isElement && !isRootArray ? outer?.element ?? 0 : 0
            if joins { object = streams.addObject(in: object, position: position) }
        }
        levels.append(Level(isObject: isObject, path: isObject ? path : SecretStreams.mix(path, 0x5B), object: object))
        expectsName = isObject
        role = .none
        if !isObject { enterElement() }
    }

    private mutating func close(_ rules: SecretRules, _ masks: inout SecretMasks) {
        expectsName = false
        role = .none
        if surplus > 0 {
            surplus -= 1
        } else if levels.popLast() != nil {
            endValue(rules, &masks)
        }
    }

    private mutating func endValue(_ rules: SecretRules, _ masks: inout SecretMasks) {
        guard levels.count <= 1, levels.isEmpty || isRootArray else { return }
        settle(rules, &masks)
        // What comes behind a whole document is one more: it was a stream of them after all.
        if levels.isEmpty { joins = true }
    }

    private mutating func settle(_ rules: SecretRules, _ masks: inout SecretMasks) {
        streams.endFrame(rules, &masks)
        frameStart = nil
        recordStart = nil
    }

    private mutating func nextItem() {
        guard surplus == 0, let last = levels.indices.last else { return }
        role = .none
        expectsName = levels[last].isObject
        if !levels[last].isObject {
            levels[last].element += 1
            enterElement()
        }
    }

    /// A container among the elements is told apart by what is in it, a string by its place.
    private mutating func enterElement() {
        guard let level = levels.last else { return }
        path = level.path
    }

    // MARK: Strings

    private mutating func beginString(at position: Int) {
        place = .string
        isName = expectsName
        isUntouched = true
        tail = 0
        length = 0
        guard !isName else { return }
        beginValue(at: position)
        guard joins else { return }
        if let level = levels.last, !level.isObject, !isRootArray {
            path = SecretStreams.mix(level.path, UInt64(truncatingIfNeeded: level.element))
        }
        if streams.awaits(path: path) { recordStart = streams.recordedCount }
    }

    private mutating func takeString(
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
            endString(rules, &masks)
        } else {
            isUntouched = false
            escape.begin(at: base + stop)
            place = .escape
        }
        return stop + 1
    }

    private mutating func endString(_ rules: SecretRules, _ masks: inout SecretMasks) {
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
            streams.addPiece(path: path, object: levels.last?.object ?? -1, from: recordStart, cursor)
            recordStart = nil
        }
        cursor.reset()
        endValue(rules, &masks)
    }

    private mutating func push(
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

    private mutating func takeBare(
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
        if end < range.upperBound { endBare(rules, &masks) }
        return end
    }

    private mutating func endBare(_ rules: SecretRules, _ masks: inout SecretMasks) {
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

    // MARK: Which one it is

    private mutating func setRole() {
        guard role != .none, let object = levels.last?.object else { return }
        let mark = SecretStreams.mix(tail, UInt64(truncatingIfNeeded: length))
        if role == .index {
            streams.set(index: mark, of: object)
        } else {
            streams.set(id: mark, of: object)
        }
        role = .none
    }

    private mutating func note(_ text: Span<UInt8>, _ range: Range<Int>) {
        for index in max(range.lowerBound, range.upperBound - 8)..<range.upperBound {
            tail = tail << 8 | UInt64(text[index])
        }
        length += range.count
    }

    private mutating func note(_ byte: UInt8) {
        tail = tail << 8 | UInt64(byte)
        length += 1
    }

    /// `index`, `output_index`, `contentBlockIndex`; `id`, `item_id`, `tool_call_id`.
    private func role(_ tail: UInt64, _ length: Int) -> Role {
        switch UInt8(truncatingIfNeeded: tail) {
        case UInt8(ascii: "x"): return Self.ends(tail, "index") || Self.ends(tail, "Index") ? .index : .none
        case UInt8(ascii: "d"): break
        default: return .none
        }
        if length == 2 {
            // The id of a frame as a whole is that of the answer, or of the frame.
            let isOuter = levels.count <= 1 || levels.count == 2 && !levels[0].isObject
            return Self.ends(tail, "id") && !isOuter ? .id : .none
        }
        return ["item_id", "call_id", "ssage_id"].contains { Self.ends(tail, $0) } ? .id : .none
    }

    /// Whether the last bytes of a name are these, 8 at most.
    private static func ends(_ tail: UInt64, _ text: StaticString) -> Bool {
        let word = text.withUTF8Buffer { $0.reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
        return (tail ^ word) << UInt64(64 - 8 * text.utf8CodeUnitCount) == 0
    }
}
