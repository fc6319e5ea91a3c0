/// A JSON Path to one value (RFC 9535, section 2.7): `$.recipe.steps[0]`, `$['a name']`.
struct GeminiArgumentPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member([UInt8])
        case element(Int)

        var isMember: Bool { if case .member = self { true } else { false } }
    }

    private(set) var steps: [Step] = []

    /// As deep as values may be nested.
    private static let maximumSteps = JSONScanner.maximumDepth

    /// Nil for what isn't such a path, and for one that doesn't begin with an argument's name.
    init?(_ text: String) {
        let utf8 = Array(text.utf8)
        let bytes = utf8.span.bytes
        var index = utf8.first == UInt8(ascii: "$") ? 1 : 0
        while index < utf8.count {
            guard steps.count < Self.maximumSteps, let step = step(bytes, &index) else { return nil }
            steps.append(step)
        }
        guard steps.first?.isMember == true else { return nil }
    }

    private func step(_ bytes: RawSpan, _ index: inout Int) -> Step? {
        switch bytes.byte(at: index) {
        case UInt8(ascii: "["):
            index += 1
            return bracket(bytes, &index)
        case UInt8(ascii: "."): index += 1
        default: guard steps.isEmpty else { return nil }
        }
        var name: [UInt8] = []
        while index < bytes.byteCount, !bytes.byte(at: index).beginsStep {
            name.append(bytes.byte(at: index))
            index += 1
        }
        return name.isEmpty ? nil : .member(name)
    }

    /// Reads what is between brackets: an index, or a name in quotes of either kind.
    private func bracket(_ bytes: RawSpan, _ index: inout Int) -> Step? {
        guard index < bytes.byteCount else { return nil }
        let quote = bytes.byte(at: index)
        let step: Step
        if quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            index += 1
            guard let name = name(upTo: quote, bytes, &index) else { return nil }
            step = .member(name)
        } else {
            let start = index
            while index < bytes.byteCount, bytes.byte(at: index).isDigit { index += 1 }
            guard index - start <= 9, let element = Int(bytes.text(start..<index)) else { return nil }
            step = .element(element)
        }
        guard index < bytes.byteCount, bytes.byte(at: index) == UInt8(ascii: "]") else { return nil }
        index += 1
        return step
    }

    private func name(upTo quote: UInt8, _ bytes: RawSpan, _ index: inout Int) -> [UInt8]? {
        var name: [UInt8] = []
        while index < bytes.byteCount {
            let byte = bytes.byte(at: index)
            if byte == UInt8(ascii: "\\") {
                index = bytes.appendJSONEscape(at: index, to: bytes.byteCount, &name)
                continue
            }
            index += 1
            if byte == quote { return name }
            name.append(byte)
        }
        return nil
    }
}

extension UInt8 {
    fileprivate var beginsStep: Bool { self == UInt8(ascii: ".") || self == UInt8(ascii: "[") }
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
}
