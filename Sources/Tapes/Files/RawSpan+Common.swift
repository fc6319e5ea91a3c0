extension RawSpan {
    /// How many bytes are the same in both from these places on.
    func commonPrefix(from start: Int, _ other: RawSpan, from place: Int) -> Int {
        extracting(start...).withUnsafeBytes { mine in
            other.extracting(place...).withUnsafeBytes { theirs in
                // The count keeps each load within both.
                let count = Swift.min(mine.count, theirs.count)
                guard let left = mine.baseAddress, let right = theirs.baseAddress else { return 0 }
                var done = 0
                while done + 32 <= count, Self.differing(left + done, right + done, 32) == 0 { done += 32 }
                while done + 8 <= count {
                    let differing = UInt64(littleEndian: Self.differing(left + done, right + done, 8))
                    if differing != 0 { return done + differing.trailingZeroBitCount / 8 }
                    done += 8
                }
                while done < count, mine[done] == theirs[done] { done += 1 }
                return done
            }
        }
    }

    /// How many bytes at the end are the same in both, at most so many.
    func commonSuffix(_ other: RawSpan, upTo limit: Int) -> Int {
        extracting(last: limit).withUnsafeBytes { mine in
            other.extracting(last: limit).withUnsafeBytes { theirs in
                let count = Swift.min(mine.count, theirs.count)
                guard let left = mine.baseAddress, let right = theirs.baseAddress else { return 0 }
                let (leftEnd, rightEnd) = (left + mine.count, right + theirs.count)
                var rest = count
                while rest >= 32 {
                    let done = count - rest + 32
                    if Self.differing(leftEnd - done, rightEnd - done, 32) != 0 { break }
                    rest -= 32
                }
                while rest >= 8 {
                    let done = count - rest + 8
                    let differing = UInt64(littleEndian: Self.differing(leftEnd - done, rightEnd - done, 8))
                    if differing != 0 { return done - 8 + differing.leadingZeroBitCount / 8 }
                    rest -= 8
                }
                while rest > 0 {
                    let done = count - rest + 1
                    if mine[mine.count - done] != theirs[theirs.count - done] { break }
                    rest -= 1
                }
                return count - rest
            }
        }
    }

    /// The bits in which so many bytes differ, laid over one another by eights.
    @inline(__always)
    private static func differing(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> UInt64 {
        var bits: UInt64 = 0
        for offset in stride(from: 0, to: count, by: 8) {
            bits |=
                left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        return bits
    }
}
