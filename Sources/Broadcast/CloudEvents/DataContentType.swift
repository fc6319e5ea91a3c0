/// A media type (RFC 2045, section 5.1): what of it decides how an event's data are understood.
struct DataContentType {
    /// In lower case.
    let type: String
    let subtype: String
    /// In lower case, without quotes; nil where it isn't said.
    let charset: String?

    /// Nil for what isn't `type/subtype`, with parameters or without.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        let names = Self.trimmed(parts[0]).split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy(Self.isToken) else { return nil }
        type = names[0].lowercased()
        subtype = names[1].lowercased()
        let prefix = "charset="
        let parameter = parts.dropFirst().map { Self.trimmed($0).lowercased() }.first { $0.hasPrefix(prefix) }
        charset = parameter.map { $0.dropFirst(prefix.count).filter { $0 != "\"" } }
    }

    /// Whether data of this type are a JSON value (JSON event format, section 3.1.1).
    var isJSON: Bool { subtype == "json" || subtype.hasSuffix("+json") }

    /// Whether data of this type are text in UTF-8, so that JSON can hold them as a string.
    var isText: Bool {
        if let charset { return charset == "utf-8" || charset == "us-ascii" }
        return type == "text" || subtype == "xml" || subtype.hasSuffix("+xml") || subtype.hasSuffix("yaml")
            || subtype == "javascript"
    }

    private static func isToken(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
