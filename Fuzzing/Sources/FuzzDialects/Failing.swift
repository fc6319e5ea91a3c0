import Glibc

/// Says that something that always holds doesn't, and gives the input to libFuzzer as one that crashes.
///
/// The program is optimized, so that `precondition` would say nothing.
func broken(_ message: String) -> Never {
    say("broken: \(message)")
    abort()
}

func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { broken(message()) }
}

/// Ends the program for another reason than an input.
func fail(_ message: String) -> Never {
    say("error: \(message)")
    exit(64)
}

private func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
