import Dialects
import Glibc

/// What is fuzzed.
enum Target: String, CaseIterable {
    case scanner
    case eventStream = "event-stream"
    case ndjson
    case jsonArray = "json-array"
    case awsEventStream = "aws-event-stream"
    case document
    case dialects
    case paths

    /// Chosen once, before the fuzzer starts.
    nonisolated(unsafe) static var current = Target.scanner

    func run(_ input: [UInt8]) {
        switch self {
        case .scanner: scan(input)
        case .paths: readPath(input)
        default:
            guard let trial = Trial(input, self) else { return }
            trial.run()
        }
    }

    /// The framing that a target is for; nil where the input chooses.
    var framing: Dialect.Framing? {
        switch self {
        case .eventStream: .serverSentEvents
        case .ndjson: .ndjson
        case .jsonArray: .jsonArray
        case .awsEventStream: .awsEventStream
        case .document: .document
        case .scanner, .dialects, .paths: nil
        }
    }
}

/// What requests say of their dialect is as hostile as what answers say.
private func readPath(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let dialect = Dialect.matching(path: text)
    require(dialect.matches(text), "the dialect of a path doesn't match it")
    for dialect in Dialect.all { _ = dialect.model(text) }
    _ = Dialect.named(text)
    _ = Dialect.Framing(contentType: text)
}
