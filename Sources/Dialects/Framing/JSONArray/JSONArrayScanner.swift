/// Finds the elements of a JSON array in bytes that come in chunks cut anywhere, looking at each byte once.
///
/// It follows brackets and strings, and so knows where an element ends; whether that is JSON, its reader sees.
package struct JSONArrayScanner: Sendable {
    /// What was found, and where in the bytes that were given.
    package enum Step: Hashable {
        /// An element's first byte.
        case began(Int)
        /// Behind an element's last byte.
        case ended(Int)
        /// Behind the bracket that closes the array.
        case closed(Int)
        /// A byte that can't stand there in an array. Nothing more is looked at.
        case broken(Int)
        /// The bytes are through.
        case more
    }

    private enum Place {
        case beforeArray
        case beforeElement
        case container
        case string
        /// Behind a backslash.
        case escape
        /// In a number or a literal, which only what follows it ends.
        case scalar
        case afterElement
        case closed
        case broken
    }

    private var place: Place
    /// How many containers of the element are open.
    private var depth = 0

    /// - Parameter afterElement: whether the bytes begin behind an element, not before the array.
    package init(afterElement: Bool = false) {
        place = afterElement ? .afterElement : .beforeArray
    }

    /// Whether an element has begun and not ended.
    package var isInElement: Bool {
        switch place {
        case .container, .string, .escape, .scalar: true
        case .beforeArray, .beforeElement, .afterElement, .closed, .broken: false
        }
    }

    /// Whether the array's end was seen, or that it is none.
    var isOver: Bool { place == .closed || place == .broken }

    /// Whether a comma has to come before another element.
    var needsComma: Bool { place == .afterElement }

    /// Looks on from an index, which it moves to behind what it has looked at.
    package mutating func next(in bytes: RawSpan, from index: inout Int) -> Step {
        while index < bytes.byteCount {
            let step: Step? =
                switch place {
                case .container: container(bytes, &index)
                case .string: string(bytes, &index)
                case .escape: escape(&index)
                case .scalar: scalar(bytes, &index)
                case .beforeArray, .beforeElement, .afterElement: between(bytes, &index)
                case .closed, .broken: skip(bytes, &index)
                }
            if let step { return step }
        }
        return .more
    }

    private mutating func between(_ bytes: RawSpan, _ index: inout Int) -> Step? {
        let offset = index
        index += 1
        let byte = bytes.byte(at: offset)
        switch (place, byte) {
        case (_, 0x20), (_, 0x0A), (_, 0x0D), (_, 0x09):
            return nil
        case (.beforeArray, UInt8(ascii: "[")), (.afterElement, UInt8(ascii: ",")):
            place = .beforeElement
            return nil
        case (.beforeElement, UInt8(ascii: "]")), (.afterElement, UInt8(ascii: "]")):
            place = .closed
            return .closed(index)
        case (.beforeElement, UInt8(ascii: "{")), (.beforeElement, UInt8(ascii: "[")):
            place = .container
            depth = 1
        case (.beforeElement, UInt8(ascii: "\"")):
            place = .string
            depth = 0
        case (.beforeElement, 0x30...0x39), (.beforeElement, UInt8(ascii: "-")), (.beforeElement, UInt8(ascii: "t")),
            (.beforeElement, UInt8(ascii: "f")), (.beforeElement, UInt8(ascii: "n")):
            place = .scalar
        default:
            place = .broken
            return .broken(offset)
        }
        return .began(offset)
    }

    private mutating func container(_ bytes: RawSpan, _ index: inout Int) -> Step? {
        while index < bytes.byteCount {
            let byte = bytes.byte(at: index)
            index += 1
            // Brackets differ from braces in one bit.
            switch byte | 0x20 {
            case UInt8(ascii: "\"") where byte == UInt8(ascii: "\""):
                place = .string
                return nil
            case UInt8(ascii: "{"):
                depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return end(index) }
            default: break
            }
        }
        return nil
    }

    private mutating func string(_ bytes: RawSpan, _ index: inout Int) -> Step? {
        let stop = bytes.quoteOrBackslash(from: index, to: bytes.byteCount)
        guard stop < bytes.byteCount else {
            index = stop
            return nil
        }
        index = stop + 1
        guard bytes.byte(at: stop) == UInt8(ascii: "\"") else {
            place = .escape
            return nil
        }
        guard depth > 0 else { return end(index) }
        place = .container
        return nil
    }

    private mutating func escape(_ index: inout Int) -> Step? {
        // The digits of a longer escape look like any other text.
        index += 1
        place = .string
        return nil
    }

    /// What can't follow a scalar ends it all the same, and is then looked at for itself.
    private mutating func scalar(_ bytes: RawSpan, _ index: inout Int) -> Step? {
        switch bytes.byte(at: index) {
        case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "\""), UInt8(ascii: "{"),
            UInt8(ascii: "["), UInt8(ascii: "}"), UInt8(ascii: ":"):
            return end(index)
        default:
            index += 1
            return nil
        }
    }

    private mutating func end(_ index: Int) -> Step {
        place = .afterElement
        return .ended(index)
    }

    private func skip(_ bytes: RawSpan, _ index: inout Int) -> Step? {
        index = bytes.byteCount
        return nil
    }
}
