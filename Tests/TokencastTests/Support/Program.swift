import TestSupport

extension ChildProcess {
    /// Waits for the line with the address, and gives its port.
    func port() async throws -> Int {
        try await state.wait(for: "the line with the address") { state in
            if let code = state.exit { throw Failure("it ended with \(code): \(state.errors)") }
            guard let line = state.output.split(separator: "\n", omittingEmptySubsequences: false).first,
                state.output.contains("\n"), line.hasPrefix("listening on http://")
            else { return nil }
            return line.split(separator: ":").last.flatMap { Int($0) }
        }
    }
}
