/// Whether a text begins with a secret.
extension SecretRule {
    enum Verdict {
        case none
        /// So far it could.
        case undecided
        case match(end: Int, SecretContinuation)
    }

    /// A run that is that long without what it must have won't get it any more.
    private static let longestDoubt = 256
    /// A cut-off value is masked from this length on; less of it is no secret.
    private static let shortestRemnant = 8
    /// The longest first part of a JSON web token.
    private static let longestHeader = 512
    private static let longestPEMLabel = 48

    func verdict(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ ending: SecretRules.Ending,
        _ classes: [UInt8]
    ) -> Verdict {
        let known = min(prefix.count, range.count)
        for offset in 0..<known where prefix[offset] != text[range.lowerBound + offset] { return .none }
        guard known == prefix.count else {
            switch ending {
            case .open: return .undecided
            case .closed: return .none
            case .cut:
                guard case .value = shape, known >= Self.shortestRemnant else { return .none }
                return .match(end: range.upperBound, .none)
            }
        }
        let rest = range.lowerBound + known..<range.upperBound
        return switch shape {
        case .value: .match(end: rest.lowerBound, .none)
        case .run(let run): Self.verdict(run, text, rest, ending, classes)
        case .jsonWebToken: Self.jsonWebToken(text, rest, ending, classes)
        case .pem: Self.pem(text, rest, ending)
        }
    }

    private static func verdict(
        _ run: Run,
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ ending: SecretRules.Ending,
        _ classes: [UInt8]
    ) -> Verdict {
        var seen: UInt8 = 0
        var index = range.lowerBound
        var isSure = false
        while index < range.upperBound {
            let kind = classes[Int(text[index])]
            guard kind & run.alphabet.rawValue != 0 else { break }
            seen |= kind
            index += 1
            let count = index - range.lowerBound
            if let maximum = run.maximum {
                if count > maximum { return .none }
            } else if !isSure {
                isSure = count >= run.minimum && run.accepts(seen)
                if !isSure, count >= longestDoubt { return .none }
            }
        }
        if isSure { return .match(end: index, .run(run.alphabet)) }
        if index == range.upperBound, ending == .open { return .undecided }
        guard index - range.lowerBound >= run.minimum, run.accepts(seen) else { return .none }
        return .match(end: index, .none)
    }

    private static func jsonWebToken(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ ending: SecretRules.Ending,
        _ classes: [UInt8]
    ) -> Verdict {
        var index = range.lowerBound
        while index < range.upperBound, classes[Int(text[index])] & CharacterClasses.base64URL.rawValue != 0 {
            index += 1
            if index - range.lowerBound > longestHeader { return .none }
        }
        let openOrNone = ending == .open ? Verdict.undecided : .none
        guard index < range.upperBound else { return openOrNone }
        guard index - range.lowerBound >= 10 else { return .none }
        for (offset, byte) in ".eyJ".utf8.enumerated() {
            guard index + offset < range.upperBound else { return openOrNone }
            guard text[index + offset] == byte else { return .none }
        }
        index += 4
        var continuation = SecretContinuation.jsonWebToken(dots: 1)
        while index < range.upperBound, continuation.takes(text[index]) { index += 1 }
        return .match(end: index, continuation)
    }

    private static func pem(_ text: Span<UInt8>, _ range: Range<Int>, _ ending: SecretRules.Ending) -> Verdict {
        let openOrNone = ending == .open ? Verdict.undecided : .none
        var index = range.lowerBound
        while index < range.upperBound, text[index] != UInt8(ascii: "-") {
            switch text[index] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "):
                index += 1
            default: return .none
            }
            if index - range.lowerBound > longestPEMLabel { return .none }
        }
        guard index < range.upperBound else { return openOrNone }
        let label = text.extracting(range.lowerBound..<index)
        guard ends(label, "PRIVATE KEY") || ends(label, "PRIVATE KEY BLOCK") else { return .none }
        for offset in 0..<5 {
            guard index + offset < range.upperBound else { return openOrNone }
            guard text[index + offset] == UInt8(ascii: "-") else { return .none }
        }
        index += 5
        // Two of its four runs of hyphens are behind.
        var continuation = SecretContinuation.pem(runs: 2, hyphens: 0)
        while index < range.upperBound, continuation.takes(text[index]) { index += 1 }
        return .match(end: index, continuation)
    }

    private static func ends(_ text: Span<UInt8>, _ end: StaticString) -> Bool {
        let count = end.utf8CodeUnitCount
        guard text.count >= count else { return false }
        return end.withUTF8Buffer { bytes in
            (0..<count).allSatisfy { text[text.count - count + $0] == bytes[$0] }
        }
    }
}

extension SecretRule.Run {
    /// Whether a run that has these classes has all that it must have.
    fileprivate func accepts(_ seen: UInt8) -> Bool {
        let seen = CharacterClasses(rawValue: seen)
        return seen.kinds >= kinds && seen.isSuperset(of: needed)
    }
}
