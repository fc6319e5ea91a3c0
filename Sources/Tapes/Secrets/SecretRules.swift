/// All rules of a recording, made ready to be looked for at once.
///
/// A text is walked with a bit-parallel automaton over the first three bytes of every rule: a word holds three fields
/// of 20 bits, one per byte, and each bit stands for the rules of one bucket. One look-up and three operations a byte
/// tell whether any secret can begin; only then the rules of the buckets that are hit are looked at.
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
    private static let thirds = field << 40

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
        var before: UInt64 = 0
        var last: UInt64 = 0
        var hits: UInt64 = 0
        // No step waits for the one before it, so that several bytes are looked at in a cycle's time.
        for index in range {
            let next = masks[Int(text[index])]
            hits |= before & last >> 20 & next >> 40
            before = last
            last = next
        }
        if (hits | before & last >> 20 | last) & Self.field == 0 { return true }
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
        var state: UInt64 = 0
        var index = range.lowerBound
        while index < range.upperBound {
            // A byte is an index into a table of 256.
            state = (state << 20 | Self.field) & masks[Int(text[index])]
            if state & Self.thirds != 0 {
                let start = index - 2
                switch verify(text, start, in: range, context, ending, buckets: state >> 40) {
                case .none: break
                case .undecided: return Outcome(undecided: start)
                case .match(let match, let end, let continuation):
                    matches.append(match)
                    if end == range.upperBound { return Outcome(undecided: end, continuation: continuation) }
                    index = end
                    state = 0
                    continue
                }
            }
            index += 1
        }
        guard ending != .closed, state != 0 else { return Outcome(undecided: range.upperBound) }
        // One or two bytes at the end may begin one.
        for (start, buckets) in [(index - 2, state >> 20), (index - 1, state)]
        where start >= range.lowerBound && buckets & Self.field != 0 {
            if case .undecided = verify(text, start, in: range, context, ending, buckets: buckets & Self.field) {
                return Outcome(undecided: start)
            }
        }
        return Outcome(undecided: range.upperBound)
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
