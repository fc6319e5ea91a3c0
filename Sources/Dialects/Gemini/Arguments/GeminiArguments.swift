/// The arguments of a call that come one by one, each with its path, written down as one JSON text.
///
/// Models write arguments front to back, so that each only adds to the text: it can be given on as it grows. An element
/// before the last one of its array, which can't be added any more, is left out; a member that comes again is written
/// again, and counts for those who read JSON as most do.
struct GeminiArguments: Sendable {
    /// A container that isn't closed yet.
    private struct Level: Sendable {
        /// What leads to it from the one around it; nil for the outermost.
        var step: GeminiArgumentPath.Step?
        var isObject: Bool
        /// How many members or elements have been written.
        var count = 0
    }

    /// Empty before the first argument and when all is closed.
    private var levels: [Level] = []
    /// Where the string leads that may go on; nil where none does.
    private var string: GeminiArgumentPath?
    private var isClosed = false
    /// How many elements were filled in that the model left out.
    private var filled = 0

    /// More than any model leaves out; a hostile stream could have much written with few bytes.
    private static let maximumFilled = 1024

    /// Whether nothing has been written.
    var isEmpty: Bool { levels.isEmpty && !isClosed }

    /// Takes `partialArgs`.
    ///
    /// - Returns: what they add to the text.
    mutating func add(_ pieces: JSONSlice, _ data: RawSpan) -> String {
        var text: [UInt8] = []
        var scanner = JSONScanner(data, pieces)
        guard scanner.enterArray(in: data) else { return "" }
        while scanner.nextElement(in: data), let piece = scanner.nextValue(in: data) {
            add(piece, data, &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Takes arguments that came whole after all. They count if no others did.
    mutating func whole(_ object: JSONSlice, _ data: RawSpan) -> String {
        guard isEmpty else { return "" }
        isClosed = true
        return object.compact(in: data)
    }

    /// Closes all that is open; `{}` where there are no arguments.
    mutating func close() -> String {
        guard !isClosed else { return "" }
        var text: [UInt8] = []
        if levels.isEmpty { text.append(verbatim: "{}") }
        closeString(&text)
        closeLevels(to: 0, &text)
        isClosed = true
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func add(_ piece: JSONSlice, _ data: RawSpan, _ text: inout [UInt8]) {
        guard !isClosed, let argument = GeminiArgument(piece, data) else { return }
        if argument.isString, string == argument.path {
            argument.write(data, &text)
            return
        }
        let steps = argument.path.steps
        let shared = sharedLevels(steps)
        guard let gap = gap(before: steps, shared), gap <= Self.maximumFilled - filled else { return }
        filled += gap
        closeString(&text)
        closeLevels(to: shared, &text)
        for depth in max(shared - 1, 0)..<steps.count {
            if depth >= levels.count { openLevel(depth, steps, &text) }
            beginItem(steps[depth], &text)
        }
        if argument.isString {
            text.append(UInt8(ascii: "\""))
            string = argument.path
        }
        argument.write(data, &text)
    }

    /// How many of the open containers a path leads through.
    private func sharedLevels(_ steps: [GeminiArgumentPath.Step]) -> Int {
        var depth = 0
        while depth < min(levels.count, steps.count), levels[depth].isObject == steps[depth].isMember,
            depth == 0 || levels[depth].step == steps[depth - 1]
        {
            depth += 1
        }
        return depth
    }

    /// How many elements a path leaves out, nil where it leads back to one that is written already.
    private func gap(before steps: [GeminiArgumentPath.Step], _ shared: Int) -> Int? {
        var gap = 0
        for depth in max(shared - 1, 0)..<steps.count {
            guard case .element(let index) = steps[depth] else { continue }
            let count = depth < shared ? levels[depth].count : 0
            guard index >= count else { return nil }
            gap += index - count
        }
        return gap
    }

    private mutating func openLevel(_ depth: Int, _ steps: [GeminiArgumentPath.Step], _ text: inout [UInt8]) {
        let isObject = steps[depth].isMember
        text.append(isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
        levels.append(Level(step: depth == 0 ? nil : steps[depth - 1], isObject: isObject))
    }

    /// Writes what comes before a value in the innermost container.
    private mutating func beginItem(_ step: GeminiArgumentPath.Step, _ text: inout [UInt8]) {
        guard let last = levels.indices.last else { return }
        if levels[last].count > 0 { text.append(UInt8(ascii: ",")) }
        switch step {
        case .member(let name):
            text.appendJSON(string: name.span.bytes)
            text.append(UInt8(ascii: ":"))
            levels[last].count += 1
        case .element(let index):
            while levels[last].count < index {
                text.append(verbatim: "null,")
                levels[last].count += 1
            }
            levels[last].count += 1
        }
    }

    private mutating func closeString(_ text: inout [UInt8]) {
        guard string != nil else { return }
        string = nil
        text.append(UInt8(ascii: "\""))
    }

    private mutating func closeLevels(to count: Int, _ text: inout [UInt8]) {
        while levels.count > count, let level = levels.popLast() {
            text.append(level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        }
    }
}

extension JSONSlice {
    /// The value as it is written, without the white space between its tokens.
    func compact(in bytes: RawSpan) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes.byte(at: index)
            if byte == UInt8(ascii: "\"") {
                var scanner = JSONScanner(bytes)
                scanner.index = index
                guard let string = scanner.string(bytes) else { break }
                text.append(bytes, string.range)
                index = string.range.upperBound
            } else {
                if byte > 0x20 { text.append(byte) }
                index += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
