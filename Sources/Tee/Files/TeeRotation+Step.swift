extension TeeRotation {
    /// What to do with bytes that are to be appended.
    enum Step: Equatable {
        /// Append so many of them to the file.
        case append(Int)
        /// Put the file aside first.
        case rotate
    }

    /// The next step for `rest`, which isn't empty. No line is split: one that has begun is ended in its file.
    ///
    /// - Parameters:
    ///   - size: of the file now.
    ///   - isAtLineStart: whether the file ends where a line does.
    func step(for rest: ArraySlice<UInt8>, size: Int, isAtLineStart: Bool) -> Step {
        let room = bytes - size
        guard rest.count > room else { return .append(rest.count) }
        if room > 0, let end = rest.prefix(room).lastIndex(of: UInt8(ascii: "\n")) {
            return .append(end + 1 - rest.startIndex)
        }
        if isAtLineStart, size > 0 { return .rotate }
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex - 1
        return .append(end + 1 - rest.startIndex)
    }
}
