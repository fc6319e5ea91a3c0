import TapeTools

#if canImport(Glibc)
import Glibc
#endif

/// How far a long work has come: one line on standard error that is written over, on a terminal only.
struct ProgressLine {
    private let isShown = isatty(2) == 1
    private let total: Int

    init(total: Int) {
        self.total = total
    }

    /// Shows that item `number`, counted from 1, is being worked on.
    func show(_ number: Int, _ name: String) {
        guard isShown, total > 1 else { return }
        Exit.write(2, "\r\u{1B}[K\(number) of \(total)  \(Printable.line(name))")
    }

    /// Shows a tape that is being read, where the count is known with the first only.
    static func show(_ number: Int, of total: Int, _ name: String) {
        let line = ProgressLine(total: total)
        if number == total { line.clear() } else { line.show(number, name) }
    }

    /// Takes the line away.
    func clear() {
        guard isShown, total > 1 else { return }
        Exit.write(2, "\r\u{1B}[K")
    }
}
