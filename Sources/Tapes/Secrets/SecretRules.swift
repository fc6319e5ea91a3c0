/// All rules of a recording, made ready to be looked for at once.
///
/// A text is walked with the first three bytes of every rule: a word holds three fields of 20 bits, one per byte, and
/// each bit stands for the rules of one bucket. One look-up a byte and a few operations, none of which waits for those of
/// the byte before, tell whether any secret can begin; only then the rules of the buckets that are hit are looked at.
///
/// Unchecked for its table, which nothing changes once it is made.
final class SecretRules: @unchecked Sendable {
    /// Where a secret stands in a text.
    struct Match {
        var rule: Int
        /// What is to be masked.
        var range: Range<Int>
    }

    /// What a walk came to.
    struct Outcome {
        /// From here on the text may be the beginning of a secret; the text's end where it isn't.
        var undecided: Int
        /// What goes on behind the text's end.
        var continuation = SecretContinuation.none
    }

    /// What stands behind the text.
    enum Ending {
        /// More of it may come.
        case open
        /// Nothing: this is the whole text.
        case closed
        /// It was cut off, so that a secret that began may have gone on.
        case cut
    }

    static let detectorsOnly = SecretRules()

    let rules: [SecretRule]
    /// For each byte the buckets whose rules have it first, second and third. It is read once a byte, and an array's
    /// would be retained, or copied, once a string.
    private let masks: UnsafeMutablePointer<UInt64>
    private let buckets: [[Int]]
    private let classes: [UInt8]

    private static let bucketCount = 20
    private static let detectorBuckets = 16
    private static let field: UInt64 = 1 << 20 - 1

    private init() {
        rules = SecretRule.detectors
        classes = (0...255).map { CharacterClasses(of: $0).rawValue }
        masks = .allocate(capacity: 256)
        masks.initialize(repeating: 0, count: 256)
        var buckets = [[Int]](repeating: [], count: Self.bucketCount)
        var groups: [[UInt8]: Int] = [:]
        for (index, rule) in rules.enumerated() {
            let head = Array(rule.prefix.prefix(3))
            let bucket = groups[head] ?? groups.count % Self.detectorBuckets
            groups[head] = bucket
            Self.enter(rule, index, bucket, masks, &buckets)
        }
        self.buckets = buckets
    }

    /// The detectors and some known secrets, each 3 bytes long at least. It is made for every request.
    init(values: [(name: String, text: [UInt8])]) {
        let base = Self.detectorsOnly
        classes = base.classes
        var rules = base.rules
        masks = .allocate(capacity: 256)
        masks.initialize(from: base.masks, count: 256)
        var buckets = base.buckets
        for (number, value) in values.enumerated() {
            let rule = SecretRule(name: value.name, prefix: value.text, shape: .value, needsBoundary: false)
            let bucket = Self.detectorBuckets + number % (Self.bucketCount - Self.detectorBuckets)
            Self.enter(rule, rules.count, bucket, masks, &buckets)
            rules.append(rule)
        }
        self.rules = rules
        self.buckets = buckets
    }

    deinit { masks.deallocate() }

    private static func enter(
        _ rule: SecretRule,
        _ index: Int,
        _ bucket: Int,
        _ masks: UnsafeMutablePointer<UInt64>,
        _ buckets: inout [[Int]]
    ) {
        buckets[bucket].append(index)
        for (place, byte) in rule.prefix.prefix(3).enumerated() {
            masks[Int(byte)] |= 1 << UInt64(place * bucketCount + bucket)
        }
    }

    /// Whether a secret can begin with a byte.
    @inline(__always)
    func canBegin(_ byte: UInt8) -> Bool { masks[Int(byte)] & Self.field != 0 }

    /// Whether a byte is among the first three of any secret.
    @inline(__always)
    func isNearBeginning(_ byte: UInt8) -> Bool { masks[Int(byte)] != 0 }

    /// Whether a range of a text, which may go on behind it, neither holds a secret nor ends with what may be the
    /// beginning of one.
    ///
    /// - Parameter context: as for ``scan(_:_:context:ending:into:)``.
    func isClean(_ text: Span<UInt8>, _ range: Range<Int>, context: UInt64) -> Bool {
        var matches: [Match] = []
        let outcome = scan(text, range, context: context, into: &matches)
        return matches.isEmpty && outcome.undecided == range.upperBound && !outcome.continuation.isOpen
    }

    /// Looks for secrets in a range of a text.
    ///
    /// - Parameters:
    ///   - context: up to 8 bytes that stood before the range, the last one lowest; 0 at the beginning.
    ///   - ending: what stands behind it.
    ///   - matches: gets what is certain, front to back.
    func scan(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        context: UInt64,
        ending: Ending = .open,
        into matches: inout [Match]
    ) -> Outcome {
        var walk = Walk(index: range.lowerBound)
        while true {
            let hit = advance(&walk, in: text, to: range.upperBound)
            guard hit != 0 else { break }
            let start = walk.index - 3
            switch verify(text, start, in: range, context, ending, buckets: hit) {
            case .none: break
            case .undecided: return Outcome(undecided: start)
            case .match(let match, let end, let continuation):
                matches.append(match)
                if end == range.upperBound { return Outcome(undecided: end, continuation: continuation) }
                walk = Walk(index: end)
            }
        }
        guard ending != .closed else { return Outcome(undecided: range.upperBound) }
        // One or two bytes at the end may begin one.
        let index = walk.index
        let last = walk.last
        let pair = walk.before & last >> 20 & Self.field
        if pair != 0, case .undecided = verify(text, index - 2, in: range, context, ending, buckets: pair) {
            return Outcome(undecided: index - 2)
        }
        let single = last & Self.field
        if single != 0, case .undecided = verify(text, index - 1, in: range, context, ending, buckets: single) {
            return Outcome(undecided: index - 1)
        }
        return Outcome(undecided: range.upperBound)
    }

    /// A place in a text, and the masks of the two bytes before it, as far as they aren't done with.
    private struct Walk {
        var index: Int
        var before: UInt64 = 0
        var last: UInt64 = 0
    }

    /// Walks behind the next three bytes that may begin a secret; gives back the buckets that they hit, or 0 at the end.
    private func advance(_ walk: inout Walk, in text: Span<UInt8>, to end: Int) -> UInt64 {
        precondition(walk.index >= 0 && end <= text.count)
        // The guard keeps the text's bytes within it; each is an index into a table of 256.
        return text.withUnsafeBufferPointer { text in
            guard let text = text.baseAddress else { return 0 }
            var (index, before, last) = (walk.index, walk.before, walk.last)
            var hit: UInt64 = 0
            while index &+ 4 <= end {
                let first = masks[Int(text[index])]
                let second = masks[Int(text[index &+ 1])]
                let third = masks[Int(text[index &+ 2])]
                let fourth = masks[Int(text[index &+ 3])]
                let early = before & last >> 20 & first >> 40 | last & first >> 20 & second >> 40
                let late = first & second >> 20 & third >> 40 | second & third >> 20 & fourth >> 40
                if early | late != 0 { break }
                before = third
                last = fourth
                index &+= 4
            }
            while index < end, hit == 0 {
                let next = masks[Int(text[index])]
                hit = before & last >> 20 & next >> 40
                before = last
                last = next
                index &+= 1
            }
            walk = Walk(index: index, before: before, last: last)
            return hit
        }
    }

    enum Verdict {
        case none
        case undecided
        case match(Match, end: Int, SecretContinuation)
    }

    /// Looks at the rules of the buckets that are hit. The longest match counts, and none as long as another may become
    /// longer.
    private func verify(
        _ text: Span<UInt8>,
        _ start: Int,
        in range: Range<Int>,
        _ context: UInt64,
        _ ending: Ending,
        buckets hit: UInt64
    ) -> Verdict {
        let isBoundary = SecretBoundary.isBehind(text, start, from: range.lowerBound, context)
        var best = Verdict.none
        var longest = -1
        var rest = hit & Self.field
        while rest != 0 {
            let bucket = rest.trailingZeroBitCount
            rest &= rest - 1
            for index in buckets[bucket] {
                let rule = rules[index]
                guard isBoundary || !rule.needsBoundary else { continue }
                switch rule.verdict(text, start..<range.upperBound, ending, classes) {
                case .none: break
                case .undecided: return .undecided
                case .match(let end, let continuation):
                    guard end > longest else { continue }
                    longest = end
                    let first = rule.keepsPrefix ? start + rule.prefix.count : start
                    best = .match(Match(rule: index, range: first..<end), end: end, continuation)
                }
            }
        }
        return best
    }

    /// How many bytes of an undecided beginning are public: those of the shortest prefix that it may be of.
    func publicLength(_ beginning: [UInt8]) -> Int {
        var length = beginning.count
        for rule in rules where zip(rule.prefix, beginning).allSatisfy(==) { length = min(length, rule.publicLength) }
        return length
    }
}
