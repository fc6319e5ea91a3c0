/// A place in a log: "delivered through here". It is the SSE `id`, and what `Last-Event-ID` and `?since=` take.
///
/// `<epoch>_<sequence>`, the sequence as ten digits: it sorts as text and needs no escaping anywhere.
public struct ResumeToken: Sendable, Hashable, CustomStringConvertible {
    public var epoch: StreamID
    public var sequence: Int

    public init(epoch: StreamID, sequence: Int) {
        self.epoch = epoch
        self.sequence = sequence
    }

    public init?(_ text: some StringProtocol) {
        guard let separator = text.lastIndex(of: "_"), let epoch = StreamID(text[..<separator]) else { return nil }
        let digits = text[text.index(after: separator)...]
        guard (1...10).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let sequence = Int(digits)
        else { return nil }
        self.init(epoch: epoch, sequence: sequence)
    }

    public var description: String {
        var bytes = Array(epoch.description.utf8)
        bytes.append(UInt8(ascii: "_"))
        Self.append(sequence, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a snapshot's CloudEvent has behind the token, as the event of that number has the token itself.
    static let snapshotSuffix = ".snapshot"

    /// Appends a sequence as ten digits.
    static func append(_ sequence: Int, to bytes: inout [UInt8]) {
        var divisor = 1_000_000_000
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(sequence / divisor % 10))
            divisor /= 10
        }
    }
}

/// Where a reader wants to begin.
public enum ReadPosition: Sendable, Hashable {
    /// The oldest event that is still there.
    case earliest
    /// Only what comes from now on.
    case now
    /// Behind the event of this token.
    case after(ResumeToken)

    /// Reads `earliest`, `now`, a token or the id of a snapshot's CloudEvent; nil for anything else.
    public init?(_ text: some StringProtocol) {
        switch text {
        case "earliest": self = .earliest
        case "now": self = .now
        default:
            let suffix = ResumeToken.snapshotSuffix
            let isSnapshot = text.utf8.count > suffix.utf8.count && text.hasSuffix(suffix)
            guard let token = ResumeToken(text.dropLast(isSnapshot ? suffix.count : 0)) else { return nil }
            self = .after(token)
        }
    }
}
