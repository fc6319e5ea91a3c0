#if canImport(Glibc)
import Glibc
#endif

/// Pages of the program and its libraries that only the start needed.
enum StartupPages {
    /// Lets go of the pages of code that are in memory: those that are needed come back from the system's cache of files at
    /// their first use, the rest don't count as this program's any more. They are half of what it has by then.
    static func release() {
        #if os(Linux)
        guard let file = fopen("/proc/self/maps", "r") else { return }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let line {
            guard let range = codeRange(String(cString: line)) else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, CInt(MADV_DONTNEED))
        }
        #endif
    }

    /// The addresses of a line of `/proc/self/maps`, if they are code of a file, which is never written to (proc(5)).
    static func codeRange(_ line: String) -> Range<UInt>? {
        let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
        guard fields.count == 6, fields[1] == "r-xp", fields[5].drop(while: { $0 == " " }).hasPrefix("/")
        else { return nil }
        let ends = fields[0].split(separator: "-")
        guard ends.count == 2, let low = UInt(ends[0], radix: 16), let high = UInt(ends[1], radix: 16), low < high
        else { return nil }
        return low..<high
    }
}
