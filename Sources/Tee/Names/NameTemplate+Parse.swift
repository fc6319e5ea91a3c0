extension NameTemplate {
    /// Why a text is no template.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
    }

    static let lengthLimit = 512
    static let segmentCountLimit = 8

    /// Reads a template. `{{` and `}}` stand for braces.
    ///
    /// - Throws: ``Problem`` for a placeholder that isn't known, a brace without its other half, and a path that isn't
    ///   one of plain names below the directory.
    public init(_ text: String) throws(Problem) {
        guard text.utf8.count <= Self.lengthLimit else {
            throw Problem(description: "it is longer than \(Self.lengthLimit) bytes")
        }
        let bytes = Array(text.utf8)
        var segments: [[Piece]] = [[]]
        var literal: [UInt8] = []
        func close() {
            if !literal.isEmpty { segments[segments.count - 1].append(.literal(literal)) }
            literal = []
        }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let isDoubled = index + 1 < bytes.count && bytes[index + 1] == byte
            switch byte {
            case UInt8(ascii: "{") where isDoubled, UInt8(ascii: "}") where isDoubled:
                literal.append(byte)
                index += 1
            case UInt8(ascii: "{"):
                guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else {
                    throw Problem(description: "a '{' is not closed; '{{' stands for a brace")
                }
                close()
                segments[segments.count - 1].append(.value(try Self.placeholder(bytes[(index + 1)..<end])))
                index = end
            case UInt8(ascii: "}"):
                throw Problem(description: "a '}' closes nothing; '}}' stands for a brace")
            case UInt8(ascii: "/"):
                close()
                segments.append([])
            case 0..<0x20, 0x7F:
                throw Problem(description: "it holds a control character")
            default:
                literal.append(byte)
            }
            index += 1
        }
        close()
        try Self.check(segments)
        self.init(segments: segments, description: text)
    }

    private static func placeholder(_ name: ArraySlice<UInt8>) throws(Problem) -> Placeholder {
        let name = String(decoding: name, as: UTF8.self)
        guard let placeholder = Placeholder(rawValue: name) else {
            let known = Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
            throw Problem(description: "there is no {\(name)}: take \(known)")
        }
        return placeholder
    }

    private static func check(_ segments: [[Piece]]) throws(Problem) {
        guard segments.count <= segmentCountLimit else {
            throw Problem(description: "it is deeper than \(segmentCountLimit) names")
        }
        for pieces in segments {
            guard let first = pieces.first else {
                throw Problem(
                    description: segments.count == 1
                        ? "it is empty" : "it must be names joined by single slashes, none in front and none behind"
                )
            }
            guard case .literal(let bytes) = first else { continue }
            guard bytes.first != UInt8(ascii: "."), bytes.first != UInt8(ascii: "-") else {
                throw Problem(description: "no name may begin with a dot or a hyphen")
            }
        }
    }
}
