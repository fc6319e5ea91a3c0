import Dialects
public import Tapes

/// A recorded request that is to be sent again, and the answer that it got then.
public struct DriftCheck: Sendable {
    public let name: String
    public let tape: Tape
    /// Why it isn't sent; nil where it may be.
    public let skipReason: String?

    public init(name: String, tape: Tape) {
        self.name = name
        self.tape = tape
        skipReason = Self.reason(tape)
    }

    private static func reason(_ tape: Tape) -> String? {
        guard let end = tape.end else { return "its recording has no end" }
        guard tape.isServable else { return "its recording stopped before the answer did (\(end.reason))" }
        guard tape.response != nil else { return "it has no answer to compare with (\(end.reason))" }
        guard end.reason != .cancelled else { return "its caller left before the end" }
        guard ["GET", "HEAD", "POST"].contains(tape.request.method) else {
            return "\(tape.request.method) may change something at the upstream"
        }
        guard tape.response?.isDecodable == true else { return "its answer is compressed" }
        if tape.request.isHashed { return "its request's body wasn't recorded, only digests of it" }
        if isMasked(tape.request) { return "its request was masked, so it can't be sent as it was" }
        return nil
    }

    /// Whether a mask stands where something was: 8 asterisks or more.
    private static func isMasked(_ request: TapeRequest) -> Bool {
        let mask = [UInt8](repeating: UInt8(ascii: "*"), count: 8)
        func isIn(_ bytes: [UInt8]) -> Bool {
            var run = 0
            for byte in bytes {
                run = byte == mask[0] ? run + 1 : 0
                if run == mask.count { return true }
            }
            return false
        }
        return isIn(Self.body(of: request)) || isIn(Array(request.path.utf8))
            || request.query.contains { isIn(Array($0.value.utf8)) }
    }

    private static func body(of request: TapeRequest) -> [UInt8] {
        switch request.body {
        case .none: []
        case .json(let value): value.jsonBytes
        case .raw(_, let bytes): bytes
        }
    }

    /// Path and query.
    public var target: String {
        let items = tape.request.query.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
        return tape.request.path + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    /// The recorded headers, and the type of a body whose header isn't among them.
    public var headers: [(name: String, value: String)] {
        var headers = tape.request.headers.map { (name: $0.name, value: $0.value) }
        guard !headers.contains(where: { $0.name.lowercased() == "content-type" }) else { return headers }
        switch tape.request.body {
        case .none: break
        case .json: headers.append(("content-type", "application/json"))
        case .raw(let type, _): if !type.isEmpty { headers.append(("content-type", type)) }
        }
        return headers
    }

    public var body: [UInt8] { Self.body(of: tape.request) }

    /// Compares the recorded answer with one that came now.
    ///
    /// - Parameters:
    ///   - response: its head; nil where none came.
    ///   - chunks: its body.
    ///   - reason: how it ended.
    public func compare(
        _ response: Tape.Response?,
        _ chunks: [Tape.Entry],
        _ reason: TapeEnd.Reason
    ) -> [DriftDifference] {
        var live = Tape(header: tape.header, request: tape.request, response: response, entries: chunks)
        live.end = TapeEnd(offset: chunks.last?.offset ?? 0, reason: reason, dialect: tape.end?.dialect)
        return DriftDifference.between(AnswerShape(tape), AnswerShape(live))
    }
}
