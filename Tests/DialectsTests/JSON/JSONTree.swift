import Dialects
import Foundation

/// A JSON document as a tree, read by Foundation or by the scanner: what the two are compared by.
///
/// Of a name that an object has twice, the first value is here, which is the one that Foundation reads.
enum JSONTree {
    /// A number is compared by value; Foundation doesn't tell how it was written.
    struct Number {
        var text: String?
        /// nil where Foundation refuses to represent it.
        var double: Double?
        var integer: Int?
    }

    case null
    case bool(Bool)
    case number(Number)
    case string(String)
    case array([JSONTree])
    case object([String: JSONTree])

    /// Whether the scanner's tree says what Foundation's does.
    func agrees(with reference: JSONTree) -> Bool {
        switch (self, reference) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left.agrees(with: right)
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.agrees(with: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { name, value in right[name].map(value.agrees) ?? false }
        default: false
        }
    }
}

extension JSONTree.Number {
    fileprivate func agrees(with reference: Self) -> Bool {
        if let expected = reference.double, double != expected { return false }
        guard let text, text.contains(where: { ".eE".contains($0) }) else { return integer == reference.integer }
        // Foundation reads these by way of a fraction, and loses what that can't hold.
        return integer == nil || reference.integer == nil || integer == reference.integer
    }
}

extension JSONTree: Decodable {
    /// What Foundation makes of a document, or nil if it refuses it.
    static func foundation(_ bytes: [UInt8]) -> JSONTree? {
        try? JSONDecoder().decode(JSONTree.self, from: Data(bytes))
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try Self.ifOfThatType({ try container.decode(String.self) }) {
            self = .string(value)
        } else if let value = try Self.ifOfThatType({ try container.decode([JSONTree].self) }) {
            self = .array(value)
        } else if let value = try Self.ifOfThatType({ try container.decode([String: JSONTree].self) }) {
            self = .object(value)
        } else if let value = try Self.ifOfThatType({ try container.decode(Bool.self) }) {
            self = .bool(value)
        } else {
            let integer = try? container.decode(Int.self)
            do {
                self = .number(Number(double: try container.decode(Double.self), integer: integer))
            } catch  where String(describing: error).contains("numberIsNotRepresentableInSwift") {
                // A number by the grammar all the same: 1e999, and, a mistake of Foundation's, 0e1.
                self = .number(Number(double: nil, integer: integer))
            }
        }
    }

    private static func ifOfThatType<R>(_ body: () throws -> R) throws -> R? {
        do { return try body() } catch DecodingError.typeMismatch { return nil }
    }
}

extension JSONTree {
    /// What the scanner makes of a document, or nil if it refuses it.
    static func scanned(_ bytes: [UInt8]) -> JSONTree? {
        let span = bytes.span.bytes
        var scanner = JSONScanner(span)
        guard let value = scanner.nextValue(in: span), scanner.isAtEnd(in: span) else { return nil }
        return JSONTree(value, in: span)
    }

    /// Reads a value that was passed over. That it can be read was made sure of then, so what fails here is a defect.
    private init?(_ value: JSONSlice, in bytes: RawSpan) {
        var scanner = JSONScanner(bytes, value)
        switch value.kind {
        case .absent: return nil
        case .null: self = .null
        case .bool: self = .bool(value.raw(in: bytes) == "true")
        case .number:
            let text = value.raw(in: bytes)
            let integer = value.integer(in: bytes)
            self = .number(Number(text: text, double: Double(text), integer: integer))
        case .string, .escapedString:
            guard let text = value.string(in: bytes) else { return nil }
            self = .string(text)
        case .array:
            guard scanner.enterArray(in: bytes) else { return nil }
            var elements: [JSONTree] = []
            while scanner.nextElement(in: bytes) {
                guard let value = scanner.nextValue(in: bytes), let element = JSONTree(value, in: bytes) else {
                    return nil
                }
                elements.append(element)
            }
            guard scanner.isAtEnd(in: bytes) else { return nil }
            self = .array(elements)
        case .object:
            guard scanner.enterObject(in: bytes) else { return nil }
            var members: [String: JSONTree] = [:]
            while let key = scanner.nextKey(in: bytes) {
                guard let name = key.string(in: bytes), let value = scanner.nextValue(in: bytes),
                    let member = JSONTree(value, in: bytes)
                else { return nil }
                if members[name] == nil { members[name] = member }
            }
            guard scanner.isAtEnd(in: bytes) else { return nil }
            self = .object(members)
        }
    }
}

/// Whether the scanner gets to the end of a document when it steps into all that can be stepped into, as the dialects do.
func isWalkedToItsEnd(_ bytes: [UInt8]) -> Bool {
    let span = bytes.span.bytes
    var scanner = JSONScanner(span)
    walk(&scanner, span)
    return scanner.isAtEnd(in: span)
}

private func walk(_ scanner: inout JSONScanner, _ bytes: RawSpan) {
    if scanner.enterObject(in: bytes) {
        while scanner.nextKey(in: bytes) != nil { walk(&scanner, bytes) }
    } else if scanner.enterArray(in: bytes) {
        while scanner.nextElement(in: bytes) { walk(&scanner, bytes) }
    } else {
        _ = scanner.nextValue(in: bytes)
    }
}
