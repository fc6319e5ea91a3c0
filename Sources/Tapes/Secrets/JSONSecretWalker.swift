/// Looks for secrets in JSON text that comes in chunks cut anywhere: in each string on its own, and in those that go on
/// from frame to frame.
///
/// It is no parser: what isn't JSON is walked as well, only less is understood of it. It checks nothing and refuses
/// nothing. Strings are looked at with their escapes resolved; a mask covers all bytes of an escape.
struct JSONSecretWalker: Sendable {
    enum Place {
        case between
        /// In a number or a literal, or in what is no JSON.
        case bare
        case string
        case escape
    }

    enum Role {
        case none
        /// The value says which one of several its object is.
        case index
        case id
    }

    struct Level {
        var isObject: Bool
        /// A digest of the names that lead here.
        var path: UInt64
        var object: Int
        var element = 0
    }

    /// Whether strings may go on in a later frame.
    var joins: Bool
    let keepsNumbers: Bool
    var place = Place.between
    var levels: [Level] = []
    /// How many containers are open that are nested too deep to be told apart.
    var surplus = 0
    var expectsName = false
    var isName = false
    var isNumber = false
    /// Whether nothing of the present string has been looked at.
    var isUntouched = false
    /// The path of the value that comes.
    var path = Self.root
    var role = Role.none
    /// The last 8 bytes of the name or value that is being read, and its length.
    var tail: UInt64 = 0
    var length = 0
    var cursor = SecretCursor()
    var escape = JSONEscapeReader()
    var streams = SecretStreams()
    /// Where the present string's text begins in what is recorded.
    var recordStart: Int?
    var frameStart: Int?
    /// The places of the frame's values, where they are asked for.
    var slots = FrameSlots()

    static let root: UInt64 = 0x5EED
    static let deepest = 64
    /// A name or a bare value that is shorter holds no secret.
    static let shortest = 8

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
    @inline(__always)
    var isIdle: Bool { !cursor.isLive && place != .escape && !escape.hasHalf && streams.isIdle }

    /// Whether it stands between two frames, and nothing of those before it matters any more.
    @inline(__always)
    var isAtRest: Bool { place == .between && levels.isEmpty && surplus == 0 && isIdle }

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
                    slots.begin(at: base + index, isBare: true)
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
        role = .none
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
    mutating func maskPending(in range: Range<Int>, _ rules: SecretRules, _ masks: inout SecretMasks) {
        cursor.maskPending(in: range, rules, &masks)
        streams.maskPending(in: range, from: recordStart, rules, &masks)
    }

    func isPublic(_ rules: SecretRules) -> Bool { cursor.isPublic(rules) && streams.isPublic(rules) }
}
