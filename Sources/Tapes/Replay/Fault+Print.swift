import Dialects

extension Fault: CustomStringConvertible {
    /// The text that ``init(parsing:)`` reads, of ASCII characters that can stand in a header and in a URL's path.
    public var description: String {
        var text = kind.description
        if let place = address.description { text += "@\(place)" }
        if case .status(_, let seconds?) = kind { text += ";retry-after=\(seconds)" }
        if let times { text += ";times=\(times)" }
        return text
    }
}

extension Fault.Kind {
    fileprivate var description: String {
        switch self {
        case .drop(reset: false): "drop"
        case .drop(reset: true): "reset"
        case .stall(let milliseconds): milliseconds.map { "stall:\($0)" } ?? "stall"
        case .status(let status, _): "status:\(status)"
        case .malformed: "malformed"
        case .inject(let bytes): "inject:" + Self.escaped(bytes)
        case .noTerminal: "no-terminal"
        case .duplicate: "dup"
        case .slow(let factor): "slow:\(Int(exactly: factor).map(String.init) ?? String(factor))"
        }
    }

    private static func escaped(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.percentEncoded(keeping: isPlain), as: UTF8.self)
    }

    /// Whether a byte stands in a text as it is: what is unreserved (RFC 3986, section 2.3), or plain to read.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"): true
        default: false
        }
    }
}

extension Fault.Address {
    /// Nil where it needn't be said.
    fileprivate var description: String? {
        switch self {
        case .start: nil
        case .event(let number): "event:\(number)"
        case .byte(let number): "byte:\(number)"
        case .milliseconds(let number): "ms:\(number)"
        case .end: "end"
        }
    }
}
