/// A header as it stood on the wire: the name's case is kept, the value is bytes (RFC 9110 § 5.5 allows any above 0x7F).
public struct HeaderField: Sendable, Hashable {
    public var name: String
    public var bytes: [UInt8]

    public init(_ name: String, _ value: String) {
        self.name = name
        self.bytes = Array(value.utf8)
    }

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// The value as text; bytes that aren't UTF-8 become U+FFFD.
    public var value: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether the name is `other`, ignoring ASCII case.
    public func isNamed(_ other: String) -> Bool { name.isHeader(other) }
}

extension [HeaderField] {
    /// The first value of that name.
    public func first(_ name: String) -> String? {
        first { $0.isNamed(name) }?.value
    }

    /// Whether there is a field of that name.
    package func has(_ name: String) -> Bool { contains { $0.isNamed(name) } }
}

extension String {
    /// Whether this names the same header as `other`: the same but for ASCII case.
    package func isHeader(_ other: String) -> Bool {
        // Nearly all that are compared differ in this.
        guard utf8.count == other.utf8.count else { return false }
        return hasHeaderPrefix(other)
    }

    /// Whether it begins with `prefix`, ignoring ASCII case.
    package func hasHeaderPrefix(_ prefix: String) -> Bool {
        guard utf8.count >= prefix.utf8.count else { return false }
        let isSame = utf8.withContiguousStorageIfAvailable { own in
            prefix.utf8.withContiguousStorageIfAvailable { other in
                for index in other.indices where own[index] != other[index] {
                    let letter = own[index] | 0x20
                    guard letter == other[index] | 0x20, letter.isLetter else { return false }
                }
                return true
            }
        }
        if case .some(.some(let isSame)) = isSame { return isSame }
        return zip(utf8, prefix.utf8).allSatisfy { $0 == $1 || ($0 | 0x20 == $1 | 0x20 && ($0 | 0x20).isLetter) }
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }
}
