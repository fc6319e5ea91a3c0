import Dialects

/// What the specification asks of attributes.
extension CloudEvent {
    /// How many attributes an event may have, and how long their names may be: the specification sets no bounds, and bids keep
    /// names within 20 letters.
    static let mostAttributes = 128
    static let longestName = 64

    private static let required = ["specversion", "id", "source", "type"]

    static func check(_ attributes: [Attribute]) throws(Problem) {
        guard attributes.count <= mostAttributes else {
            throw Problem("an event has \(mostAttributes) attributes at most")
        }
        var names: Set<[UInt8]> = []
        for attribute in attributes {
            try check(name: attribute.name)
            guard names.insert(Array(attribute.name.utf8)).inserted else {
                throw Problem("the attribute '\(attribute.name)' is there twice")
            }
        }
        for name in required where !names.contains(Array(name.utf8)) {
            throw Problem("the attribute '\(name)' is missing")
        }
        for attribute in attributes { try check(attribute) }
    }

    /// Lower-case letters and digits (section "Naming Conventions").
    static func check(name: String) throws(Problem) {
        let isPlain = name.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
        guard isPlain, (1...longestName).contains(name.utf8.count) else {
            throw Problem(
                "'\(name.prefix(longestName))' can't name an attribute: 1 to \(longestName) lower-case letters and digits"
            )
        }
        guard name != "data" else { throw Problem("an attribute can't be called 'data'") }
    }

    private static func check(_ attribute: Attribute) throws(Problem) {
        let name = attribute.name
        guard case .string(let text) = attribute.value else {
            guard !isOfTheCore(name) else { throw Problem("the attribute '\(name)' is a string") }
            return
        }
        guard !text.unicodeScalars.contains(where: isForbidden) else {
            throw Problem("the attribute '\(name)' has a control character, or one that is none")
        }
        guard isOfTheCore(name) else { return }
        guard !text.isEmpty else { throw Problem("the attribute '\(name)' is empty") }
        switch name {
        case "specversion" where !text.utf8.elementsEqual(version.utf8):
            throw Problem("specversion is '\(version)' here, not '\(text.prefix(32))'")
        case "source" where !isURIReference(text):
            throw Problem("source is a URI reference (RFC 3986), not '\(text.prefix(256))'")
        case "dataschema" where !isURIReference(text) || !hasScheme(text):
            throw Problem("dataschema is an absolute URI (RFC 3986), not '\(text.prefix(256))'")
        case "time" where Timestamp.seconds(rfc3339: text) == nil:
            throw Problem("time is written as RFC 3339 has it, 2026-01-31T12:00:00Z, not '\(text.prefix(64))'")
        case "datacontenttype" where DataContentType(text) == nil:
            throw Problem("datacontenttype is a media type (RFC 2046), not '\(text.prefix(128))'")
        default: break
        }
    }

    private static func isOfTheCore(_ name: String) -> Bool {
        switch name {
        case "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema": true
        default: false
        }
    }

    /// Control characters, and what Unicode says is no character.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: true
        default: scalar.value & 0xFFFE == 0xFFFE
        }
    }

    /// Characters that a URI is made of (RFC 3986, section 2); which of them stand where is not looked at.
    private static func isURIReference(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 0x21, 0x23...0x3B, 0x3D, 0x3F...0x5B, 0x5D, 0x5F, 0x61...0x7A, 0x7E: true
            default: false
            }
        }
    }

    /// Whether it begins with a scheme (section 3.1).
    private static func hasScheme(_ text: String) -> Bool {
        let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        guard scheme.count < text.utf8.count, let first = scheme.first, (0x61...0x7A).contains(first | 0x20) else {
            return false
        }
        return scheme.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
    }

    /// What isn't JSON by its type can't be a JSON value, and text needs a type that isn't JSON's.
    func checkData() throws(Problem) {
        let type = string("datacontenttype").flatMap(DataContentType.init)
        switch data {
        case .json where type?.isJSON == false:
            throw Problem("data of a datacontenttype that isn't JSON is a string, or data_base64")
        case .text where type?.isJSON ?? true:
            throw Problem("text that isn't JSON needs a datacontenttype that says what it is")
        case .json, .text, .bytes, nil: break
        }
    }
}
