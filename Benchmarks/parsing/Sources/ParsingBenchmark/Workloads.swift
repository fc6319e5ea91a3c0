import Dialects

extension Workload {
    /// At least one stream for each dialect that there is.
    static func all(tokens: Int) throws -> [Workload] {
        let workloads = openAI(tokens) + others(tokens) + bedrock(tokens)
        for dialect in Dialect.all where !workloads.contains(where: { $0.dialect.name == dialect.name }) {
            throw Problem("no stream of \(dialect.name) is made here: add one to Workloads.swift")
        }
        return workloads
    }
}

/// What went wrong, in a sentence.
struct Problem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
