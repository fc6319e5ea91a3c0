/// How far a text has been looked through that comes in pieces, each from somewhere else in a body.
///
/// It keeps only what may still become a secret: as a rule nothing, at most the longest known value.
struct SecretCursor: Sendable {
    /// What may be the beginning of a secret, from the first byte that may.
    private(set) var pending: [UInt8] = []
    /// Where each of these bytes comes from.
    private(set) var sources: [SourceByte] = []
    private(set) var continuation = SecretContinuation.none
    /// What stood before `pending`, the last byte lowest.
    private var context: UInt64 = 0

    /// How many bytes are added to what is pending before it is looked at again.
    private static let step = 64

    /// Whether what comes next may be part of a secret that has begun.
    @inline(__always)
    var isLive: Bool { !pending.isEmpty || continuation.isOpen }

    /// Where the first byte stands that isn't decided, at or behind `floor`: what is before it has been let go.
    func firstPosition(from floor: Int) -> Int? {
        sources.first { $0.length > 0 && $0.position >= floor }?.position
    }

    /// Takes a range of bytes that are their own source.
    ///
    /// - Parameter base: the position of the span's first byte.
    mutating func take(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        base: Int,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) {
        var index = range.lowerBound
        while index < range.upperBound, continuation.isOpen {
            let byte = text[index]
            guard continuation.takes(byte) else { break }
            masks.mask(base + index..<base + index + 1)
            remember(byte)
            index += 1
        }
        while index < range.upperBound, !pending.isEmpty {
            // Known text may become longer than is needed to decide; what is behind it is then looked at in place.
            let end = min(index + Self.step, range.upperBound)
            for place in index..<end { append(text[place], SourceByte(position: base + place, length: 1)) }
            index = end
            review(rules, &masks)
            if continuation.isOpen {
                return take(text, index..<range.upperBound, base: base, rules, &masks)
            }
        }
        guard index < range.upperBound else { return }
        var matches: [SecretRules.Match] = []
        let outcome = rules.scan(text, index..<range.upperBound, context: context, into: &matches)
        settle(outcome, matches, text, index..<range.upperBound, base: base, rules, &masks)
    }

    /// Takes a range of bytes that is a whole text; as a rule it leaves nothing behind.
    ///
    /// - Parameter ending: closed where nothing can follow it; open where a later text may go on with it.
    mutating func takeWhole(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        base: Int,
        _ ending: SecretRules.Ending,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) {
        var matches: [SecretRules.Match] = []
        let outcome = rules.scan(text, range, context: 0, ending: ending, into: &matches)
        if matches.isEmpty, outcome.undecided == range.upperBound { return }
        settle(outcome, matches, text, range, base: base, rules, &masks)
    }

    private mutating func settle(
        _ outcome: SecretRules.Outcome,
        _ matches: [SecretRules.Match],
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        base: Int,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) {
        for match in matches {
            let found = base + match.range.lowerBound..<base + match.range.upperBound
            masks.mask(found)
            masks.found(match.rule, found)
        }
        continuation = outcome.continuation
        for place in max(range.lowerBound, outcome.undecided - 8)..<outcome.undecided { remember(text[place]) }
        for place in outcome.undecided..<range.upperBound {
            append(text[place], SourceByte(position: base + place, length: 1))
        }
    }

    /// Takes one byte of text with its source.
    mutating func take(_ byte: UInt8, _ source: SourceByte, _ rules: SecretRules, _ masks: inout SecretMasks) {
        if continuation.isOpen, continuation.takes(byte) {
            masks.mask(source)
            remember(byte)
        } else if pending.isEmpty, !rules.canBegin(byte) {
            remember(byte)
        } else {
            append(byte, source)
            review(rules, &masks)
        }
    }

    /// Takes text whose sources are known.
    mutating func take(
        _ text: ArraySlice<UInt8>,
        _ sources: ArraySlice<SourceByte>,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) {
        for (byte, source) in zip(text, sources) { take(byte, source, rules, &masks) }
    }

    /// Takes the end of the text, and is then as new.
    mutating func end(_ ending: SecretRules.Ending, _ rules: SecretRules, _ masks: inout SecretMasks) {
        if !pending.isEmpty { review(rules, &masks, ending) }
        reset()
    }

    mutating func reset() {
        context = 0
        guard isLive else { return }
        pending.removeAll(keepingCapacity: true)
        sources.removeAll(keepingCapacity: true)
        continuation = .none
    }

    /// Masks what is pending within a range, but what is public of it: nobody waits for the rest any longer.
    func maskPending(in range: Range<Int>, _ rules: SecretRules, _ masks: inout SecretMasks) {
        guard !pending.isEmpty else { return }
        for source in sources.dropFirst(rules.publicLength(pending)) where range.contains(source.position) {
            masks.mask(source)
        }
    }

    /// Whether all that is pending could be read by anybody.
    func isPublic(_ rules: SecretRules) -> Bool { pending.count <= rules.publicLength(pending) }

    private mutating func append(_ byte: UInt8, _ source: SourceByte) {
        pending.append(byte)
        sources.append(source)
    }

    private mutating func remember(_ byte: UInt8) { context = context << 8 | UInt64(byte) }

    private mutating func review(
        _ rules: SecretRules,
        _ masks: inout SecretMasks,
        _ ending: SecretRules.Ending = .open
    ) {
        var matches: [SecretRules.Match] = []
        let outcome = rules.scan(pending.span, 0..<pending.count, context: context, ending: ending, into: &matches)
        for match in matches {
            for source in sources[match.range] { masks.mask(source) }
            if let first = sources[match.range].first, let last = sources[match.range].last {
                masks.found(match.rule, first.position..<max(first.position, last.position + last.length))
            }
        }
        continuation = outcome.continuation
        for byte in pending[..<outcome.undecided] { remember(byte) }
        pending.removeFirst(outcome.undecided)
        sources.removeFirst(outcome.undecided)
    }
}
