extension RawSpan {
    /// How many bytes are the same in both from these places on.
    func commonPrefix(from start: Int, _ other: RawSpan, from place: Int) -> Int {
        let count = Swift.min(byteCount - start, other.byteCount - place)
        return withUnsafeBytes { mine in
            other.withUnsafeBytes { theirs in
                // The count keeps each load within both.
                var done = 0
                while done + 32 <= count {
                    let left = mine.loadUnaligned(fromByteOffset: start + done, as: SIMD4<UInt64>.self)
                    let right = theirs.loadUnaligned(fromByteOffset: place + done, as: SIMD4<UInt64>.self)
                    if left != right { break }
                    done += 32
                }
                while done + 8 <= count {
                    let left = mine.loadUnaligned(fromByteOffset: start + done, as: UInt64.self)
                    let right = theirs.loadUnaligned(fromByteOffset: place + done, as: UInt64.self)
                    let different = UInt64(littleEndian: left ^ right)
                    if different != 0 { return done + different.trailingZeroBitCount / 8 }
                    done += 8
                }
                while done < count, mine[start + done] == theirs[place + done] { done += 1 }
                return done
            }
        }
    }

    /// How many bytes at the end are the same in both, at most so many.
    func commonSuffix(_ other: RawSpan, upTo limit: Int) -> Int {
        let count = Swift.min(limit, Swift.min(byteCount, other.byteCount))
        return withUnsafeBytes { mine in
            other.withUnsafeBytes { theirs in
                var done = 0
                while done + 32 <= count {
                    let left = mine.loadUnaligned(fromByteOffset: mine.count - done - 32, as: SIMD4<UInt64>.self)
                    let right = theirs.loadUnaligned(fromByteOffset: theirs.count - done - 32, as: SIMD4<UInt64>.self)
                    if left != right { break }
                    done += 32
                }
                while done + 8 <= count {
                    let left = mine.loadUnaligned(fromByteOffset: mine.count - done - 8, as: UInt64.self)
                    let right = theirs.loadUnaligned(fromByteOffset: theirs.count - done - 8, as: UInt64.self)
                    let different = UInt64(littleEndian: left ^ right)
                    if different != 0 { return done + different.leadingZeroBitCount / 8 }
                    done += 8
                }
                while done < count, mine[mine.count - done - 1] == theirs[theirs.count - done - 1] { done += 1 }
                return done
            }
        }
    }
}
